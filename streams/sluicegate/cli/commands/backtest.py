"""`sluicegate backtest`: what a change of policy or rules would have done on past events."""

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from sluicegate.cli.lines import Progressing, check_readable
from sluicegate.cli.output import check_distinct, write_lines

FILE = click.Path(path_type=Path)
WORTH_A_PROCESS = 10_000
"""Events to judge: with fewer, a further process takes longer to start than it saves."""


@click.command("backtest")
@click.argument("files", nargs=-1, required=True, metavar="EVENTS...", type=FILE)
@click.option(
    "--rules", "rules", multiple=True, metavar="SET", help="RULE.PARAMETER=VALUE or RULE.mode=MODE. Repeatable."
)
@click.option("--policy", type=FILE, metavar="FILE", help="A changed policy, in place of those in EVENTS.")
@click.option("--against", type=FILE, metavar="FILE", help="Compare with this policy, not with those in EVENTS.")
@click.option(
    "--examples", type=click.IntRange(0, 1000), default=3, show_default=True, help="Alerts shown of each kind; 0: none."
)
@click.option("--json", "out", type=FILE, metavar="OUT", help="All that was found, as one JSON object.")
@click.option("--jobs", type=click.IntRange(1, 1024), metavar="N", help="Processes. Default: up to one a core.")
def command(
    files: tuple[Path, ...],
    rules: tuple[str, ...],
    policy: Path | None,
    against: Path | None,
    examples: int,
    out: Path | None,
    jobs: int | None,
) -> None:
    """Show what a change would have done on past events: alerts gained, lost and changed.

    EVENTS are files as for `sluicegate replay`, exported logs among them. They are judged twice: by the policies that
    stand in them (defaults before a tenant's first), or by --against; and by the change. --policy FILE takes the place
    of every policy in EVENTS: a TOML policy or a policy.update.v1 event, which are for their tenant, or the data of
    one (JSON), for all tenants.
    --rules sets single values over whatever policy is in force, from each tenant's first event on.

    Alerts are compared by their last revisions. Where EVENTS hold dispositions, the share of confirmed alerts among the
    judged ones is told before and after. A third run takes changed numbers half as far again: the alerts that only it
    gains or loses lie just on the other side of the change (not with --examples 0). Tenants are spread over processes;
    EVENTS are split by tenant into a temporary folder (TMPDIR), where they need their unzipped size. In an exported
    log, ticks and counts across tenants stay as they were.

    Exit status: 0 when the input was processed (refused lines are counted on standard error); 2 when a file cannot be
    read or written, or a setting is unknown or out of bounds.

    \b
    Example:
      sluicegate backtest --rules duplicate-invoice.tolerance=0.01 events.jsonl
      sluicegate backtest --rules pay-spike.mode=shadow --json change.json events.jsonl.gz
      sluicegate backtest --policy acme.toml --against acme-before.toml events.jsonl
    """
    import msgspec

    from sluicegate.backtest.change import Change, moved_numbers
    from sluicegate.backtest.compare import compare
    from sluicegate.cli.backtest_change import differences, policy_change, settings
    from sluicegate.cli.backtest_run import run
    from sluicegate.cli.backtest_split import Split
    from sluicegate.cli.backtest_text import Moved, Report, text

    if not rules and policy is None:
        raise click.UsageError("nothing is changed: give --rules, --policy or both")
    changed = settings(rules)
    size = check_readable([*files, *(path for path in (policy, against) if path is not None)])
    check_distinct(files, [out] if out is not None else [])
    before = policy_change(against, "--against") if against is not None else Change()
    chosen = policy_change(policy, "--policy") if policy is not None else before
    after = msgspec.structs.replace(chosen, rules=changed)
    sides = {"before": before, "after": after}
    whose = after.tenant or before.tenant or ""
    told = before.over(whose, {}), after.over(whose, {})
    moved = [Moved(*one) for one in moved_numbers(*told)]
    if examples and moved:
        sides["beyond"] = msgspec.structs.replace(after, beyond=before)
    began = time.monotonic()
    with TemporaryDirectory(prefix="sluicegate-backtest-") as folder:
        split = Split(Path(folder), sharing=before.shares or after.shares)
        with Progressing(size, "events read", lambda: split.lines) as bar:
            groups = split.read(files, bar.advance)
        lines = sum(group.lines for group in groups) * len(sides)
        jobs = jobs or min(len(os.sched_getaffinity(0)), 1 + lines // WORTH_A_PROCESS)
        judged = 0
        with Progressing(lines, "events judged", lambda: judged) as bar:

            def advance(by: int) -> None:
                nonlocal judged
                judged += by
                bar.advance(by)

            found = run(groups, sides, jobs, advance)
    compared = compare(found["before"], found["after"], found.get("beyond"), {one.rule for one in moved})
    rate = 1000 / split.payments if split.payments else 0.0
    report = Report(
        payments=split.payments,
        tenants=len(split.tenants),
        lines=split.lines,
        refused=found["before"].refused,
        changes=differences(*told),
        moved=moved,
        per_thousand_before=compared.total.before * rate,
        per_thousand_after=compared.total.after * rate,
        comparison=compared,
    )
    if out is not None:
        with write_lines(out) as write:
            write(msgspec.json.encode(report))
    click.echo(text(report, examples), nl=False)
    seconds = time.monotonic() - began
    click.echo(f"{split.lines:,} events judged {len(sides)} times in {seconds:.1f} s, {jobs} processes", err=True)
    if any(side.faults for side in found.values()):
        click.echo("detection failed on some events, which were set aside; `sluicegate replay` says where", err=True)
    if report.refused:
        count = report.refused
        click.echo(f"{count} bad line{'s' * (count != 1)}; `sluicegate replay --dead-letters FILE` tells why", err=True)
