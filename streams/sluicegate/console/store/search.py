"""Alerts by words: ids, words of names, rules; each word is the beginning of a term.

Words that few alerts have name those alerts. Where all words are frequent, the queue is walked instead, and each alert
of it is asked for its terms: what is frequent comes soon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Select, String, exists, select

from sluicegate.console.tables import alert, alert_term

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["EVERYTHING", "Found", "found", "has", "hidden"]

T = TypeVar("T")
_FEW = 3000
_LAST = "\U0010ffff"
_TERM = 128


class Found(msgspec.Struct, frozen=True):
    """What a search has found: the alerts that rare words name (None: there are none such), and the other words."""

    words: tuple[str, ...]
    ids: tuple[str, ...] | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        named = [alert.c.alert_id.in_(self.ids)] if self.ids else []
        return [*named, *(has(word) for word in self.words)]


EVERYTHING = Found(())


def found(connection: Connection, words: tuple[str, ...]) -> Found:
    """Look the words up."""
    common: list[str] = []
    ids: set[str] | None = None
    for word in words:
        named = connection.scalars(_named(word).limit(_FEW + 1)).all()
        if len(named) > _FEW:
            common.append(word)
        else:
            ids = set(named) if ids is None else ids & set(named)
    if ids is None:
        return Found(tuple(common))
    return Found(tuple(common), tuple(sorted(ids)) or ("",))


def has(word: str) -> ColumnElement[bool]:
    """Whether an alert has a term that begins so."""
    return exists(_named(word).where(alert_term.c.alert_id == alert.c.alert_id).correlate(alert))


def _named(word: str) -> Select[Any]:
    term = word.casefold()[:_TERM]
    return select(alert_term.c.alert_id).where(alert_term.c.term >= term, alert_term.c.term < term + _LAST)


def hidden(column: ColumnElement[T]) -> ColumnElement[T]:
    """The same values, behind an expression for which no planner takes an index."""
    return column.concat("") if isinstance(column.type, String) else column + 0
