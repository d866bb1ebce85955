"""csv files of payroll and payables systems: a row is a payment, a mapping says what its columns are.

Event time is what the mapped column says, else the moment of the import; the row's position is added in microseconds.
Identity is what stands in the mapped columns, and the row's position where no column is the `payment_id`: without one,
two equal rows are two payments. Accounts are read as in ISO 20022 files, so that both give the same fingerprint.

A row that cannot be used counts in its run all the same, as far as it can be read: a run that lacks it is not clear.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from sluicegate.connectors.base import Connector, Context, Control, Faulty, Place, Run, Survey, Transaction
from sluicegate.connectors.csv_rows import Row, Sheet, opened
from sluicegate.connectors.csv_values import decimal, value
from sluicegate.connectors.iso_accounts import account
from sluicegate.connectors.iso_remittance import blot
from sluicegate.connectors.iso_values import UnusableError
from sluicegate.connectors.mapping import FIELDS, Leaf, Mapping
from sluicegate.errors import FileRefusedError
from sluicegate.wire.decode import ReasonCode

__all__ = ["CONNECTOR"]

_US_ID = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{4}")
_FINGERPRINT = re.compile(r"[a-z]{1,8}_[0-9a-f]{16,64}")
_BARE = re.compile(r"[\s\-]+")


class _RowFaultError(Exception):
    """A cell that cannot be used: its column, and why."""

    def __init__(self, column: str, why: str, reason: ReasonCode = "schema_violation") -> None:
        super().__init__(why)
        self.column, self.why, self.reason = column, why, reason


def _survey(file: BinaryIO, context: Context) -> Survey:
    mapping: Mapping = context.mapping
    count, skipped, total = 0, 0, Decimal(0)
    runs: defaultdict[str, list[Any]] = defaultdict(lambda: [0, defaultdict(Decimal), None])
    announced: list[tuple[str, Place, Decimal]] = []
    with opened(file, mapping) as sheet:
        for row in sheet.rows:
            if sheet.is_footer(row):
                skipped += 1
                announced += _announced(sheet, row)
                continue
            count += 1
            told = {".".join(leaf.path): found for leaf, found in _readable(sheet, row, context)}
            amount = Decimal(told.get("amount.value", "0"))
            total += amount
            if run_id := told.get("schedule.run_id"):
                run = runs[run_id]
                run[0] += 1
                if currency := told.get("amount.currency"):
                    run[1][currency] += amount
                run[2] = run[2] or told.get("schedule.pay_date")
        if mapping.footer is not None and not skipped:
            raise FileRefusedError(
                f"line {sheet.last}: the file ends without its row of totals, as one does that was cut off; ask for a "
                "whole one, or take `[footer]` out of the mapping"
            )
    found = {"transactions": Decimal(count), "total": total}
    controls = tuple(Control("file", what, place, value, found[what]) for what, place, value in announced)
    told_runs = tuple(Run(name, payments, dict(sums), pay_date) for name, (payments, sums, pay_date) in runs.items())
    return Survey(count, controls, told_runs, {"rows of totals": skipped} if skipped else {})


_OF_A_RUN = ("amount.value", "amount.currency", "schedule.run_id", "schedule.pay_date")


def _readable(sheet: Sheet, row: Row, context: Context) -> Iterator[tuple[Leaf, Any]]:
    """What a run is announced with, of a row that may be faulty."""
    for leaf, column, text in _texts(sheet, row):
        if ".".join(leaf.path) in _OF_A_RUN and text:
            try:
                yield leaf, _value(leaf, column, text, context)
            except _RowFaultError:
                continue


def _announced(sheet: Sheet, row: Row) -> Iterator[tuple[str, Place, Decimal]]:
    footer = sheet.mapping.footer
    assert footer is not None
    for what, column in (("total", footer.sum), ("transactions", footer.count)):
        if column is None:
            continue
        try:
            yield what, _place(row, column), Decimal(decimal(sheet.cell(row, column), sheet.mapping))
        except ValueError:
            raise FileRefusedError(f"{_place(row, column)}: a total that is no number") from None


def _read(file: BinaryIO, context: Context, survey: Survey) -> Iterator[Transaction | Faulty]:
    imported = time.time_ns() // 1000
    control = "mismatch" if survey.mismatched("file") else "ok"
    batch = {"batch": {"id": "file", "control": control}} if survey.controls else {}
    position = 0
    with opened(file, context.mapping) as sheet:
        for row in sheet.rows:
            if sheet.is_footer(row):
                continue
            position += 1
            try:
                yield _transaction(sheet, row, position, context, imported, batch)
            except _RowFaultError as fault:
                raw = "\n".join(row.cells).encode("utf-8", "surrogateescape")
                yield Faulty(position, _place(row, fault.column), fault.reason, fault.why, raw)


def _place(row: Row, column: str) -> Place:
    return Place(row.line, f"column {column}" if column else "")


def _transaction(
    sheet: Sheet, row: Row, position: int, context: Context, imported: int, batch: dict[str, Any]
) -> Transaction:
    if sheet.width and len(row.cells) != sheet.width:
        raise _RowFaultError("", f"expected {sheet.width} columns as in the header; found {len(row.cells)}")
    data: dict[str, Any] = {"payee": {}, "account": {}, "amount": {}, "schedule": {}}
    for leaf, column, text in _texts(sheet, row):
        if text:
            block = data
            for part in leaf.path[:-1]:
                block = block.setdefault(part, {})
            block[leaf.path[-1]] = _value(leaf, column, text, context)
    said = data.pop("time", None)
    stream = context.stream if context.stream != "auto" else sheet.mapping.type
    identity = tuple(f"{field}={sheet.cell(row, column)}" for field, column in sheet.mapping.columns.items())
    if "payment_id" not in data:
        identity = (*identity, str(position))
        data["payment_id"] = _hidden("csv", identity, context)
    data["account"], number = _account(data["account"], sheet.mapping, context)
    _payee(data["payee"], number, context, stream)
    if invoice := data.pop("invoice", None):
        data["invoices"] = [invoice]
    data["schedule"].setdefault("rail", "other")
    if blot(data["payment_id"], number) != data["payment_id"]:
        data["payment_id"] = _hidden("csv", (data["payment_id"],), context)
    when = (imported if said is None else said) + position
    clean: dict[str, Any] = _blotted(data, number)
    return Transaction(position, _place(row, ""), f"{stream}.payment.v1", identity, when, clean | batch)


def _texts(sheet: Sheet, row: Row) -> Iterator[tuple[Leaf, str, str]]:
    """(field, column, text) of the constants, and of a row, empty cells too."""
    for field, text in sheet.mapping.constants.items():
        yield FIELDS[field], "", text
    for leaf, column, place in sheet.fields:
        text = row.cells[place].strip() if place < len(row.cells) else ""
        yield leaf, column, sheet.mapping.values.get(".".join(leaf.path), {}).get(text, text)


def _value(leaf: Leaf, column: str, text: str, context: Context) -> Any:
    mapping: Mapping = context.mapping
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise _RowFaultError(column, f"not {mapping.encoding}: check the mapping's `encoding`", "not_json")
    try:
        return value(leaf.kind, text, mapping, context.zone)
    except ValueError:
        expected = {
            "decimal": f"an amount with {mapping.decimal!r} before decimals, not negative",
            "date": f"a date as {mapping.date}",
            "time": f"a time as {mapping.time or 'RFC 3339'}",
            "whole": "a whole number",
            "bool": "yes or no",
        }[leaf.kind]
        reason: ReasonCode = "bad_amount" if leaf.kind == "decimal" else "schema_violation"
        raise _RowFaultError(column, f"expected {expected}; found other text", reason) from None


def _account(given: dict[str, Any], mapping: Mapping, context: Context) -> tuple[dict[str, Any], str]:
    """The account block, and the bare number, which stays here."""
    if "fp" in given:
        if not _FINGERPRINT.fullmatch(given["fp"]):
            what = "expected a fingerprint such as fp_ and 24 hexadecimal digits; found other text"
            raise _RowFaultError(mapping.columns.get("account.fp", ""), what)
        return given, ""
    iban, number, routing = (given.pop(name, "") for name in ("iban", "number", "routing"))
    record = {
        "CdtrAcct/Id/IBAN": iban,
        "CdtrAcct/Id/Othr/Id": number,
        "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId": routing,
        "CdtrAgt/FinInstnId/BICFI": given.get("bank_id", ""),
    }
    if routing:
        home = "us_aba" if given.get("country", "US") == "US" else ""
        system = {"us_aba": "USABA", "uk_sort": "GBDSC"}.get(given.get("scheme", home), "")
        record["CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd"] = system
    told = {key: text for key, text in record.items() if text}
    try:
        made = account(told, given.get("country", ""), "", context.keys)
    except UnusableError as fault:
        named = "account.iban" if iban else "account.number"
        raise _RowFaultError(mapping.columns.get(named, named), str(fault)) from None
    return given | made.block, made.number


def _payee(block: dict[str, Any], number: str, context: Context, stream: str) -> None:
    """Ids of people never travel as they are; a payee without an id goes by its name."""
    if tax_id := block.pop("tax_id", None):
        block["tax_id_hash"] = context.keys.tax_id(tax_id)
    own = block.get("payee_id")
    if not own:
        block["payee_id"] = context.keys.payee(" ".join(block.get("name", "").casefold().split()))
    elif _US_ID.fullmatch(own) or blot(own, number) != own:
        block["payee_id"] = context.keys.payee(_BARE.sub("", own))
    block.setdefault("kind", "employee" if stream == "payroll" else "vendor")


def _hidden(prefix: str, parts: tuple[str, ...], context: Context) -> str:
    return f"{prefix}-{context.keys.digest(*(part.encode('utf-8', 'replace') for part in parts))[:32]}"


def _blotted(found: Any, number: str) -> Any:
    """Without the account's number, wherever somebody has written it."""
    if isinstance(found, dict):
        return {name: _blotted(one, number) for name, one in found.items()}
    if isinstance(found, list):
        return [_blotted(one, number) for one in found]
    return blot(found, number) if isinstance(found, str) else found


def _sniff(head: bytes) -> bool:
    """A csv file has no mark of its own: never sure by its content alone."""
    del head
    return False


CONNECTOR = Connector(
    name="csv",
    title="csv files, with a mapping",
    formats="rows of any delimiter, encoding and number format that the mapping names",
    suffixes=(".csv", ".tsv", ".txt"),
    emits=("payroll.payment.v1", "vendor.payment.v1"),
    survey=_survey,
    read=_read,
    sniff=_sniff,
)
