"""Throughput of one worker at saturation, where its processor time goes, and the latency from event to alert.

One run: generated events of many tenants wait in the topics; a worker with everything on works them off; another with
a core that detects nothing does the same, which leaves transport; detection runs over the same log without Kafka; and a
plain consumer only decodes. Then, to the first worker's state, events at half the saturated rate and at 500 a second.

Asserts that everything sent is worked through, and that every probe's alert came.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from sluicegate.generate.stream import Generator
from sluicegate.topics import SOURCES
from sluicegate.wire.decode import Reject, decode
from tests.bench.harness import (
    PARTITIONS,
    Meter,
    Row,
    Usage,
    Verdict,
    Worker,
    arguments,
    headline,
    in_log,
    say,
    send_all,
    surroundings,
    table,
)
from tests.bench.live import Latency, measure, with_probes
from tests.bench.logs import core_cost
from tests.streams.kafka import Kafka
from tests.streams.workers import running

NULL = "tests.bench.null_core:NullPartition"
PROBE_EVERY = 50
# a worker that stands still while a backlog is sent is not to lose its partitions
PATIENT: dict[str, Any] = {"session_timeout": 1200, "request_timeout": 60}


def generated(seed: int, count: int, more: int, tenants: int) -> Iterator[Row]:
    """Events of `tenants` tenants whose history holds `count` and `more`, stamped with event time."""
    generator = Generator.sized(seed, count + more, end=int(time.time() * 1e6), tenants=tenants)
    for event in generator.events():
        yield Row(event.topic, event.key, event.value, event.time // 1000)


def saturated(worker: Worker, kafka: Kafka, rows: list[Row]) -> Usage:
    """From the first record taken to the last one worked through.

    The worker stands still while the records are sent: all of its work on them is measured, and none of its start.
    """
    worker.start().ready(120)
    meter = Meter(worker)
    worker.pause()
    send_all(kafka, rows)
    meter.restart()
    worker.resume()
    worker.until_worked(meter.start + in_log(rows), 120 + len(rows) / 200)
    return meter.read()


def plain(kafka: Kafka) -> Usage:
    """A consumer and the wire's decoder, nothing else, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_plain, kafka.bootstrap, kafka.prefix).result()


def _plain(bootstrap: str, prefix: str) -> Usage:
    return asyncio.run(_decode_all(Kafka(bootstrap, prefix)))


async def _decode_all(kafka: Kafka) -> Usage:
    envelope = msgspec.json.Decoder(dict[str, msgspec.Raw])
    tps = [TopicPartition(kafka.topic(topic), number) for topic in SOURCES for number in range(PARTITIONS)]
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign(tps)
        await consumer.seek_to_beginning(*tps)
        waiting = sum((await consumer.end_offsets(tps)).values())
        count, wall, cpu = 0, time.monotonic(), time.process_time()
        while count < waiting:
            for batch in (await consumer.getmany(timeout_ms=100, max_records=2000)).values():
                count += len(batch)
                for record in batch:
                    msgspec.json.decode(envelope.decode(record.value)["data"])
        return Usage(count, time.monotonic() - wall, time.process_time() - cpu)


def decoding(rows: list[Row]) -> float:
    """CPU µs of the wire's decoder for an event; detection and intake pay it once each."""
    some = rows[:20_000]
    started = time.process_time()
    refused = sum(isinstance(decode(row.value, topic=row.topic), Reject) for row in some)
    if refused:
        raise RuntimeError(f"{refused} generated events are refused")
    return (time.process_time() - started) / len(some) * 1e6


