"""The creditor of a credit transfer as a payee.

Who it is, by the first that the message has:

1. an identification that its own system gave (employee, customer, supplier number; DUNS, LEI): as it is, so that feeds
   of HR and purchasing name the same payee; one with nine digits, as a US social security number has, is hashed;
2. any other identification, which may be a national one: hashed with the tenant's key;
3. the name, folded, with the date of birth where there is one: hashed likewise.

The account is never part of it: a payee whose account changes stays the same payee. Tax and social security numbers
leave as `tax_id_hash`, passport and identity card numbers not at all.

Codes: ExternalPersonIdentification1Code and ExternalOrganisationIdentification1Code of ISO 20022.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from sluicegate.connectors.iso_values import day, spaced
from sluicegate.connectors.keys import TenantKeys

__all__ = ["fold", "payee"]

_TAX = frozenset({"NIDN", "SOSE", "TXID"})
_OWN_PERSON = ("EMPL", "CUST")
_OWN_ORGANISATION = ("CUST", "DUNS", "GS1G", "BANK")
_OWN_WORDS = frozenset({
    "CUSTOMER", "CUSTOMERID", "CUSTOMERNUMBER", "EMPLOYEE", "EMPLOYEEID", "EMPLOYEENUMBER", "PERSONNELNUMBER", "STAFF",
    "STAFFID", "SUPPLIER", "SUPPLIERID", "SUPPLIERNUMBER", "VENDOR", "VENDORID", "VENDORNUMBER", "WORKERID",
})  # fmt: skip
_REGISTERS = frozenset({"CINC", "COID", "DUNS", "SREN", "SRET"})
_ACCENTS = re.compile("[\u0300-\u036f]+")
_NOT_LETTERS = re.compile(r"[\W_]+")
_NOT_ALNUM = re.compile(r"[^0-9A-Za-z]")
_NINE_DIGITS = re.compile(r"[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}")
_COUNTRY = re.compile("[A-Z]{2}")
_REGION = re.compile("[A-Z]{2}-[A-Z0-9]{1,3}")
_LEI = re.compile("[A-Z0-9]{18}[0-9]{2}")


def fold(name: str) -> str:
    """A name without case, accents and punctuation.

    >>> fold("  Müller-Lüdenscheid,  Dr. Jürgen "), fold("STRASSE") == fold("Straße")
    ('muller ludenscheid dr jurgen', True)
    """
    if name.isascii():
        return _NOT_LETTERS.sub(" ", name.lower()).strip()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", name.casefold()))
    return _NOT_LETTERS.sub(" ", plain).strip()


def payee(record: Mapping[str, Any], kind: str, keys: TenantKeys) -> dict[str, Any] | None:
    """The payee block of a transaction, or None where it has neither a name nor an identification."""
    name = spaced(record.get("Cdtr/Nm", ""), 256)
    persons, organisations = record.get("Cdtr/Id/PrvtId/Othr", ()), record.get("Cdtr/Id/OrgId/Othr", ())
    birth = day(record.get("Cdtr/Id/PrvtId/DtAndPlcOfBirth/BirthDt", ""))
    lei = record.get("Cdtr/Id/OrgId/LEI", "")
    bic = record.get("Cdtr/Id/OrgId/AnyBIC") or record.get("Cdtr/Id/OrgId/BICOrBEI", "")
    out: dict[str, Any] = {"payee_id": "", "kind": kind}
    if name:
        out["name"] = name
    if ultimate := record.get("UltmtCdtr/Nm"):
        out["legal_name"] = spaced(ultimate, 256)
    if organisations or lei or bic:
        out["entity_type"] = "organisation"
    elif persons or birth or kind == "employee":
        out["entity_type"] = "person"
    country = record.get("Cdtr/CtryOfRes") or record.get("Cdtr/PstlAdr/Ctry", "")
    if _COUNTRY.fullmatch(country):
        out["country"] = country
    region = record.get("Cdtr/PstlAdr/CtrySubDvsn", "")
    if region and _REGION.fullmatch(region):
        out["region"] = region
    if birth:
        out["dob"] = birth
    if lei and _LEI.fullmatch(lei):
        out["lei"] = lei
    mail = record.get("Cdtr/CtctDtls/EmailAdr", "")
    if mail and "@" in mail:
        out["email_domain"] = mail.rpartition("@")[2].lower()[:253]
    if tax := _tax(persons, organisations, record):
        out["tax_id_hash"] = keys.tax_id(tax)
    if ids := _listed(organisations, bic):
        out["ids"] = ids
    id = _own(persons, _OWN_PERSON) or _own(organisations, _OWN_ORGANISATION) or out.get("lei")
    if id is None:
        text = _hashed(persons, organisations) or "\n".join((fold(name) or name, birth or "")).rstrip()
        if not text:
            return None
        id = keys.payee(text)
    out["payee_id"] = id
    return out


def _scheme(other: Mapping[str, Any]) -> str:
    return str(other.get("SchmeNm/Cd") or _NOT_ALNUM.sub("", other.get("SchmeNm/Prtry", "")).upper())


def _own(others: tuple[()] | list[Any], schemes: tuple[str, ...]) -> str | None:
    """An identification of the payer's own system, fit to be shown."""
    if not others:
        return None
    found = {_scheme(other): other["Id"] for other in reversed(others) if "Id" in other}
    for scheme in (*schemes, *sorted(found.keys() & _OWN_WORDS)):
        id = found.get(scheme)
        if id and len(id) <= 128 and not _NINE_DIGITS.fullmatch(id):
            return str(id)
    return None


def _hashed(persons: tuple[()] | list[Any], organisations: tuple[()] | list[Any]) -> str:
    """Text of the first identification of any kind, to be hashed."""
    for other in (*persons, *organisations):
        if "Id" in other:
            return f"id\n{_scheme(other)}\n{other['Id'].upper()}"
    return ""


def _tax(persons: tuple[()] | list[Any], organisations: tuple[()] | list[Any], record: Mapping[str, Any]) -> str:
    for other in persons:
        if "Id" in other and (_scheme(other) in _TAX or (not _scheme(other) and _NINE_DIGITS.fullmatch(other["Id"]))):
            return str(other["Id"])
    for other in organisations:
        if "Id" in other and _scheme(other) in ("TXID", "EMPL"):  # EMPL: the number of an employer, such as an EIN
            return str(other["Id"])
    return str(record.get("Tax/Cdtr/TaxId", ""))


def _listed(organisations: tuple[()] | list[Any], bic: str) -> list[dict[str, str]]:
    """Public identifiers of an organisation, for comparison with sanctions lists."""
    ids = [{"scheme": "bic", "value": bic[:128]}] if bic else []
    return ids + [
        {"scheme": "registration", "value": other["Id"][:128]}
        for other in organisations
        if _scheme(other) in _REGISTERS and "Id" in other
    ]
