"""Progress of list work on standard error: downloads, reading, sending; nothing where that is no terminal."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sluicegate.lists.refresh import Watch

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["ListProgress", "list_progress"]


class ListProgress:
    """Bars for several pieces of work, one after the other."""

    def __init__(self, bars: "Progress | None") -> None:
        self._bars = bars

    def say(self, text: str, *, err: bool = True) -> None:
        """A line on standard error, or else on standard output, with no bar in its way."""
        if self._bars is not None:
            self._bars.stop()
        click.echo(text, err=err)
        if self._bars is not None:
            self._bars.start()

    @contextmanager
    def watch(self, name: str, paths: Iterable[Path] = ()) -> Iterator[Watch]:
        """Told how far a list is; `paths`: local files, whose size is known beforehand."""
        if self._bars is None:
            yield Watch()
            return
        bars = self._bars
        task = bars.add_task(name, total=_size(paths) or None)
        came: dict[str, int] = {}

        def told(file: str, done: int, total: int | None) -> None:
            came[file] = done
            bars.update(task, description=f"{name}: {file} comes", completed=done, total=total)

        def advance(by: int) -> None:
            if came:  # the files are here: now they are read
                bars.reset(task, total=sum(came.values()))
                came.clear()
            bars.update(task, description=f"{name}: reading", advance=by)

        try:
            yield Watch(told, advance)
        finally:
            bars.remove_task(task)

    @contextmanager
    def sending(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        """Called once a part that was sent."""
        if self._bars is None:
            yield lambda: None
            return
        bars = self._bars
        task = bars.add_task(f"{name}: sending parts", total=total)
        try:
            yield lambda: bars.advance(task)
        finally:
            bars.remove_task(task)


def _size(paths: Iterable[Path]) -> int:
    files = (file for path in paths for file in (path.iterdir() if path.is_dir() else [path]))
    return sum(file.stat().st_size for file in files if file.is_file())


@contextmanager
def list_progress() -> Iterator[ListProgress]:
    """Bars while the block runs, gone at its end."""
    if not sys.stderr.isatty():
        yield ListProgress(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bars:
        yield ListProgress(bars)
