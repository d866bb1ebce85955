"""csv files of payroll and payables systems: a row is a payment, a mapping says what its columns are.

Event time is what the mapped column says, else the moment of the import; the row's position is added in microseconds.
Identity is what stands in the mapped columns, and the row's position where no column is the `payment_id`: without one,
two equal rows are two payments. Accounts are read as in ISO 20022 files, so that both give the same fingerprint.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from sluicegate.connectors.base import Connector, Context, Control, Faulty, Place, Run, Survey, Transaction
from sluicegate.connectors.iso_accounts import account
from sluicegate.connectors.iso_values import UnusableError
from sluicegate.connectors.mapping import FIELDS, Leaf, Mapping
from sluicegate.errors import FileRefusedError
from sluicegate.wire.decode import ReasonCode
from sluicegate.wire.scalars import parse_time

__all__ = ["CONNECTOR"]

_LONGEST = 1 << 17
"""Characters of a cell; a quote that is never closed would take in the rest of the file."""
_TRUE = frozenset({"1", "true", "yes", "y", "x", "ja", "oui", "si"})
_FALSE = frozenset({"0", "false", "no", "n", "", "nein", "non"})
_DIGITS = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18})?")
_US_ID = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{4}")


class _RowFaultError(Exception):
    """A cell that cannot be used: its column, and why."""

    def __init__(self, column: str, why: str, reason: ReasonCode = "schema_violation") -> None:
        super().__init__(why)
        self.column, self.why, self.reason = column, why, reason


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]
    fault: str = ""


@contextmanager
def _text(file: BinaryIO, mapping: Mapping) -> Iterator[io.TextIOWrapper]:
    """The file as text; it is not closed with it. Bytes that are no text become half surrogate pairs."""
    wrapper = io.TextIOWrapper(file, mapping.encoding, errors="surrogateescape", newline="")
    try:
        yield wrapper
    finally:
        wrapper.detach()


def _rows(text: io.TextIOWrapper, mapping: Mapping) -> Iterator[_Row]:
    """Rows with the line in which they begin. Raises FileRefusedError where the encoding is another one."""
    for _ in range(mapping.skip):
        text.readline(_LONGEST)
    before = csv.field_size_limit(_LONGEST)
    reader = csv.reader(text, delimiter=mapping.delimiter, quotechar=mapping.quote)
    line = 1
    try:
        while True:
            begins = mapping.skip + line
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                line = reader.line_num + 1
                yield _Row(begins, [], f"no row of csv: {error}")
                continue
            except UnicodeError:
                raise FileRefusedError(
                    f"line {begins}: not {mapping.encoding}; say in the mapping which `encoding` the file has"
                ) from None
            line = reader.line_num + 1
            if cells:
                yield _Row(begins, cells)
    finally:
        csv.field_size_limit(before)


class _Sheet:
    """The rows of a file under its header, and how cells are found in them."""

    def __init__(self, rows: Iterator[_Row], mapping: Mapping) -> None:
        """Raises FileRefusedError where a mapped column is missing."""
        self.mapping = mapping
        self.width = 0
        if mapping.header:
            head = next(rows, None)
            if head is None or head.fault:
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
        else:
            places = {name: int(name) - 1 for name in self._wanted()}
        self.places = places
        self.fields = [(FIELDS[field], column, places[column]) for field, column in mapping.columns.items()]
        self.rows = rows
        self.last = 1
        """Line of the last row that was looked at."""

    def _wanted(self) -> list[str]:
        footer = self.mapping.footer
        totals = [footer.column, footer.sum, footer.count] if footer is not None else []
        return list(dict.fromkeys([*self.mapping.columns.values(), *(name for name in totals if name)]))

    def cell(self, row: _Row, column: str) -> str:
        place = self.places[column]
        return row.cells[place].strip() if place < len(row.cells) else ""

    def is_footer(self, row: _Row) -> bool:
        footer, self.last = self.mapping.footer, row.line
        return footer is not None and not row.fault and self.cell(row, footer.column) == footer.value


def _survey(file: BinaryIO, context: Context) -> Survey:
    mapping: Mapping = context.mapping
    count, skipped, total = 0, 0, Decimal(0)
    runs: defaultdict[str, list[Any]] = defaultdict(lambda: [0, defaultdict(Decimal), None])
    announced: list[tuple[str, Place, Decimal | None]] = []
    with _text(file, mapping) as text:
        sheet = _Sheet(_rows(text, mapping), mapping)
        for row in sheet.rows:
            if sheet.is_footer(row):
                skipped += 1
                announced += _announced(sheet, row)
                continue
            count += 1
            try:
                values = {".".join(leaf.path): value for leaf, _, value in _values(sheet, row, context)}
            except _RowFaultError:
                continue
            amount = Decimal(values.get("amount.value", "0"))
            total += amount
            if run_id := values.get("schedule.run_id"):
                run = runs[run_id]
                run[0] += 1
                run[1][values.get("amount.currency", "")] += amount
                run[2] = values.get("schedule.pay_date")
        if mapping.footer is not None and not skipped:
            raise FileRefusedError(
                f"line {sheet.last}: the file ends without its row of totals, as one does that was cut off; ask for a "
                "whole one, or take `[footer]` out of the mapping"
            )
    found = {"transactions": Decimal(count), "total": total}
    controls = tuple(Control("file", what, place, value, found[what]) for what, place, value in announced)
    told = tuple(Run(name, payments, dict(sums), pay_date) for name, (payments, sums, pay_date) in runs.items())
    return Survey(count, controls, told, {"rows of totals": skipped} if skipped else {})


def _announced(sheet: _Sheet, row: _Row) -> Iterator[tuple[str, Place, Decimal | None]]:
    footer = sheet.mapping.footer
    assert footer is not None
    for what, column in (("total", footer.sum), ("transactions", footer.count)):
        if column is None:
            continue
        try:
            yield what, _place(row, column), Decimal(_decimal(sheet.cell(row, column), sheet.mapping))
        except ValueError:
            raise FileRefusedError(f"{_place(row, column)}: a total that is no number") from None


def _read(file: BinaryIO, context: Context, survey: Survey) -> Iterator[Transaction | Faulty]:
    mapping: Mapping = context.mapping
    imported = time.time_ns() // 1000
    control = "mismatch" if survey.mismatched("file") else "ok"
    batch = {"batch": {"id": "file", "control": control}} if survey.controls else {}
    position = 0
    with _text(file, mapping) as text:
        sheet = _Sheet(_rows(text, mapping), mapping)
        for row in sheet.rows:
            if sheet.is_footer(row):
                continue
            position += 1
            try:
                yield _transaction(sheet, row, position, context, imported, batch)
            except _RowFaultError as fault:
                raw = "\n".join(row.cells).encode("utf-8", "surrogateescape")
                yield Faulty(position, _place(row, fault.column), fault.reason, fault.why, raw)


def _place(row: _Row, column: str) -> Place:
    return Place(row.line, f"column {column}" if column else "")


def _transaction(
    sheet: _Sheet, row: _Row, position: int, context: Context, imported: int, batch: dict[str, Any]
) -> Transaction:
    data: dict[str, Any] = {"payee": {}, "account": {}, "amount": {}, "schedule": {}}
    for leaf, _, value in _values(sheet, row, context):
        block = data
        for part in leaf.path[:-1]:
            block = block.setdefault(part, {})
        block[leaf.path[-1]] = value
    said = data.pop("time", None)
    stream = context.stream if context.stream != "auto" else sheet.mapping.type
    data["account"] = _account(data["account"], sheet.mapping, context)
    _payee(data["payee"], context, stream)
    if invoice := data.pop("invoice", None):
        data["invoices"] = [invoice]
    data["schedule"].setdefault("rail", "other")
    identity = tuple(f"{field}={sheet.cell(row, column)}" for field, column in sheet.mapping.columns.items())
    if "payment_id" not in data:
        identity = (*identity, str(position))
        data["payment_id"] = f"csv-{context.keys.digest(*(part.encode('utf-8', 'replace') for part in identity))[:32]}"
    return Transaction(
        position,
        _place(row, ""),
        f"{stream}.payment.v1",
        identity,
        (imported if said is None else said) + position,
        data | batch,
    )


def _values(sheet: _Sheet, row: _Row, context: Context) -> Iterator[tuple[Leaf, str, Any]]:
    """(field, column, value) of a row, and of the constants. Raises _RowFaultError."""
    if row.fault:
        raise _RowFaultError("", row.fault)
    if sheet.width and len(row.cells) != sheet.width:
        raise _RowFaultError("", f"expected {sheet.width} columns as in the header; found {len(row.cells)}")
    for field, value in sheet.mapping.constants.items():
        yield FIELDS[field], "", value
    for leaf, column, place in sheet.fields:
        text = row.cells[place].strip() if place < len(row.cells) else ""
        if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
            raise _RowFaultError(column, f"not {sheet.mapping.encoding}: check the mapping's `encoding`", "not_json")
        text = sheet.mapping.values.get(".".join(leaf.path), {}).get(text, text)
        if text:
            yield leaf, column, _value(leaf, column, text, sheet.mapping, context)


def _value(leaf: Leaf, column: str, text: str, mapping: Mapping, context: Context) -> Any:
    try:
        if leaf.kind == "decimal":
            return _decimal(text, mapping)
        if leaf.kind == "date":
            return datetime.strptime(text, mapping.date).replace(tzinfo=context.zone).date().isoformat()
        if leaf.kind == "time":
            return _time(text, mapping, context)
        if leaf.kind == "whole":
            return int(text)
        if leaf.kind == "bool":
            return _bool(text)
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
    return text


def _decimal(text: str, mapping: Mapping) -> str:
    """The amount in plain digits, as many as there are. Raises ValueError."""
    plain = text.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace("'", "")
    if mapping.thousands:
        plain = plain.replace(mapping.thousands, "")
    if mapping.decimal != ".":
        if "." in plain:
            raise ValueError(text)
        plain = plain.replace(mapping.decimal, ".")
    if not _DIGITS.fullmatch(plain):
        raise ValueError(text)
    return plain


def _time(text: str, mapping: Mapping, context: Context) -> int:
    """Microseconds since 1970 UTC. Raises ValueError."""
    if (known := parse_time(text)) is not None:
        return known
    if not mapping.time and "T" in text:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=context.zone)
    else:
        moment = datetime.strptime(text, mapping.time or mapping.date).replace(tzinfo=context.zone)
    return int(moment.astimezone(UTC).timestamp() * 1_000_000)


def _bool(text: str) -> bool:
    plain = text.lower()
    if plain in _TRUE:
        return True
    if plain in _FALSE:
        return False
    raise ValueError(text)


def _account(given: dict[str, Any], mapping: Mapping, context: Context) -> dict[str, Any]:
    """The account block; the number itself stays here."""
    if "fp" in given:
        return given
    iban, number, routing = (given.pop(name, "") for name in ("iban", "number", "routing"))
    record = {
        "CdtrAcct/Id/IBAN": iban,
        "CdtrAcct/Id/Othr/Id": number,
        "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId": routing,
    }
    if routing:
        record["CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd"] = {"us_aba": "USABA", "uk_sort": "GBDSC"}.get(
            given.get("scheme", "us_aba" if given.get("country", "US") == "US" else ""), ""
        )
    if bic := given.get("bank_id"):
        record["CdtrAgt/FinInstnId/BICFI"] = bic
    try:
        made = account(
            {key: value for key, value in record.items() if value}, given.get("country", ""), "", context.keys
        )
    except UnusableError as fault:
        named = "account.iban" if iban else "account.number"
        raise _RowFaultError(mapping.columns.get(named, named), str(fault)) from None
    return given | made.block


def _payee(block: dict[str, Any], context: Context, stream: str) -> None:
    """Ids of people never travel as they are; a payee without an id goes by its name."""
    if tax_id := block.pop("tax_id", None):
        block["tax_id_hash"] = context.keys.tax_id(tax_id)
    own = block.get("payee_id")
    if not own:
        block["payee_id"] = context.keys.payee(" ".join(block.get("name", "").casefold().split()))
    elif _US_ID.fullmatch(own):
        block["payee_id"] = context.keys.payee(own)
    block.setdefault("kind", "employee" if stream == "payroll" else "vendor")


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
