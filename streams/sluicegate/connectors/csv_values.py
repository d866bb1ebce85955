"""Cells of csv files as values of the wire: amounts, dates, times, numbers, yes and no, as a mapping says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any, Literal, Protocol

from sluicegate.wire.scalars import parse_time

__all__ = ["Kind", "Notation", "decimal", "value"]

Kind = Literal["text", "decimal", "date", "time", "whole", "bool"]
_TRUE = frozenset({"1", "true", "yes", "y", "x", "ja", "oui", "si"})
_FALSE = frozenset({"0", "false", "no", "n", "nein", "non"})
_SPACES = ("\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", " ", "'")
"""Signs that stand between thousands in every country that uses them, and nowhere else."""


class Notation(Protocol):
    """How a file writes numbers and dates."""

    @property
    def decimal(self) -> str: ...
    @property
    def thousands(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def time(self) -> str: ...


def value(kind: Kind, text: str, notation: Notation, zone: tzinfo) -> Any:
    """The value of a cell that is not empty; times in µs since 1970 UTC. Raises ValueError where it is none."""
    if kind == "decimal":
        return decimal(text, notation)
    if kind == "date":
        return datetime.strptime(text, notation.date).replace(tzinfo=zone).date().isoformat()
    if kind == "time":
        return _time(text, notation, zone)
    if kind == "whole":
        return int(text)
    return _bool(text) if kind == "bool" else text


def decimal(text: str, notation: Notation) -> str:
    """The amount in plain digits, as many as there are. Raises ValueError.

    Signs between thousands stand between groups of three: what is written otherwise may mean another amount.
    """
    whole, _, part = text.partition(notation.decimal)
    for sign in (notation.thousands, *_SPACES):
        if sign and sign in whole:
            if not re.fullmatch(rf"\d{{1,3}}(?:{re.escape(sign)}\d{{3}})+", whole, re.ASCII):
                raise ValueError(text)
            whole = whole.replace(sign, "")
    plain = f"{whole}.{part}" if notation.decimal in text else whole
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18})?", plain):
        raise ValueError(text)
    return plain


def _time(text: str, notation: Notation, zone: tzinfo) -> int:
    if (known := parse_time(text)) is not None:
        return known
    if not notation.time and "T" in text:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    else:
        moment = datetime.strptime(text, notation.time or notation.date).replace(tzinfo=zone)
    try:
        return int(moment.astimezone(UTC).timestamp() * 1_000_000)
    except OverflowError:  # at the ends of the calendar
        raise ValueError(text) from None


def _bool(text: str) -> bool:
    plain = text.lower()
    if plain not in _TRUE | _FALSE:
        raise ValueError(text)
    return plain in _TRUE
