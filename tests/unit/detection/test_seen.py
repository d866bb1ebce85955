"""For how long ids are known, and that the memory of them does not grow without end."""

from __future__ import annotations

import json

import pytest

from sluicegate.detection.log import LogRecord, Outcome
from sluicegate.detection.partition import Partition
from sluicegate.detection.seen import KEEP_IDS, KEEP_PAYMENT_IDS, MOST_IDS
from sluicegate.detection.step import ALL
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import DAY, START, Tale


def outcomes(tale: Tale, partition: Partition | None = None) -> list[Outcome]:
    """What becomes of each event, each arriving at its own time and in a run of its own."""
    core = partition or Partition()
    told = []
    for offset, event in enumerate(tale.events):
        run = core.begin()
        at = START if event["type"] == "policy.update.v1" else int(event["data"].pop("_at", START))
        told.append(run.apply(LogRecord(offset, at // 1000, b"k", json.dumps(event).encode())))
        run.merge()
    return told


def test_ids_are_kept_for_the_times_of_the_contract() -> None:
    assert (KEEP_IDS, KEEP_PAYMENT_IDS, MOST_IDS) == (30 * DAY, 400 * DAY, 1_000_000)


def paid_again(after: int) -> Outcome:
    """A further notice of a payment so long after the first, others between."""
    t = Tale()
    first = t.pay("E1", payment_id="P1")
    for at in range(DAY, after, 7 * DAY):
        t.pay("E2", at=at)
    again = t.pay("E1", payment_id="P1", at=after)
    assert again["id"] != first["id"]
    for event in t.events:
        event["data"]["_at"] = _micros(event["time"])
    return outcomes(t)[-1]


def _micros(time: str) -> int:
    from sluicegate.wire.scalars import parse_time

    return parse_time(time) or 0


@pytest.mark.parametrize("days", [1, 31, 399])
def test_payment_is_known_for_four_hundred_days(days: int) -> None:
    assert paid_again(days * DAY) is Outcome.REPEATED


def test_payment_of_long_ago_is_not_known_any_more() -> None:
    assert paid_again(900 * DAY) is Outcome.APPLIED


def test_ids_of_ticks_do_not_pile_up() -> None:
    """A record of some hundred ids is let go as a whole, thirty days after its newest."""
    partition = Partition()
    held = []
    for day in range(0, 200, 5):
        run = partition.begin()
        for number in range(400):
            ticks = Tale(ALL)
            at = START + day * DAY + number
            tick = ticks.add("clock.tick.v1", day * DAY + number, {"at": format_time(at)})
            tick["id"] = f"{day}-{number}"
            run.apply(LogRecord(day * 1000 + number, at // 1000, None, json.dumps(tick).encode()))
        run.merge()
        held.append(sum(len(value) for _, value in partition.items()))
    assert max(held[10:]) < 1.3 * min(held[10:])


def test_part_of_a_split_payment_that_came_already_is_a_repetition() -> None:
    t = Tale()
    for index in (1, 2, 2):
        t.pay("V1", "A", "700.00", at=index, payment_id="S1", split={"index": index, "count": 3})
    assert outcomes(t) == [Outcome.APPLIED, Outcome.APPLIED, Outcome.REPEATED]
