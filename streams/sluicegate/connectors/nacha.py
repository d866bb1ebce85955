"""Nacha's ACH files: payments out of credits, statuses out of returns and notices of change.

What becomes of an entry, by its transaction code and addenda:

- a live credit (22, 32, 42, 52) is a payment: of payroll when its class is PPD, its company entry description begins
  with PAYROLL or it is an international one of type SAL; else of a vendor. `--stream` decides otherwise.
- an entry with addenda 99 or 98 is a status of the payment that it names, when that was a credit.
- what pays nobody gives no event and is counted in the survey: debits (an offsetting entry, collections) and their
  returns, prenotifications and entries of zero dollars, accounting advices (ADV).

`payment_id` is `company identification/effective entry date/trace number`. A return keeps company, effective date and
(in its addenda) the original trace number, so it names the same payment. Trace numbers alone do not do: many payers
begin at one in each file, and the date tells the files apart. Two files of one company, with the same effective date
and the same traces, give the same payment_id for the same payee: the second payment counts as a repeat of the first.
`schedule.run_id` is `company identification/effective entry date/batch number`. An event is told from others by the
header of its file and of its batch, its position and its records; line ends do not matter.

Event time is the file's creation time, in the zone given, and one microsecond more for each transaction.

Sources: Nacha Operating Rules, Appendices Three to Five (record layouts, return and change codes).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sluicegate.connectors.base import Connector, Context, Faulty, Place, Survey, Transaction
from sluicegate.connectors.nacha_lines import LENGTH
from sluicegate.connectors.nacha_parts import MOST_ADDENDA, Batch, Entry, Header, RecordError, parts
from sluicegate.connectors.nacha_payments import payment
from sluicegate.connectors.nacha_returns import NOTICE, RETURN, status
from sluicegate.connectors.nacha_survey import ANSWERS, EVENTS, FAULTY, STATUS, sort, survey

__all__ = ["CONNECTOR"]


def read(source: BinaryIO, context: Context, survey: Survey) -> Iterator[Transaction | Faulty]:
    """The file's transactions, in its order; raises FileRefusedError where it breaks off, after those before."""
    differing = {control.scope for control in survey.controls if not control.ok}
    header, control, position = Header(0, ""), "ok", 0
    for part in parts(source, context.zone):
        if isinstance(part, Header):
            header = part
        elif isinstance(part, Batch):
            control = "mismatch" if differing & {"file", part.id} else "ok"
        elif isinstance(part, Entry):
            kind = sort(part)
            if kind in EVENTS:
                position += 1
                try:
                    yield _transaction(part, kind, position, header, control, context)
                except RecordError as fault:
                    place = Place(fault.line, fault.where)
                    yield Faulty(position, place, fault.reason, fault.why, _raw(part))


def _transaction(
    entry: Entry, kind: str, position: int, header: Header, control: str, context: Context
) -> Transaction | Faulty:
    """The event of an entry; raises RecordError."""
    batch = entry.batch
    if kind == FAULTY or batch is None:
        raise _fault(entry)
    if len(entry.addenda) > MOST_ADDENDA:
        raise RecordError(entry.line, "addenda", f"more than {MOST_ADDENDA} of one entry")
    for line, text in entry.addenda:
        if len(text) != LENGTH:
            raise RecordError(line, "addenda", f"{len(text)} characters; a record has {LENGTH}")
    answer = entry.addendum(RETURN, NOTICE) if kind == STATUS else None
    if answer is not None:
        type, data, name = "payment.status.v1", status(entry, batch, answer, context.keys), "return or notice of change"
    else:
        type, data = payment(entry, batch, control, context)
        name = "entry detail"
    return Transaction(
        position=position,
        place=Place(entry.line, name),
        type=type,
        identity=(header.key, batch.text, str(position), entry.text, *(text for _, text in entry.addenda)),
        time=header.created + position,
        data=data,
    )


def _fault(entry: Entry) -> RecordError:
    """Why an entry is none that can be read."""
    text, batch, line = entry.text, entry.batch, entry.line
    if text[0] == "7":
        return RecordError(line, "addenda", "no entry detail record before it")
    if text[0] != "6":
        return RecordError(line, "position 1 (record type)", "not 1, 5, 6, 7, 8 or 9, or not where it may stand")
    if len(text) != LENGTH:
        return RecordError(line, "entry detail", f"{len(text)} characters; a record has {LENGTH}")
    if batch is None:
        return RecordError(line, "entry detail", "no batch header record before it")
    if batch.fault is not None:
        fault = batch.fault
        return RecordError(
            line, "entry detail", f"its batch is unusable: line {fault.line}: {fault.where}: {fault.why}"
        )
    if text[1:3] in ANSWERS:
        return RecordError(line, "entry detail", "a return or notice of change without addenda 99 or 98")
    return RecordError(line, "entry detail, positions 2-3 (transaction code)", "not a code of the Nacha rules")


def _raw(entry: Entry) -> bytes:
    return "\n".join((entry.text, *(text for _, text in entry.addenda))).encode()


def sniff(head: bytes) -> bool:
    """A file header record: 101 and, further on, the record size 094.

    >>> sniff(b"101 091000019 1234567892603190830A094101BANK"), sniff(b"<Document/>")
    (True, False)
    """
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    return head[:3] == b"101" and head[34:37] == b"094"


CONNECTOR = Connector(
    name="nacha",
    title="ACH files as Nacha defines them: payments, returns and notices of change",
    formats="PPD, CCD, CTX, IAT and other classes of credits, returns, COR; with line ends or in blocks without",
    suffixes=(".ach", ".nacha", ".txt"),
    emits=("payroll.payment.v1", "vendor.payment.v1", "payment.status.v1"),
    survey=survey,
    read=read,
    sniff=sniff,
)
