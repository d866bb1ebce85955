"""The first pass over an ACH file: what its entries are, and whether counts, hash and totals are what it announces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

from sluicegate.connectors.base import Context, Control, Place, Run, Survey
from sluicegate.connectors.nacha_lines import LENGTH
from sluicegate.connectors.nacha_parts import Batch, BatchEnd, Entry, FileEnd, digits, parts
from sluicegate.connectors.nacha_returns import NOTICE, RETURN

__all__ = ["ANSWERS", "EVENTS", "FAULTY", "PAYMENT", "STATUS", "sort", "survey"]

_BLOCK = 10
_HASH = 10**10
_CENTS = Decimal("0.01")
_LIVE = frozenset(("22", "32", "42", "52"))
ANSWERS = frozenset(("21", "31", "41", "51"))
"""Transaction codes of returns and notices of change that are about credits."""
_SKIPPED = (
    {f"{account}{kind}": "prenotifications" for account in "2345" for kind in "38"}
    | {f"{account}{kind}": "zero-dollar entries" for account in "234" for kind in "49"}
    | dict.fromkeys(("27", "37", "47", "55"), "debits")
    | {f"{account}6": "returned debits" for account in "2345"}
)
PAYMENT, STATUS, FAULTY = "payment", "status", "faulty"
EVENTS = frozenset((PAYMENT, STATUS, FAULTY))
"""Kinds that give an event or a dead letter."""


def sort(entry: Entry) -> str:
    """`payment`, `status` or `faulty`; or what it is that gives no event, in words.

    >>> sort(Entry(3, "627".ljust(94), None)), sort(Entry(3, "622".ljust(94), None))
    ('debits', 'faulty')
    """
    text, batch = entry.text, entry.batch
    code = text[1:3]
    if text[0] != "6" or len(text) != LENGTH:
        return FAULTY
    if batch is not None and batch.sec == "ADV":
        return "accounting advices"
    if code in _SKIPPED:
        return _SKIPPED[code]
    if batch is None or batch.fault is not None:
        return FAULTY
    if entry.addenda and entry.addendum(RETURN, NOTICE) is not None:
        return STATUS
    return PAYMENT if code in _LIVE else FAULTY


@dataclass(slots=True)
class _Sums:
    """Counts and sums of a batch or of the file; money in cents."""

    records: int = 0
    hash: int = 0
    debit: int = 0
    credit: int = 0

    def add(self, entry: Entry) -> int:
        """Adds an entry; its amount in cents, 0 where there is none."""
        text = entry.text
        self.records += len(entry.addenda) + 1
        self.hash += int(text[3:11]) if digits(text[3:11]) else 0
        cents = int(text[29:39]) if digits(text[29:39]) else 0
        if text[2:3] > "4":
            self.debit += cents
        else:
            self.credit += cents
        return cents

    def take(self, other: _Sums) -> None:
        self.records += other.records
        self.hash += other.hash
        self.debit += other.debit
        self.credit += other.credit


@dataclass(slots=True)
class _Paid:
    payments: int = 0
    cents: int = 0
    pay_date: str | None = None


@dataclass(slots=True)
class _Survey:
    """The first pass. Of batches only controls that differ are kept, so that memory does not grow with their number."""

    whole: _Sums = field(default_factory=_Sums)
    inner: _Sums = field(default_factory=_Sums)
    batches: int = 0
    summed: bool = True
    """Whether totals have their usual place and width, which they do not have in accounting advices."""
    transactions: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    runs: dict[str, _Paid] = field(default_factory=dict)
    controls: list[Control] = field(default_factory=list)

    def entry(self, entry: Entry) -> None:
        cents = self.inner.add(entry)
        kind = sort(entry)
        if kind not in EVENTS:
            self.skipped[kind] += 1
            return
        self.transactions += 1
        batch = entry.batch
        pays = kind == PAYMENT or (kind == FAULTY and entry.text[0] != "7" and entry.text[1:3] not in ANSWERS)
        if pays and batch is not None and batch.fault is None:  # a faulty one too: its run is not to look complete
            paid = self.runs.setdefault(batch.id, _Paid(pay_date=batch.effective))
            paid.payments += 1
            paid.cents += cents

    def batch_end(self, end: BatchEnd) -> None:
        sums, self.inner = self.inner, _Sums()
        self.whole.take(sums)
        if end.batch is None:
            return
        self.summed = self.summed and end.batch.sec != "ADV"
        if end.record is None:
            place = Place(end.batch.line, "batch header")
            missing = Control(end.batch.id, "batch control record", place, Decimal(1), Decimal(0))
            self.controls.append(missing)
            return
        line, text = end.record
        found = (
            (text[4:10], "positions 5-10", "entries and addenda", sums.records, Decimal(1)),
            (text[10:20], "positions 11-20", "entry hash", sums.hash % _HASH, Decimal(1)),
            (text[20:32], "positions 21-32", "debit total", sums.debit, _CENTS),
            (text[32:44], "positions 33-44", "credit total", sums.credit, _CENTS),
        )
        for control in self._compare(end.batch.id, f"batch control of {end.batch.id}", line, found):
            if not control.ok:
                self.controls.append(control)

    def file_end(self, end: FileEnd) -> None:
        self.whole.take(self.inner)
        line, text = end.record
        sums = self.whole
        found = (
            (text[1:7], "positions 2-7", "batches", self.batches, Decimal(1)),
            (text[7:13], "positions 8-13", "blocks", -(-end.records // _BLOCK), Decimal(1)),
            (text[13:21], "positions 14-21", "entries and addenda", sums.records, Decimal(1)),
            (text[21:31], "positions 22-31", "entry hash", sums.hash % _HASH, Decimal(1)),
            (text[31:43], "positions 32-43", "debit total", sums.debit, _CENTS),
            (text[43:55], "positions 44-55", "credit total", sums.credit, _CENTS),
        )
        self.controls = [*self._compare("file", "file control", line, found), *self.controls]

    def _compare(
        self, scope: str, record: str, line: int, found: tuple[tuple[str, str, str, int, Decimal], ...]
    ) -> Iterator[Control]:
        for announced, positions, what, count, unit in found:
            if unit == 1 or self.summed:
                says = int(announced) * unit if digits(announced) else Decimal("NaN")
                yield Control(scope, what, Place(line, f"{record}, {positions} ({what})"), says, count * unit)


def survey(source: BinaryIO, context: Context) -> Survey:
    """Counts and sums, against those of the batch and file controls; raises FileRefusedError."""
    seen = _Survey()
    for part in parts(source, context.zone):
        if isinstance(part, Entry):
            seen.entry(part)
        elif isinstance(part, Batch):
            seen.batches += 1
        elif isinstance(part, BatchEnd):
            seen.batch_end(part)
        elif isinstance(part, FileEnd):
            seen.file_end(part)
    return Survey(
        transactions=seen.transactions,
        controls=tuple(seen.controls),
        runs=tuple(
            Run(run_id, paid.payments, {"USD": paid.cents * _CENTS}, paid.pay_date)
            for run_id, paid in seen.runs.items()
        ),
        skipped=dict(seen.skipped),
    )
