"""A customer's own list: JSON Lines, one entry a line in the form that the wire has for it (contract 4.7)."""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import inspect

from sluicegate.screening.lists.base import Fault, Files, Form, ListFile, ListRefused, ListSource
from sluicegate.screening.lists.json_lines import json_lines
from sluicegate.wire.events import ListEntry
from sluicegate.wire.faults import faults

_FILE = ListFile(name="private.jsonl", url="")
_DECODER = msgspec.json.Decoder(ListEntry)
_ENTRY = inspect.type_info(ListEntry)


def entries(name: str, chunks: Iterable[bytes]) -> Iterator[ListEntry | Fault]:
    r"""The entries of a file of JSON Lines, and every fault of its bad lines by JSON Pointer, in file order.

    name: the file, as faults give it. Of two entries with one id the first one counts. Memory grows with the ids alone.
    Raises ListRefused where the file is cut off or holds no usable entry.

    >>> good = b'{"entry_id": "1", "kind": "person", "names": [{"name": "Ada Example"}]}\n'
    >>> entry, fault = entries("own.jsonl", [good, b'{"entry_id": "2", "kind": "person", "names": []}\n'])
    >>> entry.names[0].name, fault.where, fault.field, fault.reason
    ('Ada Example', 'own.jsonl:2', '/names', 'expected an array of at least 1; found 0')
    """
    seen: set[str] = set()
    for number, line in json_lines(name, chunks):
        where = f"{name}:{number}"
        entry = _decode(line)
        if entry is None:
            yield from _explain(where, line)
        elif entry.entry_id in seen:
            yield Fault(where, "/entry_id", "an earlier line has this id")
        else:
            seen.add(entry.entry_id)
            yield entry
    if not seen:
        raise ListRefused(f"{name}: no usable entry")


def _parse(files: Files) -> Iterator[ListEntry | Fault]:
    return entries(_FILE.name, files[_FILE.name])


def _decode(line: bytes) -> ListEntry | None:
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _explain(where: str, line: bytes) -> Iterator[Fault]:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        yield Fault(where, "", "not JSON")
        return
    for fault in faults(value, _ENTRY):
        yield Fault(where, fault.path, fault.message)


SOURCE = ListSource(
    name="private",
    title="Private list",
    forms=(Form(files=(_FILE,), parse=_parse),),
    licence="the customer's own",
    homepage="",
    max_age_days=36_500,  # kept by hand: it changes when there is something to change
)
