"""`sluicegate export`: alerts for tables and for security tools."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from typing import Any

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.output import STANDARD, FileError, check_distinct, write_lines
from sluicegate.export.revisions import Wanted, last_of_each
from sluicegate.settings import Settings

FILE = click.Path(path_type=Path)
_NO_PARQUET = "--format parquet needs pyarrow, which is not installed: pip install 'sluicegate[parquet]'"


class Moment(click.ParamType):
    """A timestamp (RFC 3339) or a day, which begins at midnight UTC, as microseconds since 1970."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from sluicegate.wire.scalars import parse_time

        text = str(value)
        found = parse_time(text if "T" in text else f"{text}T00:00:00Z")
        if found is None:
            self.fail(f"{text!r} is no day (2026-06-11) and no time with offset (2026-06-11T09:00:00Z)", param, ctx)
        return found


def choosing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds what says which alerts, and passes `wanted`."""

    @click.option("--since", type=Moment(), metavar="TIME", help="Revisions updated then or later.")
    @click.option("--until", type=Moment(), metavar="TIME", help="Revisions updated before: alerts as they stood then.")
    @click.option("--tenant", multiple=True, help="Of this tenant only (may be given several times).")
    @click.option(
        "--severity",
        type=click.Choice(["low", "medium", "high", "critical"]),
        default="low",
        show_default=True,
        help="The least.",
    )
    @wraps(function)
    def command(
        *args: Any, since: int | None, until: int | None, tenant: tuple[str, ...], severity: str, **options: Any
    ) -> Any:
        return function(*args, wanted=Wanted(since, until, frozenset(tenant), severity), **options)

    return command


to_file = click.option(
    "--out", type=FILE, default=STANDARD, metavar="FILE", help="Write to FILE instead of standard output."
)
personal = click.option(
    "--personal-data", is_flag=True, help="With names and labels. Default: left out, and covered where a text has them."
)


@click.group("export")
def command() -> None:
    """Write alerts for tables and for security tools.

    \b
    Example:
      sluicegate export alerts --format csv --since 2026-06-01 --out alerts.csv
    """


@command.command("alerts")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    default="jsonl",
    show_default=True,
    help="Events as they are, or a table.",
)
@choosing
@click.option("--all-revisions", is_flag=True, help="Every revision. Default: the last one of each alert.")
@personal
@to_file
@with_settings
def alerts(
    files: tuple[Path, ...],
    form: str,
    wanted: Wanted,
    all_revisions: bool,
    personal_data: bool,
    out: Path,
    settings: Settings,
) -> None:
    """Write alerts as JSON lines, CSV or Parquet.

    From FILEs, as `sluicegate replay --alerts` and the topic have them (- is standard input), or else from the topic
    `alerts` up to its present end. Memory does not grow with their number.

    CSV can be opened in a spreadsheet: what it would take for a formula has an apostrophe in front. Parquet has sums
    as exact decimals, and as the text they were. Names are left out unless --personal-data is given.

    Exit status 1 where records are no alerts (the others are written); signals are passed over.

    \b
    Example:
      sluicegate export alerts --format csv --severity high --since 2026-06-01 --out high.csv
      sluicegate replay events.jsonl | sluicegate export alerts --format parquet --out alerts.parquet -
    """
    from sluicegate.cli.export_run import Refusals, revisions
    from sluicegate.export.csv_rows import write_csv
    from sluicegate.export.parquet import available, write_parquet
    from sluicegate.export.rows import columns, row
    from sluicegate.wire.canonical import canonical

    check_distinct(files, [out])
    if form == "parquet" and not available():
        raise click.ClickException(_NO_PARQUET)
    if form == "parquet" and out == STANDARD:
        raise click.UsageError("--format parquet needs --out FILE")
    refusals = Refusals()
    chosen = columns(personal_data=personal_data)
    with ExitStack() as stack:
        found = stack.enter_context(revisions(files, wanted, settings, refusals))
        if not all_revisions:
            found = last_of_each(found)
        severe = (one for one in found if wanted.severe(one))
        rows = (row(one.event(personal_data=personal_data)["data"], chosen) for one in severe)
        if form == "csv":
            count = write_csv(rows, chosen, stack.enter_context(write_lines(out)))
        elif form == "parquet":
            try:
                count = write_parquet(rows, chosen, out)
            except OSError as error:
                raise FileError("write", out, error) from None
        else:
            write = stack.enter_context(write_lines(out))
            count = 0
            for one in severe:
                write(one.body if personal_data else canonical(one.event(personal_data=False)))
                count += 1
    click.echo(f"{count} {'revisions' if all_revisions else 'alerts'} written", err=True)
    refusals.end()


@command.command("ocsf")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=FILE)
@choosing
@personal
@click.option("--topic", is_flag=True, help="Write to the topic `ocsf` instead, which is made where it is missing.")
@click.option("--follow", "following", is_flag=True, help="To the topic: go on from where the last --follow ended.")
@to_file
@with_settings
def ocsf(
    files: tuple[Path, ...],
    wanted: Wanted,
    personal_data: bool,
    topic: bool,
    following: bool,
    out: Path,
    settings: Settings,
) -> None:
    """Write alerts as OCSF Detection Findings (class 2004, version 1.8.0).

    Every revision is one event: create, update or close; `metadata.uid` is the alert's id and revision, and the same
    each time. From FILEs or else from the topic `alerts`; as JSON lines, or to the topic `ocsf`, keyed as alerts are.

    With --follow it runs until it is stopped, and begins where the consumer group `sluicegate-ocsf` (behind the topic
    prefix) ended: every revision at least once, after a crash some of them twice.

    Exit status 1 where records are no alerts (the others are written).

    \b
    Example:
      sluicegate export ocsf --severity high --out findings.jsonl
      sluicegate export ocsf --follow --broker 127.0.0.1:9092
    """
    from sluicegate.cli.export_run import Refusals, revisions, until_stopped
    from sluicegate.cli.kafka import sender
    from sluicegate.export.ocsf_topic import encode, ensure_topic, follow

    if (topic or following) and out != STANDARD:
        raise click.UsageError("--out goes with neither --topic nor --follow")
    if following and files:
        raise click.UsageError("--follow reads the topic `alerts`, no FILE")
    check_distinct(files, [out])
    refusals = Refusals()
    with ExitStack() as stack:
        if following:
            ensure_topic(settings)
            to_kafka, stopping = stack.enter_context(sender(settings)), stack.enter_context(until_stopped())
            count = follow(
                settings, wanted, to_kafka, personal_data=personal_data, stopping=stopping, refuse=refusals.add
            )
        else:
            found = stack.enter_context(revisions(files, wanted, settings, refusals))
            lines = ((one.key, encode(one, personal_data=personal_data)) for one in found if wanted.severe(one))
            count = 0
            if topic:
                name, to_kafka = ensure_topic(settings), stack.enter_context(sender(settings))
                for key, line in lines:
                    to_kafka.send(name, line, key)
                    count += 1
            else:
                write = stack.enter_context(write_lines(out))
                for _, line in lines:
                    write(line)
                    count += 1
    click.echo(f"{count} findings written", err=True)
    refusals.end()
