"""Where a value breaks its type: the search that follows a refusal.

msgspec says that an event does not fit, but it names array items `[...]`, stops at the first fault in the order of the
text, and repeats offending values. This search is slower and runs on refused events only; it visits every field in
declared order, gives JSON Pointers, and never repeats a value, which may be personal data.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from sluicegate.wire.block import Need
from sluicegate.wire.scalars import Instant, parse_time

_LONGEST_KEY = 64
"""Longer keys of open objects are not put into a pointer."""


class Fault(msgspec.Struct, frozen=True):
    """A place (JSON Pointer) and what is wrong there; `decimal`: the field holds a decimal, and something is in it."""

    path: str
    message: str
    decimal: bool = False


def faults(value: Any, kind: inspect.Type, path: str = "") -> Iterator[Fault]:
    """Every fault of decoded JSON `value` against `kind`, fields in declared order, items in theirs.

    >>> from sluicegate.wire.blocks import Money
    >>> [(f.path, f.message) for f in faults({"value": 12, "currency": "usd"}, inspect.type_info(Money), "/amount")]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('/amount/value', 'expected a decimal as text, not negative; found a number'),
     ('/amount/currency', 'expected a currency of three capital letters (ISO 4217); found other text')]
    """
    match _plain(kind):
        case inspect.StructType() as struct:
            yield from _struct(value, struct, path)
        case inspect.VarTupleType(item_type=item, min_length=least):
            if not isinstance(value, list):
                yield _wrong("an array", value, path)
            elif len(value) < (least or 0):
                yield Fault(path, f"expected an array of at least {least}; found {len(value)}")
            else:
                for index, element in enumerate(value):
                    yield from faults(element, item, f"{path}/{index}")
        case inspect.DictType(key_type=key_kind, value_type=value_kind):
            yield from _open_object(value, key_kind, value_kind, path)
        case inspect.UnionType(types=kinds):
            if all(any(True for _ in faults(value, one, path)) for one in kinds):
                yield Fault(
                    path,
                    f"expected {' or '.join(_expected(one) for one in kinds)}; found {_found(value)}",
                    any(_decimal(one) for one in kinds),
                )
        case _:
            if not _fits(value, kind):
                yield Fault(path, f"expected {_expected(kind)}; found {_found(value, kind)}", _decimal(kind))


def _struct(value: Any, kind: inspect.StructType, path: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield _wrong("an object", value, path)
        return
    sound = True
    for field in kind.fields:
        place = f"{path}/{field.encode_name}"
        if field.encode_name in value:
            for fault in faults(value[field.encode_name], field.type, place):
                sound = False
                yield fault
        elif field.required:
            sound = False
            yield Fault(place, f"missing; expected {_expected(field.type)}")
    needs: tuple[Need, ...] = getattr(kind.cls, "NEEDS", ())
    for need in needs if sound else ():
        for missing in need.missing(value, lambda block, name: block.get(name)):
            place, _, other = missing.partition("|")
            one_of = f"; this or `{other}`" if other else ""
            yield Fault(f"{path}/{place}", f"missing; required by the value of `{need.field}`{one_of}")


def _open_object(value: Any, key_kind: inspect.Type, value_kind: inspect.Type, path: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield _wrong("an object", value, path)
        return
    for key, element in value.items():
        place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}" if len(key) <= _LONGEST_KEY else path
        if _fits(key, key_kind):
            yield from faults(element, value_kind, place)
        else:
            yield Fault(place, "unknown name; `sluicegate schema events` lists those there are")


def _fits(value: Any, kind: inspect.Type) -> bool:
    """Whether a value without parts is of its kind."""
    match _plain(kind):
        case inspect.StrType(min_length=least, max_length=most, pattern=pattern):
            return (
                isinstance(value, str)
                and (least is None or len(value) >= least)
                and (most is None or len(value) <= most)
                and (pattern is None or _compiled(pattern).search(value) is not None)
            )
        case inspect.IntType(ge=low, le=high):
            return type(value) is int and (low is None or value >= low) and (high is None or value <= high)
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.NoneType():
            return value is None
        case inspect.LiteralType(values=values):
            return isinstance(value, str) and value in values
        case inspect.DateType():
            return isinstance(value, str) and parse_time(f"{value}T00:00:00Z") is not None
        case inspect.CustomType(cls=cls) if cls is Instant:
            return isinstance(value, str) and parse_time(value) is not None
        case inspect.AnyType():
            return _finite(value)
        case inspect.RawType():
            return True
        case other:
            raise TypeError(f"no check for {type(other).__name__}")


def _finite(value: Any) -> bool:
    """Whether every number inside can be held; the reader of slow-path JSON turns huge ones into infinity."""
    if isinstance(value, Mapping):
        return all(_finite(one) for one in value.values())
    if isinstance(value, list):
        return all(_finite(one) for one in value)
    return not isinstance(value, float) or math.isfinite(value)


def _expected(kind: inspect.Type) -> str:
    hint = (kind.extra or {}).get("expected") if isinstance(kind, inspect.Metadata) else None
    if hint is not None:
        return str(hint)
    match _plain(kind):
        case inspect.StrType(min_length=least, max_length=most):
            bounds = [f"at least {least}"] * bool(least) + [f"at most {most}"] * bool(most)
            return f"text of {' and '.join(bounds)} characters" if bounds else "text"
        case inspect.IntType(ge=low, le=high):
            narrow = low is not None and low > -(2**63)
            return "a whole number" + f" from {low}" * narrow + f" to {high}" * (high is not None and high < 2**63 - 1)
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case inspect.LiteralType(values=values) if len(values) > 16:
            return "one of the names that `sluicegate schema events` lists"
        case inspect.LiteralType(values=values):
            return "one of " + ", ".join(str(value) for value in values)
        case inspect.DateType():
            return "a date YYYY-MM-DD of the calendar"
        case inspect.CustomType():
            return "a timestamp with offset, such as 2026-06-11T09:00:00Z (RFC 3339)"
        case inspect.VarTupleType():
            return "an array"
        case inspect.AnyType():
            return "numbers that a 64-bit float can hold"
        case _:
            return "an object"


def _found(value: Any, kind: inspect.Type | None = None) -> str:
    """What a value is, without repeating it: its JSON type, and the length of a text where a length is expected."""
    if isinstance(value, str):
        sized = isinstance(kind, inspect.StrType) and kind.pattern is None
        return f"text of {len(value)} characters" if sized else "other text"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    return "an array" if isinstance(value, list) else "an object" if isinstance(value, Mapping) else "a number"


def _wrong(expected: str, value: Any, path: str) -> Fault:
    return Fault(path, f"expected {expected}; found {_found(value)}")


def _plain(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _decimal(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.Metadata) and bool((kind.extra or {}).get("decimal"))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
