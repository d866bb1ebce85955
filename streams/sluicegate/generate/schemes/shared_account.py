"""One person behind several identities: new remote contractors, hired within the hour, all paid into one account."""

from __future__ import annotations

from functools import partial

from sluicegate.generate.accounts import COUNTRIES, bank_account
from sluicegate.generate.activity import AFTERMATH, created, hire_event, set_right, unless_gone
from sluicegate.generate.days import MINUTE
from sluicegate.generate.drafts import CHANGE, Case, Draft
from sluicegate.generate.names import pick
from sluicegate.generate.scheme import Scheme
from sluicegate.generate.tenants import Tenant


def _play(scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
    country = pick(tenant.rng, ("US", "GB", "PL", "VN", "UA"))
    account = bank_account(tenant.rng, country)
    case = scheme.case(tenant, "account", account.fp)

    def join(opens: bool, due: int, at: int) -> Draft:
        worker = tenant.hire(tenant.today(at), contractor=True, remote=True)
        worker.account, worker.rail = account, COUNTRIES[country].rail
        worker.case, worker.planted = case, True
        if tenant.roster:
            tenant.plan(due + MINUTE, partial(hire_event, worker))
        tenant.plan(due + AFTERMATH, partial(unless_gone, set_right, tenant, worker))
        return Draft(CHANGE, created(tenant, worker, at, verified=False), case, opens)

    for place in range(3 + int(2 * tenant.rng.random())):
        # two payees are the first finding, three raise it
        tenant.plan(due + 11 * place * MINUTE, partial(join, place == 1))
    return case


SCHEME = Scheme("shared-account", "shared-account", "account", _play)
