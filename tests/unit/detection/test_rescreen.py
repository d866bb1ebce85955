"""Known payees against what a list update added: which, in what order, with which payments."""

from __future__ import annotations

import json

import pytest

from sluicegate.detection import rescreen
from sluicegate.detection.list_records import RescreenBatch, RescreenRecord
from sluicegate.detection.log import LogRecord
from sluicegate.detection.partition import Partition
from sluicegate.detection.rescreen import BATCH, EVENT_SLICE, EVERY
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import DAY, HOUR, START, Played, Tale, entry, payee

PERSON = entry("L1", "NOWAK, Casimir Bohdan")
NAME = "Casimir Bohdan Nowak"
RULE = "sanctioned-name"


def fed(tale: Tale, partition: Partition, start: int = 0) -> Played:
    run = partition.begin()
    for offset, line in enumerate(tale.lines[start:], start=start):
        run.apply(LogRecord(offset, START // 1000, None, line))
    run.merge()
    return Played(run.outputs)


def held(partition: Partition) -> tuple[int, int]:
    state = partition.begin().state("acme")
    return len(list(state.ids(RescreenRecord.KIND))), len(list(state.ids(RescreenBatch.KIND)))


def named(played: Played) -> list[str]:
    return [one.subject[1] for one in played.reasons(RULE)]


def test_slices_are_as_the_readme_of_the_core_says() -> None:
    assert (EVENT_SLICE, EVERY, BATCH, rescreen.TICK_SLICE) == (8, 32, 1024, 40)


def test_first_event_after_an_update_and_each_32nd_carry_a_slice() -> None:
    t = Tale()
    for number in range(20):
        t.pay(payee(f"E{number:02}", name=NAME), at=number)
    t.listed(PERSON, at=HOUR)
    known = len(t.events)
    for number in range(65):
        t.pay("V1", at=2 * HOUR + number, amount=f"{number + 1}.00")
    partition = Partition()
    fed_until = partition.begin()
    for offset, line in enumerate(t.lines[:known]):
        fed_until.apply(LogRecord(offset, START // 1000, None, line))
    fed_until.merge()
    found = []
    for offset in range(known, len(t.events)):
        run = partition.begin()
        run.apply(LogRecord(offset, START // 1000, None, t.lines[offset]))
        run.merge()
        found.append(len(named(Played(run.outputs))))
    assert {number: count for number, count in enumerate(found) if count} == {0: 8, 32: 8, 64: 4}
    assert held(partition) == (0, 0)


def test_oldest_update_comes_first_and_each_is_told_of() -> None:
    t = Tale()
    t.pay(payee("E1", name=NAME))
    t.pay(payee("E2", name="Wilhelmina Hartmann"))
    t.listed(PERSON, at=HOUR)
    t.listed(entry("L2", "HARTMANN, Wilhelmina"), at=2 * HOUR, mode="delta", version="2")
    t.pay("V1", at=3 * HOUR)
    partition = Partition()
    assert named(fed(t, partition)) == ["E1"]
    assert held(partition) == (1, 0)
    t.pay("V1", at=4 * HOUR)
    assert named(fed(t, partition, 5)) == ["E2"]
    assert held(partition) == (0, 0)


def test_batches_follow_one_another_by_id_until_all_are_screened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescreen, "BATCH", 4)
    for count in (3, 4, 5, 8, 9):
        t = Tale()
        for number in range(count):
            t.pay(payee(f"E{number:02}", name=NAME), at=number)
        t.listed(PERSON, at=HOUR)
        played = t.play()
        assert named(played) == [f"E{number:02}" for number in range(count)]


def test_update_that_only_removes_screens_nobody() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(payee("E1", name="Wilhelmina Hartmann"), at=HOUR)
    t.listed(at=2 * HOUR, version="2", mode="delta", remove=["L1"])
    t.pay("V1", at=3 * HOUR)
    partition = Partition()
    assert named(fed(t, partition)) == []
    assert held(partition) == (0, 0)


def test_payee_whose_payments_are_too_old_is_passed_over_and_the_next_one_is_not() -> None:
    t = Tale()
    t.pay(payee("E1", name=NAME))
    t.pay(payee("E2", name=NAME), at=300 * DAY)
    t.listed(PERSON, at=401 * DAY)
    t.pay("V1", at=402 * DAY)
    assert named(t.play()) == ["E2"]


def test_alert_counts_the_payments_of_the_look_back_alone() -> None:
    t = Tale()
    days = [0, 5, *range(10, 400, 10)]
    for day in days:
        t.pay(payee("E1", name=NAME), at=day * DAY, amount="10.00")
    t.listed(PERSON, at=400 * DAY)
    t.pay("V1", at=401 * DAY)
    (alert,) = t.play().alerts
    (money,) = alert["money"]
    held_days = [day for day in days if day > 400 - _look_back()]
    assert money["count"] == len(held_days)
    assert json.dumps(alert).count(t.events[-3]["data"]["payment_id"]) >= 1


def _look_back() -> int:
    from sluicegate.rules.registry import RULES

    days: int = getattr(RULES[RULE].params(), "rescreen_days")  # noqa: B009
    return days


def test_what_one_tenant_leaves_of_a_ticks_payees_goes_to_the_next_to_the_last_one() -> None:
    partition = Partition()
    run = partition.begin()
    lines: list[bytes] = []
    for tenant, count in (("acme", 39), ("beta", 5)):
        t = Tale(tenant)
        for number in range(count):
            t.pay(payee(f"E{number:02}", name=NAME), at=number)
        lines += t.lines
    lists = Tale()
    lists.listed(PERSON, at=HOUR)
    tick = Tale("*").add("clock.tick.v1", 2 * HOUR, {"at": format_time(START + 2 * HOUR)})
    for offset, line in enumerate([*lines, *lists.lines]):
        run.apply(LogRecord(offset, START // 1000, None, line))
    run.merge()
    again = partition.begin()
    again.apply(LogRecord(1000, START // 1000, None, json.dumps(tick).encode()))
    assert len(named(Played(again.outputs))) == 40
