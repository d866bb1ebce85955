"""Lines of input files, plain or gzipped, with a progress bar by bytes where a person watches for some time."""

import errno
import gzip
import io
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from sluicegate.cli.output import STANDARD, FileError

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Progressing", "check_readable", "lines_of"]

_BATCH = 1 << 18
"""Bytes of lines read at once."""
_PATIENCE = 2.0
"""Seconds before a progress bar appears."""


def check_readable(paths: Sequence[Path]) -> int:
    """Size of all files together, in bytes; 0 where one is a pipe or a device. Raises FileError for the first that
    cannot be read.

    Only regular files are opened: what is read of a pipe is gone.
    """
    sizes: list[int | None] = []
    for path in paths:
        if path == STANDARD:
            sizes.append(None)
            continue
        try:
            if path.is_file() or path.is_dir() or not path.exists():
                with path.open("rb") as file:
                    file.peek(1)
                    sizes.append(path.stat().st_size)
            elif os.access(path, os.R_OK):
                sizes.append(None)
            else:
                raise FileError("read", path, os.strerror(errno.EACCES))
        except OSError as error:
            raise FileError("read", path, error) from None
    return 0 if None in sizes else sum(size or 0 for size in sizes)


def lines_of(path: Path, advance: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """The lines of a file with their ends; `advance` is told how many of its bytes were read. Raises FileError.

    `-` is standard input. Pipes are read line by line, as they fill.
    """
    seen = 0
    try:
        with nullcontext(sys.stdin.buffer) if path == STANDARD else path.open("rb") as raw:
            zipped = isinstance(raw, io.BufferedReader) and raw.peek(2)[:2] == b"\x1f\x8b"
            file: BinaryIO = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if zipped else raw
            if path == STANDARD or not path.is_file():
                yield from file
                return
            while batch := file.readlines(_BATCH):
                yield from batch
                at = raw.tell()
                advance(at - seen)
                seen = at
    except (OSError, EOFError) as error:
        raise FileError("read", path, error) from None


class Progressing:
    """A bar on standard error, from the third second on, if that is a terminal; else nothing."""

    def __init__(self, total: int, what: str, count: Callable[[], int], *, wanted: bool = True) -> None:
        """`total` bytes to come; 0: unknown, no bar. `count` gives the number of things done, `what` names them."""
        self._total, self._what, self._count = total, what, count
        self._began = time.monotonic()
        self._done = 0
        self._bar: Progress | None = None
        self._wanted = wanted and total > 0 and sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, by: int) -> None:
        self._done += by
        if not self._wanted:
            return
        seconds = time.monotonic() - self._began
        if self._bar is None:
            if seconds < _PATIENCE:
                return
            self._show()
        assert self._bar is not None
        rate = self._count() / seconds
        text = f"{self._count():,} {self._what}, {rate:,.0f}/s"
        self._bar.update(self._bar.task_ids[0], completed=self._done, description=text)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), TextColumn("{task.description}")
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._bar.add_task("", total=self._total)
        self._bar.start()
