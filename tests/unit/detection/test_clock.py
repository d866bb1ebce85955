"""Clocks and timers: event time moves them, ticks move them on where no events come."""

from __future__ import annotations

import json

from sluicegate.detection.partition import LogRecord, Output, Partition, Run
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import DAY, HOUR, START, Tale


def spike(tenant: str = "acme") -> Tale:
    """Pay four times the usual, in a run: judged six hours after the run's last payment."""
    t = Tale(tenant)
    at = t.history("E1", 4)
    t.pay("E1", amount="4000.00", at=at, run="R")
    return t


def tick(at: int, number: int = 0) -> bytes:
    t = Tale("*")
    event = t.add("clock.tick.v1", at, {"at": format_time(START + at)})
    event["id"] = f"tick-{number}"
    return json.dumps(event).encode()


def run_of(*records: tuple[bytes, int]) -> Run:
    """Records as (value, log time in µs after START)."""
    run = Partition().begin()
    for offset, (value, logged) in enumerate(records):
        run.apply(LogRecord(offset, (START + logged) // 1000, None, value))
    return run


def alerts(outputs: list[Output]) -> list[str]:
    """When the alerts about payees were raised."""
    told = [json.loads(o.value)["data"] for o in outputs if o.topic == "alerts"]
    return [data["created_at"] for data in told if data["family"] != "quality"]


def logged(tale: Tale, at: int) -> list[tuple[bytes, int]]:
    return [(line, at) for line in tale.lines]


def test_idle_tenant_runs_on_by_the_time_that_passed_in_the_log() -> None:
    """The tenant's events lie weeks behind the log's time: what counts is the time since, not the tick itself."""
    events = logged(spike(), 400 * DAY)
    assert alerts(run_of(*events, (tick(400 * DAY + 6 * HOUR - 1000), 0)).outputs) == []
    moved = run_of(*events, (tick(400 * DAY + 6 * HOUR), 0))
    assert alerts(moved.outputs) == [format_time(START + 56 * DAY + 6 * HOUR)]


def test_tick_never_moves_a_clock_back() -> None:
    run = run_of(*logged(spike(), 400 * DAY), (tick(401 * DAY, 1), 0), (tick(400 * DAY, 2), 0), (tick(0, 3), 0))
    assert len(alerts(run.outputs)) == 1
    assert run.counts.ticks == 3


def test_tick_moves_every_tenant_of_the_partition() -> None:
    events = [*logged(spike("acme"), 100 * DAY), *logged(spike("beta"), 200 * DAY)]
    assert len(alerts(run_of(*events, (tick(200 * DAY + 6 * HOUR), 0)).outputs)) == 2


def test_repeated_tick_is_a_duplicate() -> None:
    assert run_of((tick(0), 0), (tick(0), 0)).counts.duplicates == 1


def test_policies_lists_and_verdicts_move_no_clock() -> None:
    t = spike()
    t.policy(300 * DAY)
    t.listed(at=300 * DAY)
    t.verdict("al_" + "0" * 32, "benign", 300 * DAY)
    assert alerts(run_of(*logged(t, 0)).outputs) == []


def test_timer_fires_before_the_event_that_reached_it() -> None:
    t = spike()
    t.pay("E2", "shared", at=62 * DAY)
    t.pay("E3", "shared", at=62 * DAY)
    families = [json.loads(o.value)["data"]["family"] for o in run_of(*logged(t, 0)).outputs if o.topic == "alerts"]
    assert families == ["payroll", "account"]


def test_late_event_does_not_move_the_clock_back() -> None:
    t = spike()
    t.pay("E2", at=56 * DAY + 5 * HOUR)
    t.pay("E2", at=10 * DAY)
    t.pay("E2", at=56 * DAY + 6 * HOUR - 1)
    assert alerts(run_of(*logged(t, 0)).outputs) == []


def test_run_that_a_late_payment_reopens_is_judged_again() -> None:
    t = spike()
    for n in range(2, 4):
        t.history(f"E{n}", 4)
    t.pay("E9", at=57 * DAY)
    t.pay("E2", amount="4000.00", at=57 * DAY, run="R")
    t.pay("E9", at=58 * DAY)
    told = [json.loads(o.value)["data"] for o in run_of(*logged(t, 0)).outputs]
    assert [data["subject"]["id"] for data in told if data["family"] == "payroll"] == ["E1", "E2"]


def test_internal_events_are_unknown_where_they_do_not_come_from_the_log() -> None:
    t = spike()
    t.add("clock.tick.v1", 0, {"at": format_time(START)}, tenantid="*")
    (letter,) = t.play().letters
    assert letter["reason"] == "unknown_type"
