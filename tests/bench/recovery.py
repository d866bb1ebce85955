"""A worker with much state stops and starts, or shares with another: seconds until it works, and until an alert.

State is filled by payments to ever new payees. Then, one after the other: SIGTERM and start; kill -9 and start; the
same with a static group member id. A probe for each partition of the log is sent at the moment of each start; the time
until its alert can be read (read committed) is the outage that a user sees. Between them a second worker joins the
first, while probes go on.

Asserts that the state has the size asked for, and that every probe's alert came.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

import msgspec
from kafka import KafkaConsumer, TopicPartition

from sluicegate.generate import listed
from sluicegate.log.placement import Placer
from tests.bench.harness import (
    PARTITIONS,
    Row,
    Verdict,
    Worker,
    arguments,
    headline,
    make_topics,
    say,
    send_all,
    surroundings,
    table,
)
from tests.bench.live import Latency, measure, probe
from tests.streams.kafka import Kafka
from tests.streams.workers import running

TENANTS = [f"tenant-{number:02d}" for number in range(40)]
FIRST = 20_000
_PATIENCE = 120.0


class Outage(NamedTuple):
    """Seconds from a start until all partitions are open, and until the first and the last partition's alert."""

    name: str
    ready: float
    first: float
    last: float
    recovered: int
    peak: float


def payments() -> Iterator[Row]:
    """Each to a payee and an account of its own."""
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
    for number in count():
        tenant = TENANTS[number % len(TENANTS)]
        data = {
            "payment_id": f"P{number:08d}",
            "payee": {"payee_id": f"V{number:08d}", "kind": "vendor", "name": f"Supplier {number:08d} Limited"},
            "account": {"fp": f"fp-{number:08d}", "scheme": "us_aba", "country": "US"},
            "amount": {"value": f"{100 + number % 900}.00", "currency": "USD"},
            "schedule": {"rail": "ach"},
        }
        yield Row("vendor-payments", tenant.encode(), event(f"p{number:08d}", "vendor.payment.v1", tenant, data, start))
        start += timedelta(seconds=1)


def event(id_: str, type_: str, tenant: str, data: dict[str, Any], at: datetime) -> bytes:
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": id_,
            "source": "/bench",
            "type": type_,
            "time": at.isoformat().replace("+00:00", "Z"),
            "tenantid": tenant,
            "data": data,
        }
    )


def live_keys(kafka: Kafka) -> int:
    """State records that a full compaction would leave."""
    last = {(record.partition, record.key): record.value is not None for record in kafka.read("state", timeout=600)}
    return sum(last.values())


def fill(kafka: Kafka, worker: Worker, target: int) -> tuple[int, int]:
    """State of at least `target` records; payments it took, and records there are."""
    at = int((time.time() - 40 * 86_400) * 1e6)
    send_all(kafka, [Row("sanctions", b"list", msgspec.json.encode(listed.event("bench-list", at)))])
    source, sent, live = payments(), 0, 0
    while live < target:
        more = FIRST if not sent else int((target - live) * sent / live * 1.03) + 100
        sent += send_all(kafka, islice(source, more))
        worker.until_drained(kafka, sent + 1, 60 + more / 200)
        live = live_keys(kafka)
        say(f"{sent} payments: {live} state records")
    return sent, live


class Probes:
    """One probe a partition at a time, and the moments at which their alerts come."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        placer = Placer("", PARTITIONS)
        self._tenants = {placer.partition(tenant): tenant for tenant in TENANTS}
        self._series = 0
        self._reader = KafkaConsumer(
            bootstrap_servers=kafka.bootstrap, enable_auto_commit=False, isolation_level="read_committed"
        )
        self._reader.assign([TopicPartition(kafka.topic("alerts"), number) for number in range(PARTITIONS)])
        self._reader.seek_to_end()
        for tp in self._reader.assignment():
            self._reader.position(tp)

    def close(self) -> None:
        self._reader.close()

    def send(self) -> None:
        self._series += 1
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        rows = [
            Row("payout-requests", tenant.encode(), probe(self._series, number, tenant, now))
            for number, tenant in self._tenants.items()
        ]
        send_all(self._kafka, rows)

    def wait(self, also: Callable[[], bool]) -> tuple[list[float], float]:
        """Moments of each partition's alert, sorted, and the moment at which `also` held first."""
        deadline = time.monotonic() + _PATIENCE
        seen: dict[int, float] = {}
        held = 0.0
        names = {f"probe-{self._series:x}-{number:07d}".encode(): number for number in self._tenants}
        while len(seen) < len(names) or not held:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(seen)} of {len(names)} alerts within {_PATIENCE:.0f} s")
            for batch in self._reader.poll(timeout_ms=20).values():
                for record in batch:
                    for name, number in names.items():
                        if name in record.value:
                            seen.setdefault(number, time.monotonic())
            if not held and also():
                held = time.monotonic()
        return sorted(seen.values()), held


