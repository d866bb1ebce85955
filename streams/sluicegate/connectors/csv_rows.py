"""Rows of a csv file with their lines, under its header; what would swallow rows is refused with the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from sluicegate.connectors.mapping import FIELDS, Mapping
from sluicegate.errors import FileRefusedError

__all__ = ["Row", "Sheet", "opened"]

_LONGEST = 1 << 17
"""Characters of a line and of a cell."""
_MOST_LINES = 50
"""Lines of one row. A quote opened by mistake ends at the next one, and takes the rows between into its cell."""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells, and the line in which they begin."""

    line: int
    cells: list[str]


@contextmanager
def opened(file: BinaryIO, mapping: Mapping) -> Iterator[Sheet]:
    """The file as a sheet; it is not closed with it. Raises FileRefusedError where a mapped column is missing."""
    text = io.TextIOWrapper(file, mapping.encoding, errors="surrogateescape", newline="")
    before = csv.field_size_limit(_LONGEST)
    try:
        yield Sheet(_rows(text, mapping), mapping)
    finally:
        csv.field_size_limit(before)
        text.detach()


def _lines(text: io.TextIOWrapper, mapping: Mapping) -> Iterator[str]:
    """Raises FileRefusedError where a line has no end, or the encoding is another one."""
    number = 0
    while True:
        number += 1
        try:
            line = text.readline(_LONGEST)
        except UnicodeError:
            raise FileRefusedError(
                f"line {number}: not {mapping.encoding}; say in the mapping which `encoding` the file has"
            ) from None
        if not line:
            return
        if len(line) == _LONGEST:
            raise FileRefusedError(f"line {number}: longer than {_LONGEST:,} characters, which is no csv of payments")
        yield line


def _rows(text: io.TextIOWrapper, mapping: Mapping) -> Iterator[Row]:
    """Bytes that are no text become half surrogate pairs."""
    lines = _lines(text, mapping)
    for _ in range(mapping.skip):
        next(lines, None)
    reader = csv.reader(lines, delimiter=mapping.delimiter, quotechar=mapping.quote)
    width = 0
    while True:
        begins = mapping.skip + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefusedError(f"line {begins}: {error}; a quote that begins here is never closed?") from None
        lines_of = mapping.skip + reader.line_num - begins + 1
        width = width or len(cells)
        if lines_of > _MOST_LINES or (lines_of > 1 and len(cells) != width):
            raise FileRefusedError(
                f"line {begins}: a row of {lines_of} lines with {len(cells)} columns, not {width}: a quote that is not "
                "closed would hide the rows after it"
            )
        if cells:
            yield Row(begins, cells)


class Sheet:
    """The rows of a file, and how cells are found in them."""

    def __init__(self, rows: Iterator[Row], mapping: Mapping) -> None:
        """Raises FileRefusedError where a mapped column is missing."""
        self.mapping = mapping
        self.rows = rows
        self.width = 0
        """Columns of the header; 0 without one."""
        self.last = 1
        """Line of the last row that was looked at."""
        if mapping.header:
            self._places = self._head(rows)
        else:
            self._places = {name: int(name) - 1 for name in self._wanted()}
        self.fields = [(FIELDS[field], column, self._places[column]) for field, column in mapping.columns.items()]
        """(field, column, its place in a row)."""

    def _head(self, rows: Iterator[Row]) -> dict[str, int]:
        head = next(rows, None)
        if head is None:
            raise FileRefusedError("line 1: no header; the file is empty, or no csv")
        names = [name.strip() for name in head.cells]
        self.width = len(names)
        places = {name: place for place, name in enumerate(names)}
        repeated = sorted({name for name in self._wanted() if names.count(name) > 1})
        missing = [name for name in self._wanted() if name not in places]
        if missing or repeated:
            what = f"no column {', '.join(missing)}" if missing else f"several columns {', '.join(repeated)}"
            raise FileRefusedError(
                f"line {head.line}: {what}, which the mapping names; check its `delimiter`, `skip` and `columns`"
            )
        return places

    def _wanted(self) -> list[str]:
        footer = self.mapping.footer
        totals = [footer.column, footer.sum, footer.count] if footer is not None else []
        return list(dict.fromkeys([*self.mapping.columns.values(), *(name for name in totals if name)]))

    def cell(self, row: Row, column: str) -> str:
        place = self._places[column]
        return row.cells[place].strip() if place < len(row.cells) else ""

    def is_footer(self, row: Row) -> bool:
        """Whether it is a row of totals; called for each row in turn."""
        footer, self.last = self.mapping.footer, row.line
        return footer is not None and self.cell(row, footer.column) == footer.value
