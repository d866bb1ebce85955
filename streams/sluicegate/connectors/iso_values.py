"""Amounts, dates and times of an ISO 20022 message (XML Schema: decimal, date, dateTime) as the contract has them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import Context, Decimal
from functools import lru_cache

from sluicegate.connectors.base import Place
from sluicegate.wire.decode import ReasonCode
from sluicegate.wire.scalars import EPOCH

__all__ = ["EXACT", "UnusableError", "amount", "count", "day", "instant", "number", "spaced"]

EXACT = Context(prec=60)
"""Sums of a file's amounts, without rounding."""

_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?")
_LOOSE = re.compile(r"\+?([0-9]{0,18})(?:\.([0-9]{0,18}))?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_COUNT = re.compile(r"[0-9]{1,15}")
_MICROSECOND = timedelta(microseconds=1)


class UnusableError(Exception):
    """A transaction cannot be used; caught where it is made a `Faulty`, and never a value of the file in its text."""

    def __init__(self, key: str, why: str, reason: ReasonCode = "schema_violation", place: Place | None = None) -> None:
        super().__init__(why)
        self.key = key
        """Path of the element, below the transaction."""
        self.reason: ReasonCode = reason
        self.place = place
        """Of what is not in the transaction itself."""


def amount(text: str) -> str | None:
    """The amount with its digits as they are, None where it is negative or no decimal of at most 18 + 18 digits.

    >>> amount("1250.00"), amount("+.50"), amount("7."), amount("-1"), amount("1e3"), amount("1,50"), amount(".")
    ('1250.00', '0.50', '7', None, None, None, None)
    """
    if _AMOUNT.fullmatch(text):
        return text
    match = _LOOSE.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return None
    return (match[1] or "0") + (f".{match[2]}" if match[2] else "")


def number(text: str) -> Decimal:
    """A control sum, or NaN, which agrees with nothing, where it is none.

    >>> number("10.50"), number("-3"), number("ten")
    (Decimal('10.50'), Decimal('-3'), Decimal('NaN'))
    """
    found = amount(text.removeprefix("-"))
    return Decimal("NaN") if found is None else Decimal(f"-{found}" if text.startswith("-") else found)


def count(text: str) -> Decimal:
    """A number of transactions, or NaN where it is none.

    >>> count("0012"), count("1.0")
    (Decimal('12'), Decimal('NaN'))
    """
    return Decimal(text) if _COUNT.fullmatch(text) else Decimal("NaN")


@lru_cache(1024)
def day(text: str) -> str | None:
    """The calendar day of a date or of a date and time, as it is written there; its offset does not count.

    >>> day("2026-06-30"), day("2026-06-30+02:00"), day("2026-06-30T23:30:00-05:00"), day("2026-06-31")
    ('2026-06-30', '2026-06-30', '2026-06-30', None)
    """
    match = _DAY.fullmatch(text) or _INSTANT.fullmatch(text)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1][:10]).isoformat()
    except ValueError:
        return None


def instant(text: str, zone: tzinfo) -> int | None:
    """Microseconds since 1970 UTC; a time without offset is one of the zone. None for what is no time.

    >>> from zoneinfo import ZoneInfo
    >>> berlin = ZoneInfo("Europe/Berlin")
    >>> instant("2026-06-11T09:00:00", berlin) == instant("2026-06-11T07:00:00.000Z", berlin) == 1781161200_000000
    True
    >>> instant("2026-06-11", berlin), instant("2026-06-11T25:00:00", berlin)
    (None, None)
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        return None
    try:
        when = datetime.fromisoformat(match[1] + (match[2] or "")[:7] + (match[3] or ""))
        return ((when if match[3] else when.replace(tzinfo=zone)) - EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        return None


def spaced(text: str, longest: int) -> str:
    """The text with single spaces, cut to a length.

    >>> spaced("  Anna   Maria\\n Schmidt ", 12)
    'Anna Maria S'
    """
    return " ".join(text.split())[:longest]
