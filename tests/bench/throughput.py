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

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from tests.bench.harness import PARTITIONS, Meter, Row, Usage, Verdict, Worker, arguments, headline, in_log
from tests.bench.harness import say, send_all, surroundings, table
from tests.bench.live import Latency, measure, with_probes
from tests.bench.logs import core_cost
from tests.streams.kafka import Kafka
from tests.streams.workers import running

from sluicegate.generate.stream import Generator
from sluicegate.topics import SOURCES
from sluicegate.wire.decode import Reject, decode

NULL = "tests.bench.null_core:NullPartition"
PROBE_EVERY = 50


def generated(seed: int, count: int, more: int, tenants: int) -> Iterator[Row]:
    """Events of `tenants` tenants whose history holds `count` and `more`, stamped with event time."""
    generator = Generator.sized(seed, count + more, end=int(time.time() * 1e6), tenants=tenants)
    for event in generator.events():
        yield Row(event.topic, event.key, event.value, event.time // 1000)


def saturated(kafka: Kafka, worker: Worker, records: int) -> Usage:
    """From the first record worked through to the last of the backlog."""
    worker.until_worked(1, 120)
    meter = Meter(worker)
    worker.until_worked(records, 120 + records / 200)
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
    some = rows[: 20_000]
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
    more = int(options.seconds * (options.rate + 6000))
    source = generated(options.seed, options.events, more, options.tenants)
    rows = list(islice(source, options.events))
    records = in_log(rows)
    with surroundings(options.broker) as (kafka, folder):
        full, null = Worker(kafka, folder), Worker(Kafka(kafka.bootstrap, kafka.prefix), folder, "null", core=NULL)
        null_view = Kafka(kafka.bootstrap, f"{kafka.prefix}null.")
        null = Worker(null_view, folder, "null", core=NULL)
        with running(full, null), null_view:
            from sluicegate.topics import Admin, ensure
            from tests.bench.harness import settings_of

            for view in (kafka, null_view):
                with Admin(view.bootstrap) as admin:
                    ensure(admin, settings_of(view))
                started = time.monotonic()
                send_all(view, rows)
            say(f"{len(rows)} events sent ({time.monotonic() - started:.1f} s)")
            null.start()
            transport = saturated(null_view, null, records)
            transport_writes = null.metric("sluicegate_state_written_records_total") / records
            null.terminate()
            say(f"null core: {transport.wall:.1f} s")
            full.start()
            everything = saturated(kafka, full, records)
            writes = full.metric("sluicegate_state_written_records_total") / records
            checkpoints = full.metric("sluicegate_checkpoints_total", result="committed")
            peak = full.peak_mib()
            say(f"full worker: {everything.wall:.1f} s")
            cores = {name: core_cost(kafka, tuned=tuned) for name, tuned in (("default", False), ("tuned", True))}
            loop = plain(kafka)
            _costs(everything, transport, cores["default"].cpu_us, cores["tuned"].cpu_us, loop, decoding(rows))
            print(
                f"state records written: {writes:.2f} an event (null core {transport_writes:.2f}), {cores['default'].state} live; "
                f"records a checkpoint: {records / checkpoints:.0f}; peak memory {peak:.0f} MiB"
            )
            verdict.check(full.worked() >= records, f"{records} log records of {len(rows)} events worked through")
            found = []
            for number, rate in enumerate((everything.rate / 2, options.rate)):
                mixed, places = with_probes(list(islice(source, int(rate * options.seconds))), PROBE_EVERY, number)
                meter = Meter(full)
                latency = measure(kafka, mixed, places, rate)
                found.append((latency, meter.read()))
                say(f"{rate:.0f}/s: done")
            full.terminate()
        _latencies(found)
        for latency, _ in found:
            verdict.check(not latency.missing, f"{latency.probes} alerts of {latency.probes} probes at {latency.rate:.0f}/s")
            verdict.check(latency.late < 0.1, f"the sender was never more than {latency.late * 1000:.0f} ms late")
    return verdict.status


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
            [f"{latency.rate:,.0f} events/s", latency.sent, latency.probes, *latency.cells(), usage.cpu / usage.wall * 100]
            for latency, usage in found
        ],
        ["event to alert, ms", "events", "alerts", "p50", "p95", "p99", "most", "worker CPU %"],
    )


if __name__ == "__main__":
    sys.exit(main())
