"""Edges of the rules about crypto: what a request is compared with, and what the points add up to."""

from __future__ import annotations

import pytest

from tests.scenarios.build import DAY, HOUR, Json, Tale, payee, wallet

OLD_HAND = payee("C1", start_date="2024-01-01")
ALLOWED = {"allowed": True, "providers": ["provider"], "assets": ["USDT"], "networks": ["eip155:1"], "max": "2000"}


def points(t: Tale) -> Json:
    """Of the last request."""
    played = t.play()
    told = [*played.noted("crypto-request"), *played.reasons("crypto-request")]
    found: Json = told[-1].told["observed"]["points"]
    return found


@pytest.mark.parametrize(("amount", "most"), [("900.00", True), ("899.99", False)])
def test_request_is_compared_with_the_last_pay_not_with_an_earlier_one(amount: str, most: bool) -> None:
    t = Tale()
    t.pay(OLD_HAND, amount="100.00")
    t.pay(OLD_HAND, amount="1000.00", at=14 * DAY)
    t.request(OLD_HAND, amount=amount, at=30 * DAY)
    assert ("most_of_the_pay" in points(t)) is most


def test_pay_of_the_very_moment_of_the_request_is_not_before_it() -> None:
    t = Tale()
    t.pay(OLD_HAND, amount="1000.00")
    t.pay(OLD_HAND, amount="100.00", at=30 * DAY)
    t.request(OLD_HAND, amount="500.00", at=30 * DAY)
    assert "most_of_the_pay" not in points(t)


def test_approved_and_attested_provider_takes_fifty_points() -> None:
    """New wallet 35, new contractor 15, hardly paid 10 by bank, attested -50."""
    who = payee("C1", start_date="2026-01-01")
    t = Tale()
    t.policy(crypto=ALLOWED)
    t.pay(who)
    t.request(who, wallet(hosted="custodial", provider="provider", kyc_attested=True), "10.00", HOUR)
    assert points(t) == {
        "new_destination": 35,
        "new_contractor_or_remote": 15,
        "hardly_paid_by_bank": 10,
        "approved_and_attested": -50,
    }


@pytest.mark.parametrize(
    ("change", "outside"),
    [({}, False), ({"asset": "XMR"}, True), ({"network": "eip155:137"}, True)],
)
def test_asset_or_network_that_the_policy_does_not_name_is_outside_it(change: Json, outside: bool) -> None:
    t = Tale()
    t.policy(crypto=ALLOWED, rules={"privacy-asset": {"mode": "off"}})
    t.request(OLD_HAND, wallet(hosted="custodial") | change, "10.00")
    assert points(t).get("outside_policy") == (10 if outside else None)


@pytest.mark.parametrize(("amount", "outside"), [("2000.00", False), ("2000.01", True)])
def test_largest_amount_of_the_policy_is_within_it(amount: str, outside: bool) -> None:
    t = Tale()
    t.policy(crypto=ALLOWED)
    t.request(OLD_HAND, wallet(hosted="custodial"), amount)
    assert points(t).get("outside_policy") == (10 if outside else None)


def test_wallet_that_another_payee_asked_for_adds_points_for_the_second_one_only() -> None:
    t = Tale()
    t.request(OLD_HAND, wallet(hosted="custodial"))
    assert "wallet_of_another_payee" not in points(t)
    t.request(payee("C2", start_date="2024-01-01"), wallet(hosted="custodial"), at=DAY)
    assert points(t)["wallet_of_another_payee"] == 25


# payments for crypto


def test_payment_for_crypto_names_its_signs_and_no_change_where_there_was_none() -> None:
    t = Tale()
    t.pay("V1", purpose={"code": "CRYP"})
    (reason,) = t.play().reasons("crypto-in-fiat")
    assert reason.told["observed"]["changed_account_score"] == 0
    assert reason.data["report_hints"]["keywords"] == ["crypto"]
    assert reason.data["recommended_action"] == "review"


# cash-outs


def drained(*requests: tuple[int, str], inflows: int = 3) -> Tale:
    """Inflows of 1000 a day apart, and requests so long after each."""
    t = Tale()
    for n in range(inflows):
        t.pay(OLD_HAND, amount="1000.00", at=n * 2 * DAY)
        for after, amount in requests:
            t.request(OLD_HAND, amount=amount, at=n * 2 * DAY + after)
    return t


@pytest.mark.parametrize(
    ("requests", "fires"),
    [
        ([(24 * HOUR, "900.00")], True),
        ([(24 * HOUR + 1, "900.00")], False),
        ([(HOUR, "899.99")], False),
        ([(HOUR, "450.00"), (2 * HOUR, "450.00")], True),
        ([(0, "900.00")], True),
    ],
)
def test_inflow_is_drained_by_nine_tenths_within_a_day(requests: list[tuple[int, str]], fires: bool) -> None:
    assert (drained(*requests).play().score("rapid-cashout") is not None) is fires


def test_two_drained_inflows_are_too_few_and_all_of_them_are_told() -> None:
    assert drained((HOUR, "900.00"), inflows=2).play().score("rapid-cashout") is None
    (reason,) = drained((HOUR, "900.00")).play().reasons("rapid-cashout")
    observed = reason.told["observed"]
    assert (observed["drained"], observed["came_in"]["value"], observed["asked_out"]["value"]) == (
        3,
        "3000.00",
        "2700.00",
    )
    assert len(reason.told["event_ids"]) == 6


def test_requests_that_sweep_a_balance_by_themselves_drain_nothing() -> None:
    t = Tale()
    for n in range(3):
        t.pay(OLD_HAND, amount="1000.00", at=n * 2 * DAY)
        t.request(OLD_HAND, amount="950.00", at=n * 2 * DAY + HOUR, auto_sweep=True)
    assert t.play().score("rapid-cashout") is None


def test_request_in_another_currency_cannot_be_held_against_the_limit_of_the_policy() -> None:
    t = Tale()
    t.policy(crypto=ALLOWED)
    request = t.request(OLD_HAND, wallet(hosted="custodial"))
    request["data"]["amount"]["currency"] = "EUR"
    played = t.play()
    assert played.replay is not None
    assert played.replay.tallies["not_evaluable", "crypto-request", "amount_base"] == 1


def test_request_that_drains_nothing_more_is_not_told() -> None:
    """Each inflow is drained by the first request; of the further ones the last comes after the finding."""
    (reason,) = drained((HOUR, "900.00"), (2 * HOUR, "1.00")).play().reasons("rapid-cashout")
    assert reason.told["observed"]["asked_out"]["value"] == "2702.00"
    assert len(reason.told["event_ids"]) == 8


def test_every_inflow_counts_however_small_and_no_more_than_two_hundred() -> None:
    t = Tale()
    for n in range(201):
        t.pay(OLD_HAND, amount="1.00", at=n)
    t.request(OLD_HAND, amount="0.90", at=HOUR)
    (reason,) = t.play().reasons("rapid-cashout")
    assert reason.told["observed"]["drained"] == 200
    assert reason.told["observed"]["came_in"]["value"] == "200.00"
