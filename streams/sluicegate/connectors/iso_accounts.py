"""The creditor's account and bank of a credit transfer as an account block: a fingerprint, and what may be shown.

IBANs are held against the lengths, structures and check digits of SWIFT's IBAN registry, BICs against ISO 9362 (both by
schwifty), US routing numbers against their check digit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from sluicegate.connectors.iso_values import UnusableError, spaced
from sluicegate.connectors.keys import TenantKeys

__all__ = ["Account", "account", "country_of"]

_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}")
_SPACE = re.compile(r"[\s\-]+")
_COUNTRY = re.compile("[A-Z]{2}")
_LETTERS = {ord("A") + at: str(10 + at) for at in range(26)}
_SHORTEST_IBAN, _LONGEST_IBAN = 15, 34
_ROUTING = 9
_SCHEMES = {"GBDSC": "uk_sort", "USABA": "us_aba"}
_OF_BANKS = frozenset({"other_bank", "uk_sort", "us_aba"})
"""Schemes whose numbers are a bank's own."""
_CARDS = frozenset({"AIIN", "CARD", "PAN"})
_PLACEHOLDERS = frozenset({"NONREF", "NOTPROVIDED", "NOTAPPLICABLE"})
"""Stand where a version asks for a number beside the proxy."""
_CLABE = 18
_LEAST_SHOWN, _LEAST_WHOLE = 4, 8
"""Numbers shorter than these show nothing, or but two characters: else most of the number would be seen."""


@dataclass(frozen=True, slots=True)
class Account:
    """The block of the event, and the bare number, which does not leave the connector."""

    block: dict[str, Any]
    number: str


def account(record: Mapping[str, Any], home: str, cheque: str, keys: TenantKeys) -> Account:
    """The account of a transaction; raises UnusableError.

    `home`: country of the debtor's bank, or empty, for accounts that do not tell their own: national formats name the
    country only when it is another one. `cheque`: name of the payee of a cheque, which needs no account, else empty.
    """
    bic = _bic(record)
    sound = not bic or _is_bic(bic)
    bic = bic if sound else ""
    member = _SPACE.sub("", record.get("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId", ""))
    shown = True
    if iban := _SPACE.sub("", record.get("CdtrAcct/Id/IBAN", "")).upper():
        number, scheme, country, bank, check = iban, "iban", iban[:2], "", _check_iban(iban)
        out_bank = bic or member
    else:
        number, scheme, shown = _other(record, cheque)
        country = _country(record, bic, home)
        if scheme == "clabe" and country != "MX":
            scheme = "other_bank"
        bank = (member or bic[:8]) if scheme in _OF_BANKS else ""
        check = _check_routing(bank) if scheme == "us_aba" else "not_checked"
        out_bank = member or bic
    out: dict[str, Any] = {
        "fp": keys.account(scheme, country, bank, number),
        "scheme": scheme,
        "country": country,
        "number_check": check if sound else "invalid",
    }
    if out_bank:
        out["bank_id"] = out_bank[:64]
    if bank_name := record.get("CdtrAgt/FinInstnId/Nm"):
        out["bank_name"] = spaced(bank_name, 128)
    if holder := record.get("CdtrAcct/Nm"):
        out["holder_name"] = spaced(holder, 256)
    if shown and len(number) >= _LEAST_SHOWN:
        out["last4"] = number[-4:] if len(number) >= _LEAST_WHOLE else number[-2:]
    return Account(out, "" if scheme == "check" else number)


def _bic(record: Mapping[str, Any]) -> str:
    return str(record.get("CdtrAgt/FinInstnId/BICFI") or record.get("CdtrAgt/FinInstnId/BIC", "")).upper()


