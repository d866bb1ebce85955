"""A remote contractor under a borrowed identity: sessions from elsewhere, papers that do not match, pay to a wallet."""

from __future__ import annotations

from functools import partial

from sluicegate.generate.accounts import COUNTRIES, address, bank_account, ip
from sluicegate.generate.activity import AFTERMATH, created, hire_event, set_right, unless_gone, wallet_request
from sluicegate.generate.days import DAY, MINUTE
from sluicegate.generate.drafts import CHANGE, LIFECYCLE, Case, Draft
from sluicegate.generate.names import pick
from sluicegate.generate.payees import Worker
from sluicegate.generate.scheme import Scheme
from sluicegate.generate.tenants import Tenant

SESSIONS = 3


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    case = scheme.case(tenant, "payee", "")

    def join(due: int, at: int) -> Draft:
        worker = tenant.hire(tenant.today(at), contractor=True, remote=True)
        case.subject_id = worker.id
        worker.account = bank_account(tenant.rng, worker.country)  # an account abroad would be a sign too early
        worker.rail = COUNTRIES[worker.country].rail
        worker.case, worker.planted = case, True
        if tenant.roster:
            tenant.plan(due + MINUTE, partial(hire_event, worker))
        country = pick(tenant.rng, tuple(c for c in ("CN", "RU", "LA") if c != worker.country))
        for day in range(1, 1 + SESSIONS):
            tenant.plan(due + day * DAY, partial(log_in, worker, country))
        tenant.plan(due + (1 + SESSIONS) * DAY, partial(flag, worker))
        tenant.plan(due + (2 + SESSIONS) * DAY, partial(ask, worker))
        tenant.plan(due + AFTERMATH, partial(unless_gone, set_right, tenant, worker))
        return Draft(CHANGE, created(tenant, worker, at), case)

    def log_in(worker: Worker, country: str, _due: int, _at: int) -> Draft:
        session = {"ip": ip(tenant.rng), "ip_country": country, "device_id": f"dev-u-{worker.id}"}
        return Draft(LIFECYCLE, {"action": "session", "payee": worker.raw, "session": session}, case)

    def flag(worker: Worker, _due: int, _at: int) -> Draft:
        return Draft(LIFECYCLE, {"action": "flag", "payee": worker.raw, "flag": "document_mismatch"}, case)

    def ask(worker: Worker, _due: int, at: int) -> Draft:
        return wallet_request(tenant, worker, at, address(tenant.rng), worker.gross, case, opens=True)

    tenant.plan(due, join)
    return case


SCHEME = Scheme("borrowed-identity", "it-worker-pattern", "pattern", _play, at_once=False)
