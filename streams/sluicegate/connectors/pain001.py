"""pain.001, CustomerCreditTransferInitiation: what payroll and payables systems send to their bank.

Versions 001.001.03, .09 and .13 and those between, with any namespace: banks' and countries' own too. Each transaction
becomes a payment; what its ids and its stream are is told in `iso_payment`, `iso_parties` and `iso_accounts`. Event
time is CreDtTm plus the transaction's position in the file in microseconds. The run is `MsgId/PmtInfId`; a group
without PmtInfId goes by its number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sluicegate.connectors.base import Connector, Context, Control, Faulty, Place, Run, Survey, Transaction
from sluicegate.connectors.iso_accounts import country_of
from sluicegate.connectors.iso_message import HEADER, Tally, below, created, holds, message_id
from sluicegate.connectors.iso_payment import TRANSACTION, TYPES, Group, payment
from sluicegate.connectors.iso_reader import Layout, Record, refused, stream
from sluicegate.connectors.iso_values import day
from sluicegate.errors import FileRefusedError

__all__ = ["CONNECTOR"]

MESSAGE = "CstmrCdtTrfInitn"
AMOUNTS = ("Amt/InstdAmt", "Amt/EqvtAmt/Amt")
MOST_GROUPS = 100_000
"""Payment groups of a file: each is a run, and runs are held until the file is read."""
_LONGEST_ID = 128

_GROUP = """
PmtInfId NbOfTxs! CtrlSum! ReqdExctnDt! ReqdExctnDt/Dt! ReqdExctnDt/DtTm!
"""
_DEBTOR = """
PmtMtd PmtTpInf/SvcLvl/Cd PmtTpInf/SvcLvl/Prtry PmtTpInf/LclInstrm/Cd PmtTpInf/LclInstrm/Prtry PmtTpInf/CtgyPurp/Cd
Dbtr/PstlAdr/Ctry DbtrAcct/Id/IBAN DbtrAgt/FinInstnId/BICFI DbtrAgt/FinInstnId/BIC DbtrAgt/FinInstnId/PstlAdr/Ctry
DbtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd
"""
_AMOUNT = "Amt/InstdAmt@Ccy! Amt/EqvtAmt/Amt@Ccy! "
_INNER = "PmtInf+/CdtTrfTxInf+"
_SURVEY = Layout(MESSAGE, HEADER + below("PmtInf+", _GROUP) + below(_INNER, _AMOUNT))
_READ = Layout(MESSAGE, HEADER + below("PmtInf+", _GROUP + _DEBTOR) + below(_INNER, _AMOUNT + TRANSACTION))


def _run_id(message: str, group: Record) -> str:
    return f"{message}/{_batch_id(group)}"[:_LONGEST_ID]


def _batch_id(group: Record) -> str:
    return str(group.get("PmtInfId") or group.index)[:_LONGEST_ID]


def _date(group: Record) -> tuple[str, Place]:
    """The requested execution date as it is written, and where."""
    for key in ("ReqdExctnDt", "ReqdExctnDt/Dt", "ReqdExctnDt/DtTm"):
        if key in group:
            return group[key], Place(group.lines.get(key, group.line), f"{group.path}/{key}")
    return "", Place(group.lines.get("ReqdExctnDt", group.line), f"{group.path}/ReqdExctnDt")


class _Survey:
    """The first pass: counts and sums."""

    def __init__(self) -> None:
        self.header: Record | None = None
        self.message, self.group = Tally(), Tally()
        self.transactions = 0
        self.controls: list[Control] = []
        self.runs: dict[str, Run] = {}
        self.too_many: int | None = None

    def begin_message(self, record: Record) -> None:
        self.header, self.message = None, Tally()

    def end_message(self, record: Record) -> None:
        if self.header is not None:
            self.controls += self.message.controls("file", self.header)

    def end_header(self, record: Record) -> None:
        self.header = record

    def begin_group(self, record: Record) -> None:
        self.group = Tally()

    def end_group(self, record: Record) -> None:
        if len(self.runs) >= MOST_GROUPS:
            self.too_many = record.line
            return
        self.controls += self.group.controls(_batch_id(record), record)
        if self.header is not None and self.group.number:
            id = _run_id(self.header.get("MsgId", ""), record)
            before = self.runs.get(id)
            payments, totals = self.group.number, self.group.totals
            if before is not None:  # an id that stands twice: one run
                payments += before.payments
                totals = {c: totals.get(c, 0) + before.totals.get(c, 0) for c in totals | before.totals}  # type: ignore
            self.runs[id] = Run(id, payments, totals, day(_date(record)[0]))

    def transaction(self, record: Record) -> None:
        self.transactions += 1
        self.message.take(record, AMOUNTS)
        self.group.take(record, AMOUNTS)


def survey(source: BinaryIO, context: Context) -> Survey:
    """Counts and sums of the file. A file that breaks off gives what is before the break: `read` says where it is.

    Raises FileRefusedError where no transaction can be read.
    """
    found = _Survey()
    hooks = {
        MESSAGE: (found.begin_message, found.end_message),
        "GrpHdr": (None, found.end_header),
        "PmtInf": (found.begin_group, found.end_group),
        "CdtTrfTxInf": (None, found.transaction),
    }
    try:
        for _ in stream(source, _SURVEY, hooks):
            pass
    except FileRefusedError:
        if not found.transactions:
            raise
        found.end_message(Record("", 0, 0))
    if found.too_many is not None:
        raise refused(
            found.too_many, f"more than {MOST_GROUPS:,} groups of payments (PmtInf); ask the sender for several files"
        )
    return Survey(found.transactions, tuple(found.controls), tuple(found.runs.values()))


class _Read:
    """The second pass: each transaction as it ends."""

    def __init__(self, context: Context, survey: Survey) -> None:
        self.context = context
        self.differing = {control.scope for control in survey.controls if not control.ok}
        self.out: list[Transaction | Faulty] = []
        self.position = 0
        self.message = ""
        self.created = 0
        self.written = ""
        self.record = Record("", 0, 0)
        self.group: Group | None = None

    def begin_message(self, record: Record) -> None:
        self.message = ""

    def end_header(self, record: Record) -> None:
        self.message = message_id(record)
        self.created = created(record, self.context)
        self.written = record["CreDtTm"]

    def begin_group(self, record: Record) -> None:
        if not self.message:
            raise refused(record.line, f"{record.path} comes before a GrpHdr; ask the sender for a sound file")
        self.record, self.group = record, None

    def transaction(self, record: Record) -> None:
        if self.group is None:
            self.group = self._facts(self.record)
        self.position += 1
        self.out.append(payment(record, self.group, self.position, AMOUNTS, self.context))

    def _facts(self, record: Record) -> Group:
        batch = _batch_id(record)
        date, place = _date(record)
        method, country = record.get("PmtMtd", ""), country_of(record)
        service = record.get("PmtTpInf/SvcLvl/Cd") or record.get("PmtTpInf/SvcLvl/Prtry", "")
        instrument = record.get("PmtTpInf/LclInstrm/Cd") or record.get("PmtTpInf/LclInstrm/Prtry", "")
        category = record.get("PmtTpInf/CtgyPurp/Cd", "")
        return Group(
            message=self.message,
            run_id=_run_id(self.message, record),
            batch_id=batch,
            control="mismatch" if self.differing & {"file", batch} else "ok",
            created=self.created,
            identity=(self.message, self.written, batch, method, service, instrument, category, country, date),
            date=date,
            date_place=place,
            country=country,
            method=method,
            service=service,
            instrument=instrument,
            category=category,
        )


def read(source: BinaryIO, context: Context, survey: Survey) -> Iterator[Transaction | Faulty]:
    """The file's transactions, in its order; raises FileRefusedError where it breaks off, after those before."""
    reading = _Read(context, survey)
    hooks = {
        MESSAGE: (reading.begin_message, None),
        "GrpHdr": (None, reading.end_header),
        "PmtInf": (reading.begin_group, None),
        "CdtTrfTxInf": (None, reading.transaction),
    }
    for _ in stream(source, _READ, hooks):
        yield from reading.out
        reading.out.clear()


def sniff(head: bytes) -> bool:
    """Whether a file's first bytes look like this message."""
    return holds(head, MESSAGE, "pain.001")


CONNECTOR = Connector(
    name="pain001",
    title="Credit transfers of a company to its bank (ISO 20022 pain.001)",
    formats="pain.001.001.03 to .13 and banks' and countries' own kinds of it; in an envelope or without",
    suffixes=(".xml", ".pain001", ".pain"),
    emits=TYPES,
    survey=survey,
    read=read,
    sniff=sniff,
)
