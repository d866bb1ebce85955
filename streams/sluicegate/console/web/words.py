"""Values as people read them: instants, ages, money, names of things."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sluicegate.wire.scalars import format_time, parse_time

__all__ = ["FILTERS", "ago", "instant", "money", "plain_words", "short"]

_SECOND = 1_000_000
_STEPS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def instant(value: int | str) -> str:
    """A date and time in UTC, to the second.

    >>> instant(1781161200250000), instant("2026-06-11T07:00:00Z"), instant("?")
    ('2026-06-11 07:00:00', '2026-06-11 07:00:00', '?')
    """
    us = parse_time(value) if isinstance(value, str) else value
    return format_time(us)[:19].replace("T", " ") if us is not None else str(value)


def ago(value: int, now: int) -> str:
    """How long ago, in one unit.

    >>> ago(0, 90_000_000), ago(0, 3 * 86_400_000_000), ago(5, 0)
    ('1 min', '3 d', '0 s')
    """
    seconds = max(0, (now - value) // _SECOND)
    size, unit = next((step for step in _STEPS if seconds >= step[0]), _STEPS[-1])
    return f"{seconds // size} {unit}"


def money(value: str) -> str:
    """An amount with its thousands parted, no digit changed.

    >>> money("1234567.50"), money("0.000012"), money("12 apples")
    ('1,234,567.50', '0.000012', '12 apples')
    """
    try:
        return f"{Decimal(value):,f}"
    except InvalidOperation:
        return value


def short(value: str, most: int = 22) -> str:
    """A long id by its ends, which people compare.

    >>> short("W00121"), short("1HmqvgSXUVES1jn4TQPzk9dxo1NE8wim2T")
    ('W00121', '1HmqvgSXU…xo1NE8wim2T')
    """
    return value if len(value) <= most else f"{value[: (most - 3) // 2]}…{value[-(most // 2) :]}"


def plain_words(value: str) -> str:
    """A name of the wire as words.

    >>> plain_words("verify_callback"), plain_words("changed-account")
    ('verify callback', 'changed account')
    """
    return value.replace("_", " ").replace("-", " ")


FILTERS: dict[str, Callable[..., Any]] = {
    "instant": instant,
    "ago": ago,
    "money": money,
    "words": plain_words,
    "short": short,
}
"""By name, for templates."""
