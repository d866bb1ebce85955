"""Several contractors, who have nothing in common on paper, ask for their pay on the same self-hosted wallet."""

from __future__ import annotations

from functools import partial

from sluicegate.generate.accounts import address
from sluicegate.generate.activity import wallet_request
from sluicegate.generate.days import MINUTE
from sluicegate.generate.drafts import Case, Draft
from sluicegate.generate.payees import Worker
from sluicegate.generate.scheme import Scheme
from sluicegate.generate.tenants import Tenant


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    contractors = [worker for worker in tenant.groups[-1].members if worker.paid >= 2 and worker.case is None]
    if len(contractors) < 3:
        return None
    wallet = address(tenant.rng)
    case = scheme.case(tenant, "wallet", wallet)

    def ask(worker: Worker, opens: bool, _due: int, at: int) -> Draft:
        return wallet_request(tenant, worker, at, wallet, worker.last_minor * 6 // 10, case, opens=opens)

    for place, worker in enumerate(tenant.rng.sample(contractors, 2 + int(2 * tenant.rng.random()))):
        tenant.plan(due + 17 * place * MINUTE, partial(ask, worker, place == 1))
    return case


SCHEME = Scheme("shared-wallet", "shared-wallet", "crypto", _play)
