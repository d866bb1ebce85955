"""What a credit transfer is for: its text, and the invoices that it pays.

Elements: StructuredRemittanceInformation of ISO 20022. Up to pain.001.001.12 the amount of a document is in
`RfrdDocAmt/DuePyblAmt` or `RmtdAmt` and its date in `RltdDt`; from .13 on in `RfrdDocAmt/RmtAmtAndTp/Amt` and
`RltdDt/Dt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sluicegate.connectors.iso_values import amount, day, spaced

__all__ = ["invoices", "remittance"]

_LONGEST = 1024
_LEAST = 6
"""Shorter numbers are not looked for: they turn up in other ones."""
_AMOUNTS = ("RfrdDocAmt/RmtdAmt", "RfrdDocAmt/DuePyblAmt")
_ORDER, _CREDIT = "PUOR", "CREN"


def remittance(record: Mapping[str, Any], number: str) -> str:
    """Free text, creditors' references and remarks, joined by spaces; the account's number, if it is told, is blotted.

    >>> remittance({"RmtInf/Ustrd": ["Invoice 7", "to DE89 3704 0044 0532 0130 00"]}, "DE89370400440532013000")
    'Invoice 7 to ...3000'
    """
    parts = list(record.get("RmtInf/Ustrd", ()))
    for one in record.get("RmtInf/Strd", ()):
        if "CdtrRefInf/Ref" in one:
            parts.append(one["CdtrRefInf/Ref"])
        parts += one.get("AddtlRmtInf", ())
    return blot(" ".join(" ".join(parts).split()), number)[:_LONGEST] if parts else ""


def blot(text: str, number: str) -> str:
    """The text without the account's number, however it is spaced."""
    if len(number) < _LEAST or number not in text.upper().replace(" ", "").replace("-", ""):
        return text
    at, kept = [], []
    for index, letter in enumerate(text):
        if letter not in " -":
            at.append(index)
            kept.append(letter.upper() if len(letter.upper()) == 1 else letter)
    bare = "".join(kept)
    while (found := bare.rfind(number)) >= 0:
        text = f"{text[: at[found]]}...{number[-4:]}{text[at[found + len(number) - 1] + 1 :]}"
        bare = bare[:found]
    return text


def invoices(record: Mapping[str, Any], number: str) -> list[dict[str, Any]]:
    """The documents that are paid: neither orders nor credit notes, of which nothing tells what they credit.

    Where a remittance names no document, the creditor's reference stands for one.
    """
    out: list[dict[str, Any]] = []
    for one in record.get("RmtInf/Strd", ()):
        total = _total(one)
        documents = [doc for doc in one.get("RfrdDocInf", ()) if "Nb" in doc]
        if not documents and "CdtrRefInf/Ref" in one:
            documents = [{"Nb": one["CdtrRefInf/Ref"]}]
        orders = [doc["Nb"] for doc in documents if _type(doc) == _ORDER]
        billed = [doc for doc in documents if _type(doc) not in (_ORDER, _CREDIT)]
        for doc in billed:
            made = {"number": spaced(blot(doc["Nb"], number), 128)}
            if date := day(doc.get("RltdDt") or doc.get("RltdDt/Dt", "")):
                made["date"] = date
            if total and len(billed) == 1:  # an amount for several documents is the total of none of them
                made["total"] = total
            if orders:
                made["po_number"] = spaced(blot(orders[0], number), 128)
            out.append(made)
    return out


def _total(one: Mapping[str, Any]) -> str | None:
    texts = [one.get(key, "") for key in _AMOUNTS]
    texts += [part.get("Amt", "") for part in one.get("RfrdDocAmt/RmtAmtAndTp", ())]
    return next((found for text in texts if (found := amount(text))), None)


def _type(document: Mapping[str, Any]) -> str:
    return str(document.get("Tp/CdOrPrtry/Cd", ""))
