"""Lines of parties or of name pairs in, lines with scores out: one for one, in the order of the input."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from sluicegate.cli.screen_query import facts_of, kind_of, name_of
from sluicegate.cli.screen_search import best
from sluicegate.screening.index import CompiledList
from sluicegate.screening.pair import score_pair

__all__ = ["Answers", "pair_answer", "party_answer"]

DIGITS = 6
"""Decimals of a score of 0 to 100: finer than the engine tells names apart."""

Key = str | int | float
Texts = str | tuple[str, ...] | None


class _Id(msgspec.Struct):
    scheme: str
    value: str


class _Party(msgspec.Struct):
    id: Key
    name: str
    dob: str | int | None = None
    dob_verified: bool | None = None
    country: Texts = None
    kind: str | None = None
    wallet: Texts = None
    ids: tuple[_Id, ...] | None = None


class _Pair(msgspec.Struct):
    id: Key
    a: str
    b: str
    kind: str | None = None


class _Keyed(msgspec.Struct):
    id: Key | None = None


_PARTY = msgspec.json.Decoder(_Party)
_PAIR = msgspec.json.Decoder(_Pair)
_KEYED = msgspec.json.Decoder(_Keyed)


class Answers:
    """Answers to lines; counts them, and the faulty ones, as they go by."""

    def __init__(self, answer: Callable[[bytes], dict[str, Any]]) -> None:
        """`answer` raises MsgspecError or ValueError for a line that it cannot answer."""
        self.done = self.faults = 0
        self._answer = answer

    def to(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """One line for each that is not blank; a faulty one gives `{id?, error, line}`, its number from 1."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                answer = self._answer(line)
            except (msgspec.MsgspecError, ValueError) as error:
                self.faults += 1
                answer = {**_key(line), "error": _reason(error), "line": number}
            self.done += 1
            yield msgspec.json.encode(answer)


def party_answer(lists: Sequence[CompiledList]) -> Callable[[bytes], dict[str, Any]]:
    """Answers `{id, name, …}` by the best candidate; score 0 and nulls where there is none."""

    def answer(line: bytes) -> dict[str, Any]:
        party = _PARTY.decode(line)
        facts = facts_of(
            kind=party.kind,
            country=_texts(party.country),
            dob=str(party.dob) if party.dob is not None else None,
            dob_verified=bool(party.dob_verified),
            wallets=_texts(party.wallet),
            ids=[(one.scheme, one.value) for one in party.ids or ()],
        )
        found = best(lists, name_of(party.name), facts)
        if found is None:
            return {"id": party.id, "score": 0.0, "entry_id": None, "list": None, "name": None}
        return {
            "id": party.id,
            "score": round(found.assessment.score, DIGITS),
            "entry_id": found.candidate.entry.entry_id,
            "list": found.listed.name,
            "name": found.candidate.name,
        }

    return answer


def pair_answer(line: bytes) -> dict[str, Any]:
    """Answers `{id, a, b, kind?}` by the score of the two names alone."""
    pair = _PAIR.decode(line)
    score = score_pair(name_of(pair.a), name_of(pair.b), kind_of(pair.kind))
    return {"id": pair.id, "score": round(score, DIGITS)}


def _texts(value: Texts) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    if isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError):
        return f"not JSON: {error}"
    return str(error)


def _key(line: bytes) -> dict[str, Any]:
    """The id of a line that is faulty elsewhere."""
    try:
        id = _KEYED.decode(line).id
    except (msgspec.MsgspecError, ValueError):
        return {}
    return {} if id is None else {"id": id}
