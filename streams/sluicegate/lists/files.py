"""Recognises list files by their names, or by which loader takes them, and reads them.

A loader knows its own root element or header and refuses any other: asking each for its first entry needs no second
table of what lists look like.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

import msgspec

from sluicegate.lists.dates import HEAD, date_in
from sluicegate.lists.loaded import LoadedList, load
from sluicegate.lists.opened import Advance, head_of, opened, plain_name
from sluicegate.screening.lists.base import Form, ListRefused, ListSource
from sluicegate.screening.lists.registry import SOURCES
from sluicegate.wire.events import ListEntry

__all__ = ["LoadedList", "Match", "published_on", "read_list", "read_match", "recognise", "source_named"]

PRIVATE = "private"
_TRIED = 50
"""Items of a loader that are looked at for a first entry."""


class Match(msgspec.Struct, frozen=True):
    """A list's source, the form that the files have, and which file is which: `ListFile.name` -> path."""

    source: ListSource
    form: Form
    paths: Mapping[str, Path]


def read_list(path: Path, *, name: str | None = None, advance: Advance = lambda _: None) -> LoadedList:
    """Read a list from a file, or from a folder that holds a set of files (OFAC's CSV); `.gz` is unpacked.

    name: the list it is, where that is known; any name that no public list has makes it a private list, in JSON Lines.
    Raises ListRefused where it is not recognised or not sound, OSError where it cannot be read.
    """
    return read_match(recognise([path], name), advance)


def read_match(match: Match, advance: Advance = lambda _: None) -> LoadedList:
    """Read files that were recognised. Raises ListRefused, OSError; texts say the files' own names."""
    own = {local: path.name for local, path in match.paths.items()}
    dated = published_on(match)
    with opened(match.paths, advance) as files:
        try:
            found = load(match.source, match.form, files, dated)
        except ListRefused as refused:
            raise ListRefused(_with_own_name(str(refused), own)) from None
    faults = tuple(msgspec.structs.replace(fault, where=_with_own_name(fault.where, own)) for fault in found.faults)
    return msgspec.structs.replace(found, faults=faults)


def published_on(match: Match) -> date | None:
    """Day of publication, where one of the files begins with it. Raises ListRefused, OSError."""
    days = (date_in(head_of(path, HEAD)) for path in match.paths.values())
    return max((day for day in days if day is not None), default=None)


def source_named(name: str) -> ListSource:
    """The source of that name; a private list where no public one has it.

    >>> source_named("acme-watch").name, source_named("acme-watch").title == source_named("private").title
    ('acme-watch', True)
    """
    found = SOURCES.get(name)
    return found if found is not None else msgspec.structs.replace(SOURCES[PRIVATE], name=name)


def recognise(paths: Sequence[Path], name: str | None = None) -> Match:
    """Which list the files are, in which form. Raises ListRefused, OSError."""
    sources = list(SOURCES.values()) if name is None else [source_named(name)]
    given = {plain_name(path): path for path in _files(paths)}
    if not given:
        raise ListRefused(f"{_told(paths)}: there is no file in it")
    found = [match for source in sources if (match := next(_by_name(source, given), None))]
    if len(given) == 1 and not found:
        (path,) = given.values()
        beside = {plain_name(one): one for one in _files([path.parent])}
        found = [match for source in sources for match in _by_name(source, beside) if path in match.paths.values()]
    if not found and len(given) == 1:
        found = _by_content(sources, path)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(match.source.name for match in found)
        raise ListRefused(f"{_told(paths)}: this could be {names}: say which, or keep the publisher's file name")
    raise ListRefused(f"{_told(paths)}: {_lacking(sources, given) or 'not a list in a form that is known here'}")


def _files(paths: Iterable[Path]) -> list[Path]:
    """The files among the paths and in the folders among them, by name; what is not there raises OSError on opening."""
    return [
        file
        for path in paths
        for file in (sorted(path.iterdir()) if path.is_dir() else [path])
        if file == path or (file.is_file() and not file.name.startswith("."))
    ]


def _by_name(source: ListSource, given: Mapping[str, Path]) -> Iterator[Match]:
    """The forms of a list that are whole among the given files, the preferred one first."""
    for form in source.forms:
        known = {file.name: given[file.name] for file in form.files if file.name in given}
        if known and all(file.name in known for file in form.files if file.needed):
            yield Match(source, form, known)


def _by_content(sources: Sequence[ListSource], path: Path) -> list[Match]:
    """Every list whose loader takes the file. Of one list alone the only fitting form is taken, so that it can say
    what is wrong.
    """
    kind = _kind(head_of(path, 1024))
    fitting = [
        Match(source, form, {needed[0].name: path})
        for source in sources
        for form in source.forms
        if len(needed := [file for file in form.files if file.needed]) == 1 and _suffix(needed[0].name) == kind
    ]
    if len(fitting) == 1 and len(sources) == 1:
        return fitting
    return [match for match in fitting if _takes(match)]


def _kind(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return {b"<": "xml", b"{": "json"}.get(start, "csv")


def _suffix(name: str) -> str:
    suffix = name.rpartition(".")[2]
    return "json" if suffix in ("json", "jsonl") else suffix


def _takes(match: Match) -> bool:
    with opened(match.paths) as files:
        try:
            return any(isinstance(item, ListEntry) for item in islice(match.form.parse(files), _TRIED))
        except ListRefused:
            return False


def _lacking(sources: Sequence[ListSource], given: Mapping[str, Path]) -> str:
    """What is missing of the form that the given files are a part of."""
    for source in sources:
        for form in source.forms:
            names = [file.name for file in form.files if file.needed]
            absent = [name for name in names if name not in given]
            if len(absent) < len(names):
                return f"{', '.join(absent)} of {source.name} is missing beside it"
    return ""


def _with_own_name(text: str, own: Mapping[str, str]) -> str:
    for local, name in own.items():
        if text.startswith(local):
            return name + text.removeprefix(local)
    return text


def _told(paths: Sequence[Path]) -> str:
    return ", ".join(path.name or str(path) for path in paths)
