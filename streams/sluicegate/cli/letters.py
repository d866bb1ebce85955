"""Dead letters as they stand in their topic: collapsed, and as records to send again.

A letter may be written more than once, so letters are told apart by the place of their source record. A record that
was redriven carries the first one's place in a header; if it is refused again, that is the same trouble, not a new one.
"""

import re
from base64 import b64decode
from collections.abc import Iterable

import msgspec

from sluicegate.wire.letters import DeadLetter, decode_letter
from sluicegate.wire.scalars import parse_time

__all__ = ["REDRIVEN", "Case", "Record", "collapse", "record_of"]

REDRIVEN = "redriven-from"
_PLACE = re.compile(r"[a-zA-Z0-9._-]{1,249}/[0-9]{1,9}/[0-9]{1,18}")


class Record(msgspec.Struct, frozen=True):
    """A source record as it was, but for one more header."""

    topic: str
    value: bytes | None
    key: bytes | None
    headers: list[tuple[str, bytes]]


class Case(msgspec.Struct):
    """A refused record, named by its place: its latest letter, and how often it was redriven and refused again."""

    place: str
    letter: DeadLetter
    again: int = 0


def collapse(values: Iterable[bytes | None]) -> list[Case]:
    """One case per refused record, in order of place."""
    letters: dict[bytes, DeadLetter] = {}
    for value in values:
        letter = None if value is None else decode_letter(value)
        if letter is not None:
            letters[letter.key] = letter
    cases: dict[str, Case] = {}
    for letter in sorted(letters.values(), key=lambda one: parse_time(one.received_at or "") or 0):
        place = _first_place(letter)
        case = cases.setdefault(place, Case(place, letter))
        case.letter = letter
        case.again += letter.key.decode() != place
    return sorted(cases.values(), key=lambda case: _sortable(case.place))


def record_of(case: Case) -> Record | None:
    """The record to send again; None where the letter holds only its beginning."""
    letter = case.letter
    if letter.cut:
        return None
    headers = [(name, content) for name, text in letter.headers.items() if (content := _bytes(text)) is not None]
    own = [header for header in headers if header[0] != REDRIVEN]
    key, value = _bytes(letter.key_b64), _bytes(letter.value_b64)
    return Record(letter.topic, value, key, [*own, (REDRIVEN, case.place.encode())])


def _first_place(letter: DeadLetter) -> str:
    mark = (_bytes(letter.headers.get(REDRIVEN)) or b"").decode(errors="replace")
    return mark if _PLACE.fullmatch(mark) else letter.key.decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)


def _sortable(place: str) -> tuple[str, int, int]:
    topic, partition, offset = place.rsplit("/", 2)
    return topic, int(partition), int(offset)
