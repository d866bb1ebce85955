"""pacs.008, FIToFICustomerCreditTransfer: credit transfers from bank to bank, as gateways and sponsor banks pass them.

Versions 001.001.02, .08, .10 and those between and after, with any namespace. The amount of a payment is what is
settled (IntrBkSttlmAmt), which the file's totals add up; the instructed amount before charges and exchange (InstdAmt)
is not read. The message is the run and the batch (`MsgId`); the date is the transaction's IntrBkSttlmDt, else the
message's. Ids and streams as `iso_payment` tells; event time is CreDtTm plus the transaction's position in
microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from sluicegate.connectors.base import Connector, Context, Control, Faulty, Place, Run, Survey, Transaction
from sluicegate.connectors.iso_accounts import country_of
from sluicegate.connectors.iso_message import HEADER, Tally, below, created, holds, message_id
from sluicegate.connectors.iso_payment import TRANSACTION, TYPES, Group, payment
from sluicegate.connectors.iso_reader import Layout, Record, refused, stream
from sluicegate.connectors.iso_values import day, number
from sluicegate.errors import FileRefusedError

__all__ = ["CONNECTOR"]

MESSAGE = "FIToFICstmrCdtTrf"
AMOUNTS = ("IntrBkSttlmAmt",)
DATE, TOTAL = "IntrBkSttlmDt", "TtlIntrBkSttlmAmt"
_LONGEST_ID = 128

_HEADER = HEADER + below(
    "GrpHdr^",
    """
    TtlIntrBkSttlmAmt@Ccy! IntrBkSttlmDt! SttlmInf/ClrSys/Cd PmtTpInf/SvcLvl/Cd PmtTpInf/SvcLvl/Prtry
    PmtTpInf/LclInstrm/Cd PmtTpInf/LclInstrm/Prtry PmtTpInf/CtgyPurp/Cd
    """,
)
_SETTLED = "IntrBkSttlmAmt@Ccy! IntrBkSttlmDt! "
_DEBTOR = """
Dbtr/PstlAdr/Ctry DbtrAcct/Id/IBAN DbtrAgt/FinInstnId/BICFI DbtrAgt/FinInstnId/BIC DbtrAgt/FinInstnId/PstlAdr/Ctry
DbtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd
"""
_SURVEY = Layout(MESSAGE, _HEADER + below("CdtTrfTxInf+", _SETTLED))
_READ = Layout(MESSAGE, _HEADER + below("CdtTrfTxInf+", _SETTLED + _DEBTOR + TRANSACTION))


def _place(header: Record, key: str) -> Place:
    return Place(header.lines.get(key, header.line), f"{header.path}/{key}")


class _Survey:
    """The first pass: counts and sums."""

    def __init__(self) -> None:
        self.header: Record | None = None
        self.tally = Tally()
        self.transactions = 0
        self.controls: list[Control] = []
        self.runs: dict[str, Run] = {}

    def begin_message(self, record: Record) -> None:
        self.header, self.tally = None, Tally()

    def end_header(self, record: Record) -> None:
        self.header = record

    def transaction(self, record: Record) -> None:
        self.transactions += 1
        self.tally.take(record, AMOUNTS)

    def end_message(self, record: Record) -> None:
        if self.header is None:
            return
        self.controls += self.tally.controls("file", self.header)
        if TOTAL in self.header:
            found = self.tally.totals.get(self.header.get(f"{TOTAL}@Ccy", ""), Decimal(0))
            place = _place(self.header, TOTAL)
            self.controls.append(Control("file", "settlement total", place, number(self.header[TOTAL]), found))
        id = self.header.get("MsgId", "")[:_LONGEST_ID]
        if id and self.tally.number:
            self.runs[id] = Run(id, self.tally.number, self.tally.totals, day(self.header.get(DATE, "")))


def survey(source: BinaryIO, context: Context) -> Survey:
    """Counts and sums of the file. A file that breaks off gives what is before the break: `read` says where it is.

    Raises FileRefusedError where no transaction can be read.
    """
    found = _Survey()
    hooks = {
        MESSAGE: (found.begin_message, found.end_message),
        "GrpHdr": (None, found.end_header),
        "CdtTrfTxInf": (None, found.transaction),
    }
    try:
        for _ in stream(source, _SURVEY, hooks):
            pass
    except FileRefusedError:
        if not found.transactions:
            raise
        found.end_message(Record("", 0, 0))
    return Survey(found.transactions, tuple(found.controls), tuple(found.runs.values()))


class _Read:
    """The second pass: each transaction as it ends."""

    def __init__(self, context: Context, survey: Survey) -> None:
        self.context = context
        self.control = "mismatch" if survey.mismatched("file") else "ok"
        self.out: list[Transaction | Faulty] = []
        self.position = 0
        self.header: Record | None = None
        self.groups: dict[str, Group] = {}
        """By country of the debtor's bank, which differs from transaction to transaction."""

    def begin_message(self, record: Record) -> None:
        self.header = None

    def end_header(self, record: Record) -> None:
        message_id(record)
        created(record, self.context)
        self.header, self.groups = record, {}

    def transaction(self, record: Record) -> None:
        if self.header is None:
            raise refused(record.line, f"{record.path} comes before a GrpHdr; ask the sender for a sound file")
        country = country_of(record)
        group = self.groups.get(country)
        if group is None:
            group = self.groups[country] = self._facts(self.header, country)
        self.position += 1
        self.out.append(payment(record, group, self.position, AMOUNTS, self.context, DATE))

    def _facts(self, header: Record, country: str) -> Group:
        message = message_id(header)[:_LONGEST_ID]
        clearing, date = header.get("SttlmInf/ClrSys/Cd", ""), header.get(DATE, "")
        service = header.get("PmtTpInf/SvcLvl/Cd") or header.get("PmtTpInf/SvcLvl/Prtry", "")
        instrument = header.get("PmtTpInf/LclInstrm/Cd") or header.get("PmtTpInf/LclInstrm/Prtry", "")
        category = header.get("PmtTpInf/CtgyPurp/Cd", "")
        return Group(
            message=message_id(header),
            run_id=message,
            batch_id=message,
            control=self.control,
            created=created(header, self.context),
            identity=(message_id(header), header["CreDtTm"], clearing, service, instrument, category, country, date),
            date=date,
            date_place=_place(header, DATE),
            country=country,
            clearing=clearing,
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
        "CdtTrfTxInf": (None, reading.transaction),
    }
    for _ in stream(source, _READ, hooks):
        yield from reading.out
        reading.out.clear()


def sniff(head: bytes) -> bool:
    """Whether a file's first bytes look like this message."""
    return holds(head, MESSAGE, "pacs.008")


CONNECTOR = Connector(
    name="pacs008",
    title="Credit transfers from bank to bank (ISO 20022 pacs.008)",
    formats="pacs.008.001.02 to .13 and schemes' own kinds of it; in an envelope or without, one message or several",
    suffixes=(".xml", ".pacs008", ".pacs"),
    emits=TYPES,
    survey=survey,
    read=read,
    sniff=sniff,
)
