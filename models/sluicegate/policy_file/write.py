"""A policy as the text of a policy file, which `read` makes the same policy of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec

from sluicegate.wire.events import PolicyUpdate

__all__ = ["value_text", "write"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]')
_WIDTH = 110


def write(tenant: str, update: PolicyUpdate) -> str:
    """The file; what has its default is left out.

    >>> print(write("acme", PolicyUpdate(limits=("3000",), pay_dates=(date(2026, 12, 23),))), end="")
    tenant = "acme"
    limits = ["3000"]
    pay_dates = [2026-12-23]
    """
    values = msgspec.to_builtins(update, builtin_types=(date,), str_keys=True)
    return "\n".join(_table({"tenant": tenant, **values}, ())) + "\n"


def value_text(value: Any) -> str:
    """A value on one line; None is an empty text, which is how a file says that there is none.

    >>> value_text([1.5, True, None, date(2026, 1, 1), {"a b": 'x"y'}])
    '[1.5, true, "", 2026-01-01, {"a b" = "x\\\\"y"}]'
    """
    if value is None:
        return '""'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return '"' + _ESCAPED.sub(_escape, value) + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {value_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return repr(value)


def _table(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterable[str]:
    """Lines of a table: its values first, since after a table's head nothing belongs to the one before."""
    inner = {key: value for key, value in values.items() if _is_table(value) or _is_tables(value)}
    for key, value in values.items():
        if key not in inner:
            yield _pair(key, value)
    for key, value in inner.items():
        name = ".".join(map(_key, (*path, key)))
        if _is_tables(value):
            for one in value:
                yield from ("", f"[[{name}]]", *(_pair(key, item) for key, item in one.items()))
        else:
            if not value or not all(map(_is_table, value.values())):
                yield from ("", f"[{name}]")
            yield from _table(value, (*path, key))


def _pair(key: str, value: Any) -> str:
    return f"{_key(key)} = {_wrapped(value)}"


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)


def _wrapped(value: Any) -> str:
    text = value_text(value)
    if len(text) <= _WIDTH or not isinstance(value, list | tuple):
        return text
    return "[\n" + "".join(f"    {value_text(one)},\n" for one in value) + "]"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else value_text(key)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return f"\\{char}" if char in '"\\' else f"\\u{ord(char):04x}"
