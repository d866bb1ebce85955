"""Somebody's pay for one period is several times what it was: mostly in a payment outside the run, else within it."""

from __future__ import annotations

from sluicegate.generate.drafts import PAYROLL, Case, Draft
from sluicegate.generate.payees import Worker
from sluicegate.generate.payroll import earned, outside_run
from sluicegate.generate.scheme import Scheme, victim
from sluicegate.generate.tenants import Tenant

IN_RUN = 0.3


def _suits(worker: Worker) -> bool:
    return worker.paid >= 5 and worker.case is None and worker.second is None and worker.spike is None


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    worker = victim(tenant, tenant.workers, _suits)
    if worker is None:
        return None
    case = scheme.case(tenant, "payee", worker.id)
    factor = 2.4 + 3 * tenant.rng.random()
    if tenant.rng.random() < IN_RUN:
        worker.spike = (case, factor)
        return case

    def pay(due: int, at: int) -> Draft:
        net, purpose = earned(worker, factor=factor)
        return Draft(PAYROLL, outside_run(tenant, worker, "off_cycle", net, purpose, due, at), case, opens=True)

    tenant.plan(due, pay)
    return case


SCHEME = Scheme("pay-spike", "pay-spike", "payroll", _play, at_once=False)
