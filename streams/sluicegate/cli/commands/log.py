"""`sluicegate log`: the log of events as files."""

from pathlib import Path

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.output import FileError, write_lines
from sluicegate.settings import Settings


@click.group("log")
def command() -> None:
    """Export the log: every event, in the order it was judged.

    \b
    Example:
      sluicegate log export --out exported
    """


@command.command("export")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder for the files.")
@click.option("--tenant", multiple=True, help="Of this tenant only (may be given several times).")
@click.option("--partition", type=click.IntRange(min=0), multiple=True, help="Of this partition of the log only.")
@with_settings
def export_log(settings: Settings, out: Path, tenant: tuple[str, ...], partition: tuple[int, ...]) -> None:
    """Write one file per partition of the log: `sluicegate replay` makes of each exactly the alerts the stream made.

    \b
    Example:
      sluicegate log export --tenant acme --out exported
      sluicegate replay exported/events-2.jsonl --alerts alerts.jsonl
    """
    from sluicegate.log.export import export, partitions_of

    held = partitions_of(settings, tenant)
    unknown = sorted({*partition} - {*held})
    if unknown:
        raise click.UsageError(f"partition {unknown[0]} of the log holds nothing that was asked for; these do: {held}")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError("write", out, error) from None
    for number in partition or held:
        path = out / f"events-{number}.jsonl"
        count = -1  # the head is no record
        with write_lines(path) as write:
            for line in export(settings, number, tenant):
                write(line.removesuffix(b"\n"))
                count += 1
        click.echo(f"{path}: {count} records")
