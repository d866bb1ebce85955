"""International entries (IAT): who and where stands in seven addenda, 10 to 16, and remittance in 17.

The amount of the entry is in US dollars, in whichever currency the receiver is paid; the foreign amount of addenda 10
is what another bank makes of it, at a rate that the file may not know, and is not taken over. Streets and cities are
not read: home addresses do not travel.

Layouts: Nacha Operating Rules, Appendix Three, IAT entry detail and addenda records.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sluicegate.connectors import iso_accounts
from sluicegate.connectors.iso_values import UnusableError
from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.nacha_lines import words
from sluicegate.connectors.nacha_parts import Entry, RecordError, digits
from sluicegate.connectors.nacha_party import account, bare

__all__ = ["Receiver", "foreign_account", "receiver"]

_COUNTRY = re.compile("[A-Z]{2}")
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_NATIONAL, _BIC = "01", "02"


class Receiver(NamedTuple):
    """Who is paid. `salary`: the transaction is one of wages (type code SAL)."""

    id: str
    name: str
    number: str
    country: str | None
    salary: bool


def receiver(entry: Entry) -> Receiver:
    """From addenda 10, 15 and 16; raises RecordError where there is no account number."""
    number = bare(entry.text[39:74])
    if not number:
        raise RecordError(entry.line, "IAT entry detail, positions 40-74 (account number)", "empty")
    party, own, home = entry.addendum("10"), entry.addendum("15"), entry.addendum("16")
    country = home.text[38:40].upper() if home is not None and not home.text[40:41].isalnum() else ""
    return Receiver(
        id=own.text[3:18].strip() if own is not None else "",
        name=words(party.text[46:81]) if party is not None else "",
        number=number,
        country=country if _COUNTRY.fullmatch(country) else None,
        salary=party is not None and party.text[3:6].upper() == "SAL",
    )


def foreign_account(entry: Entry, number: str, keys: TenantKeys) -> dict[str, Any]:
    """Account block at the bank of addenda 14; raises RecordError. The country is the bank's, else the batch's."""
    bank = entry.addendum("14")
    country = bank.text[74:76].upper() if bank is not None else ""
    if not _COUNTRY.fullmatch(country) and entry.batch is not None:
        country = entry.batch.text[38:40].upper()
    if not _COUNTRY.fullmatch(country):
        raise RecordError(
            bank.line if bank is not None else entry.line,
            "addenda 14, positions 75-77 (branch country of the receiving bank)",
            "no country of two letters, nor is there one in the batch header",
        )
    qualifier, bank_id = (bank.text[38:40], bare(bank.text[40:74])) if bank is not None else ("", "")
    name = words(bank.text[3:38]) if bank is not None else ""
    if country == "US":
        routing = bank_id if len(bank_id) == 9 and digits(bank_id) else entry.text[3:12]
        if not digits(routing):
            raise RecordError(entry.line, "IAT entry detail, positions 4-12 (receiving bank)", "not 9 digits")
        block = account(routing[:8], number, keys, routing[8])
        return block | {"bank_name": name} if name else block
    record: dict[str, Any] = {"CdtrAgt/FinInstnId/Nm": name}
    iban = _IBAN.fullmatch(number) is not None and number[:2] == country
    record["CdtrAcct/Id/IBAN" if iban else "CdtrAcct/Id/Othr/Id"] = number
    if qualifier == _BIC:
        record["CdtrAgt/FinInstnId/BICFI"] = bank_id
    elif qualifier == _NATIONAL and number not in bank_id:
        record["CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"] = bank_id
    try:
        return iso_accounts.account(record, country, "", keys).block
    except UnusableError as fault:
        raise RecordError(entry.line, "IAT entry detail, positions 40-74 (account number)", str(fault)) from None
