"""Accounts, names and amounts of made-up creditors, by their number: the same ones every time."""

from __future__ import annotations

__all__ = ["amount_of", "iban_of", "name_of"]

_FIRST = ("Anna", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "Giorgos", "Hanna", "Iñigo", "Jürgen", "Katarzyna")
_LAST = ("Nowak", "O&apos;Brien", "Peeters", "Rossi", "Sørensen", "Tóth", "Urbánek", "van Dijk", "Weiß", "Yılmaz")
_BANKS = ("37040044", "50010517", "10010010", "70150000", "20050550")


def iban_of(number: int) -> str:
    """A German IBAN with right check digits (ISO 13616: 98 less the rest of division by 97)."""
    bban = f"{_BANKS[number % len(_BANKS)]}{number:010d}"
    return f"DE{98 - int(f'{bban}131400') % 97:02d}{bban}"


def name_of(number: int) -> str:
    """A name as XML text; the same one comes back, as names do."""
    return f"{_FIRST[number % len(_FIRST)]} {_LAST[number // len(_FIRST) % len(_LAST)]} {number // 110}"


def amount_of(number: int) -> int:
    """Cents: 1,200.00 to 5,999.99."""
    return 120_000 + number * 7919 % 480_000
