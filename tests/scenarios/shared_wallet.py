"""D5: several payees, one self-hosted wallet."""

from tests.scenarios.build import ADDRESS, DAY, Tale, wallet
from tests.scenarios.register import fires, silent


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
def one_contractor_twice(t: Tale) -> None:
    t.request("C1")
    t.request("C1", at=DAY)
