"""Whom an entry pays and where to: payee and account, the same for a payment, its return and its notice of change.

A payee is named by the entry's individual identification number as it stands, so that feeds of HR and purchasing name
the same one. A number of nine digits, as a social security number has, or one that holds the account number is never
shown: the first is hashed, the second left out. Without a number the folded name is hashed. The account never counts.

A routing number is eight digits of the bank and one that checks them. The fingerprint takes the eight and the digit
that belongs to them, so that a return, which names the bank by eight, means the same account.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sluicegate.connectors.iso_parties import fold
from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.nacha_lines import words
from sluicegate.connectors.nacha_parts import Entry, RecordError, digits

__all__ = ["account", "bare", "check_digit", "domestic", "identify"]

_SPACE = re.compile(r"[\s\-]+")
_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7)
_NAME_AFTER_COUNT = frozenset(("ATX", "CTX", "TRX"))
_NAME_FIRST = frozenset(("CIE", "MTE"))
_COUNTED_NAME = re.compile(r"[0-9]{4}(?=\D)")
_LEAST_SHOWN, _LEAST_WHOLE, _LEAST_HELD = 4, 8, 5
"""Shorter account numbers show nothing, or but two characters; shorter ones are found in identifications by chance."""


def bare(number: str) -> str:
    """Without spaces and dashes, in capitals."""
    return _SPACE.sub("", number).upper()


@lru_cache(4096)
def check_digit(routing: str) -> str:
    """The ninth digit of a routing number: with it, the digits weighted 3, 7, 1 add up to a multiple of ten.

    >>> check_digit("09100001"), check_digit("01140153")
    ('9', '3')
    """
    return str(-sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, routing, strict=True)) % 10)


def account(routing: str, number: str, keys: TenantKeys, digit: str = "") -> dict[str, Any]:
    """Account block of a US account. `routing`: its eight digits; `digit`: the ninth as the file has it, if it does."""
    true = check_digit(routing)
    block = {
        "fp": keys.account("us_aba", "US", routing + true, number),
        "scheme": "us_aba",
        "country": "US",
        "bank_id": routing + (digit or true),
        "number_check": "valid" if (digit or true) == true else "invalid",
    }
    if len(number) >= _LEAST_SHOWN:
        block["last4"] = number[-4:] if len(number) >= _LEAST_WHOLE else number[-2:]
    return block


def domestic(entry: Entry, sec: str) -> tuple[str, str, str]:
    """Identification, name and account number of an entry that is not international; raises RecordError."""
    text = entry.text
    number = bare(text[12:29])
    if not number:
        raise RecordError(entry.line, "entry detail, positions 13-29 (account number)", "empty")
    id, name = text[39:54], text[54:76]
    if sec in _NAME_FIRST:
        id, name = name, id
    elif sec in _NAME_AFTER_COUNT or (sec == "COR" and _COUNTED_NAME.match(name)):
        name = text[58:74]
    elif sec == "WEB":  # there it names the sender
        id = ""
    return id.strip(), words(name), number


def identify(entry: Entry, id: str, name: str, number: str, keys: TenantKeys) -> dict[str, Any]:
    """`payee_id`, and `tax_id_hash` where the identification is one; raises RecordError where nothing names the payee.

    >>> keys = TenantKeys(b"0123456789abcdef")
    >>> identify(Entry(3, "", None), "E-1007", "ANNA SMITH", "123456789012", keys)
    {'payee_id': 'E-1007'}
    >>> sorted(identify(Entry(3, "", None), "078-05-1120", "ANNA SMITH", "123456789012", keys))
    ['payee_id', 'tax_id_hash']
    """
    plain = bare(id)
    if len(plain) == 9 and digits(plain):
        return {"payee_id": keys.payee(f"id\n\n{plain}"), "tax_id_hash": keys.tax_id(plain)}
    if plain and plain != number and (len(number) < _LEAST_HELD or number not in plain):
        return {"payee_id": words(id)}
    if name:
        return {"payee_id": keys.payee(fold(name) or name)}
    where = "addenda 15 and 10" if entry.batch is not None and entry.batch.iat else "entry detail, positions 40-76"
    raise RecordError(
        entry.line, f"{where} (identification and name)", "neither names the payee; an account number does not count"
    )
