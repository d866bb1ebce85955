"""Payment related information of addenda: free text, or segments of ASC X12 (820 in CTX, single ones elsewhere).

Of X12 only segments that tell what is paid are kept (RMR, NTE, DTM, ADX and REF of orders and invoices). Others hold
account numbers (BPR), tax ids (TXP) or social security numbers (DED, REF*SY), which must not travel.

X12 820: ASC X12 Payment Order/Remittance Advice; use in ACH: Nacha Operating Rules, Appendix Three.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sluicegate.connectors.nacha_lines import words
from sluicegate.connectors.nacha_parts import day, digits

__all__ = ["remittance"]

_MOST_INVOICES = 1_000
_LONGEST = 1_024
_X12 = re.compile(r"\s*(ISA|GS|ST|BPR|TRN|RMR|REF|DTM|NTE|ADX|ENT|N1|TXP|DED|PLA|IT1)([^A-Za-z0-9\s])")
_TERMINATORS = "\\~\n"
_TOLD = frozenset(("RMR", "NTE", "DTM", "ADX"))
_ORDERS = frozenset(("PO", "IV", "VN", "CR"))
_AMOUNT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,18})?")
_SOCIAL = re.compile(r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b")
_SEPARATOR_AT, _TERMINATOR_AT = 3, 105
"""Where an ISA segment, which has a fixed length, shows what separates elements and what ends a segment."""
_INVOICE_DATE = "003"


def remittance(texts: Iterable[str], number: str) -> tuple[str, list[dict[str, Any]]]:
    """Text of at most 1,024 characters, and the invoices that it names. `number`: the account's, which is cut out.

    >>> remittance(["RMR*IV*INV-0071**950.00*1000.00\\\\DTM*003*20260302\\\\"], "987654321")[1]
    [{'number': 'INV-0071', 'total': '1000.00', 'date': '2026-03-02'}]
    >>> remittance(["Bonus  Q1 to 987654321, SSN 078-05-1120"], "987654321")
    ('Bonus Q1 to …, SSN …', [])
    """
    text = "".join(texts)
    invoices: list[dict[str, Any]] = []
    if match := _X12.match(text):
        told: list[str] = []
        for elements in _segments(text.lstrip(), match[1], match[2]):
            if elements[0] in _TOLD or (elements[0] == "REF" and elements[1:2] and elements[1].upper() in _ORDERS):
                told.append(match[2].join(elements))
                _invoice(elements, invoices)
        text = "\\".join(told)
    text = _SOCIAL.sub("…", words(text))
    if len(number) > 1:
        text = text.replace(number, "…")
    return text[:_LONGEST], invoices[:_MOST_INVOICES]


def _segments(text: str, first: str, separator: str) -> Iterator[list[str]]:
    terminator = next((one for one in _TERMINATORS if one in text), _TERMINATORS[0])
    if first == "ISA" and len(text) > _TERMINATOR_AT:
        separator, terminator = text[_SEPARATOR_AT], text[_TERMINATOR_AT]
    for segment in text.split(terminator):
        elements = [element.strip() for element in segment.split(separator)]
        elements[0] = elements[0].upper()
        yield elements


def _invoice(elements: list[str], invoices: list[dict[str, Any]]) -> None:
    """RMR begins an invoice or names an order; DTM and REF say more of the last one."""
    name, *rest = elements
    qualifier, value, *_ = [*rest, "", ""]
    if name == "RMR" and qualifier.upper() in ("IV", "PO") and value:
        invoice = {"number" if qualifier.upper() == "IV" else "po_number": value[:128]}
        if len(rest) > 4 and _AMOUNT.fullmatch(rest[4]):
            invoice["total"] = rest[4]
        invoices.append(invoice)
    elif name == "DTM" and qualifier == _INVOICE_DATE and invoices:
        when = day(value[2:] if len(value) == 8 and value.startswith("20") else value) if digits(value) else None
        if when is not None:
            invoices[-1]["date"] = when
    elif name == "REF" and qualifier.upper() == "PO" and value and invoices:
        invoices[-1]["po_number"] = value[:128]
