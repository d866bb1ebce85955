"""`sluicegate log`: the log of events as files."""

from pathlib import Path

import click
import msgspec

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.output import FileError, write_lines
from sluicegate.settings import Settings


class _Key(msgspec.Struct):
    key: str | None = None


_KEY = msgspec.json.Decoder(_Key)


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

    The folder must not hold files of an earlier export. Exit status 1 where the log has no event of a --tenant.

    \b
    Example:
      sluicegate log export --tenant acme --out exported
      sluicegate replay exported/events-2.jsonl --alerts alerts.jsonl
    """
    from sluicegate.log.export import export, partitions_of

    try:
        older = sorted(path.name for path in out.glob("events-*.jsonl"))
        if older:
            raise click.UsageError(f"{out} holds an earlier export ({older[0]}): name an empty folder, or empty it")
    except OSError as error:
        raise FileError("read", out, error) from None
    held = partitions_of(settings, tenant)
    unknown = sorted({*partition} - {*held})
    if unknown:
        raise click.UsageError(f"partition {unknown[0]} of the log holds nothing that was asked for; these do: {held}")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError("write", out, error) from None
    found: set[str | None] = set()
    for number in dict.fromkeys(partition) or held:
        path = out / f"events-{number}.jsonl"
        here: set[str | None] = set()
        count = -1  # the head is no record
        with write_lines(path) as write:
            for line in export(settings, number, tenant):
                write(line.removesuffix(b"\n"))
                count += 1
                if tenant:
                    here.add(_KEY.decode(line).key)
        if tenant and here.isdisjoint(tenant):  # only what concerns all tenants: not worth a file
            path.unlink()
            continue
        found |= here
        click.echo(f"{path}: {count} records")
    absent = sorted({*tenant} - found)
    if absent:
        raise click.ClickException(f"there is no event of tenant {', '.join(absent)} in what was exported")