def outage(name: str, probes: Probes, worker: Worker) -> Outage:
    """Start the worker, send probes at once, and wait."""
    started = time.monotonic()
    worker.start()
    probes.send()

    def ready() -> bool:
        return worker.get("readyz")[0] == 200 and worker.metric("sluicegate_open_partitions") > 0

    seen, held = probes.wait(ready)
    recovered = int(worker.metric("sluicegate_recovered_state_records_total"))
    say(f"{name}: {seen[-1] - started:.1f} s")
    return Outage(name, held - started, seen[0] - started, seen[-1] - started, recovered, worker.peak_mib())


class Rebalance(NamedTuple):
    """Seconds until the joined worker works, and the latency of probes sent from before it began until after."""

    ready: float
    recovered: int
    latency: Latency


def rebalance(kafka: Kafka, second: Worker, rate: float) -> Rebalance:
    """Probes of all tenants at `rate` a second for 25 s; the worker starts after some of them."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    chosen = [TENANTS[number % len(TENANTS)] for number in range(int(rate * 25))]
    rows = [Row("payout-requests", t.encode(), probe(0xFFF, number, t, now)) for number, t in enumerate(chosen)]
    took: list[float] = []

    def join() -> None:
        started = time.monotonic()
        second.start().ready(_PATIENCE)
        took.append(time.monotonic() - started)

    starter = threading.Timer(5.0, join)
    starter.start()
    latency = measure(kafka, rows, {number: number for number in range(len(rows))}, rate, 0xFFF, patience=_PATIENCE)
    starter.join()
    say(f"second worker: ready after {took[0]:.1f} s")
    return Rebalance(took[0], int(second.metric("sluicegate_recovered_state_records_total")), latency)


def main() -> int:
    options = arguments(
        __doc__, records=(500_000, "state records at least"), rate=(20.0, "probes a second during the rebalance")
    )
    headline("Restart and rebalance with much state")
    verdict = Verdict()
    with surroundings(options.broker) as (kafka, folder), ExitStack() as stack:
        make_topics(kafka)
        worker, second = Worker(kafka, folder), Worker(kafka, folder, "second")
        static = Worker(kafka, folder, "static", instance_id="bench-0")
        stack.enter_context(running(worker, second, static))
        worker.start().ready()
        began = time.monotonic()
        sent, live = fill(kafka, worker, options.records)
        say(f"filled in {time.monotonic() - began:.0f} s; the worker had {worker.peak_mib():.0f} MiB at most")
        probes = stack.enter_context(closing(Probes(kafka)))
        found = []
        worker.terminate()
        found.append(outage("SIGTERM, start", probes, worker))
        worker.kill()
        found.append(outage("kill -9, start", probes, worker))
        joined = rebalance(kafka, second, options.rate)
        second.terminate()
        worker.terminate()
        static.start().ready(_PATIENCE)
        static.kill()
        found.append(outage("kill -9, start, static member", probes, static))
        static.terminate()
        held = sum(kafka.end_offsets("state").values())
    table(
        [list(each) for each in found],
        ["event", "ready s", "first alert s", "last partition's s", "state records read", "peak MiB"],
    )
    table(
        [["a second worker joins", joined.ready, joined.recovered, joined.latency.probes, *joined.latency.cells()]],
        ["rebalance", "ready s", "state records read", "probes", "p50 ms", "p95", "p99", "longest"],
    )
    print(f"{live:,} live state records by {sent:,} payments; the state topic spans {held:,} offsets")
    print()
    verdict.check(live >= options.records, f"{live} state records are at least {options.records}")
    verdict.check(len(found) == 3, f"an alert in each of {PARTITIONS} partitions after each of {len(found)} starts")
    missing = joined.latency.missing
    verdict.check(not missing, f"{joined.latency.probes - missing} of {joined.latency.probes} probes of the rebalance")
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
