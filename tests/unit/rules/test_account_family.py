"""A1, A4 and A6 speak of one account in one alert; what the rules about changes of account tell."""

from __future__ import annotations

from sluicegate.detection.compose import shown
from tests.scenarios.build import DAY, HOUR, Json, Tale, account

NO_MATCH = account("new", name_check={"status": "no_match"})


def rules(alert: Json) -> list[str]:
    return sorted(reason["rule"] for reason in alert["reasons"])


def refs(*events: Json) -> list[str]:
    return [shown(f"{event['source']}\n{event['id']}") for event in events]


# one cause


def test_change_name_and_return_of_one_account_share_an_alert_however_long_apart() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.change("V1", NO_MATCH, at, actor={"channel": "email"})
    payment = t.pay("V1", "new", at=at + 10 * DAY)
    t.status(payment, "returned", at + 30 * DAY, code="R03")
    (alert,) = t.play().alerts
    assert rules(alert) == ["changed-account", "name-mismatch", "return-signal"]
    assert alert["revision"] == 3
    assert alert["payment_ids"] == [payment["data"]["payment_id"]]


def test_change_that_is_not_reported_yet_joins_the_alert_about_the_name() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.change("V1", NO_MATCH, at, actor={"user_id": "u"}, approval={"approved_by": ["boss"]})
    t.pay("V1", "new", at=at + 10 * DAY)
    first, second = t.play().revisions
    assert rules(first) == ["name-mismatch"]
    assert rules(second) == ["changed-account", "name-mismatch"]
    assert first["alert_id"] == second["alert_id"]


def test_return_from_another_account_has_its_own_alert() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    payment = t.pay("V1", "old", at=at)
    t.pay("V1", "new", at=at + HOUR)
    t.status(payment, "returned", at + 2 * DAY, code="R16")
    assert [rules(alert) for alert in t.play().alerts] == [["changed-account"], ["return-signal"]]


def test_return_of_a_split_payment_names_no_account() -> None:
    t = Tale()
    for index, to in enumerate(("a", "b"), 1):
        part = t.pay("V1", to, "500.00", index, payment_id="S", split={"index": index, "count": 2})
    t.status(part, "returned", DAY, code="R16")
    (reason,) = t.play().reasons("return-signal")
    assert [entity["kind"] for entity in reason.data["entities"]] == []
    assert "return-signal: account_fp" in reason.data["not_evaluable"]
    assert reason.data["money"] == [{"value": "1000.00", "currency": "USD", "count": 1}]


# there and back


def test_alert_holds_the_payments_to_the_second_account_and_the_whole_timeline() -> None:
    t = Tale()
    at = t.history("E1", 3, "old")
    away = t.change("E1", "new", at)
    payments = [t.pay("E1", "new", at=at + n * DAY) for n in (1, 2)]
    back = t.change("E1", "old", at + 5 * DAY)
    (reason,) = t.play().reasons("account-revert")
    assert reason.told["event_ids"] == refs(away, *payments, back)
    assert set(reason.data["payment_ids"]) >= {p["data"]["payment_id"] for p in payments}
    assert reason.told["observed"]["reverted_by"] == "change"
    assert [paid["value"] for paid in reason.told["observed"]["payments_to_second_account"]] == ["1000.00", "1000.00"]


def test_payment_after_the_way_back_is_no_second_one() -> None:
    t = Tale()
    at = t.history("E1", 3, "old")
    t.pay("E1", "new", at=at)
    t.change("E1", "old", at + 5 * DAY)
    t.pay("E1", "old", at=at + 14 * DAY)
    t.pay("E1", "old", at=at + 28 * DAY)
    assert len(t.play().reasons("account-revert")) == 1


def test_second_way_back_is_another_finding() -> None:
    t = Tale()
    at = t.history("E1", 3, "old")
    for n, to in enumerate(("new", "old", "new", "old")):
        t.pay("E1", to, at=at + 7 * n * DAY)
    reasons = t.play().reasons("account-revert")
    assert [len(reason.told["observed"]["payments_to_second_account"]) for reason in reasons] == [1, 2]
    assert {reason.told["observed"]["reverted_by"] for reason in reasons} == {"payment"}


def test_change_of_the_same_moment_is_not_before_the_way_back() -> None:
    t = Tale()
    at = t.history("E1", 3, "old")
    t.change("E1", "new", at)
    t.pay("E1", "new", at=at + DAY)
    t.change("E1", "third", at + 5 * DAY)
    t.change("E1", "old", at + 5 * DAY)
    assert t.play().score("account-revert") == 85


# name and return


def test_name_of_a_suspicious_account_asks_for_a_hold_else_for_a_call() -> None:
    t = Tale()
    t.pay("V1", NO_MATCH)
    assert t.play().alerts[0]["recommended_action"] == "verify_callback"
    t = Tale()
    t.pay("V1", NO_MATCH, at=t.history("V1", 3, "old"))
    (reason,) = t.play().reasons("name-mismatch")
    assert reason.data["recommended_action"] == "hold"
    assert reason.told["text"].endswith("the change of account scores 65.")


def test_return_tells_its_code_and_the_days_since_the_change() -> None:
    t = Tale()
    t.created("V1", "old")
    t.change("V1", "new", DAY)
    t.status(t.pay("V1", "new", at=2 * DAY), "returned", 4 * DAY, code="R03")
    (reason,) = t.play().reasons("return-signal")
    assert reason.told["text"] == (
        "The payment was returned with code R03, within 30 days after a change to the account."
    )
    assert reason.told["observed"] == {"code": "R03", "questionable": None, "days_since_change": 3}
    assert reason.data["not_evaluable"] == []


# churn


def test_churn_lists_accounts_with_dates_in_their_order() -> None:
    t = Tale()
    t.created("V1", account("a", last4="1111"))
    t.change("V1", account("b", last4="2222"), DAY)
    t.change("V1", account("c", last4="3333"), 2 * DAY)
    (reason,) = t.play().reasons("account-churn")
    assert [one["last4"] for one in reason.told["observed"]["timeline"]] == ["1111", "2222", "3333"]
    assert reason.told["observed"]["timeline"][1]["first_seen"] == "2026-01-06T09:00:00Z"


def test_churn_of_a_worker_without_start_date_is_told_to_lack_it() -> None:
    t = Tale()
    at = t.history("E1", 3, "a")
    t.change("E1", "b", at)
    t.change("E1", "c", at + DAY)
    (reason,) = t.play().reasons("account-churn")
    assert reason.score == 45
    assert "account-churn: payee.start_date" in reason.data["not_evaluable"]
