"""What a list source declares, and what its loader gives: entries, faults of single entries, or a refusal of the whole.

A loader gets the files as chunks of bytes and reads them in constant memory; who downloads them is not its business.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from sluicegate.wire.events import ListEntry

Files = Mapping[str, Iterable[bytes]]
"""File name (as in `ListFile.name`) -> its content in chunks of any size."""


class ListRefused(Exception):  # noqa: N818 - a refusal is what it is
    """A file cannot be the list that it should be: cut off, empty, of another format.

    Operator action: the list in force stays; fetch the file again, and compare it with the publisher's description if
    it is refused once more.
    """


class ListFile(msgspec.Struct, frozen=True):
    """A file of a list. name: local file name, lower case; url: where the publisher has it; needed: not optional."""

    name: str
    url: str
    needed: bool = True


class Fault(msgspec.Struct, frozen=True):
    """An entry, or a part of one, that could not be used. where: `file:line` or `file, entry ID`; no names in it."""

    where: str
    field: str
    reason: str


class Form(msgspec.Struct, frozen=True):
    """One way in which a list is published: its files, and the loader that reads them together.

    parse: yields entries in file order, each `entry_id` once, and faults; raises ListRefused, at the latest at its end.
    """

    files: tuple[ListFile, ...]
    parse: Callable[[Files], Iterator[ListEntry | Fault]]


class ListSource(msgspec.Struct, frozen=True):
    """A sanctions list and its publisher.

    name: the list's name on the wire; forms: the preferred one first, which is what is downloaded;
    max_age_days: older is an alarm; max_shrink: share of entries that may be gone at once, above it is refused;
    licence: under which terms the list may be used; partial: true for a list that is only a selection of another.
    """

    name: str
    title: str
    forms: tuple[Form, ...]
    licence: str
    homepage: str
    max_age_days: int = 7
    max_shrink: float = 0.05
    partial: bool = False
