"""A stress run: a schedule made beforehand, sent in an open loop, and watched from outside the workers.

No coordinated omission: an event's time is the time at which it was due to be sent. If the sender, Kafka or a worker
stalls, the schedule goes on, and what waits is measured from when it was due.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sluicegate.cli.alert_text import decode
from sluicegate.cli.kafka import follow, sender
from sluicegate.cli.pace import Pace
from sluicegate.cli.probes import probe
from sluicegate.cli.stage import Stage
from sluicegate.cli.stress_report import StressReport
from sluicegate.generate.stream import Generator
from sluicegate.topics import name_of

__all__ = ["Plan", "plan", "run"]

_LEAD = 1.0
"""Seconds between the end of planning and the first event, at the least."""
_COST = 250e-6
"""Seconds it takes to plan an event, at the most."""
_DRAIN = 15.0
"""Seconds after the last event in which what is still to come may come."""


class Planned(NamedTuple):
    """A record on the schedule; `alert` is the id of the alert it is certain to raise."""

    topic: str
    key: bytes
    value: bytes
    alert: str | None


class Plan(NamedTuple):
    """What will be sent: the nth record at `start` + n / `rate`, in seconds since 1970."""

    start: float
    rate: float
    records: Sequence[Planned]
    due: dict[str, float]
    """Alert id -> due time of its event."""


def plan(
    generator: Generator, rate: float, seconds: float, probes: float, now: Callable[[], float] = time.time
) -> Plan:
    """The schedule of a run that begins soon. Every 1/`probes`th record raises an alert for certain."""
    count = int(rate * seconds)
    start = now() + count * _COST + _LEAD
    every = max(1, round(1 / probes))
    records: list[Planned] = []
    due: dict[str, float] = {}
    for number in range(count):
        at = start + number / rate
        stamp = int(at * 1_000_000)
        if number % every == 0:
            tenant = generator.tenants[number // every % len(generator.tenants)].id
            value, alert = probe(tenant, generator.tag, number, stamp)
            due[alert] = at
            records.append(Planned("vendor-payments", tenant.encode(), value, alert))
        else:
            event = generator.next_live(stamp)
            records.append(Planned(event.topic, event.key, event.value, None))
    return Plan(max(start, now()), rate, records, due)


class _Watcher(threading.Thread):
    """Notes when each awaited alert is first seen."""

    def __init__(self, stage: Stage, awaited: set[str]) -> None:
        super().__init__(name="watcher", daemon=True)
        self._stage = stage
        self._awaited = awaited
        self.ready = threading.Event()
        self.stop = threading.Event()
        self.seen: dict[str, float] = {}
        self.error: Exception | None = None

    def run(self) -> None:
        settings = self._stage.settings
        try:
            for record in follow(settings, name_of("alerts", settings), on_ready=self.ready.set, on_poll=self._poll):
                at = time.time()
                alert = decode(record.value)
                if alert is not None and alert.alert_id in self._awaited:
                    self.seen.setdefault(alert.alert_id, at)
        except _StopWatchingError:
            pass
        except Exception as error:  # noqa: BLE001 (raised again by the main thread)
            self.error = error

    def _poll(self) -> None:
        if self.stop.is_set():
            raise _StopWatchingError


class _StopWatchingError(Exception):
    """The run is over.

    Operator action: none; it never leaves this module.
    """


def run(stage: Stage, planned: Plan, *, warm_up: float) -> StressReport:
    """Send the plan on schedule and wait for its alerts; those due within `warm_up` seconds are not measured."""
    watcher = _Watcher(stage, set(planned.due))
    watcher.start()
    watcher.ready.wait(30)
    cpu, events = _cpu(stage), stage.metric("sluicegate_events_total")
    behind = _send(stage, planned)
    seconds = time.time() - planned.start
    target = events + len(planned.records)

    def finished() -> bool:
        if watcher.error is not None:
            raise watcher.error
        return len(watcher.seen) == len(planned.due) and stage.metric("sluicegate_events_total") >= target

    stage.wait_for(finished, _DRAIN)
    watcher.stop.set()
    watcher.join(5)
    after = _cpu(stage)
    first = planned.start + warm_up
    return StressReport(
        rate=planned.rate,
        seconds=seconds,
        sent=len(planned.records),
        worked=int(stage.metric("sluicegate_events_total") - events),
        behind=behind,
        expected=len(planned.due),
        seen=len(watcher.seen),
        latencies=[at - planned.due[alert] for alert, at in watcher.seen.items() if planned.due[alert] >= first],
        cpu=after - cpu if after > cpu else None,
    )


def _send(stage: Stage, planned: Plan) -> float:
    """Send all; how late a record was handed over at the most, in seconds."""
    settings = stage.settings
    names = {record.topic: name_of(record.topic, settings) for record in planned.records}
    behind = 0.0
    with sender(settings, linger_ms=2) as out:
        pace = Pace(planned.rate, start=planned.start)
        for record in planned.records:
            due = pace.next()
            behind = max(behind, time.time() - due)
            out.send(names[record.topic], record.value, record.key)
    return behind


def _cpu(stage: Stage) -> float:
    return stage.metric("process_cpu_seconds_total")
