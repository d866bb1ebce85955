"""Texts from outside, made to fit their columns: what is too long is cut, and PostgreSQL knows no NUL in a text."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import String, Table

__all__ = ["fitted"]


def fitted(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """
    >>> from sluicegate.console.tables import signal_day
    >>> fitted(signal_day, {"day": "2026-06-11T00:00", "kind": "be\\0low", "count": 3})
    {'day': '2026-06-11', 'kind': 'be�low', 'count': 3}
    """
    bounds = _bounds(table)
    return {
        name: value[: bounds.get(name)].replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in row.items()
    }


@cache
def _bounds(table: Table) -> dict[str, int]:
    return {
        column.name: column.type.length
        for column in table.columns
        if isinstance(column.type, String) and column.type.length is not None
    }
