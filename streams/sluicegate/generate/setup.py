"""The first day of a tenant: its policy, the import of its payees as they are, its staff list."""

from __future__ import annotations

from functools import partial
from itertools import count

from sluicegate.generate.activity import enrol_second, hire_event
from sluicegate.generate.days import MINUTE
from sluicegate.generate.drafts import CHANGE, Draft
from sluicegate.generate.payees import Payee
from sluicegate.generate.tenants import Tenant

STEP = 1_000  # µs from one record of the import to the next


def plan(tenant: Tenant, due: int) -> None:
    """Plan it from the instant `due` on."""
    tenant.plan(due, tenant.write_policy)
    moment = count(due + MINUTE, STEP)
    for payee in (*tenant.workers, *tenant.vendors):
        tenant.plan(next(moment), partial(_imported, tenant, payee))
    for worker in tenant.workers:
        if worker.second is not None:
            tenant.plan(next(moment), partial(enrol_second, tenant, worker))
        if tenant.roster:
            tenant.plan(next(moment), partial(hire_event, worker))


def _imported(tenant: Tenant, payee: Payee, _due: int, _at: int) -> Draft:
    ticket = f"import-{tenant.first_day}"
    who = {"user_id": tenant.officers[0], "role": "hr", "channel": "bulk_import", "ticket": ticket}
    data = {"change": "created", "payee": payee.raw, "new_account": payee.account.raw, "bootstrap": True, "actor": who}
    return Draft(CHANGE, data)
