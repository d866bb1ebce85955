"""Payroll diversion: an intruder in the portal sends the next pay to a prepaid card, a day before the run."""

from __future__ import annotations

from functools import partial

from sluicegate.generate import days
from sluicegate.generate.accounts import intruder, prepaid_card
from sluicegate.generate.activity import AFTERMATH, account_change, set_right, unless_gone
from sluicegate.generate.drafts import CHANGE, Case, Draft
from sluicegate.generate.payees import Worker
from sluicegate.generate.scheme import Scheme, victim
from sluicegate.generate.tenants import Tenant


def _suits(worker: Worker) -> bool:
    return worker.paid >= 4 and worker.case is None and worker.second is None


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    worker = victim(tenant, tenant.workers, _suits)
    if worker is None:
        return None
    pay_day = worker.group.calendar.next_pay_day(tenant.today(due) + 4)
    change_day = days.add_business_days(pay_day, -2)  # the run is instructed on the day after
    case = scheme.case(tenant, "payee", worker.id)

    def change(due: int, _at: int) -> Draft | None:
        if worker.gone or worker.case is not None:
            return None
        card = prepaid_card(tenant.rng, worker.account.country)
        data = account_change(worker, card, intruder(tenant.rng, f"u-{worker.id}", worker.country))
        worker.account, worker.case = card, case
        tenant.plan(due + AFTERMATH, partial(unless_gone, set_right, tenant, worker))
        return Draft(CHANGE, data, case, opens=True)

    tenant.plan(max(due, tenant.office_hour(change_day)), change)
    return case


SCHEME = Scheme("changed-account-before-pay-day", "changed-account", "account", _play, at_once=False)
