"""D5: several payees, one self-hosted wallet; of one tenant, or of several that opted in."""

from typing import Any

from tests.scenarios.build import ADDRESS, DAY, Json, Tale, wallet
from tests.scenarios.many_employers import of, opt_in
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "family members who share a wallet": "wallet-that-an-analyst-allowed",
    "a contractor of several clients who opted in": "payees-of-two-tenants",
    "a treasury wallet entered by mistake": "wallet-paid-and-wallet-asked-for",
}


def _tenants(t: Tale, *at: int, to: Json | None = None, **policy: Any) -> None:
    """A request by a contractor of another tenant at each time; all tenants have opted in."""
    for n, time in enumerate(at):
        opt_in(t, n, **policy)
        of(t.request(f"C{n}", wallet() if to is None else to, at=time), n)


@fires(65)
def two_contractors_one_wallet(t: Tale) -> None:
    t.request("C1")
    t.request("C2", at=DAY)


@fires(65)
def one_wallet_written_in_two_ways(t: Tale) -> None:
    t.request("C1", wallet(ADDRESS))
    t.request("C2", wallet(ADDRESS.lower()), at=DAY)


@fires(65)
def wallet_of_unknown_hosting(t: Tale) -> None:
    t.request("C1", wallet(hosted="unknown"))
    t.request("C2", wallet(hosted="unknown"), at=DAY)


@fires(65)
def wallet_paid_and_wallet_asked_for(t: Tale) -> None:
    t.pay("C1", {"fp": "fp-w", "scheme": "wallet", "wallet": wallet()}, rail="crypto")
    t.request("C2", at=DAY)


@fires(65)
def second_payee_in_the_last_moment_of_400_days(t: Tale) -> None:
    t.request("C1")
    t.request("C2", at=400 * DAY - 1)


@silent()
def second_payee_after_400_days(t: Tale) -> None:
    t.request("C1")
    t.request("C2", at=400 * DAY)


@silent()
def custodial_wallet(t: Tale) -> None:
    t.request("C1", wallet(hosted="custodial"))
    t.request("C2", wallet(hosted="custodial"), at=DAY)


@silent()
def one_address_with_two_tags(t: Tale) -> None:
    t.request("C1", wallet(tag="1"))
    t.request("C2", wallet(tag="2"), at=DAY)


@silent()
def wallet_that_a_change_of_contact_mentions(t: Tale) -> None:
    """Nothing is registered by it."""
    _tenants(t, 0)
    opt_in(t, 1)
    to = {"fp": "fp-w", "scheme": "wallet", "wallet": wallet()}
    of(t.change("C1", to, at=DAY, change="contact"), 1)


@silent()
def one_contractor_twice(t: Tale) -> None:
    t.request("C1")
    t.request("C1", at=DAY)


@fires(85)
def payees_of_two_tenants(t: Tale) -> None:
    _tenants(t, 0, DAY)


@fires(85)
def payees_of_two_tenants_the_earlier_one_told_last(t: Tale) -> None:
    _tenants(t, DAY, 0)


@fires(85)
def second_tenant_in_the_last_moment_of_400_days(t: Tale) -> None:
    _tenants(t, 0, 400 * DAY - 1)


@silent()
def second_tenant_after_400_days(t: Tale) -> None:
    _tenants(t, 0, 400 * DAY)


@silent()
def one_of_two_tenants_has_not_opted_in(t: Tale) -> None:
    _tenants(t, 0)
    of(t.request("C1", at=DAY), 1)


@silent()
def two_tenants_with_a_custodial_wallet(t: Tale) -> None:
    _tenants(t, 0, DAY, to=wallet(hosted="custodial"))


@silent()
def two_tenants_at_one_address_with_two_tags(t: Tale) -> None:
    _tenants(t, 0, to=wallet(tag="1"))
    opt_in(t, 1)
    of(t.request("C1", wallet(tag="2"), at=DAY), 1)


@fires(85)
def wallet_asked_for_by_one_tenant_paid_by_another_registered_at_a_third(t: Tale) -> None:
    _tenants(t, 0)
    to = {"fp": "fp-w", "scheme": "wallet", "wallet": wallet()}
    opt_in(t, 1)
    of(t.pay("C1", to, at=DAY, rail="crypto"), 1)
    opt_in(t, 2)
    of(t.change("C2", to, at=2 * DAY), 2)


@fires(85)
def two_payees_of_one_tenant_and_one_of_another(t: Tale) -> None:
    _tenants(t, 0)
    of(t.request("C8", at=DAY), 0)
    opt_in(t, 1)
    of(t.request("C1", at=2 * DAY), 1)


@silent()
def two_tenants_that_have_switched_the_rule_off(t: Tale) -> None:
    _tenants(t, 0, DAY, rules={"shared-wallet": {"mode": "off"}})


@silent(noted=85)
def two_tenants_that_try_the_rule(t: Tale) -> None:
    _tenants(t, 0, DAY, rules={"shared-wallet": {"mode": "shadow"}})


@silent(noted=65)
def wallet_that_an_analyst_allowed(t: Tale) -> None:
    t.allow("shared-wallet", "wallet", ADDRESS)
    two_contractors_one_wallet(t)
