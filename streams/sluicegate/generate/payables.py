"""Payments to vendors: an invoice or two every few weeks, paid in office hours after somebody approved it."""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Any

import msgspec

from sluicegate.generate import days, money
from sluicegate.generate.accounts import encode
from sluicegate.generate.days import MINUTE, day_text, instant_text
from sluicegate.generate.drafts import VENDOR, Case, Draft
from sluicegate.generate.names import pick
from sluicegate.generate.payees import Vendor
from sluicegate.generate.payroll import paid
from sluicegate.generate.tenants import Tenant


def plan(tenant: Tenant, day: int) -> None:
    """Plan the payments of a local day, and say when each vendor is next."""
    due = tenant.invoices_due.pop(day, ())
    if not days.is_business_day(day):
        tenant.invoices_due[day + 1].extend(due)
        return
    for vendor in due:
        if vendor.gone:
            continue
        tenant.plan(tenant.office_hour(day), partial(pay_next, tenant, vendor))
        wobble = int(6 * tenant.rng.random()) - 2 if vendor.spread else 0
        tenant.invoices_due[day + vendor.gap + wobble].append(vendor)


def pay_next(tenant: Tenant, vendor: Vendor, due: int, at: int) -> Draft | None:
    """A Writer: the vendor's next invoice, at its usual amount."""
    if vendor.gone:
        return None
    rng = tenant.rng
    vendor.number += 1 + int(9 * rng.random())
    minor = vendor.median
    if vendor.spread:
        minor = max(1, int(minor * math.exp(rng.gauss(0, vendor.spread))))
    return invoice_paid(tenant, vendor, vendor.style.format(vendor.number), minor, due, at, case=vendor.case)


def invoice_paid(
    tenant: Tenant, vendor: Vendor, number: str, minor: int, due: int, at: int, *,
    case: Case | None = None, opens: bool = False, orders: bool | None = None,
) -> Draft:  # fmt: skip
    """The payment of one invoice. `orders`: whether it names a purchase order (default: as the vendor usually does)."""
    rng, today = tenant.rng, tenant.today(at)
    payment_id = tenant.payment_id()
    invoice = {"number": number, "date": day_text(today - 6 - int(24 * rng.random()))}
    if vendor.orders if orders is None else orders:
        invoice["po_number"] = f"PO{tenant.number('order'):06}"
    data: dict[str, Any] = {
        "payment_id": payment_id,
        "payee": vendor.raw,
        "account": vendor.account.raw,
        "amount": {"value": money.text(minor, vendor.currency), "currency": vendor.currency},
        "schedule": _schedule(vendor.rail, today),
        "invoices": [invoice],
        "purpose": _PURPOSE,
        "approval": {
            "requested_by": vendor.requester,
            "created_by": "payables",
            "approved_by": [pick(rng, tenant.approvers)],
            "approved_at": instant_text(at - 20 * MINUTE),
        },
        "ledger": vendor.ledger,
    }
    if vendor.currency != tenant.base:
        data |= tenant.foreign(minor, vendor.currency, at)
    vendor.last_number = number
    paid(tenant, vendor, payment_id, minor, due)
    return Draft(VENDOR, data, case, opens)


_PURPOSE = msgspec.Raw(encode({"code": "SUPP", "category_code": "SUPP"}))


@lru_cache(maxsize=4096)
def _schedule(rail: str, day: int) -> msgspec.Raw:
    block = {"rail": rail, "pay_date": day_text(days.add_business_days(day, 1))}
    if rail == "ach":
        block |= {"sec_code": "CCD", "entry_descriptor": "PAYMENT"}
    return msgspec.Raw(encode(block))
