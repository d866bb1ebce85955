"""A slip of the decimal point: a vendor's invoice is paid at ten or a hundred times its usual amount."""

from __future__ import annotations

from sluicegate.generate import payables
from sluicegate.generate.drafts import Case, Draft
from sluicegate.generate.payees import Vendor
from sluicegate.generate.scheme import Scheme, victim
from sluicegate.generate.tenants import Tenant


def _suits(vendor: Vendor) -> bool:
    return vendor.paid >= 4 and vendor.case is None and not vendor.gone


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    vendor = victim(tenant, tenant.vendors, _suits)
    if vendor is None:
        return None
    case = scheme.case(tenant, "payee", vendor.id)
    factor = 100 if tenant.rng.random() < 0.4 else 10

    def pay(due: int, at: int) -> Draft:
        vendor.number += 1
        number = vendor.style.format(vendor.number)
        return payables.invoice_paid(tenant, vendor, number, vendor.median * factor, due, at, case=case, opens=True)

    tenant.plan(due, pay)
    return case


SCHEME = Scheme("decimal-slip", "unusual-payment", "anomaly", _play)