def _other(record: Mapping[str, Any], cheque: str) -> tuple[str, str, bool]:
    """Number and scheme of an account that has no IBAN, and whether its last digits may be shown."""
    if cheque:
        return cheque, "check", False
    number = _SPACE.sub("", record.get("CdtrAcct/Id/Othr/Id", "")).upper()
    proxy = _SPACE.sub("", record.get("CdtrAcct/Prxy/Id", "")).upper()
    if proxy and (not number or number in _PLACEHOLDERS):
        kind = record.get("CdtrAcct/Prxy/Tp/Cd") or record.get("CdtrAcct/Prxy/Tp/Prtry", "")
        return f"{kind}:{proxy}", "emi" if kind == "EWAL" else "other_bank", proxy[-4:].isdigit()
    if not number:
        raise UnusableError("CdtrAcct", "the creditor has no account: neither IBAN, other number nor proxy")
    system = record.get("CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd", "")
    named = record.get("CdtrAcct/Id/Othr/SchmeNm/Cd") or record.get("CdtrAcct/Id/Othr/SchmeNm/Prtry", "").upper()
    if named in _CARDS:
        return number, "card", True
    if named == "CLABE" or (not system and len(number) == _CLABE and number.isdigit()):
        return number, "clabe", True
    return number, _SCHEMES.get(system, "other_bank"), True


def _country(record: Mapping[str, Any], bic: str, home: str) -> str:
    """Of the creditor's bank; clearing system codes begin with that of their country."""
    system = record.get("CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd", "")
    for text in (
        system[:2],
        bic[4:6].upper(),
        record.get("CdtrAgt/FinInstnId/PstlAdr/Ctry", ""),
        record.get("Cdtr/PstlAdr/Ctry", ""),
        home,
        record.get("Cdtr/CtryOfRes", ""),
    ):
        if _COUNTRY.fullmatch(text):
            return str(text)
    raise UnusableError("CdtrAgt", "the country of the creditor's account cannot be told: neither the bank nor the "
                       "creditor names one")  # fmt: skip


def country_of(record: Mapping[str, Any]) -> str:
    """Country of the debtor's bank, as far as the message tells, else empty."""
    bic = record.get("DbtrAgt/FinInstnId/BICFI") or record.get("DbtrAgt/FinInstnId/BIC", "")
    for text in (
        record.get("DbtrAcct/Id/IBAN", "")[:2].upper(),
        bic[4:6].upper(),
        record.get("DbtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd", "")[:2],
        record.get("DbtrAgt/FinInstnId/PstlAdr/Ctry", ""),
        record.get("Dbtr/PstlAdr/Ctry", ""),
    ):
        if _COUNTRY.fullmatch(text):
            return str(text)
    return ""


@lru_cache(4096)
def _is_bic(text: str) -> bool:
    return bool(BIC(text, allow_invalid=True).is_valid)


@lru_cache(1024)
def _structure(country: str) -> tuple[int, re.Pattern[str]] | None:
    """Length of the country's IBANs and what follows their check digits; None where it has none."""
    try:
        spec = IBAN(f"{country}00", allow_invalid=True).spec
    except SchwiftyException:
        return None
    return spec.iban_length, spec.regex


def _check_iban(iban: str) -> str:
    """Check digits: ISO 7064, 98 less the rest of the division by 97, with letters as 10 to 35."""
    if not _IBAN.fullmatch(iban):
        raise UnusableError(
            "CdtrAcct/Id/IBAN", "no IBAN: two letters, two digits, then letters and digits are expected"
        )
    found = _structure(iban[:2])
    if found is None:
        if not _SHORTEST_IBAN <= len(iban) <= _LONGEST_IBAN:
            raise UnusableError("CdtrAcct/Id/IBAN", f"an IBAN has 15 to 34 characters; this one has {len(iban)}")
        return "not_checked"
    length, rest = found
    if length != len(iban):
        raise UnusableError(
            "CdtrAcct/Id/IBAN", f"an IBAN of {iban[:2]} has {length} characters; this one has {len(iban)}"
        )
    if not rest.fullmatch(iban[4:]):
        return "invalid"
    digits = f"{iban[4:]}{iban[:2]}00".translate(_LETTERS)
    return "valid" if 98 - int(digits) % 97 == int(iban[2:4]) else "invalid"


def _check_routing(bank: str) -> str:
    """A US routing number has nine digits; their sum, weighted 3, 7, 1, ends in 0."""
    if len(bank) != _ROUTING or not (bank.isascii() and bank.isdigit()):
        return "invalid"
    weighed = sum(int(digit) * (3, 7, 1)[at % 3] for at, digit in enumerate(bank))
    return "invalid" if weighed % 10 else "valid"
