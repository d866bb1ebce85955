"""A worker starts on a large backlog of which one tenant has nine tenths; other tenants go on sending.

The backlog is worked off by record timestamp within a partition, so that a tenant in the partition of the large one
waits with it; all others are to notice little once their own part of the backlog is gone.

Asserts that the backlog outlasts the measurement (or, with --drain, that all of it is worked through), that every probe
in other partitions is answered, and that memory stays within --most-mib.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sluicegate.generate.stream import Generator
from sluicegate.log.placement import Placer
from tests.bench.harness import (
    PARTITIONS,
    Meter,
    Row,
    Verdict,
    Worker,
    arguments,
    at_work,
    headline,
    make_topics,
    percentile,
    say,
    send_all,
    surroundings,
    table,
)
from tests.bench.live import Latency, measure, probe
from tests.streams.kafka import Kafka

HEAVY = 0.9


class Backlog:
    """Generated events, counted by partition while they are sent."""

    def __init__(self, seed: int, events: int, tenants: int) -> None:
        self._count = events
        self._generator = Generator.sized(seed, events, end=int(time.time() * 1e6), tenants=tenants, heavy=HEAVY)
        self._placer = Placer("", PARTITIONS)
        self.by_partition: Counter[int] = Counter()
        self.by_tenant: Counter[str] = Counter()

    def rows(self) -> Iterator[Row]:
        for event in self._generator.bulk(self._count):
            self.by_tenant[event.tenant] += 1
            where = range(PARTITIONS) if event.tenant == "*" else (self.partition(event.tenant),)
            self.by_partition.update(where)
            yield Row(event.topic, event.key, event.value, event.time // 1000)

    def partition(self, tenant: str) -> int:
        return self._placer.partition(tenant)

    @property
    def heavy(self) -> tuple[str, int]:
        """The large tenant and the partition it is in."""
        tenant = self.by_tenant.most_common(1)[0][0]
        return tenant, self.partition(tenant)

    @property
    def others(self) -> list[str]:
        return sorted(tenant for tenant in self.by_tenant if tenant not in ("*", self.heavy[0]))


class Live(NamedTuple):
    """Probes by where their tenant is, and what became of them while the backlog lasted."""

    elsewhere: set[int]
    beside: set[int]
    latency: Latency

    def row(self, name: str, numbers: set[int]) -> list[object]:
        times = sorted(self.latency.seen[number] for number in numbers if number in self.latency.seen)
        cells = [percentile(times, share) * 1000 for share in (0.5, 0.95, 0.99, 1.0)]
        return [name, len(numbers), len(times), *cells]


def send_live(kafka: Kafka, backlog: Backlog, rate: float, seconds: float) -> Live:
    """Probes of all tenants but the large one in turn, at `rate` a second."""
    tenants, now = backlog.others, datetime.now(UTC).isoformat().replace("+00:00", "Z")
    chosen = [tenants[number % len(tenants)] for number in range(int(rate * seconds))]
    rows = [Row("payout-requests", t.encode(), probe(0, number, t, now)) for number, t in enumerate(chosen)]
    beside = {number for number, t in enumerate(chosen) if backlog.partition(t) == backlog.heavy[1]}
    places = {number: number for number in range(len(rows))}
    latency = measure(kafka, rows, places, rate, 0, patience=5.0)
    return Live(places.keys() - beside, beside, latency)


def position(worker: Worker, partition: int) -> float:
    return worker.metric("sluicegate_log_position", partition=str(partition))


def wait_for_others(worker: Worker, backlog: Backlog, timeout: float) -> float:
    """Seconds until the other partitions' own part of the backlog is gone."""
    others = [number for number in range(PARTITIONS) if number != backlog.heavy[1]]
    started = time.monotonic()
    while any(position(worker, number) < backlog.by_partition[number] for number in others):
        if time.monotonic() - started > timeout:
            raise TimeoutError(f"other partitions are not through within {timeout:.0f} s")
        time.sleep(0.5)
    return time.monotonic() - started


def main() -> int:
    options = arguments(
        __doc__,
        events=(5_000_000, "in the backlog"),
        tenants=(40, "tenants"),
        seconds=(60.0, "of live events while the backlog is worked off"),
        rate=(100.0, "live events a second"),
        drain=(False, "go on until the backlog is gone"),
        most_mib=(1024.0, "memory that the worker may use"),
    )
    headline("A large backlog, nine tenths of one tenant")
    verdict = Verdict()
    backlog = Backlog(options.seed, options.events, options.tenants)
    with surroundings(options.broker) as (kafka, folder):
        make_topics(kafka)
        started = time.monotonic()
        sent = send_all(kafka, backlog.rows())
        tenant, heavy = backlog.heavy
        share = backlog.by_tenant[tenant] / sent
        total = sum(backlog.by_partition.values())
        say(f"{sent} events sent in {time.monotonic() - started:.0f} s; {share:.0%} in partition {heavy}")
        with at_work(Worker(kafka, folder)) as worker:
            meter = Meter(worker)
            caught_up = wait_for_others(worker, backlog, 60 + total / 200)
            say(f"other partitions worked off after {caught_up:.0f} s")
            found = send_live(kafka, backlog, options.rate, options.seconds)
            left = backlog.by_partition[heavy] - int(position(worker, heavy))
            if options.drain:
                worker.until_worked(total + len(found.latency.places), 60 + left / 200)
            usage, peak = meter.read(), worker.peak_mib()
            worker.terminate()
    beside = found.row("in the large tenant's partition", found.beside)
    table(
        [found.row("in other partitions", found.elsewhere), beside],
        ["other tenants' live events, ms", "sent", "answered", "p50", "p95", "p99", "most"],
    )
    table(
        [
            ["backlog, records of the log", total],
            [f"of the large tenant, {share:.0%}", backlog.by_tenant[tenant]],
            ["worked through", usage.records],
            ["records/s", usage.rate],
            ["CPU µs a record", usage.cpu_us],
            ["s until the other partitions' part was gone", caught_up],
            ["peak memory, MiB", peak],
        ],
        ["backlog", ""],
    )
    print("events beside the large tenant wait behind its backlog, which is worked off in the order of timestamps")
    print()
    verdict.check(left > 0, f"the backlog outlasted the live events: {left} records were left")
    if options.drain:
        verdict.check(usage.records >= total, "all of it was worked through")
    missing = found.elsewhere - found.latency.seen.keys()
    verdict.check(not missing, f"probes elsewhere: {len(found.elsewhere)}, unanswered {len(missing)}")
    verdict.check(peak <= options.most_mib, f"peak memory {peak:.0f} MiB is at most {options.most_mib:.0f}")
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
