"""Business e-mail compromise: a mail in a vendor's name asks to pay into another account, and nobody calls back."""

from __future__ import annotations

from functools import partial

from sluicegate.generate.accounts import actor
from sluicegate.generate.activity import AFTERMATH, account_change, set_right, unless_gone
from sluicegate.generate.drafts import CHANGE, Case, Draft
from sluicegate.generate.payees import Vendor
from sluicegate.generate.scheme import Scheme, victim
from sluicegate.generate.tenants import Tenant


def _suits(vendor: Vendor) -> bool:
    return vendor.paid >= 3 and vendor.case is None and not vendor.gone


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    vendor = victim(tenant, tenant.vendors, _suits)
    if vendor is None:
        return None
    case = scheme.case(tenant, "payee", vendor.id)

    def change(due: int, _at: int) -> Draft | None:
        if vendor.gone or vendor.case is not None:
            return None
        account = tenant.new_account(vendor)
        who = actor(tenant.rng, vendor.requester, tenant.home, role="ap", channel="email")
        data = account_change(vendor, account, who)
        vendor.account, vendor.case = account, case
        tenant.plan(due + AFTERMATH, partial(unless_gone, set_right, tenant, vendor))
        return Draft(CHANGE, data, case, opens=True)

    tenant.plan(due, change)
    return case


SCHEME = Scheme("mailed-account-change", "changed-account", "account", _play)
