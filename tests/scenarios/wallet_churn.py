"""D3: requests that hop between wallets and networks."""

from typing import Any

from tests.scenarios.build import DAY, HOUR, Json, Tale, wallet
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a lost or replaced wallet": "second-wallet",
    "a provider that changes its deposit addresses and is not in the policy": "attested-by-a-provider-nobody-approved",
}

ALLOWED = {"allowed": True, "providers": ["provider"]}


def _approved(address: str, **more: Any) -> Json:
    return wallet(address, hosted="custodial", provider="provider", kyc_attested=True, **more)


@fires(45)
def second_wallet(t: Tale) -> None:
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"), at=DAY)


@fires(45)
def two_wallets_at_the_same_moment(t: Tale) -> None:
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"))


@fires(45)
def second_network(t: Tale) -> None:
    t.request("C1", wallet("one"))
    t.request("C1", wallet("one", network="eip155:8453"), at=DAY)


@fires(45)
def second_wallet_on_a_second_network(t: Tale) -> None:
    """Two wallets, two networks: two, not four."""
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two", network="eip155:8453"), at=DAY)


@fires(65)
def third_wallet(t: Tale) -> None:
    for day, name in enumerate(("one", "two", "three")):
        t.request("C1", wallet(name), at=day * DAY)


@fires(65)
def third_network(t: Tale) -> None:
    for day, chain in enumerate((1, 10, 8453)):
        t.request("C1", wallet("one", network=f"eip155:{chain}"), at=day * DAY)


@fires(45)
def second_tag_of_one_address(t: Tale) -> None:
    t.request("C1", wallet("one", tag="1"))
    t.request("C1", wallet("one", tag="2"), at=DAY)


@fires(45)
def second_wallet_in_the_last_moment(t: Tale) -> None:
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"), at=30 * DAY - 1)


@silent()
def second_wallet_after_thirty_days(t: Tale) -> None:
    """A lost wallet is replaced."""
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"), at=30 * DAY)


@fires(45)
def third_wallet_when_the_first_is_out_of_the_window(t: Tale) -> None:
    for at, name in ((0, "one"), (20 * DAY, "two"), (30 * DAY, "three")):
        t.request("C1", wallet(name), at=at)


@silent()
def same_wallet_again(t: Tale) -> None:
    for day in range(4):
        t.request("C1", at=day * DAY)


@silent()
def same_wallet_written_in_two_ways(t: Tale) -> None:
    t.request("C1", wallet("0xAB"))
    t.request("C1", wallet("0xab"), at=DAY)


@silent()
def wallets_of_two_payees(t: Tale) -> None:
    t.request("C1", wallet("one"))
    t.request("C2", wallet("two"), at=DAY)


@silent()
def request_by_bank_in_between(t: Tale) -> None:
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"), at=DAY, method="bank", account={"fp": "a", "scheme": "us_aba", "country": "US"})


@silent()
def approved_provider_changes_address(t: Tale) -> None:
    t.policy(crypto=ALLOWED)
    t.request("C1", _approved("one"))
    t.request("C1", _approved("two", network="eip155:8453"), at=DAY)


@fires(45)
def approved_provider_without_attestation(t: Tale) -> None:
    t.policy(crypto=ALLOWED)
    t.request("C1", _approved("one") | {"kyc_attested": False})
    t.request("C1", _approved("two") | {"kyc_attested": False}, at=DAY)


@fires(45)
def attested_by_a_provider_nobody_approved(t: Tale) -> None:
    t.request("C1", _approved("one"))
    t.request("C1", _approved("two"), at=DAY)


@fires(45)
def approved_provider_and_one_wallet(t: Tale) -> None:
    """The provider's two addresses are one destination, the wallet is the other."""
    t.policy(crypto=ALLOWED)
    t.request("C1", _approved("one"))
    t.request("C1", _approved("two", network="eip155:8453"), at=DAY)
    t.request("C1", wallet("three"), at=2 * DAY)


@fires(65)
def rare_wallets_among_many_requests(t: Tale) -> None:
    """Sixty requests to a third wallet do not push the first two out of memory."""
    t.policy(rules={"crypto-request": {"mode": "off"}})
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"), at=1)
    for n in range(60):
        t.request("C1", wallet("one"), at=DAY + n * HOUR)
    t.request("C1", wallet("three"), at=10 * DAY)


@silent()
def late_request_knows_no_later_wallets(t: Tale) -> None:
    t.policy(rules={"wallet-churn": {"params": {"medium_count": 3, "high_count": 4}}})
    t.request("C1", wallet("one"), at=5 * DAY)
    t.request("C1", wallet("two"), at=6 * DAY)
    t.request("C1", wallet("three"), at=4 * DAY)
