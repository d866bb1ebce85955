"""Entries that pay, as payments: live credits of any entry class."""

from __future__ import annotations

from typing import Any, Literal

from sluicegate.connectors.base import Context
from sluicegate.connectors.nacha_iat import foreign_account, receiver
from sluicegate.connectors.nacha_parts import Batch, Entry, RecordError, digits
from sluicegate.connectors.nacha_party import account, domestic, identify
from sluicegate.connectors.nacha_remittance import remittance

__all__ = ["payment", "payment_id", "routing_of"]

_PERSONAL = frozenset(("PPD", "WEB", "CIE"))
_CORPORATE = frozenset(("CCD", "CTX"))
_DESCRIPTOR = "PAYROLL"
_CURRENCY = "USD"

Kind = Literal["payroll.payment.v1", "vendor.payment.v1"]


def payment_id(entry: Entry, batch: Batch, trace: str, where: str) -> str:
    """Company, effective entry date and trace number; raises RecordError where the trace number is none."""
    if len(trace) != 15 or not digits(trace):
        raise RecordError(entry.line, where, "not 15 digits")
    return f"{batch.company_id}/{batch.effective or '-'}/{trace}"


def routing_of(entry: Entry) -> str:
    """Eight digits of the receiving bank; raises RecordError."""
    routing = entry.text[3:11]
    if not digits(routing):
        raise RecordError(entry.line, "entry detail, positions 4-11 (receiving bank)", "not 8 digits")
    return routing


def payment(entry: Entry, batch: Batch, control: str, context: Context) -> tuple[Kind, dict[str, Any]]:
    """Type and data of the event; raises RecordError. `control`: `ok` or `mismatch`, of the batch."""
    text = entry.text
    id = payment_id(entry, batch, text[79:94], "entry detail, positions 80-94 (trace number)")
    value = _amount(entry)
    salary = batch.sec == "PPD" or batch.descriptor.upper().startswith(_DESCRIPTOR)
    if batch.iat:
        who = receiver(entry)
        number, name, own = who.number, who.name, who.id
        target = foreign_account(entry, number, context.keys)
        salary = salary or who.salary
        if not name:
            party = entry.addendum("10")
            line = entry.line if party is None else party.line
            raise RecordError(line, "addenda 10, positions 47-81 (receiver's name)", "missing; lists hold names")
        texts = [one.text[3:83] for one in entry.addenda if one.text[1:3] == "17"]
        country = who.country
    else:
        own, name, number = domestic(entry, batch.sec)
        target = account(routing_of(entry), number, context.keys, _digit(entry))
        texts = [one.text[3:83] for one in entry.addenda if one.text[1:3] == "05"]
        country = None
    payroll = context.stream == "payroll" or (context.stream == "auto" and salary)
    payee: dict[str, Any] = {
        **identify(entry, own, name, number, context.keys),
        "kind": "employee" if payroll else "vendor",
    }
    if name:
        payee["name"] = name
    if payroll or batch.sec in _PERSONAL:
        payee["entity_type"] = "person"
    elif batch.sec in _CORPORATE:
        payee["entity_type"] = "organisation"
    if country is not None:
        payee["country"] = country
    data: dict[str, Any] = {
        "payment_id": id,
        "payee": payee,
        "account": target,
        "amount": {"value": value, "currency": _CURRENCY},
        "schedule": _schedule(batch),
        "batch": {"id": batch.id, "control": control},
    }
    if texts:
        words, invoices = remittance(texts, number)
        if words:
            data["purpose"] = {"remittance": words}
        if invoices:
            data["invoices"] = invoices
    return "payroll.payment.v1" if payroll else "vendor.payment.v1", data


def _amount(entry: Entry) -> str:
    cents = entry.text[29:39]
    where = "entry detail, positions 30-39 (amount)"
    if not digits(cents):
        raise RecordError(entry.line, where, "not 10 digits of cents", "bad_amount")
    if not int(cents):
        raise RecordError(entry.line, where, "zero; a live credit pays something", "bad_amount")
    return f"{int(cents[:8])}.{cents[8:]}"


def _digit(entry: Entry) -> str:
    digit = entry.text[11]
    if not digits(digit):
        raise RecordError(entry.line, "entry detail, position 12 (check digit)", "no digit")
    return digit


def _schedule(batch: Batch) -> dict[str, Any]:
    schedule = {"rail": "same_day_ach" if batch.same_day else "ach", "run_id": batch.id, "sec_code": batch.sec}
    if batch.descriptor:
        schedule["entry_descriptor"] = batch.descriptor
    if batch.effective is not None:
        schedule["pay_date"] = batch.effective
    return schedule
