"""Where exports read: files or the topic, with a bar for who waits, and a note of what is no alert."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from sluicegate.cli.kafka import held, read_all
from sluicegate.cli.lines import Progressing, check_readable, lines_of
from sluicegate.export.revisions import Revision, Wanted, decode
from sluicegate.settings import Settings
from sluicegate.topics import name_of

__all__ = ["Refusals", "revisions", "until_stopped"]

_SHOWN = 5
"""Lines that are named one by one."""


class Refusals:
    """What could not be read as an alert."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, place: str, why: str) -> None:
        self.count += 1
        if self.count <= _SHOWN:
            click.echo(f"{place}: {why}", err=True)

    def end(self) -> None:
        """Raises ClickException where there was one."""
        if self.count:
            raise click.ClickException(f"{self.count} record{'s are' if self.count > 1 else ' is'} no alert")


@contextmanager
def revisions(
    files: tuple[Path, ...], wanted: Wanted, settings: Settings, refusals: Refusals
) -> Iterator[Iterator[Revision]]:
    """Those of the period and tenants, in order within a file, or within a partition of the topic."""
    topic = name_of("alerts", settings)
    total = check_readable(files) if files else sum(count for _, count in held(settings, [topic]).values())
    done = 0

    def all_of_them() -> Iterator[Revision]:
        nonlocal done
        for place, value in _values(files, settings, topic, bar):
            done += 1
            one = decode(value)
            if isinstance(one, str):
                refusals.add(place, one)
            elif one is not None and wanted.in_reach(one):
                yield one

    with Progressing(total, "read", lambda: done) as bar:
        yield all_of_them()


def _values(
    files: tuple[Path, ...], settings: Settings, topic: str, bar: Progressing
) -> Iterator[tuple[str, bytes | None]]:
    """Place and content of every line or record."""
    if not files:
        for record in read_all(settings, topic):
            bar.advance(1)
            yield f"{topic}/{record.partition}/{record.offset}", record.value
        return
    for path in files:
        for number, line in enumerate(lines_of(path, bar.advance), 1):
            if line.strip():
                yield f"{path}:{number}", line.rstrip(b"\r\n")


@contextmanager
def until_stopped() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or SIGINT came, which do not end the process within the block."""
    told = threading.Event()
    held = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told.is_set
    finally:
        for number, handler in held.items():
            signal.signal(number, handler)
