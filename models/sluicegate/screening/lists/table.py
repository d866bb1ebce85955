"""Rows of a CSV file by the names of its columns, whatever their order, case and punctuation."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from sluicegate.screening.lists.base import Fault, ListRefused

_HEADER_WITHIN = 5  # rows: some publishers write a date or a title first
_IGNORED = re.compile(r"[\W_]+")


class Row:
    """A row. line: where it starts, from 1."""

    __slots__ = ("_cells", "_places", "line")

    def __init__(self, line: int, cells: Sequence[str], places: Mapping[str, int]) -> None:
        self.line, self._cells, self._places = line, cells, places

    def get(self, column: str) -> str:
        """The field without white space at its ends; empty for a column that the file does not have."""
        place = self._places.get(column_key(column))
        return self._cells[place].strip() if place is not None else ""


def table(name: str, rows: Iterable[tuple[int, list[str]]], needed: Sequence[str]) -> Iterator[Row | Fault]:
    """The rows below the header, which is the first row with the first needed column.

    name: file name for messages; rows: line numbers and fields, read with or without strict quotes: a stray one shows
    as a row with another number of fields than the header (empty ones at its end aside), which is a fault. A last row
    with too few of them was cut off. Raises ListRefused for that, and for a missing column.

    >>> lines = [(1, ["Report 2026"]), (2, ["Unique ID", "D.O.B"]), (3, ["A1", " 1964"])]
    >>> [(row.line, row.get("unique id"), row.get("DOB")) for row in table("l.csv", lines, ("Unique ID",))]
    [(3, 'A1', '1964')]
    """
    rest = iter(rows)
    columns = _header(name, rest, needed)
    places = {column_key(column): place for place, column in reversed(list(enumerate(columns)))}
    missing = [column for column in needed if column_key(column) not in places]
    if missing:
        raise ListRefused(f"{name}: the header has no column {', '.join(map(repr, missing))}")
    short = 0
    for line, cells in rest:
        if short:
            yield Fault(f"{name}:{short}", "", "fewer fields than the header has")
        short = line if len(cells) < len(columns) else 0
        if any(cells[len(columns) :]):
            yield Fault(f"{name}:{line}", "", "more fields than the header has")
        elif not short:
            yield Row(line, cells, places)
    if short:
        raise ListRefused(f"{name}:{short}: cut off: the last row has fewer fields than the header")


@lru_cache(maxsize=1024)  # the same few columns for each of some 50,000 rows
def column_key(column: str) -> str:
    """Letters and digits of a column's name, in lower case.

    >>> column_key("Business registration number (s)"), column_key("Entity_LogicalId")
    ('businessregistrationnumbers', 'entitylogicalid')
    """
    return _IGNORED.sub("", column).lower()


def _header(name: str, rows: Iterator[tuple[int, list[str]]], needed: Sequence[str]) -> list[str]:
    for (_, cells), _ in zip(rows, range(_HEADER_WITHIN), strict=False):
        if column_key(needed[0]) in map(column_key, cells):
            return cells
    raise ListRefused(f"{name}: no header with a column {needed[0]!r} in the first {_HEADER_WITHIN} rows")