def main() -> int:
    options = arguments(
        __doc__,
        events=(200_000, "generated events that wait for the worker"),
        tenants=(40, "tenants"),
        seconds=(30.0, "of sending at each rate"),
        rate=(500.0, "events a second, beside half the saturated rate"),
    )
    headline("Throughput of one worker")
    verdict = Verdict()
    more = int(options.seconds * (options.rate + 8000))
    source = generated(options.seed, options.events, more, options.tenants)
    rows = list(islice(source, options.events))
    with surroundings(options.broker) as (kafka, folder), Kafka(kafka.bootstrap, f"{kafka.prefix}null.") as beside:
        null, worker = Worker(beside, folder, "null", core=NULL, **PATIENT), Worker(kafka, folder, **PATIENT)
        with running(null, worker):
            transport = saturated(null, beside, rows)
            say(f"null core: {transport.wall:.1f} s")
            null.terminate()
            everything = saturated(worker, kafka, rows)
            say(f"everything on: {everything.wall:.1f} s")
            costs = core_cost(kafka, tuned=False), core_cost(kafka, tuned=True)
            _costs(everything, transport, costs[0].cpu_us, costs[1].cpu_us, plain(kafka), decoding(rows))
            _writes(worker, in_log(rows), costs[0].state)
            found = []
            for series, rate in enumerate((everything.rate / 2, options.rate)):
                found.append(at_rate(kafka, worker, list(islice(source, int(rate * options.seconds))), rate, series))
                say(f"{rate:.0f}/s: done")
            drained = worker.worked()
            worker.terminate()
        log = sum(kafka.end_offsets("events").values())
    _latencies(found)
    print()
    verdict.check(drained == log, f"all of {log} log records worked through")
    for latency, _ in found:
        probes, late, at = latency.probes, latency.late * 1000, f"{latency.rate:.0f}/s:"
        verdict.check(not latency.missing, f"{at} {probes - latency.missing} alerts of {probes} probes")
        verdict.check(late < 100, f"{at} the sender was at most {late:.0f} ms late")
    return verdict.status


def at_rate(kafka: Kafka, worker: Worker, rows: list[Row], rate: float, series: int) -> tuple[Latency, Usage]:
    """Rows with probes among them at `rate` a second; returns when the worker is through with them."""
    mixed, places = with_probes(rows, PROBE_EVERY, series)
    meter = Meter(worker)
    latency = measure(kafka, mixed, places, rate, series)
    worker.until_worked(sum(kafka.end_offsets("events").values()), 60)
    return latency, meter.read()


def _writes(worker: Worker, records: int, live: int) -> None:
    writes = worker.metric("sluicegate_state_written_records_total")
    size = worker.metric("sluicegate_state_written_bytes_total") / writes
    checkpoints = worker.metric("sluicegate_checkpoints_total", result="committed")
    print(f"state records written: {writes / records:.2f} a log record, of {size:.0f} bytes; live at the end: {live:,}")
    print(f"log records a checkpoint: {records / checkpoints:.0f}; worker's peak memory: {worker.peak_mib():.0f} MiB")


def _costs(everything: Usage, transport: Usage, core: float, tuned: float, loop: Usage, decoder: float) -> None:
    table(
        [
            ["one worker, everything on", everything.records, everything.rate, everything.cpu_us],
            ["  its transport: same worker, null core", transport.records, transport.rate, transport.cpu_us],
            ["  its core: same log, no Kafka, default gc", everything.records, 1e6 / core, core],
            ["  its core: same log, no Kafka, tuned gc", everything.records, 1e6 / tuned, tuned],
            ["    of these: decoding, once", "", 1e6 / decoder, decoder],
            ["aiokafka getmany and msgspec alone", loop.records, loop.rate, loop.cpu_us],
        ],
        ["at saturation", "records", "events/s", "CPU µs/event"],
    )


def _latencies(found: list[tuple[Latency, Usage]]) -> None:
    table(
        [
            [
                f"{latency.rate:,.0f} events/s",
                latency.sent,
                latency.probes,
                *latency.cells(),
                usage.cpu / usage.wall * 100,
            ]
            for latency, usage in found
        ],
        ["event to alert, ms", "events", "alerts", "p50", "p95", "p99", "most", "worker CPU %"],
    )


if __name__ == "__main__":
    sys.exit(main())
