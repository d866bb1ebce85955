"""What a finding saw and what it expected, as people read it: numbers with the digits that matter, accounts, shares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from sluicegate.console.web.words import money, plain_words

__all__ = ["Compared", "account", "compared", "rounded", "said"]

_LONG = re.compile(r"(?<![\w.])-?\d+\.\d{7,}(?![\w.])")
"""More decimals than any amount of a currency has: a computed number."""
_MONEY = re.compile(r"-?\d{4,}\.\d{2}")
_SCHEMES = {"us_aba": "ABA", "uk_sort": "sort code", "other_bank": "bank", "iban": "IBAN", "clabe": "CLABE"}
_BOUNDS = {"_at_most": "at most", "_at_least": "at least", "_below": "below", "_above": "above"}
_NAMES = {"p": "p-value", "z": "z-score", "fp": "fingerprint", "last4": "last digits"}


class Compared(msgspec.Struct, frozen=True):
    """One thing that was seen, and what would have been unsuspicious; either may be empty."""

    name: str
    observed: str
    expected: str


def compared(seen: Mapping[str, Any], usual: Mapping[str, Any]) -> Iterator[Compared]:
    """Rows of observed against expected: pairs first, then what was only observed, then what was only expected.

    A bound (`share_at_most`) stands beside what it bounds (`share`). What neither side knows is left out.

    >>> for row in compared({"share": 0.1205, "channel": "email"}, {"share_at_most": 0.1}):
    ...     print(row.name, "|", row.observed, "|", row.expected or "not told")
    share | 12% | at most 10%
    channel | email | not told
    """
    expected: dict[str, str] = {}
    for name, value in usual.items():
        bound = next((ending for ending in _BOUNDS if name.endswith(ending)), "")
        if bound and name.removesuffix(bound) in seen:
            base = name.removesuffix(bound)
            expected[base] = f"{_BOUNDS[bound]} {said(value, base)}"
        elif value is not None:
            expected[name] = said(value, name)
    observed = {name: said(value, name) for name, value in seen.items() if value is not None}
    names = dict.fromkeys((*observed, *expected))
    for name in sorted(names, key=lambda name: (name not in expected) + 2 * (name not in observed)):
        yield Compared(_NAMES.get(name) or plain_words(name), observed.get(name, ""), expected.get(name, ""))


def said(value: Any, name: str = "") -> str:
    """A JSON value in words; of several things one a line. Amounts keep every digit.

    >>> said({"currency": "USD", "value": "1223.30"}), said([1, "two"]), said(True), said({"a": 1})
    ('1,223.30 USD', '1, two', 'yes', 'a 1')
    >>> said(0.1875, "overtime_share"), said(7.46721), said("84224.80"), said(2.4e-09)
    ('18.8%', '7.467', '84,224.80', '2.4e-09')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{100 * value:.3g}%" if name.endswith("share") and 0 <= value <= 1 else _short(value)
    if isinstance(value, dict):
        return _parts(value)
    if isinstance(value, list):
        return ("\n" if any(isinstance(one, dict) for one in value) else ", ").join(said(one) for one in value)
    text = str(value)
    return money(text) if _MONEY.fullmatch(text) else text


def _short(number: float) -> str:
    """Four digits that matter, the whole part entire."""
    return f"{number:,.2f}" if abs(number) >= 1000 else f"{number:.4g}"


def _parts(value: Mapping[str, Any]) -> str:
    if {"value", "currency"} == set(value):
        return f"{money(str(value['value']))} {value['currency']}"
    if "scheme" in value and "last4" in value:
        kept = (value.get(name) for name in ("bank", "scheme", "country"))
        return account(
            " ".join([*(str(one) for one in kept if one), *([f"…{value['last4']}"] if value["last4"] else [])])
        )
    rest = {name: one for name, one in value.items() if one is not None and name != "payee"}
    told = ", ".join(f"{plain_words(name)} {said(one, name)}" for name, one in rest.items())
    return f"{value['payee']}: {told}" if "payee" in value else told


def rounded(value: Any) -> Any:
    """A JSON value in whose texts computed numbers have the digits that matter; an amount with its currency stays.

    Not for alerts about payments in units that have so many decimals themselves.

    >>> rounded("84224.798461538461538462 was expected (p = 0.00057)"), rounded({"of": ["0.0000012345678"]})
    ('84224.80 was expected (p = 0.00057)', {'of': ['0.00000123']})
    """
    if isinstance(value, str):
        return _LONG.sub(lambda found: _digits(found[0]), value)
    if isinstance(value, list):
        return [rounded(one) for one in value]
    if isinstance(value, dict):
        return value if set(value) == {"value", "currency"} else {name: rounded(one) for name, one in value.items()}
    return value


def _digits(number: str) -> str:
    value = float(number)
    if abs(value) >= 1 or value == 0:
        return f"{value:.2f}"
    zeros = re.match(r"-?0\.(0*)", number)
    return f"{value:.{len(zeros[1]) + 3 if zeros else 3}f}"


def account(text: str) -> str:
    """An account's kind in words.

    >>> account("us_aba US …5635"), account("wallet")
    ('ABA US …5635', 'wallet')
    """
    return " ".join(_SCHEMES.get(word, word) for word in text.split(" "))
