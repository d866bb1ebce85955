"""What is kept of a tenant's changes of account: bounded, forgotten in time, and enough for late ones."""

from __future__ import annotations

from typing import Any

from sluicegate.detection.burst_records import BurstRecord, PaidRecord
from sluicegate.detection.bursts import LATE, MOST_BY_PIVOT, PAID_WITHIN
from sluicegate.detection.partition import LogRecord, Partition
from tests.scenarios.build import DAY, HOUR, Tale

ACTOR = {"device_id": "d", "user_id": "u"}
DEVICE = "device\nd"


def state_after(t: Tale) -> Any:
    partition = Partition()
    run = partition.begin()
    for offset, line in enumerate(t.lines):
        run.apply(LogRecord(offset, 0, None, line))
    return run.state("acme")


def change(t: Tale, who: str, at: int) -> None:
    t.change(who, f"new-{who}", at, actor=ACTOR)


def test_changes_are_kept_by_device_address_and_user_up_to_a_bound() -> None:
    t = Tale()
    for n in range(MOST_BY_PIVOT + 1):
        change(t, f"E{n}", n)
    state = state_after(t)
    assert sorted(state.ids(BurstRecord.KIND)) == [DEVICE, "user\nu"]
    assert [row.payee for row in state.get(BurstRecord, DEVICE).changes][:2] == ["E1", "E2"]
    assert len(state.get(BurstRecord, DEVICE).changes) == MOST_BY_PIVOT


def test_record_is_forgotten_when_no_change_can_join_it_any_more() -> None:
    t = Tale()
    change(t, "E1", 0)
    t.pay("V1", at=24 * HOUR + LATE - 1)
    assert state_after(t).get(BurstRecord, DEVICE) is not None
    t.pay("V2", at=24 * HOUR + LATE)
    assert state_after(t).get(BurstRecord, DEVICE) is None


def test_change_that_goes_on_keeps_the_record() -> None:
    t = Tale()
    change(t, "E1", 0)
    change(t, "E2", 5 * DAY)
    t.pay("V1", at=10 * DAY)
    assert [row.payee for row in state_after(t).get(BurstRecord, DEVICE).changes] == ["E1", "E2"]


def test_burst_that_comes_late_is_seen() -> None:
    t = Tale()
    t.pay("V1", at=30 * DAY)
    for n in range(3):
        change(t, f"E{n}", 10 * DAY + n)
    assert t.play().score("change-burst") is None
    t = Tale()
    t.pay("V1", at=30 * DAY)
    for n in range(3):
        change(t, f"E{n}", 24 * DAY + n)
    assert t.play().score("change-burst") == 65


def test_change_that_does_not_count_adds_nothing_to_a_burst() -> None:
    t = Tale()
    for n in range(3):
        change(t, f"E{n}", n)
    verified = {"method": "callback", "status": "passed", "by": "other"}
    t.change("E9", "new-E9", HOUR, actor=ACTOR, verification=verified)
    (reason,) = t.play().reasons("change-burst")
    assert reason.data["revision"] == 1
    assert len(reason.told["event_ids"]) == 3
    assert [entity["id"] for entity in reason.data["entities"] if entity["kind"] == "payee"] == ["E0", "E1", "E2"]
    assert "change-burst: actor" not in reason.data["not_evaluable"]


def test_late_change_between_two_others_completes_the_burst() -> None:
    t = Tale()
    change(t, "E1", 0)
    change(t, "E2", 23 * HOUR)
    change(t, "E3", 22 * HOUR)
    assert t.play().score("change-burst") is None  # at its own time only E1 came before it
    change(t, "E4", 23 * HOUR)
    assert t.play().score("change-burst") == 65


def test_payees_are_counted_in_the_hour_of_their_last_payment() -> None:
    t = Tale()
    for at in (0, 1, 2 * DAY, DAY):
        t.pay("V1", at=at, invoice=f"N{at}")
    t.pay("V2", "other", at=2 * DAY)
    hours = state_after(t).get(PaidRecord, "").hours
    assert list(hours.values()) == [2]


def test_hours_that_no_window_reaches_are_let_go() -> None:
    t = Tale()
    t.pay("V1", at=0)
    t.pay("V2", "other", at=PAID_WITHIN + LATE + 2 * HOUR)
    assert len(state_after(t).get(PaidRecord, "").hours) == 1
