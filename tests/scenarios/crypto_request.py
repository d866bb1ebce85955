"""D1: pay in crypto. What a tale adds up to stands in its docstring."""

from tests.scenarios.build import DAY, Json, Tale, payee, wallet
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "pay in stablecoins exists": "approved-stablecoin-pay",
    "put the provider and its assets into the policy": "approved-stablecoin-pay",
}

ALLOWED = {"allowed": True, "providers": ["provider"], "assets": ["USDT"], "networks": ["eip155:1"], "max": "2000"}
OLD_HAND = payee("C1", start_date="2024-01-01")


def _approved() -> Json:
    return wallet(hosted="custodial", provider="provider", kyc_attested=True)


def _known_wallet(t: Tale, who: Json) -> Json:
    """A policy that allows crypto, and a wallet asked for before in good order: it is no new destination any more."""
    t.policy(crypto=ALLOWED)
    t.request(who, _approved())
    return wallet(hosted="custodial")


@fires(79)
def new_contractor_wants_usdt(t: Tale) -> None:
    """New wallet 35, new contractor 15, no provider 15, self-hosted 10, no policy 15: 90, capped."""
    t.request(payee("C1", start_date="2026-01-01"))


@fires(65)
def employee_asks_where_the_policy_is_silent(t: Tale) -> None:
    """New wallet 35, no provider 15, no policy 15."""
    t.request("E1", wallet(hosted="custodial"))


@fires(65)
def account_changed_to_a_wallet(t: Tale) -> None:
    t.change("E1", {"fp": "fp-w", "scheme": "wallet", "wallet": wallet(hosted="custodial")})


@silent()
def approved_stablecoin_pay(t: Tale) -> None:
    """New wallet 35, approved and attested -50."""
    t.policy(crypto=ALLOWED)
    t.request(OLD_HAND, _approved())


@fires(30)
def contractor_on_the_89th_day(t: Tale) -> None:
    """No provider 15, new contractor 15; the request is of 15 January."""
    who = payee("C1", start_date="2025-10-18")
    t.request(who, _known_wallet(t, who), at=10 * DAY)


@silent(noted=15)
def contractor_on_the_90th_day(t: Tale) -> None:
    who = payee("C1", start_date="2025-10-17")
    t.request(who, _known_wallet(t, who), at=10 * DAY)


def _paid_twice(t: Tale) -> Json:
    t.pay(OLD_HAND, amount="1000.00")
    t.pay(OLD_HAND, amount="1000.00", at=14 * DAY)
    return _known_wallet(t, OLD_HAND)


@fires(25)
def request_for_nine_tenths_of_the_pay(t: Tale) -> None:
    """No provider 15, most of the pay 10."""
    t.request(OLD_HAND, _paid_twice(t), amount="900.00", at=30 * DAY)


@silent(noted=15)
def request_for_just_under_nine_tenths(t: Tale) -> None:
    t.request(OLD_HAND, _paid_twice(t), amount="899.99", at=30 * DAY)


@fires(25)
def declared_share_of_nine_tenths(t: Tale) -> None:
    t.request(OLD_HAND, _known_wallet(t, OLD_HAND), share_of_pay="0.9", at=DAY)


@silent(noted=15)
def amount_at_the_limit(t: Tale) -> None:
    t.request(OLD_HAND, _known_wallet(t, OLD_HAND), amount="2000.00", at=DAY)


@fires(25)
def amount_above_the_limit(t: Tale) -> None:
    """No provider 15, above the policy's 2000 10."""
    t.request(OLD_HAND, _known_wallet(t, OLD_HAND), amount="2000.01", at=DAY)


@fires(25)
def asset_off_the_list(t: Tale) -> None:
    t.request(OLD_HAND, _known_wallet(t, OLD_HAND) | {"asset": "XMR"}, at=DAY)


@fires(25)
def self_hosted_wallet(t: Tale) -> None:
    """No provider 15, self-hosted 10."""
    t.request(OLD_HAND, _known_wallet(t, OLD_HAND) | {"hosted": "self"}, at=DAY)


@fires(25)
def hardly_paid_to_a_bank_before(t: Tale) -> None:
    """No provider 15, one payment to a bank, not two 10."""
    t.pay(OLD_HAND, amount="5000.00")
    t.request(OLD_HAND, _known_wallet(t, OLD_HAND), at=10 * DAY)


@fires(40)
def wallet_of_another_payee(t: Tale) -> None:
    """No provider 15, wallet of another payee 25."""
    to = _known_wallet(t, OLD_HAND)
    t.request(payee("C2", start_date="2024-01-01"), _approved(), at=DAY)
    t.request(OLD_HAND, to, at=2 * DAY)


@silent()
def request_to_a_bank(t: Tale) -> None:
    t.request("C1", wallet(), method="bank")
