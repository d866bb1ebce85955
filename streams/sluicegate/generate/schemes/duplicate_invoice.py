"""An invoice that was paid some weeks ago is paid again, its number written another way."""

from __future__ import annotations

from sluicegate.generate import payables
from sluicegate.generate.days import DAY
from sluicegate.generate.drafts import Case, Draft
from sluicegate.generate.payees import Vendor
from sluicegate.generate.scheme import Scheme, victim
from sluicegate.generate.tenants import Tenant


def respelled(number: str) -> str:
    """The same invoice number as another clerk would type it.

    >>> respelled("INV-004711"), respelled("0004711"), respelled("R04711"), respelled("2004711/A")
    ('004711', 'No. 4711', 'r 04711', '2004711 a')
    """
    if number.startswith("INV-"):
        return number[4:]
    if number.startswith("0"):
        return f"No. {number.lstrip('0')}"
    if number[0] in "RF":
        return f"{number[0].lower()} {number[1:]}"
    return number.replace("/", " ").replace("-", " ").lower()


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    def suits(vendor: Vendor) -> bool:
        return bool(vendor.last_number) and not vendor.gone and 3 * DAY < due - vendor.last_due < 60 * DAY

    vendor = victim(tenant, tenant.vendors, suits)
    if vendor is None:
        return None
    case = scheme.case(tenant, "payee", vendor.id)
    number, minor = respelled(vendor.last_number), vendor.last_minor

    def pay_again(due: int, at: int) -> Draft:
        return payables.invoice_paid(tenant, vendor, number, minor, due, at, case=case, opens=True)

    tenant.plan(due, pay_again)
    return case


SCHEME = Scheme("duplicate-invoice", "duplicate-invoice", "payables", _play)
