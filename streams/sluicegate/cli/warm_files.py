"""The files that `warm` learns from: looked through once before anything is written, then read again to be written."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from sluicegate.cli.lines import lines_of
from sluicegate.cli.output import STANDARD, FileError
from sluicegate.cli.routing import exported, is_export
from sluicegate.wire.decode import Event, Reject, decode
from sluicegate.wire.events import PolicyUpdate

__all__ = ["Line", "Survey", "left_out", "lines_in", "survey"]

_ALL = "*"
_SHOWN = 5
_DAY = 86_400_000_000
"""µs; how far events of a tenant may be behind one another before they count as late."""


class Line(NamedTuple):
    """A line that holds something: its file, its number from 0, its bytes, and the event or why it is none."""

    path: Path
    number: int
    value: bytes
    event: Event | Reject


def left_out(event: Event) -> bool:
    """Whether it is not a tenant's history: a policy, for the present one is kept, or a list of all tenants."""
    return isinstance(event.data, PolicyUpdate) or event.tenant == _ALL


class Survey:
    """What stands in the files, by tenant."""

    def __init__(self) -> None:
        self.events: Counter[str] = Counter()
        self.first: dict[str, int] = {}
        """Smallest event time, µs."""
        self.last: dict[str, int] = {}
        self.late: Counter[str] = Counter()
        """Events more than a day behind an earlier one of their tenant."""
        self.policies = 0
        self.lists = 0
        """Updates of lists for all tenants."""
        self.refused = 0
        self.refusals: list[str] = []
        """The first of them in words."""

    @property
    def tenants(self) -> list[str]:
        return sorted(self.events)

    def add(self, line: Line) -> None:
        event = line.event
        if isinstance(event, Reject):
            self.refused += 1
            if len(self.refusals) < _SHOWN:
                self.refusals.append(f"{line.path}:{line.number + 1}: {event.reason} {event.path} {event.message}")
            return
        if left_out(event):
            self.policies += isinstance(event.data, PolicyUpdate)
            self.lists += event.tenant == _ALL
            return
        last = self.last.get(event.tenant, event.time)
        self.events[event.tenant] += 1
        self.first[event.tenant] = min(self.first.get(event.tenant, event.time), event.time)
        self.last[event.tenant] = max(last, event.time)
        self.late[event.tenant] += event.time < last - _DAY


def survey(paths: Sequence[Path], advance: Callable[[int], None], found: Survey) -> None:
    """Look through the files. Raises FileError for one that cannot be read twice, ClickException for no event."""
    for path in paths:
        if path == STANDARD or (path.exists() and not path.is_file()):
            raise FileError("read", path, "it is read twice, and so must be a file")
    for line in lines_in(paths, advance):
        found.add(line)
    if not found.events:
        raise click.ClickException("there is no event to learn from; nothing was written")


def lines_in(paths: Sequence[Path], advance: Callable[[int], None]) -> Iterator[Line]:
    """Every line with something on it, in order; of an exported log the events that came in from outside."""
    arrival = int(time.time() * 1000)
    for path in paths:
        export = False
        for number, line in enumerate(lines_of(path, advance)):
            value: bytes | None = line.rstrip(b"\r\n")
            if number == 0 and is_export(line):
                export = True
                continue
            if export:
                place = exported(line)
                value = None if place is None else line if isinstance(place, str) else place.value
            if value:
                yield Line(path, number, value, decode(value, arrival_ms=arrival))
