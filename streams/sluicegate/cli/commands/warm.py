"""`sluicegate warm`: learn from a tenant's history before it goes live."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.lines import Progressing, check_readable
from sluicegate.settings import Settings

if TYPE_CHECKING:
    from sluicegate.cli.warm_files import Survey
    from sluicegate.cli.warm_log import Watch
    from sluicegate.cli.warm_policies import Present
    from sluicegate.cli.warm_result import Findings
    from sluicegate.detection.log import Output
    from sluicegate.detection.partition import Partition

FILE = click.Path(path_type=Path)
_PATIENCE = 60.0
"""Seconds without any progress of a worker after which waiting ends."""


@click.command("warm")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=FILE)
@click.option(
    "--policy", "policies", multiple=True, type=FILE, metavar="FILE", help="A tenant's policy, not the topic's."
)
@click.option("--dry-run", is_flag=True, help="In memory, without Kafka: print what would be learned and found.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the worker has worked through it.")
@with_settings
def command(
    files: tuple[Path, ...], policies: tuple[Path, ...], dry_run: bool, no_wait: bool, settings: Settings
) -> None:
    """Learn from history before going live: past events of one or several tenants, which raise no alerts.

    Each line of a FILE is one event, as for `sluicegate send`; or FILE is a `sluicegate log export`. The events are
    written into the log between two policies: the tenant's present one with every rule in shadow, and then the present
    one again. So models, baselines and known payees are learned; findings go to `signals` with mode shadow; no payment
    is held back. A rule that is off stays off, and learns nothing. Meanwhile the tenant's own new events are in shadow
    too: warm it before it goes live.

    The present policy is the last on the topic `policies`, or that of --policy (a policy file, or an event as JSON; it
    is published at the end), or else the default. Policies in FILE are left out. If the command is interrupted, the
    closing policy is written all the same; to repeat it is harmless, for events that were taken are known.

    Exit status 1 when lines were refused (they are dead letters; the others are taken all the same), or when no worker
    has worked on it for a minute.

    \b
    Example:
      sluicegate warm history.jsonl --dry-run
      sluicegate warm history.jsonl --broker localhost:9092
    """
    from sluicegate.cli.alert_text import clean
    from sluicegate.cli.warm_files import Survey, survey
    from sluicegate.cli.warm_policies import from_files

    size = check_readable(files)
    found = Survey()
    with Progressing(size, "events looked through", found.events.total) as bar:
        survey(files, bar.advance, found)
    given = from_files(policies, found.tenants)
    if dry_run:
        _in_memory(files, size, found, given)
    else:
        _into_the_log(files, size, found, given, settings, wait=not no_wait)
    for text in found.refusals:
        click.echo(clean(text), err=True)
    if found.refused:
        where = "" if dry_run else ", and are dead letters (`sluicegate dead-letters list --each`)"
        raise click.ClickException(f"{found.refused:,} line{'s' * (found.refused != 1)} could not be used{where}")


def _announce(found: "Survey", present: "dict[str, Present]") -> None:
    for tenant in found.tenants:
        days = [datetime.fromtimestamp(at / 1e6, UTC).date() for at in (found.first[tenant], found.last[tenant])]
        click.echo(
            f"{tenant}: {found.events[tenant]:,} events from {days[0]} to {days[1]}, in shadow under "
            f"{present[tenant].found}"
        )
        if found.late[tenant]:
            click.echo(
                f"  not in order of time: {found.late[tenant]:,} of them are more than a day behind earlier ones, and "
                "count as late"
            )
    if found.policies:
        click.echo(f"{found.policies:,} policies in the files were left out; `sluicegate policy publish` publishes one")
    if found.lists:
        click.echo(f"{found.lists:,} updates of lists were left out; `sluicegate lists update` loads lists")


def _in_memory(files: Sequence[Path], size: int, found: "Survey", given: "dict[str, Present]") -> None:
    from sluicegate.cli.warm_files import left_out, lines_in
    from sluicegate.cli.warm_policies import Present
    from sluicegate.cli.warm_result import Findings
    from sluicegate.replay import Replay
    from sluicegate.wire.decode import Reject
    from sluicegate.wire.events import PolicyUpdate

    default = Present(PolicyUpdate(), "the default policy, for a dry run asks no Kafka; --policy FILE names another")
    present = {tenant: given.get(tenant, default) for tenant in found.tenants}
    _announce(found, present)
    findings = Findings()

    def emit(output: "Output") -> None:
        if output.topic == "signals":
            findings.add(output.value)

    replay = Replay(emit)
    replay.feed("warm", [present[tenant].shadow_event(tenant) for tenant in found.tenants])
    with Progressing(size, "events", lambda: replay.counts.total) as bar:
        kept = (
            line.value
            for line in lines_in(files, bar.advance)
            if not isinstance(line.event, Reject) and not left_out(line.event)
        )
        replay.feed("history", kept)
    _report(found, present, replay.partition, findings)
    click.echo("Nothing was written: this was a dry run.")


def _into_the_log(
    files: Sequence[Path], size: int, found: "Survey", given: "dict[str, Present]", settings: Settings, *, wait: bool
) -> None:
    from sluicegate.cli.warm_files import lines_in
    from sluicegate.cli.warm_log import watching, write
    from sluicegate.cli.warm_result import Findings
    from sluicegate.errors import TopicMissingError
    from sluicegate.log.placement import Placer
    from sluicegate.topics import LOG, Admin, name_of

    with Admin(settings) as admin:
        partitions = admin.partitions(name_of(LOG, settings))
    if partitions is None:
        raise TopicMissingError(f"there is no topic {name_of(LOG, settings)}")
    placer = Placer(settings.topic_prefix, partitions)
    present = _present(settings, found, given)
    _announce(found, present)
    written = 0

    def wrote(count: int) -> None:
        nonlocal written
        written += count

    places = {placer.partition(tenant) for tenant in found.tenants}
    with ExitStack() as stack:
        watch = stack.enter_context(watching(settings, places)) if wait else None
        with Progressing(size, "events written", lambda: written) as bar:
            write(
                settings,
                placer,
                lines_in(files, bar.advance),
                found.tenants,
                present,
                lambda: _present(settings, found, given),
                wrote,
            )
        click.echo(f"written, and the policies are in force again after it ({written:,} records)")
        if watch is None:
            return
        findings = Findings()
        _wait(watch)
        watch.models.ready()
        for value in watch.signals():
            findings.add(value)
        _report(found, present, watch.models, findings)


def _present(settings: Settings, found: "Survey", given: "dict[str, Present]") -> "dict[str, Present]":
    from sluicegate.cli.kafka import read_all
    from sluicegate.cli.warm_policies import present
    from sluicegate.policies import TOPIC
    from sluicegate.topics import name_of

    return present(found.tenants, given, read_all(settings, name_of(TOPIC, settings)))


def _wait(watch: "Watch") -> None:
    """Until the worker has worked through what is in the log now."""
    from rich.console import Console

    ends = watch.ends()
    moved = time.monotonic()
    with Console(stderr=True).status("waiting for the worker") as line:
        while any(watch.done.get(partition, -1) < end for partition, end in ends.items()):
            if watch.poll():
                moved = time.monotonic()
                left = sum(end - watch.done.get(partition, end) for partition, end in ends.items())
                line.update(f"the worker works through it: {max(left, 0):,} records left")
            elif time.monotonic() - moved > _PATIENCE:
                raise click.ClickException(
                    f"no worker has moved on for {_PATIENCE:.0f} s: the events are in the log, and will be worked "
                    "through once one runs (`sluicegate worker`)"
                )


def _report(found: "Survey", present: "dict[str, Present]", models: "Partition", findings: "Findings") -> None:
    from sluicegate.cli.warm_result import learned, nothing_learned

    known = list(learned(models, {tenant: held.update for tenant, held in present.items()}))
    for tenant in found.tenants:
        click.echo(f"\n{tenant}")
        told = [text for owner, text in known if owner == tenant]
        for text in told or [nothing_learned(present[tenant].update)]:
            click.echo(f"  {text}")
        click.echo(f"  {findings.text(tenant)}")
