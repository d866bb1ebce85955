"""A1 over time: how an account becomes trusted, and how a late change event explains a payment."""

from __future__ import annotations

import pytest

from tests.scenarios.build import DAY, HOUR, Played, Tale, account

RULE = "changed-account"
VERIFIED = {"method": "callback", "status": "passed", "by": "u-other"}


def known() -> tuple[Tale, int]:
    """V1 with three settled payments of 1000 to `old`, and the time of the next."""
    t = Tale()
    return t, t.history("V1", 3, "old")


def payments_reported(played: Played) -> set[str]:
    return {payment for reason in played.reasons(RULE) for payment in reason.data["payment_ids"]}


# trust


@pytest.mark.parametrize(
    ("amounts", "trusted"),
    [
        (["500.00", "500.00"], True),  # half the usual
        (["500.00", "499.99"], False),
        (["500.00"], False),
        (["1.00", "1.00", "1.00", "1.00"], False),  # probes build no trust
    ],
)
def test_two_settled_payments_of_half_the_usual_make_an_account_trusted(amounts: list[str], trusted: bool) -> None:
    t, at = known()
    for n, amount in enumerate(amounts):
        t.pay("V1", "new", amount, at=at + n * 4 * DAY, invoice=f"{n}-1-{n}")
    last = t.pay("V1", "new", "1000.00", at=at + 20 * DAY)
    assert (last["data"]["payment_id"] not in payments_reported(t.play())) is trusted


def test_unsettled_and_returned_payments_build_no_trust() -> None:
    t, at = known()
    t.pay("V1", "new", at=at, invoice="1-1-1")
    returned = t.pay("V1", "new", at=at + DAY, invoice="2-1-2")
    t.status(returned, "returned", at + 2 * DAY)
    last = t.pay("V1", "new", at=at + 30 * DAY)
    assert last["data"]["payment_id"] in payments_reported(t.play())


def test_one_settled_payment_makes_a_verified_account_trusted() -> None:
    """Seen where the change would score even so: 5 (old) - 30 stays silent, therefore a second, unverified change."""
    t, at = known()
    t.change("V1", "new", at, verification=VERIFIED)
    t.pay("V1", "new", at=at + DAY, invoice="1-1-1")
    other = account("third") | {"country": "GB"}
    t.pay("V1", other, at=at + 10 * DAY)
    (reason,) = t.play().reasons(RULE)
    old = next(e for e in reason.data["entities"] if e.get("role") == "old")
    assert old["id"] == "fp-new"


def test_account_is_trusted_once_its_alert_was_cleared_and_not_any_more_once_confirmed() -> None:
    t, at = known()
    t.pay("V1", "new", at=at, invoice="1-1-1")
    (alert,) = t.play().alerts
    t.verdict(alert["alert_id"], "false_positive", at + HOUR)
    t.pay("V1", "new", at=at + DAY, invoice="2-1-2")
    assert len(t.play().alerts) == 1
    t.verdict(alert["alert_id"], "confirmed", at + 2 * DAY)
    t.pay("V1", "new", at=at + 3 * DAY, invoice="3-1-3")
    assert len(t.play().alerts) == 2


# late explanation


def late(after: int, **more: object) -> Played:
    """A payment to an unannounced account; the change event of an hour before it arrives so long after it."""
    t, at = known()
    t.policy(rules={"late-event": {"mode": "off"}})
    t.pay("V1", "new", at=at)
    t.pay("E9", at=at + after)
    t.change("V1", "new", at - HOUR, **more)
    return t.play()


def test_late_verified_change_closes_the_alert_with_its_score() -> None:
    created, closed = late(48 * HOUR, verification=VERIFIED).revisions
    assert (closed["activity"], closed["close_reason"]) == ("close", "explained_by_late_change")
    assert (closed["score"], closed["reasons"]) == (created["score"], created["reasons"])


def test_change_later_than_48_hours_explains_nothing() -> None:
    (revision,) = late(48 * HOUR + 1, verification=VERIFIED).revisions
    assert revision["activity"] == "create"


def test_hours_of_late_explanation_are_a_parameter() -> None:
    t = Tale()
    t.policy(rules={RULE: {"params": {"late_explain_hours": 1}}})
    at = t.history("V1", 3, "old")
    t.pay("V1", "new", at=at)
    t.pay("E9", at=at + 2 * HOUR)
    t.change("V1", "new", at - HOUR, verification=VERIFIED)
    assert [alert["activity"] for alert in t.play().alerts] == ["create"]


def test_change_later_than_the_payment_explains_nothing() -> None:
    t, at = known()
    t.pay("V1", "new", at=at)
    t.change("V1", "new", at + 1, verification=VERIFIED)
    assert [alert["activity"] for alert in t.play().alerts] == ["create"]


def test_late_change_replaces_the_score_also_by_a_lower_one() -> None:
    """45 without any change event; 20 + 25 - 10 with a second approver."""
    played = late(HOUR, actor={"user_id": "u"}, approval={"approved_by": ["other"]})
    assert [(data["revision"], data["score"]) for data in played.revisions] == [(1, 45), (2, 35)]


def test_explained_reason_leaves_an_alert_that_has_others() -> None:
    t, at = known()
    t.policy(rules={"account-churn": {"mode": "off"}})
    t.pay("V1", "new", at=at, invoice="1-1-1")
    t.pay("V1", "other", at=at + 1, invoice="2-1-2")
    t.change("V1", "new", at - HOUR, verification=VERIFIED)
    (alert,) = t.play().alerts
    assert alert["activity"] == "update"
    accounts = [e["id"] for reason in t.play().reasons(RULE) for e in reason.data["entities"] if e["kind"] == "account"]
    assert len(alert["reasons"]) == 1
    assert "fp-other" in accounts
