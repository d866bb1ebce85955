"""A remote contractor, hired the day before, wants the whole pay in stablecoin on a wallet of his own."""

from __future__ import annotations

from functools import partial

from sluicegate.generate.accounts import address
from sluicegate.generate.activity import AFTERMATH, created, hire_event, set_right, unless_gone, wallet_request
from sluicegate.generate.days import HOUR, MINUTE
from sluicegate.generate.drafts import CHANGE, Case, Draft
from sluicegate.generate.payees import Worker
from sluicegate.generate.scheme import Scheme
from sluicegate.generate.tenants import Tenant


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    case = scheme.case(tenant, "payee", "")

    def join(due: int, at: int) -> Draft:
        worker = tenant.hire(tenant.today(at), contractor=True, remote=True)
        case.subject_id = worker.id
        worker.case, worker.planted = case, True
        if tenant.roster:
            tenant.plan(due + MINUTE, partial(hire_event, worker))
        tenant.plan(due + 2 * HOUR, partial(ask, worker))
        tenant.plan(due + AFTERMATH, partial(unless_gone, set_right, tenant, worker))
        return Draft(CHANGE, created(tenant, worker, at), case)

    def ask(worker: Worker, _due: int, at: int) -> Draft:
        return wallet_request(tenant, worker, at, address(tenant.rng), worker.gross, case, opens=True)

    tenant.plan(due, join)
    return case


SCHEME = Scheme("crypto-request", "crypto-request", "crypto", _play)
