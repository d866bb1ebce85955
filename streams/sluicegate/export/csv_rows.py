"""Alerts as CSV (RFC 4180) that a spreadsheet shows and does not execute."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sluicegate.export.rows import Column

__all__ = ["cell", "write_csv"]

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes spreadsheets take a text for a formula, after OWASP's page on CSV injection."""


def write_csv(rows: Iterable[list[Any]], columns: Sequence[Column], write: Callable[[bytes], None]) -> int:
    """A heading and a line a row, through `write`; the number of rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")

    def put(values: Iterable[str]) -> None:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow(values)
        write(buffer.getvalue().removesuffix("\n").encode("utf-8", "replace"))

    put(column.name for column in columns)
    count = 0
    for values in rows:
        put(cell(value, column) for value, column in zip(values, columns, strict=True))
        count += 1
    return count


def cell(value: Any, column: Column) -> str:
    """The text of a cell. Lists are joined by `; `; sums stand as `2450.00 USD`.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, which it shows as text.

    >>> from sluicegate.export.rows import COLUMNS
    >>> by_name = {column.name: column for column in COLUMNS}
    >>> cell("=HYPERLINK(1)", by_name["title"]), cell(80, by_name["score"]), cell(None, by_name["close_reason"])
    ("'=HYPERLINK(1)", '80', '')
    >>> cell([{"value": "2450.00", "currency": "USD", "count": 1}], by_name["money"])
    '2450.00 USD'
    >>> cell(["pay-spike", "off-cycle"], by_name["rules"]), cell(True, by_name["retroactive"])
    ('pay-spike; off-cycle', 'true')
    """
    if value is None:
        return ""
    if column.kind in ("whole", "number") and isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if column.kind == "money":
        text = "; ".join(f"{one['value']} {one['currency']}" for one in value)
    elif column.kind == "texts":
        text = "; ".join(map(str, value))
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = str(value)
    return f"'{text}" if text.startswith(_ACTIVE) else text
