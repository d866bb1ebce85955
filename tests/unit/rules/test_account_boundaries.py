"""Edges of the rules about changes of account: what counts, from which moment on, and up to which."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.build import DAY, HOUR, Json, Tale, account, payee

BY_EMAIL = {"channel": "email", "role": "self", "user_id": "u"}


# bank notices


def noticed(*paid_after: int) -> Tale:
    """The bank announces `new`, and payments to it follow, so long after."""
    t = Tale()
    at = t.history("V1", 3, "old")
    t.status(t.events[0], "noc", at, corrected_account=account("new"))
    for n, after in enumerate(paid_after):
        t.pay("V1", "new", at=at + after, invoice=f"{n}-1-{n}")
    return t


@pytest.mark.parametrize(("after", "score"), [(0, None), (60 * DAY, None), (60 * DAY + 1, 45)])
def test_bank_notice_explains_a_first_payment_from_its_own_moment_up_to_60_days(after: int, score: int | None) -> None:
    assert noticed(after).play().score("changed-account") == score


def test_bank_notice_is_measured_to_the_first_payment_not_to_later_ones() -> None:
    assert noticed(59 * DAY, 61 * DAY).play().score("changed-account") is None


def test_bank_notice_after_the_first_payment_explains_nothing() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.pay("V1", "new", at=at)
    t.status(t.events[0], "noc", at + 1, corrected_account=account("new"))
    t.pay("V1", "new", at=at + HOUR, invoice="2-1-2")
    assert len(t.play().reasons("changed-account")[0].data["payment_ids"]) == 2


# points of a change


def contact(t: Tale, at: int) -> None:
    t.add("payee.change.v1", at, {"change": "contact", "payee": payee("V1")})


@pytest.mark.parametrize(("before", "score"), [(0, 70), (7 * DAY, 70), (7 * DAY + 1, 60), (-1, 60)])
def test_contact_changed_up_to_seven_days_before_adds_ten_points(before: int, score: int) -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    if before >= 0:
        contact(t, at - before)
    t.change("V1", "new", at, actor=BY_EMAIL)
    if before < 0:
        contact(t, at - before)
    assert t.play().score("changed-account") == score


@pytest.mark.parametrize(("status", "score"), [("close", 50), ("no_match", 65), ("not_available", 45)])
def test_name_check_that_does_not_fully_match_adds_by_how_far_it_is_off(status: str, score: int) -> None:
    t = Tale()
    t.policy(rules={"name-mismatch": {"mode": "off"}})
    t.pay("V1", account("new", name_check={"status": status}), at=t.history("V1", 3, "old"))
    assert t.play().score("changed-account") == score


def test_points_below_nothing_are_not_even_a_signal() -> None:
    """20 for the change, -30 for its verification."""
    t = Tale()
    at = t.history("V1", 3, "old")
    t.change("V1", "new", at, verification={"method": "callback", "status": "passed", "by": "other"})
    t.pay("V1", "new", at=at + DAY)
    played = t.play()
    assert (played.reasons("changed-account"), played.noted("changed-account")) == ([], [])


# churn


def test_account_announced_twice_is_one_change_and_the_next_one_counts() -> None:
    t = Tale()
    t.created("V1", "a")
    for n, to in enumerate(("b", "b", "c")):
        t.change("V1", to, DAY + n)
    (reason,) = t.play().reasons("account-churn")
    assert reason.told["observed"]["changes"] == 2


@pytest.mark.parametrize(("moment", "accounts"), [(1, 3), (0, None)])
def test_account_paid_180_days_before_or_earlier_is_none_of_the_churn(moment: int, accounts: int | None) -> None:
    t = Tale()
    t.pay("V1", "a", at=-100 * DAY)
    t.pay("V1", "a", at=moment)
    t.change("V1", "b", 100 * DAY)
    t.change("V1", "c", 180 * DAY)
    told = [reason.told["observed"]["accounts"] for reason in t.play().reasons("account-churn")]
    assert told == ([accounts] if accounts is not None else [])


# there and back


def back_to(first: str, **policy: Any) -> Tale:
    """Registered with `a`, then `b`; away to `c`, paid there, and back to `first`."""
    t = Tale()
    t.policy(**policy)
    at = t.history("E1", 3, "a")
    t.change("E1", "b", at)
    t.change("E1", "c", at + DAY)
    t.pay("E1", "c", at=at + 2 * DAY)
    t.change("E1", first, at + 3 * DAY)
    return t


def test_way_back_to_a_trusted_account_is_none() -> None:
    assert back_to("b").play().score("account-revert") is not None or back_to("a").play().score("account-revert")
    for first in ("a", "b"):
        assert back_to(first, trusted_accounts=[{"fp": f"fp-{first}"}]).play().score("account-revert") is None


def test_payment_of_the_very_moment_of_the_change_went_to_the_second_account() -> None:
    t = Tale()
    at = t.history("E1", 3, "old")
    t.change("E1", "new", at)
    t.pay("E1", "new", at=at)
    t.change("E1", "old", at + DAY)
    (reason,) = t.play().reasons("account-revert")
    assert len(reason.told["observed"]["payments_to_second_account"]) == 1


def test_text_counts_the_payments_to_the_second_account() -> None:
    t = Tale()
    at = t.history("E1", 3, "old")
    t.change("E1", "new", at)
    for n in (1, 2):
        t.pay("E1", "new", at=at + n * DAY)
    t.change("E1", "old", at + 3 * DAY)
    (reason,) = t.play().reasons("account-revert")
    assert "2 payments to the second account" in reason.told["text"]
    assert {paid["status"] for paid in reason.told["observed"]["payments_to_second_account"]} == {None}


# amounts that cannot be right


@pytest.mark.parametrize(
    ("amount", "score"), [("1000.55", None), ("1000.550", None), ("1000.555", 25), ("1000.5551", 25)]
)
def test_amount_may_have_as_many_decimals_as_its_currency(amount: str, score: int | None) -> None:
    t = Tale()
    t.pay("V1", amount=amount)
    assert t.play().score("amount-mismatch") == score


def test_amount_is_shown_as_it_came() -> None:
    t = Tale()
    t.pay("V1", amount="1000.555")
    (reason,) = t.play().reasons("amount-mismatch")
    told: Json = reason.told["observed"]
    assert told["amount"] == {"value": "1000.555", "currency": "USD"}
    assert told["decimals"] == 3


def test_amount_in_the_units_of_its_currency_is_right_in_a_file_as_well() -> None:
    t = Tale()
    t.pay("V1", amount="1000.55", batch={"batch_id": "b", "control": "ok"})
    assert t.play().score("amount-mismatch") is None


# changes that nobody is named for, or that the bank made


def test_change_without_an_actor_is_told_to_lack_one() -> None:
    t = Tale()
    t.change("V1", "new", t.history("V1", 3, "old"))
    played = t.play()
    assert played.replay is not None
    assert played.replay.tallies["not_evaluable", "changed-account", "actor"] == 1


def test_change_that_came_as_the_banks_notice_is_explained() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.change("V1", "new", at, actor={"channel": "bank_noc"})
    t.pay("V1", "new", at=at + 61 * DAY)
    assert t.play().score("changed-account") is None


def test_return_in_the_moment_of_a_change_comes_no_days_after_it() -> None:
    t = Tale()
    t.created("V1", "old", bootstrap=True)
    t.change("V1", "new", DAY)
    t.status(t.pay("V1", "new", at=DAY), "returned", DAY, code="R03")
    (reason,) = t.play().reasons("return-signal")
    assert reason.told["observed"]["days_since_change"] == 0


@pytest.mark.parametrize(("second", "household"), [("r1", True), ("r2", False)])
def test_payees_of_one_residence_are_a_household_and_others_are_not(second: str, household: bool) -> None:
    t = Tale()
    t.policy(household_check=True)
    t.pay(payee("E1", residence_hash="r1"), "shared")
    t.pay(payee("E2", residence_hash=second), "shared", at=DAY)
    played = t.play()
    told = [*played.reasons("shared-account"), *played.noted("shared-account")]
    assert [reason.told["observed"]["household"] for reason in told] == [household]


def test_ordinary_payments_trouble_no_rule() -> None:
    t = Tale()
    for who in ("V1", "E1", "C1", "O1"):
        t.pay(who)
        t.pay(who, at=14 * DAY)
        t.change(who, "new", 20 * DAY)
        t.request(who, at=30 * DAY)
    played = t.play()
    assert played.replay is not None
    assert played.replay.faults == []
    assert played.letters == []


# churn


@pytest.mark.parametrize(
    ("code", "after", "score"),
    [
        *((code, DAY, None) for code in ("R02", "R03", "R04")),
        ("R01", DAY, 45),
        ("R02", 30 * DAY, None),
        ("R02", 30 * DAY + 1, 45),
    ],
)
def test_change_within_30_days_of_a_payment_that_the_account_sent_back_is_explained(
    code: str, after: int, score: int | None
) -> None:
    """Of two changes; with three accounts, or two changes in 30 days, there is a finding."""
    t = Tale()
    person = payee("E1", start_date="2020-01-01")
    at = t.history(person, 3, "a")
    t.change(person, "b", at)
    returned = t.pay(person, "b", at=at + DAY)
    t.status(returned, "returned", at + 2 * DAY, code=code)
    t.change(person, "c", at + 2 * DAY + after)
    assert t.play().score("account-churn") == score


def test_accounts_of_one_split_payment_count_as_one_beside_the_others() -> None:
    t = Tale()
    person = payee("E1", start_date="2020-01-01")
    for n, to in enumerate(("a", "b")):
        t.pay(person, to, at=n, payment_id="P", split={"index": n + 1, "count": 2})
    t.change(person, "c", 60 * DAY)
    t.change(person, "d", 100 * DAY)
    (reason,) = t.play().reasons("account-churn")
    assert reason.told["observed"]["accounts"] == 3
