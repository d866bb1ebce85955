"""An entry that is removed from its list: open alerts stay, and a signal says so."""

from __future__ import annotations

from tests.scenarios.build import DAY, Tale, entry, payee, play

PERSON = entry("L1", "NOWAK, Casimir Bohdan")
WORKER = payee("E1", name="Casimir Bohdan Nowak")
RULE = "sanctioned-name"


def removed(t: Tale, at: int = 2 * DAY, version: str = "2") -> None:
    t.listed(version=version, at=at, mode="delta", remove=["L1"])
    t.pay("E9", at=at + DAY)


def test_open_alert_of_a_removed_entry_stays_and_a_signal_names_it() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(WORKER, at=DAY)
    removed(t)
    played = t.play()
    (alert,) = played.alerts
    (signal,) = played.signals
    assert alert["activity"] == "create"
    assert signal["alert_id"] == alert["alert_id"]
    assert signal["reasons"][0]["observed"] == {
        "entry_id": "L1",
        "list": "test-list",
        "list_version": "2",
        "listed": False,
    }


def test_removal_is_told_once_and_a_closed_alert_is_left_alone() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(WORKER, at=DAY)
    removed(t)
    t.listed(entry("L2", "Somebody Else"), version="3", at=5 * DAY, mode="delta")
    t.pay("E9", at=6 * DAY)
    assert len(t.play().signals) == 1
    t = Tale()
    t.listed(PERSON)
    t.pay(WORKER, at=DAY)
    (alert,) = t.play().alerts
    t.verdict(alert["alert_id"], "benign", at=DAY + 1)
    removed(t)
    assert t.play().signals == []


def test_entry_that_is_only_changed_is_not_removed() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(WORKER, at=DAY)
    t.listed(PERSON | {"programs": ["NEW"]}, version="2", at=2 * DAY, mode="delta")
    t.pay("E9", at=3 * DAY)
    assert t.play().signals == []


def test_signal_about_a_removed_entry_says_what_would_be_usual_and_names_that_entry_alone() -> None:
    t = Tale()
    t.listed(PERSON, entry("L2", "NOWAK, Casimir Bohdan"))
    t.pay(WORKER, at=DAY)
    removed(t)
    played = t.play()
    (signal,) = played.signals
    (reason,) = signal["reasons"]
    assert (reason["score"], reason["expected"]) == (10, {"listed": True})
    named = {e["id"] for e in signal["entities"] if e["kind"] == "list_entry"}
    assert named == {"L1"}
    assert {e["kind"] for e in signal["entities"]} == {"list_entry"}


def test_each_open_alert_of_a_removed_entry_is_told_of() -> None:
    t = Tale()
    t.listed(PERSON)
    for who in ("E1", "E2", "E3"):
        t.pay(payee(who, name="Casimir Bohdan Nowak"), at=DAY)
    removed(t)
    played = t.play()
    assert {signal["alert_id"] for signal in played.signals} == {alert["alert_id"] for alert in played.alerts}
    assert len(played.signals) == 3


def test_what_was_told_of_a_removal_is_remembered_in_the_state() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(WORKER, at=DAY)
    removed(t)
    t.listed(entry("L2", "Somebody Else"), version="3", at=5 * DAY, mode="delta")
    t.pay("E9", at=6 * DAY)
    whole = t.play().signals
    assert len(whole) == 1
    assert play(t.lines, batch=1).signals == whole
