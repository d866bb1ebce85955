"""A csv payroll of any size, with a footer whose total agrees, and its mapping beside it."""

from __future__ import annotations

from pathlib import Path

from tests.bench.import_samples.iso_parts import amount_of, iban_of, name_of

__all__ = ["write_sample"]

_BLOCK = 1000
MAPPING = """
[columns]
payment_id = "reference"
"payee.payee_id" = "employee"
"payee.name" = "name"
"account.iban" = "iban"
"amount.value" = "net"
"schedule.run_id" = "run"
time = "when"

[constants]
"amount.currency" = "EUR"
"schedule.rail" = "sepa_ct"

[footer]
column = "reference"
value = "TOTAL"
sum = "net"
count = "employee"
"""


def write_sample(path: Path, transactions: int) -> None:
    """Writes the file, some 100 bytes a row, and `<path>.toml`."""
    path.with_suffix(".toml").write_text(MAPPING, encoding="utf-8")
    with path.open("w", encoding="utf-8") as out:
        out.write("reference,employee,name,iban,net,run,when\n")
        for block in range(0, transactions, _BLOCK):
            out.write("".join(map(_row, range(block, min(block + _BLOCK, transactions)))))
        out.write(f"TOTAL,{transactions},,,{_euros(sum(map(amount_of, range(transactions))))},,\n")


def _row(number: int) -> str:
    amount = _euros(amount_of(number))
    return f"R{number},E{number},{name_of(number)},{iban_of(number)},{amount},JUNE,2026-06-24T10:00:00Z\n"


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
