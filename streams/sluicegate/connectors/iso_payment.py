"""A credit transfer of an ISO 20022 message as a payment event, or as a fault with its place.

**payment_id**, on which feeds of payment status join: the UETR in small letters, where the transaction has one; else
`MsgId/PmtInfId/id/position`, where id is the InstrId, else the EndToEndId, else (pacs.008) the TxId, and position the
transaction's number in the file, from 1; a message without payment groups (pacs.008) has no `PmtInfId/`. Where that is
longer than 128 characters, or holds the number of the creditor's account, it is `iso-` and the first 32 hexadecimal
digits of its SHA-256.

**Identity**: the message's id and creation time, what its group says of all its transactions, the position, and the
content of the transaction as far as it is read. White space, prefixes and elements that are not read make no
difference; a corrected transaction is another one.

Without a place in the contract, and so not read: charges, exchange rates, intermediary agents, regulatory reporting,
the debtor beyond the country of its bank. The ultimate creditor's name is the payee's `legal_name`, so that it is
screened too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from sluicegate.connectors.base import Context, Faulty, Place, Transaction
from sluicegate.connectors.iso_accounts import account
from sluicegate.connectors.iso_parties import fold, payee
from sluicegate.connectors.iso_rails import SEC_CODES, rail
from sluicegate.connectors.iso_reader import Record
from sluicegate.connectors.iso_remittance import invoices, remittance
from sluicegate.connectors.iso_values import UnusableError, amount, day

__all__ = ["TRANSACTION", "TYPES", "Group", "payment"]

PAYROLL, VENDOR = "payroll.payment.v1", "vendor.payment.v1"
TYPES = (PAYROLL, VENDOR)

_PAYROLL_CATEGORIES = frozenset({"BONU", "PENS", "SALA"})
"""ExternalCategoryPurpose1Code."""
_PAYROLL_PURPOSES = frozenset({"BONU", "GVEA", "GVEB", "GVEC", "GVED", "PAYR", "PENS", "SALA", "SPSP"})
"""ExternalPurpose1Code, asked where no category is given."""

TRANSACTION = """
PmtId/InstrId PmtId/EndToEndId PmtId/TxId PmtId/UETR
PmtTpInf/SvcLvl/Cd PmtTpInf/SvcLvl/Prtry PmtTpInf/LclInstrm/Cd PmtTpInf/LclInstrm/Prtry PmtTpInf/CtgyPurp/Cd
CdtrAgt/FinInstnId/BICFI CdtrAgt/FinInstnId/BIC CdtrAgt/FinInstnId/Nm CdtrAgt/FinInstnId/PstlAdr/Ctry
CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId/Cd CdtrAgt/FinInstnId/ClrSysMmbId/MmbId
Cdtr/Nm Cdtr/PstlAdr/Ctry Cdtr/PstlAdr/CtrySubDvsn Cdtr/CtryOfRes Cdtr/CtctDtls/EmailAdr
Cdtr/Id/OrgId/AnyBIC Cdtr/Id/OrgId/BICOrBEI Cdtr/Id/OrgId/LEI
Cdtr/Id/OrgId/Othr*/Id Cdtr/Id/OrgId/Othr*/SchmeNm/Cd Cdtr/Id/OrgId/Othr*/SchmeNm/Prtry
Cdtr/Id/PrvtId/DtAndPlcOfBirth/BirthDt
Cdtr/Id/PrvtId/Othr*/Id Cdtr/Id/PrvtId/Othr*/SchmeNm/Cd Cdtr/Id/PrvtId/Othr*/SchmeNm/Prtry
CdtrAcct/Id/IBAN! CdtrAcct/Id/Othr/Id CdtrAcct/Id/Othr/SchmeNm/Cd CdtrAcct/Id/Othr/SchmeNm/Prtry CdtrAcct/Nm
CdtrAcct/Prxy/Tp/Cd CdtrAcct/Prxy/Tp/Prtry CdtrAcct/Prxy/Id
UltmtCdtr/Nm Purp/Cd Tax/Cdtr/TaxId
RmtInf/Ustrd*
RmtInf/Strd*/RfrdDocInf*/Tp/CdOrPrtry/Cd RmtInf/Strd*/RfrdDocInf*/Nb RmtInf/Strd*/RfrdDocInf*/RltdDt
RmtInf/Strd*/RfrdDocInf*/RltdDt/Dt
RmtInf/Strd*/RfrdDocAmt/DuePyblAmt RmtInf/Strd*/RfrdDocAmt/RmtdAmt RmtInf/Strd*/RfrdDocAmt/RmtAmtAndTp*/Amt
RmtInf/Strd*/CdtrRefInf/Ref RmtInf/Strd*/AddtlRmtInf*
"""
"""What is read of a transaction in every message: a part of a layout (see iso_reader)."""

_UETR = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CURRENCY = re.compile("[A-Z]{3}")
_LONGEST_ID = 128
_CONTENT = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Group:
    """What a message says of several transactions at once."""

    message: str
    """Id of the message."""
    run_id: str
    batch_id: str
    control: str
    created: int
    """µs since 1970 UTC."""
    identity: tuple[str, ...]
    date: str
    """Of execution or settlement, as it is written; empty where the transactions have their own."""
    date_place: Place
    country: str
    """Of the debtor's bank."""
    method: str = ""
    clearing: str = ""
    service: str = ""
    instrument: str = ""
    category: str = ""


