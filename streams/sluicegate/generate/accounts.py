"""Bank accounts, prepaid cards and wallets. Numbers never exist: an account is a random fingerprint and four digits."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

import msgspec

encode = msgspec.json.encode


class Country(NamedTuple):
    """What paying into a country takes: its currency, account scheme, bank ids, usual and urgent rail; level of pay."""

    currency: str
    scheme: str
    banks: tuple[str, ...]
    rail: str
    urgent: str
    pay: float


def _routing(first: int) -> str:
    """A routing number whose check digit is right.

    >>> _routing(11_40_15_3)
    '011401533'
    """
    digits = f"{first:08}"
    total = sum(weight * int(digit) for weight, digit in zip((3, 7, 1, 3, 7, 1, 3, 7), digits, strict=True))
    return f"{digits}{-total % 10}"


def _bic(country: str) -> tuple[str, ...]:
    return tuple(f"{bank}{country}2X" for bank in ("TSTA", "TSTB", "TSTC", "TSTD", "TSTE"))


def _sepa(country: str, pay: float) -> Country:
    return Country("EUR", "iban", _bic(country), "sepa_ct", "sepa_inst", pay)


def _other(country: str, currency: str, pay: float) -> Country:
    return Country(currency, "other_bank", _bic(country), "other", "wire", pay)


_ROUTING = tuple(_routing(9_900_000 + 11 * n) for n in range(1, 9))
COUNTRIES: dict[str, Country] = {
    "US": Country("USD", "us_aba", _ROUTING, "ach", "same_day_ach", 1.0),
    "GB": Country("GBP", "uk_sort", ("990101", "990202", "990303", "990404"), "bacs", "fps", 0.75),
    "DE": _sepa("DE", 0.85), "FR": _sepa("FR", 0.75), "ES": _sepa("ES", 0.6), "NL": _sepa("NL", 0.85),
    "PT": _sepa("PT", 0.5), "IE": _sepa("IE", 0.85),
    "PL": Country("PLN", "iban", _bic("PL"), "other", "wire", 0.45),
    "TR": Country("TRY", "iban", _bic("TR"), "other", "wire", 0.35),
    "MX": Country("MXN", "clabe", ("991", "992", "993"), "other", "wire", 0.35),
    "CA": _other("CA", "CAD", 0.85), "AU": _other("AU", "AUD", 0.9), "SG": _other("SG", "SGD", 0.85),
    "JP": _other("JP", "JPY", 0.7), "KR": _other("KR", "KRW", 0.65), "IN": _other("IN", "INR", 0.25),
    "PH": _other("PH", "PHP", 0.22), "UA": _other("UA", "UAH", 0.3), "VN": _other("VN", "VND", 0.22),
    "BR": _other("BR", "BRL", 0.35), "CO": _other("CO", "COP", 0.3), "ZA": _other("ZA", "ZAR", 0.35),
    "EG": _other("EG", "EGP", 0.2), "KE": _other("KE", "KES", 0.25),
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Account:
    """An account and its encoded wire block."""

    fp: str
    scheme: str
    country: str
    raw: msgspec.Raw


def token(rng: Random, bits: int = 64) -> str:
    """Random small hex digits, as a keyed hash looks."""
    return f"{rng.getrandbits(bits):0{bits // 4}x}"


def bank_account(rng: Random, country: str, holder: str | None = None, *, joint: bool = False) -> Account:
    """An account at a bank of the country."""
    facts = COUNTRIES[country]
    block: dict[str, Any] = {
        "fp": f"fp_{rng.getrandbits(96):024x}",
        "scheme": facts.scheme,
        "country": country,
        "bank_id": facts.banks[int(rng.random() * len(facts.banks))],
        "last4": f"{int(rng.random() * 10_000):04}",
    }
    if holder is not None:
        block["holder_name"] = holder
    if joint:
        block["joint"] = True
    return _account(block)


def prepaid_card(rng: Random, country: str) -> Account:
    """A prepaid card, such as stolen pay is often sent to."""
    return _account({
        "fp": f"fp_{rng.getrandbits(96):024x}",
        "scheme": "prepaid",
        "country": country,
        "bank_name": "Cedarline Card Services",
        "last4": f"{int(rng.random() * 10_000):04}",
    })  # fmt: skip


def address(rng: Random) -> str:
    """An address of an Ethereum-like network, all in small letters; nobody holds its key.

    >>> len(address(Random(1)))
    42
    """
    return f"0x{rng.getrandbits(160):040x}"


def actor(rng: Random, user: str, country: str, *, role: str = "self", channel: str = "portal") -> dict[str, Any]:
    """Somebody at work on a device that is known, with a second factor."""
    return {
        "user_id": user,
        "role": role,
        "channel": channel,
        "ip": ip(rng),
        "ip_country": country,
        "ip_country_new": False,
        "device_id": f"dev-{user}",
        "device_known": True,
        "mfa": True,
    }


def intruder(rng: Random, user: str, country: str, *, role: str = "self", channel: str = "portal") -> dict[str, Any]:
    """The same log-in on a device never seen before."""
    return actor(rng, user, country, role=role, channel=channel) | {
        "device_id": f"dev-{token(rng, 32)}",
        "device_known": False,
    }


def ip(rng: Random) -> str:
    """An address of the range for documentation (RFC 3849), wide enough that no two people share one by accident."""
    bits = rng.getrandbits(64)
    return f"2001:db8:{bits & 0xFFFF:x}:{bits >> 16 & 0xFFFF:x}::{bits >> 32 & 0xFFFF:x}"


def _account(block: dict[str, Any]) -> Account:
    return Account(block["fp"], block["scheme"], block["country"], msgspec.Raw(encode(block)))
