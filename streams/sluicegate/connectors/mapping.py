"""The mapping of a csv file: a TOML file that says which column is which field of a payment.

delimiter = ";"
decimal = ","
date = "%d.%m.%Y"
type = "payroll"

[columns]
payment_id = "Reference"
"payee.payee_id" = "Employee No"
"payee.name" = "Name"
"account.iban" = "IBAN"
"amount.value" = "Net pay"

[constants]
"payee.kind" = "employee"
"amount.currency" = "EUR"
"schedule.rail" = "sepa_ct"

[values."schedule.rail"]
"SCT" = "sepa_ct"

[footer]
column = "Reference"
value = "TOTAL"
sum = "Net pay"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping as Values
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, inspect

from sluicegate.connectors.csv_values import Kind, value
from sluicegate.policy_file.lines import Path, lines_of
from sluicegate.wire.events import Payment
from sluicegate.wire.scalars import Instant

__all__ = ["FIELDS", "Footer", "Leaf", "Mapping", "read_mapping"]

Sign = Annotated[str, Meta(min_length=1, max_length=1)]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that a column may fill."""

    path: tuple[str, ...]
    kind: Kind


class Footer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows in which `column` holds `value` are totals; `sum` and `count` name the columns that say them."""

    column: str
    value: str
    sum: str | None = None
    count: str | None = None


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a csv file is read."""

    columns: dict[str, str]
    """Field -> name of its column, or its number from 1 where there is no header."""
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    """Field -> what stands in the file -> what it means."""
    type: Literal["payroll", "vendor"] = "payroll"
    delimiter: Sign = ","
    quote: Sign = '"'
    encoding: str = "utf-8-sig"
    decimal: Sign = "."
    thousands: Annotated[str, Meta(max_length=1)] = ""
    date: str = "%Y-%m-%d"
    time: str = ""
    """Format of times; empty: RFC 3339, or a date as above."""
    header: bool = True
    skip: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Lines above the header."""
    footer: Footer | None = None

    def faults(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """(path of the key, why) of what the types cannot say."""
        for table, given in (("columns", self.columns), ("constants", self.constants), ("values", self.values)):
            for name in given:
                if name not in FIELDS:
                    yield (table, name), f"no field of a payment{_near(name)}"
        for name in sorted({*self.columns} & {*self.constants}):
            yield ("constants", name), "has a column already"
        for name in self.constants:
            if name in FIELDS and not self._takes(FIELDS[name].kind, self.constants[name]):
                yield ("constants", name), f"no {FIELDS[name].kind} as the file writes one"
        numbers = sorted({"account.iban", "account.number", "account.routing"} & {*self.columns, *self.constants})
        if numbers and "account.fp" in {*self.columns, *self.constants}:
            yield ("columns", "account.fp"), f"stands beside {numbers[0]}: a fingerprint, or what it is made of"
        for name, form in (("date", self.date), ("time", self.time)):
            if form and not _is_form(form):
                yield (name,), "is no form of a date or time that can be read, such as %Y-%m-%d"
        for name in self.values:
            if name not in self.columns:
                yield ("values", name), "has no column"
        if not self.header:
            for name, column in self.columns.items():
                if not column.isdigit() or column == "0":
                    yield ("columns", name), "expected the column's number, from 1, since there is no header"
        there = {*self.columns, *self.constants}
        for wanted in _NEEDED:
            if not there & {*wanted}:
                yield ("columns",), f"{' or '.join(wanted)} is needed, from a column or as a constant"
        if self.decimal == self.thousands:
            yield ("thousands",), "is the same as decimal"
        try:
            b"x".decode(self.encoding, "replace")
        except LookupError:
            yield ("encoding",), "is no encoding; some are utf-8, utf-16, cp1252, latin-1"

    def _takes(self, kind: Kind, text: str) -> bool:
        try:
            value(kind, text, self, UTC)
        except (ValueError, re.error):
            return False
        return bool(text)


def _is_form(form: str) -> bool:
    now = datetime(2026, 6, 11, 9, 30, tzinfo=UTC)
    try:
        datetime.strptime(now.strftime(form), form).replace(tzinfo=UTC)
    except (ValueError, re.error):
        return False
    return True


_OWN = {
    "time": Leaf(("time",), "time"),
    "account.iban": Leaf(("account", "iban"), "text"),
    "account.number": Leaf(("account", "number"), "text"),
    "account.routing": Leaf(("account", "routing"), "text"),
    "payee.tax_id": Leaf(("payee", "tax_id"), "text"),
    "invoice.number": Leaf(("invoice", "number"), "text"),
    "invoice.date": Leaf(("invoice", "date"), "date"),
    "invoice.total": Leaf(("invoice", "total"), "decimal"),
    "invoice.po_number": Leaf(("invoice", "po_number"), "text"),
}
"""Fields of a mapping that are none of the event: numbers that become fingerprints, and the one invoice of a row."""
_NEEDED = (
    ("payee.payee_id", "payee.name"),
    ("amount.value",),
    ("amount.currency",),
    ("account.iban", "account.number", "account.fp"),
)


def _leaves(kind: inspect.StructType, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Leaf]]:
    """Every scalar of a struct, however deep; lists and free objects have no column."""
    for field in kind.fields:
        found, extra = _plain(field.type)
        here = (*path, field.encode_name)
        if isinstance(found, inspect.StructType):
            if len(path) < _DEEPEST:
                yield from _leaves(found, here)
        elif (scalar := _scalar(found, extra, field.encode_name)) is not None:
            yield ".".join(here), Leaf(here, scalar)


_DEEPEST = 2


def _plain(kind: inspect.Type) -> tuple[inspect.Type, Values[str, Any]]:
    """A type without `None` and annotations, and what the annotations say."""
    extra: dict[str, Any] = {}
    while True:
        if isinstance(kind, inspect.Metadata):
            extra |= kind.extra or {}
            kind = kind.type
        elif isinstance(kind, inspect.UnionType):
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        else:
            return kind, extra


def _scalar(kind: inspect.Type, extra: Values[str, Any], name: str) -> Kind | None:
    if isinstance(kind, inspect.BoolType):
        return "bool"
    if isinstance(kind, inspect.IntType):
        return "whole"
    if isinstance(kind, inspect.CustomType):
        return "time" if kind.cls is Instant else None
    if isinstance(kind, inspect.DateType):
        return "date"
    if isinstance(kind, inspect.StrType | inspect.LiteralType):
        if extra.get("decimal"):
            return "decimal"
        return "date" if name.endswith(("date", "period_start", "period_end")) else "text"
    return None


def _fields() -> dict[str, Leaf]:
    kind = inspect.type_info(Payment)
    assert isinstance(kind, inspect.StructType)
    return dict(sorted({**dict(_leaves(kind)), **_OWN}.items()))


FIELDS = _fields()
"""Name in a mapping -> field."""


def read_mapping(text: str) -> Mapping | list[str]:
    """The mapping in a TOML text, or its faults, each with its line and what is allowed.

    >>> read_mapping('delimeter = ";"')
    ['1: delimeter: unknown key; did you mean delimiter?']
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [f"no TOML: {error}"]
    lines = lines_of(text)
    known = Mapping.__struct_fields__
    faults: list[tuple[tuple[str, ...], str]] = [
        ((name,), f"unknown key{_near(name, known)}") for name in values if name not in known
    ]
    if not faults:
        try:
            mapping = msgspec.convert(values, Mapping)
        except msgspec.ValidationError as error:
            words, _, at = str(error).partition(" - at `$")
            faults.append((tuple(part for part in at.rstrip("`").split(".") if part), words))
        else:
            faults.extend(mapping.faults())
            if not faults:
                return mapping
    return [f"{_line(lines, at)}: {'.'.join(at) or 'the file'}: {why}" for at, why in faults]


def _line(lines: Values[Path, int], path: tuple[str, ...]) -> int:
    """Of the key, or of what is nearest above it."""
    return next((lines[path[:size]] for size in range(len(path), 0, -1) if path[:size] in lines), 1)


def _near(name: str, known: Any = None) -> str:
    """
    >>> _near("payee.nme"), _near("delimeter", ("delimiter",))
    ('; did you mean payee.name?', '; did you mean delimiter?')
    """
    names = FIELDS if known is None else known
    near = get_close_matches(name, names, 1)
    return f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(names)}"
