"""Options that say whose payment files are read, and how: of `import` and `watch-folder`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from sluicegate.cli.output import FileError

__all__ = ["mapping_of", "reading_options", "tenant_of"]

FILE = click.Path(path_type=Path)
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def _zone(context: click.Context, option: click.Parameter, name: str) -> ZoneInfo:
    from sluicegate.detection.policy import is_zone

    if not is_zone(name):
        raise click.BadParameter(f"{name!r} is no time zone; one is Europe/Berlin")
    return ZoneInfo(name)


_OPTIONS = (
    click.option("--tenant", required=True, help="Whose payments they are."),
    click.option("--secret-file", type=FILE, metavar="FILE", help="The tenant's secret, which keys fingerprints."),
    click.option("--mapping", type=FILE, metavar="FILE", help="What the columns of a csv file are (TOML)."),
    click.option(
        "--stream",
        type=click.Choice(["auto", "payroll", "vendor"]),
        default="auto",
        show_default=True,
        help="What kind of payments they are; auto: as the file says.",
    ),
    click.option("--zone", default="UTC", callback=_zone, help="Of times that name none.", show_default=True),
    click.option(
        "--announce/--no-announce",
        default=True,
        help="When sent: tell clearance what each pay run holds. Default: yes.",
    ),
)


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds them, in this order."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def tenant_of(name: str) -> str:
    """The tenant as it was given. Raises UsageError where it is none."""
    if not _TENANT.fullmatch(name):
        raise click.UsageError(f"{name!r} is no tenant; one is 1 to 63 of a-z, 0-9, - and _, such as acme")
    return name


def mapping_of(path: Path | None) -> object:
    """The mapping in a file. Raises UsageError with every fault of it, FileError."""
    if path is None:
        return None
    from sluicegate.connectors.mapping import Mapping, read_mapping

    try:
        found = read_mapping(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError("read", path, error) from None
    if isinstance(found, Mapping):
        return found
    raise click.UsageError("\n".join(f"{path}:{fault}" for fault in found))
