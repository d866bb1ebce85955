"""`sluicegate watch-folder`: payment files that come into a folder, as events."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from sluicegate.cli.kafka import with_settings
from sluicegate.cli.reading_options import mapping_of, reading_options, tenant_of
from sluicegate.cli.setting_options import setting_options
from sluicegate.configuration import part
from sluicegate.connectors.registry import CONNECTORS
from sluicegate.settings import Settings


@click.command("watch-folder", short_help="Payment files that come into a folder, as events.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--format", "formats", multiple=True, type=click.Choice([*CONNECTORS]), help="Only these. Default: all.")
@reading_options
@setting_options(part("folder").settings)
@with_settings
def command(
    settings: Settings,
    folder: Path,
    formats: tuple[str, ...],
    tenant: str,
    secret_file: Path | None,
    mapping: Path | None,
    stream: str,
    zone: ZoneInfo,
    announce: bool,
    **given: str | None,
) -> None:
    """Send the payments of every file that comes into FOLDER.

    A file is taken once it no longer grows; names that begin with a dot, or end as programs call what they still write
    (.part, .tmp), are left alone. It goes through `working` to `done` or `failed` within FOLDER, with a report beside
    it. Each transaction is counted once, however often its file comes, and whatever ends this process in between. It
    ends on SIGTERM or Ctrl-C; what it was reading then is read again at the next start.

    \b
    Example:
      sluicegate watch-folder /srv/payroll --tenant acme --secret-file acme.secret --broker kafka:9092
    """
    from sluicegate.cli.service import until_stopped
    from sluicegate.connectors.base import Context
    from sluicegate.connectors.keys import read_secret
    from sluicegate.folder.inbox import Inbox
    from sluicegate.folder.settings import load
    from sluicegate.folder.watcher import Watcher

    own = load(os.environ, **given)
    chosen = formats or tuple(name for name in CONNECTORS if name != "csv" or mapping is not None)
    if ("csv" in chosen) != (mapping is not None):
        raise click.UsageError("csv needs --mapping FILE, and no other format takes one")
    keys = read_secret(tenant_of(tenant), secret_file)
    context = Context(tenant, keys, zone, stream, mapping_of(mapping))  # type: ignore[arg-type]  # one of the choices
    connectors = {name: CONNECTORS[name] for name in chosen}
    watcher = Watcher(settings, own, Inbox(folder), context, connectors, announced=announce)
    url = f"http://{own.ops_host}:{watcher.ops.port}/metrics" if watcher.ops is not None else "no metrics"
    until_stopped(settings, "folder", url, watcher.run, watcher.stop)
