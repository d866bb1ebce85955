"""The lists that a command screens against: files, else what the local store holds, else the built-in selection."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click
import msgspec

from sluicegate.cli.lines import Progressing
from sluicegate.cli.output import FileError
from sluicegate.lists.files import LoadedList, read_list
from sluicegate.lists.notice import partial_only
from sluicegate.lists.store import Store
from sluicegate.screening.index import CompiledList
from sluicegate.screening.lists import starter

__all__ = ["Lists", "load"]


class Lists(msgspec.Struct, frozen=True):
    """partial: nothing but the built-in selection."""

    compiled: tuple[CompiledList, ...]
    partial: bool = False


def load(named: Sequence[str]) -> Lists:
    """Lists of `FILE` or `NAME=FILE`; without any, those of the store. Tells of unusable entries on standard error.

    Raises FileError, and ListRefused for a file that is no sound list.
    """
    found = [_read(one) for one in named] or _stored()
    if not found:
        return Lists((CompiledList(starter.SOURCE.name, starter.VERSION, starter.STARTER),), partial=True)
    compiled = tuple(CompiledList(one.source.name, one.version, one.entries) for one in found)
    return Lists(compiled, partial_only(one.name for one in compiled))


def _read(named: str) -> LoadedList:
    path, name = Path(named), None
    if "=" in named and not path.exists():  # a path may hold the sign
        name, _, file = named.partition("=")
        path = Path(file)
    try:
        with Progressing(_size(path), "lists", lambda: 0) as bar:
            found = read_list(path, name=name or None, advance=bar.advance)
    except OSError as error:
        raise FileError("read", path, error) from None
    if count := len(found.faults):
        what = "a part of an entry" if count == 1 else f"{count} parts of entries"
        click.echo(f"{path}: {what} could not be used; `sluicegate lists check` says why", err=True)
    return found


def _size(path: Path) -> int:
    files: Iterable[Path] = path.iterdir() if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files)


def _stored() -> list[LoadedList]:
    store = Store()
    return [found for name in store.names() if (found := store.current(name)) is not None]