def payment(
    record: Record, group: Group, position: int, amounts: tuple[str, ...], context: Context, date: str = ""
) -> Transaction | Faulty:
    """The transaction. `amounts`: where its amount may be, the usual place first; `date`: where its own date may be."""
    try:
        data, type = _data(record, group, position, amounts, context, date)
    except UnusableError as fault:
        line = record.lines.get(fault.key.removesuffix("/@Ccy"), record.line)
        place = fault.place or Place(line, f"{record.path}/{fault.key}")
        return Faulty(position, place, fault.reason, str(fault), _CONTENT.encode(record))
    content = _CONTENT.encode(record).decode()
    identity = (*group.identity, str(position), content)
    return Transaction(position, Place(record.line, record.path), type, identity, group.created + position, data)


def _data(
    record: Record, group: Group, position: int, amounts: tuple[str, ...], context: Context, date: str
) -> tuple[dict[str, Any], str]:
    money = _money(record, amounts)
    pay_date = _pay_date(record, group, date)
    service = record.get("PmtTpInf/SvcLvl/Cd") or record.get("PmtTpInf/SvcLvl/Prtry") or group.service
    instrument = record.get("PmtTpInf/LclInstrm/Cd") or record.get("PmtTpInf/LclInstrm/Prtry") or group.instrument
    category = record.get("PmtTpInf/CtgyPurp/Cd") or group.category
    purpose = record.get("Purp/Cd", "")
    payroll = _is_payroll(category, purpose, context)
    to = payee(record, "employee" if payroll else "vendor", context.keys)
    if to is None:
        raise UnusableError("Cdtr/Nm", "the creditor has neither a name nor an identification")
    name = to.get("name", to["payee_id"])
    cheque = (fold(name) or name) if group.method == "CHK" and "CdtrAcct/Id/IBAN" not in record else ""
    at = account(record, group.country, cheque, context.keys)
    schedule = {
        "rail": rail(
            group.method, group.clearing, instrument, service, money["currency"], group.country, at.block["country"]
        ),
        "run_id": group.run_id,
        "pay_date": pay_date,
    }
    if instrument in SEC_CODES:
        schedule["sec_code"] = instrument
    data: dict[str, Any] = {
        "payment_id": _payment_id(record, group, position, at.number),
        "payee": to,
        "account": at.block,
        "amount": money,
        "schedule": schedule,
        "batch": {"id": group.batch_id, "control": group.control},
    }
    text = remittance(record, at.number)
    told = {"code": purpose[:35], "category_code": category[:35], "remittance": text}
    if told := {key: value for key, value in told.items() if value}:
        data["purpose"] = told
    if billed := invoices(record, at.number):
        data["invoices"] = billed
    return data, PAYROLL if payroll else VENDOR


def _money(record: Record, amounts: tuple[str, ...]) -> dict[str, str]:
    key = next((key for key in amounts if key in record or key in record.lines), amounts[0])
    text = record.get(key)
    if text is None:
        raise UnusableError(key, "the amount is missing", "bad_amount")
    value = amount(text)
    if value is None:
        why = "the amount is negative" if text.startswith("-") else "the amount is no decimal with at most 18 digits"
        raise UnusableError(key, f"{why}; expected one such as 1250.00", "bad_amount")
    currency = record.get(f"{key}@Ccy", "")
    if not _CURRENCY.fullmatch(currency):
        why = "is not of three capital letters" if currency else "is missing"
        raise UnusableError(f"{key}/@Ccy", f"the currency {why}")
    return {"value": value, "currency": currency}


def _pay_date(record: Record, group: Group, key: str) -> str:
    own = record.get(key, "") if key else ""
    text = own or group.date
    found = day(text)
    if found is None:
        why = "no day of the calendar; expected one such as 2026-06-30" if text else "missing"
        place = None if own else group.date_place
        raise UnusableError(key, f"the date of execution or settlement is {why}", place=place)
    return found


def _is_payroll(category: str, purpose: str, context: Context) -> bool:
    if context.stream != "auto":
        return context.stream == "payroll"
    return category in _PAYROLL_CATEGORIES if category else purpose in _PAYROLL_PURPOSES


def _payment_id(record: Record, group: Group, position: int, number: str) -> str:
    uetr = record.get("PmtId/UETR", "").lower()
    if _UETR.fullmatch(uetr):
        return str(uetr)
    own = record.get("PmtId/InstrId") or record.get("PmtId/EndToEndId") or record.get("PmtId/TxId", "")
    id = f"{group.run_id}/{own}/{position}"
    bare = id.upper().replace(" ", "").replace("-", "")
    if len(id) <= _LONGEST_ID and (len(number) < 6 or number not in bare):
        return id
    return "iso-" + sha256(id.encode()).hexdigest()[:32]
