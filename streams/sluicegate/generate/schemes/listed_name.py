"""A party of the sanctions list is registered as a vendor or contractor, its name as listed or a little abbreviated."""

from __future__ import annotations

from functools import partial

from sluicegate.generate import listed, payables
from sluicegate.generate.accounts import bank_account
from sluicegate.generate.activity import AFTERMATH, created, set_right, unless_gone
from sluicegate.generate.days import DAY
from sluicegate.generate.drafts import CHANGE, Case, Draft
from sluicegate.generate.payees import Payee
from sluicegate.generate.scheme import Scheme
from sluicegate.generate.tenants import Tenant


def _written(name: str, short: bool) -> str:
    """The name as a clerk may enter it.

    >>> _written("Shenyang Geumpungri Network Technology Co., Ltd", True)
    'Shenyang Geumpungri Network Tech Co Ltd'
    """
    if not short:
        return name
    for whole, brief in (("Technology", "Tech"), ("Corporation", "Corp"), ("Company", "Co"), ("Co., Ltd", "Co Ltd")):
        name = name.replace(whole, brief)
    return name


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    rng = tenant.rng
    person = rng.random() < 0.4
    choices = listed.PEOPLE if person else listed.FIRMS
    entry, name = choices[int(rng.random() * len(choices))]
    name = _written(name, rng.random() < 0.5)
    case = scheme.case(tenant, "payee", "", entry)

    def register(due: int, at: int) -> Draft:
        payee: Payee
        if person:
            payee = tenant.hire(tenant.today(at), contractor=True, remote=True, name=name)
        else:
            payee = vendor = tenant.add_vendor()
            vendor.orders = True
            tenant.plan(due + 7 * DAY, partial(payables.pay_next, tenant, vendor))
            tenant.invoices_due[tenant.today(due) + 7 + vendor.gap].append(vendor)
        payee.block["name"] = name
        payee.block.pop("email_domain", None)
        payee.account = bank_account(rng, payee.account.country, name)
        payee.refresh()
        case.subject_id = payee.id
        payee.case, payee.planted = case, True
        tenant.plan(due + AFTERMATH, partial(unless_gone, set_right, tenant, payee))
        return Draft(CHANGE, created(tenant, payee, at), case, opens=True)

    tenant.plan(due, register)
    return case


SCHEME = Scheme("listed-name", "sanctioned-name", "sanctions", _play)
