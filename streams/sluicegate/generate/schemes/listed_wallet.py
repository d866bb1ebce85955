"""A contractor asks to be paid on a wallet that stands on the sanctions list."""

from __future__ import annotations

from sluicegate.generate import listed
from sluicegate.generate.activity import wallet_request
from sluicegate.generate.drafts import Case, Draft
from sluicegate.generate.payees import Worker
from sluicegate.generate.scheme import Scheme, victim
from sluicegate.generate.tenants import Tenant


def _suits(worker: Worker) -> bool:
    return worker.paid >= 2 and worker.case is None


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    worker = victim(tenant, tenant.groups[-1].members, _suits)
    if worker is None:
        return None
    case = scheme.case(tenant, "payee", worker.id, listed.WALLET_OWNER)

    def ask(_due: int, at: int) -> Draft:
        return wallet_request(tenant, worker, at, listed.WALLET, worker.last_minor // 2, case, opens=True)

    tenant.plan(due, ask)
    return case


SCHEME = Scheme("listed-wallet", "sanctioned-identifier", "sanctions", _play)
