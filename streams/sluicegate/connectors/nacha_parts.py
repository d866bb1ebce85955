"""What an ACH file is made of: a header, batches of entries with their addenda, controls.

One broken record spoils what depends on it and no more: a broken batch header its entries, a broken entry itself. Only
a file without header or without file control is refused as a whole.

Layouts: Nacha Operating Rules, Appendix Three (ACH record format specifications). Positions count from 1, as there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import BinaryIO, NamedTuple

from sluicegate.connectors.nacha_lines import LENGTH, Record, records
from sluicegate.errors import FileRefusedError
from sluicegate.wire.decode import ReasonCode
from sluicegate.wire.scalars import EPOCH

__all__ = ["MOST_ADDENDA", "Batch", "BatchEnd", "Entry", "FileEnd", "Header", "RecordError", "day", "digits", "parts"]

_PADDING = "9" * LENGTH
MOST_ADDENDA = 9_999
"""Of an entry; one more is held, so that it shows, and no further ones."""
_CLASSES = frozenset((
    "ACK", "ADV", "ARC", "ATX", "BOC", "CCD", "CIE", "COR", "CTX", "DNE", "ENR", "IAT", "MTE", "POP", "POS", "PPD",
    "RCK", "SHR", "TEL", "TRC", "TRX", "WEB", "XCK",
))  # fmt: skip
_SAME_DAY = re.compile("SD[0-9]{4}")
_MICROSECOND = timedelta(microseconds=1)


class RecordError(Exception):
    """A record cannot be used: its line, where in it, and why. The words never repeat what stands there."""

    def __init__(self, line: int, where: str, why: str, reason: ReasonCode = "schema_violation") -> None:
        super().__init__(why)
        self.line, self.where, self.why, self.reason = line, where, why, reason


@dataclass(frozen=True, slots=True)
class Header:
    """`created` in µs since 1970 UTC; `key`: destination, origin, date, time and modifier, which name the file."""

    created: int
    key: str


@dataclass(slots=True)
class Batch:
    """A batch as its header has it. `fault`: the header cannot be used, nor can its entries."""

    line: int
    text: str
    sec: str
    """Standard entry class code; in notices of change COR."""
    iat: bool
    """Entries have the layout of international ones."""
    company_id: str
    effective: str | None
    """Effective entry date, YYYY-MM-DD."""
    descriptor: str
    same_day: bool
    number: str
    fault: RecordError | None = None

    @property
    def id(self) -> str:
        """Company, effective date and batch number."""
        if self.fault is not None:
            return f"batch at line {self.line}"
        return f"{self.company_id}/{self.effective or '-'}/{self.number}"


@dataclass(slots=True)
class Entry:
    """An entry detail record, with its addenda; or a record of no known type where an entry could stand."""

    line: int
    text: str
    batch: Batch | None
    addenda: list[Record] = field(default_factory=list)

    def addendum(self, *types: str) -> Record | None:
        """The last addenda record of these types."""
        return next((one for one in reversed(self.addenda) if one.text[1:3] in types), None)


class BatchEnd(NamedTuple):
    """`record` None: the batch has no control record. `batch` None: the control has no batch."""

    batch: Batch | None
    record: Record | None


class FileEnd(NamedTuple):
    """`records`: how many there are, this one included, padding not."""

    record: Record
    records: int


def parts(source: BinaryIO, zone: tzinfo) -> Iterator[Header | Batch | Entry | BatchEnd | FileEnd]:
    """The parts in file order, an entry once its addenda are read. Constant memory. Raises FileRefusedError.

    `zone`: of the file creation time, which names none.
    """
    header: Header | None = None
    batch: Batch | None = None
    entry: Entry | None = None
    ended, count, line = False, 0, 0
    for record in records(source):
        line, text = record
        if header is None:
            header = _header(record, zone)
            count += 1
            yield header
            continue
        if text == _PADDING:
            continue
        if ended:
            raise FileRefusedError(
                f"line {line}: a record after the file control record; a file holds one file header and one file "
                "control: split what was joined, and import each by itself"
            )
        count += 1
        kind = text[0]
        if kind == "7" and entry is not None:
            if len(entry.addenda) <= MOST_ADDENDA:
                entry.addenda.append(record)
            continue
        if entry is not None:
            yield entry
            entry = None
        if kind == "5":
            if batch is not None:
                yield BatchEnd(batch, None)
            batch = _batch(record)
            yield batch
        elif kind == "8":
            yield BatchEnd(batch, record)
            batch = None
        elif kind == "9":
            if batch is not None:
                yield BatchEnd(batch, None)
            ended = True
            yield FileEnd(record, count)
        else:
            entry = Entry(line, text, batch)
    if header is None:
        raise FileRefusedError("line 1: the file is empty; an ACH file begins with a file header record (101)")
    if not ended:
        raise FileRefusedError(
            f"line {line}: the file ends without a file control record (9): it is cut off; ask for it again"
        )


def digits(text: str) -> bool:
    """Whether all of it are digits 0 to 9, and there are some."""
    return text.isascii() and text.isdigit()


def day(text: str) -> str | None:
    """YYYY-MM-DD of the six digits YYMMDD of this century; None where they are no day.

    >>> day("260320"), day("260230"), day("26032 ")
    ('2026-03-20', None, None)
    """
    if len(text) != 6 or not digits(text):
        return None
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:])).isoformat()
    except ValueError:
        return None


def _header(record: Record, zone: tzinfo) -> Header:
    line, text = record
    if text[:3] != "101" or text[34:37] != "094" or len(text) != LENGTH:
        raise FileRefusedError(
            f"line {line}: no file header record, which begins with 101 and says at positions 35-37 that records have "
            "094 characters: this is no ACH file, or its beginning is missing"
        )
    created, at = day(text[23:29]), text[29:33].strip() or "0000"
    if created is None:
        raise FileRefusedError(f"line {line}: file header, positions 24-29 (file creation date): no date YYMMDD")
    if len(at) != 4 or not digits(at) or at[:2] > "23" or at[2:] > "59":
        raise FileRefusedError(f"line {line}: file header, positions 30-33 (file creation time): no time HHMM")
    local = datetime.fromisoformat(f"{created}T{at[:2]}:{at[2:]}").replace(tzinfo=zone)
    return Header((local - EPOCH) // _MICROSECOND, text[3:34].upper())


def _batch(record: Record) -> Batch:
    line, text = record
    sec, effective, company = text[50:53].upper(), text[69:75], text[40:50].strip()
    pay_date = day(effective)
    batch = Batch(
        line=line,
        text=text,
        sec=sec,
        iat=sec == "IAT" or text[4:20].strip().upper() == "IATCOR",
        company_id=company,
        effective=pay_date,
        descriptor=" ".join(text[53:63].split()),
        same_day=_SAME_DAY.fullmatch(text[63:69].upper()) is not None,
        number=text[87:94],
    )
    for wrong, where, why in (
        (len(text) != LENGTH, "", f"{len(text)} characters; a record has {LENGTH}"),
        (not company, ", positions 41-50 (company identification)", "empty"),
        (sec not in _CLASSES, ", positions 51-53 (standard entry class code)", "not a code of the Nacha rules"),
        (
            pay_date is None and effective.strip(" 0") != "",
            ", positions 70-75 (effective entry date)",
            "no date YYMMDD",
        ),
        (not digits(batch.number), ", positions 88-94 (batch number)", "not 7 digits"),
    ):
        if wrong:
            batch.fault = RecordError(line, f"batch header{where}", why)
            break
    return batch
