"""X2: the budget, its caps, and how a finding joins the alerts of the same event."""

from __future__ import annotations

import pytest

from sluicegate.signals.registry import VERSION
from tests.scenarios.build import DAY, HOUR, Tale

RULE = "unusual-payment"


def stream(count: int, **params: object) -> tuple[Tale, int]:
    """Ten vendors paid about 1000 in turn, an hour apart; the tale and the time of the next payment."""
    t = Tale()
    t.policy(rules={RULE: {"params": {"warm_up": 100, "medium_p": 0.01} | params}})
    for n in range(count):
        t.pay(f"V{n % 10}", amount=f"{950 + n * 37 % 101}.{n % 100:02d}", at=n * HOUR, invoice=f"N{n}")
    return t, count * HOUR


def test_share_of_findings_stays_near_the_budget() -> None:
    t, _ = stream(1000, budget_share=0.01)
    assert len(t.play().reasons(RULE)) <= 20


@pytest.mark.parametrize(("cap", "reported"), [(None, 3), (2, 2), (1, 1)])
def test_no_more_findings_a_local_date_than_the_cap(cap: int | None, reported: int) -> None:
    t, at = stream(600, **({} if cap is None else {"daily_cap": cap}))
    for n in range(3):
        t.pay(f"V{n}", amount="90000.00", at=at + 5 * DAY + n, invoice=f"M{n}")
    assert len(t.play().reasons(RULE)) == reported


def test_cap_of_pay_runs_counts_by_run() -> None:
    t = Tale()
    t.policy(
        rules={RULE: {"params": {"warm_up": 100, "run_cap": 1, "budget_share": 0.05}}, "pay-spike": {"mode": "off"}}
    )
    for n in range(120):
        t.pay(f"E{n % 10}", amount=f"{950 + n * 37 % 101}.00", at=n // 10 * 14 * DAY, run=f"R{n // 10}")
    for n in range(4):
        t.pay(f"E{n}", amount="90000.00", at=300 * DAY, run=f"X{n // 2}")
    assert len(t.play().reasons(RULE)) == 2


def test_finding_joins_the_alert_of_the_event_at_the_next_level() -> None:
    """A first payment to an unannounced account (60 with the high amount, 65 and more excluded) takes it up."""
    t, at = stream(120)
    t.pay("V1", "elsewhere", "90000.00", at + 5 * DAY, invoice="M")
    played = t.play()
    (joined,) = played.reasons(RULE)
    assert joined.data["family"] == "account"
    assert {reason["rule"]: reason["score"] for reason in joined.data["reasons"]} == {"changed-account": 60, RULE: 60}


def test_finding_of_its_own_opens_an_alert_of_the_anomaly_family() -> None:
    t, at = stream(120)
    t.pay("V1", amount="90000.00", at=at, invoice="M")
    (reason,) = t.play().reasons(RULE)
    assert reason.data["family"] == "anomaly"
    assert reason.data["versions"]["models"] == {RULE: VERSION}


def test_held_back_payment_does_not_change_what_is_usual() -> None:
    """V1 was paid 60 times before; the large payments that follow are held back, and none becomes the norm."""
    t, at = stream(600)
    for n in range(3):
        t.pay("V1", amount=f"9{n}000.00", at=at + n * 2 * DAY, invoice=f"M{n}")
    reasons = t.play().reasons(RULE)
    assert [reason.told["expected"]["payments"] for reason in reasons] == [60, 60, 60]


def test_verdict_lets_the_model_learn_what_follows() -> None:
    """Two payments after the verdict the history has grown by the first of them."""
    t, at = stream(120)
    t.pay("V1", amount="90000.00", at=at, invoice="M")
    (alert,) = t.play().alerts
    t.verdict(alert["alert_id"], "benign", at + 1)
    t.policy(at + 1, rules={RULE: {"params": {"warm_up": 100, "budget_share": 0.05, "medium_p": 0}}})
    t.pay("V1", amount="1000.00", at=at + DAY, invoice="M1")
    t.pay("V1", amount="90000.00", at=at + 2 * DAY, invoice="M2")
    assert [reason.told["expected"]["payments"] for reason in t.play().reasons(RULE)] == [12, 13]


def test_new_tenant_warms_up_in_the_open() -> None:
    t, _ = stream(101)
    told = [note.told["text"] for note in t.play().noted(RULE)]
    assert told[0] == "Vendor payments: learning, 25 of 100 payments."
    assert told[-1] == "Vendor payments: learned, 100 of 100 payments."


def test_change_of_the_stream_is_told_as_a_notice() -> None:
    """From one payment to the next all amounts are 30 % higher; they varied by 5 % before."""
    t, at = stream(1700, budget_share=0.01)
    assert not [note for note in t.play().noted(RULE) if "changed on average" in note.told["text"]]
    for n in range(900):
        t.pay(f"V{n % 10}", amount=f"{1.3 * (950 + n * 37 % 101):.2f}", at=at + n * HOUR, invoice=f"M{n}")
    notes = [note for note in t.play().noted(RULE) if "changed on average" in note.told["text"]]
    assert 1 <= len(notes) <= 3
    assert notes[0].subject[0] == "tenant"
    assert notes[0].data["notice"]
    assert notes[0].told["text"].startswith("How far amounts lie above the usual")


def test_text_names_each_signal_with_its_share_and_the_numbers() -> None:
    t, at = stream(600)
    t.pay("V99", amount="4950.00", at=at, invoice="M")
    (reason,) = [one for one in t.play().reasons(RULE) if one.told["observed"]["amount"] == "4950.00"]
    assert "1.0% below the round sum of 5,000 USD, to a payee never paid before" in reason.told["text"]
    assert "of the score" in reason.told["text"]
    assert sum(reason.told["observed"]["shares"].values()) == pytest.approx(1, abs=0.001)
    assert reason.told["text"].startswith("4,950.00 USD: ")
    assert reason.data["counterfactual"].startswith("Without the signal ")
