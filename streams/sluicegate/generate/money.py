"""Amounts as whole numbers of the smallest unit, their wire text, and exchange rates."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

PER_USD = {  # rough long-run rates; only their order of magnitude matters
    "USD": 1.0, "EUR": 0.92, "GBP": 0.79, "CAD": 1.36, "AUD": 1.52, "SGD": 1.34, "JPY": 150.0, "MXN": 18.2,
    "BRL": 5.4, "INR": 84.0, "PHP": 57.0, "PLN": 3.95, "UAH": 41.0, "VND": 25_300.0, "ZAR": 18.4, "EGP": 48.5,
    "KRW": 1_370.0, "TRY": 38.0, "COP": 4_150.0, "KES": 129.0,
}  # fmt: skip
_NO_DECIMALS = {"JPY", "KRW", "VND"}


def exponent(currency: str) -> int:
    """Decimal places of a currency (ISO 4217)."""
    return 0 if currency in _NO_DECIMALS else 2


def text(minor: int, currency: str) -> str:
    """Wire form of an amount in the smallest unit.

    >>> text(401_005, "USD"), text(250_000, "JPY")
    ('4010.05', '250000')
    """
    if currency in _NO_DECIMALS:
        return str(minor)
    return f"{minor // 100}.{minor % 100:02}"


def money(minor: int, currency: str) -> dict[str, str]:
    """Money block of the wire."""
    return {"value": text(minor, currency), "currency": currency}


def from_usd(dollars: float, currency: str) -> int:
    """Smallest units of `currency` that are worth about `dollars`.

    >>> from_usd(100, "USD"), from_usd(100, "JPY")
    (10000, 15000)
    """
    return int(dollars * PER_USD[currency] * (1 if currency in _NO_DECIMALS else 100))


@lru_cache(maxsize=16384)
def rate(currency: str, base: str, day: int) -> int:
    """Units of `base` for one of `currency` on a day, in millionths."""
    return max(1, round(_worth(currency, day) / _worth(base, day) * 1_000_000))


def _worth(currency: str, day: int) -> float:
    """US dollars for one unit: the long-run rate and a slow swing of 2 %."""
    return (1 + 0.02 * math.sin(day / 37 + ord(currency[0]))) / PER_USD[currency]


def in_base(minor: int, currency: str, base: str, day: int) -> dict[str, Any]:
    """`amount_base` block: the amount in the tenant's currency, and the rate.

    >>> in_base(10_000, "EUR", "USD", 20_000)["currency"]
    'USD'
    """
    millionths = rate(currency, base, day)
    value = minor * millionths * 10 ** exponent(base) // (1_000_000 * 10 ** exponent(currency))
    return {
        "value": text(value, base),
        "currency": base,
        "fx_rate": f"{millionths // 1_000_000}.{millionths % 1_000_000:06}",
    }


def limit_text(dollars: int, currency: str) -> str:
    """An approval limit of the order of `dollars`, in whole units of `currency`.

    >>> limit_text(5_000, "USD"), limit_text(5_000, "EUR"), limit_text(5_000, "JPY")
    ('5000', '5000', '500000')
    """
    return str(dollars * 10 ** round(math.log10(PER_USD[currency])))
