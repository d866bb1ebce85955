"""An ACH payroll (PPD) of any size, in batches of 10,000 entries, whose controls agree."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

__all__ = ["write_sample"]

_BATCH = 10_000
_BANKS = ("011401533", "021000021", "091000019", "111000025", "121042882", "322271627")
_FIRST = ("ANNA", "BJORN", "CHLOE", "DMITRI", "ELIF", "FATIMA", "GIORGOS", "HANNA", "INIGO", "KATARZYNA", "LUIS")
_LAST = ("NOWAK", "OBRIEN", "PEETERS", "ROSSI", "SORENSEN", "TOTH", "URBANEK", "VAN DIJK", "WEISS", "YILMAZ")


def write_sample(path: Path, transactions: int) -> None:
    """Writes the file, 95 bytes an entry."""
    with path.open("w", encoding="ascii", newline="\n") as out:
        out.write(f"101 091000019{'1234567892':>10}2603180830A094101{'NORTH RIVER BANK':23}{'GROVE BAKERY':23}{'':8}\n")
        hash = cents = 0
        starts = range(0, transactions, _BATCH)
        for number, start in enumerate(starts, 1):
            found = _batch(out, number, range(start, min(start + _BATCH, transactions)))
            hash, cents = hash + found[0], cents + found[1]
        records = transactions + 2 * len(starts) + 2
        blocks = -(-records // 10)
        out.write(f"9{len(starts):06}{blocks:06}{transactions:08}{hash % 10**10:010}{0:012}{cents:012}{'':39}\n")
        out.write(f"{'9' * 94}\n" * (-records % 10))


def _batch(out: TextIO, number: int, entries: range) -> tuple[int, int]:
    """Entry hash and sum of cents."""
    head = f"{'GROVE BAKERY':16}{'':20}1234567892PPD{'PAYROLL':10}{'':6}260320   1091000010{number:06}"
    out.write(f"5220{head}\n")
    hash = total = 0
    for at in entries:
        bank, cents = _BANKS[at % len(_BANKS)], 100_000 + at * 7_919 % 400_000
        name = f"{_FIRST[at % len(_FIRST)]} {_LAST[at % len(_LAST)]}"
        account = f"{1_000_000_007 + at * 104_729:014}"
        out.write(f"622{bank}{account:17}{cents:010}{f'E-{at}':15}{name:22}  009100001{at % 10**7:07}\n")
        hash, total = hash + int(bank[:8]), total + cents
    out.write(f"8220{len(entries):06}{hash % 10**10:010}{0:012}{total:012}1234567892{'':25}091000010{number:06}\n")
    return hash, total
