"""What banks answer: returns (addenda 99) and notices of change (98), as statuses of the payment they are about.

A return says `returned`, with its R-code. `questionable` is set for R17, by the word QUESTIONABLE at the beginning of
the addenda information, with which a bank marks what it takes for fraud. When the payer's bank dishonours a return
(R61-R70), the payment is under way again: `accepted`; when that is contested (R71-R77), it is `returned` after all.

A notice says `noc`, with its C-code; codes that correct the account give it as `corrected_account`. A refused notice
(C61-C69) corrects nothing.

Layouts and codes: Nacha Operating Rules, Appendix Four (returns) and Appendix Five (notifications of change).
"""

from __future__ import annotations

import re
from typing import Any

from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.nacha_iat import foreign_account, receiver
from sluicegate.connectors.nacha_lines import Record
from sluicegate.connectors.nacha_parts import Batch, Entry, RecordError, digits
from sluicegate.connectors.nacha_party import account, bare, check_digit, domestic, identify
from sluicegate.connectors.nacha_payments import payment_id

__all__ = ["RETURN", "status"]

RETURN, NOTICE = "99", "98"
_RETURN_CODE, _CHANGE_CODE = re.compile("R[0-9]{2}"), re.compile("C[0-9]{2}")
_DISHONOURED = frozenset(f"R{number}" for number in range(61, 71))
_QUESTIONED, _MARK = "R17", "QUESTIONABLE"
_ROUTING, _NUMBER = frozenset(("C02", "C03", "C07")), frozenset(("C01", "C03", "C06", "C07"))
_NUMBER_AT = {"C01": slice(0, 17), "C03": slice(9, 29), "C06": slice(0, 17), "C07": slice(9, 26)}
"""Where the corrected account number stands in the corrected data."""


def status(entry: Entry, batch: Batch, answer: Record, keys: TenantKeys) -> dict[str, Any]:
    """Data of the event; `answer` is the addenda record 98 or 99. Raises RecordError."""
    text = answer.text
    code = text[3:6].upper()
    returned = text[1:3] == RETURN
    if not (_RETURN_CODE if returned else _CHANGE_CODE).fullmatch(code):
        kind = "return reason code, R and two digits" if returned else "change code, C and two digits"
        raise RecordError(answer.line, f"addenda {text[1:3]}, positions 4-6 (code)", f"no {kind}")
    where = f"addenda {text[1:3]}, positions 7-21 (original entry trace number)"
    id = payment_id(Entry(answer.line, text, batch), batch, text[6:21], where)
    if batch.iat:
        who = receiver(entry)
        own, name, number, routing = who.id, who.name, who.number, ""
        fp = foreign_account(entry, number, keys)["fp"] if entry.addendum("14") is not None else None
    else:
        own, name, number = domestic(entry, batch.sec)
        routing = _routing(answer, batch)
        fp = account(routing, number, keys)["fp"]
    data: dict[str, Any] = {
        "payment_id": id,
        "payee_id": identify(entry, own, name, number, keys)["payee_id"],
        "status": "noc" if not returned else "accepted" if code in _DISHONOURED else "returned",
        "code": code,
    }
    if fp is not None:
        data["account_fp"] = fp
    if code == _QUESTIONED:
        data["questionable"] = text[45 if batch.iat else 35 : 79].upper().lstrip().startswith(_MARK)
    if not batch.iat and code in _ROUTING | _NUMBER:
        data["corrected_account"] = _corrected(answer, code, routing, number, keys)
    return data


def _routing(answer: Record, batch: Batch) -> str:
    """The original receiving bank: as the addenda says, else the bank that answers."""
    for routing in (answer.text[27:35], batch.text[79:87]):
        if digits(routing):
            return routing
    raise RecordError(
        answer.line, f"addenda {answer.text[1:3]}, positions 28-35 (original receiving bank)", "not 8 digits"
    )


def _corrected(answer: Record, code: str, routing: str, number: str, keys: TenantKeys) -> dict[str, Any]:
    """The account that is right: what the notice corrects, and of the entry what it does not."""
    data, digit = answer.text[35:64], check_digit(routing)
    if code in _ROUTING:
        routing, digit = data[:8], data[8]
        if not digits(data[:9]):
            raise RecordError(answer.line, "addenda 98, positions 36-44 (corrected routing number)", "not 9 digits")
    if code in _NUMBER:
        at = _NUMBER_AT[code]
        number = bare(data[at])
        if not number:
            raise RecordError(
                answer.line, f"addenda 98, positions {36 + at.start}-{35 + at.stop} (corrected account number)", "empty"
            )
    return account(routing, number, keys, digit)
