"""Events sent at a fixed rate whatever happens (open loop), and the moment at which each one's alert can be read.

Latency counts from the moment at which an event was due, so that a sender that is held up hides nothing.
"""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from sluicegate.generate.listed import WALLET
from tests.bench.harness import PARTITIONS, Row, percentile
from tests.streams.kafka import Kafka

_TICK = 0.002  # seconds; what fell due within it is sent together
_LEAD = 3.0  # for the sender to start


class Latency(NamedTuple):
    """Seconds from due to readable, of the probes; `late` is how far the sender itself fell behind at most."""

    rate: float
    sent: int
    probes: int
    missing: int
    late: float
    places: dict[int, int]
    seen: dict[int, float]
    """Latency by probe's number."""

    def cells(self) -> list[object]:
        """p50, p95, p99 and maximum in ms."""
        ordered = sorted(self.seen.values())
        return [percentile(ordered, share) * 1000 for share in (0.5, 0.95, 0.99, 1.0)]


def probe(series: int, number: int, tenant: str, time_: str) -> bytes:
    """An event that always opens an alert of its own: a payout to the wallet that the generator's list names."""
    data = {
        "request_id": f"probe-{series:x}-{number:07d}",
        "payee": {"payee_id": f"probe-{series:x}-{number:07d}", "kind": "contractor"},
        "method": "crypto",
        "amount": {"value": "100.00", "currency": "USD"},
        "destination": {
            "network": "bip122:000000000019d6689c085ae165831e93",
            "asset": "BTC",
            "hosted": "self",
            "address": WALLET,
        },
    }
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": f"probe-{series:x}-{number:07d}",
            "source": "/bench/probe",
            "type": "payout.request.v1",
            "time": time_,
            "tenantid": tenant,
            "data": data,
        }
    )


def with_probes(rows: Sequence[Row], every: int, series: int) -> tuple[list[Row], dict[int, int]]:
    """Each `every`th row replaced by a probe of the same tenant and event time; probe's number -> place in the rows."""
    mixed = list(rows)
    places: dict[int, int] = {}
    for place in range(every // 2, len(mixed), every):
        tenant = mixed[place].key.decode()
        if mixed[place].topic in ("sanctions", "policies"):
            continue
        number = len(places)
        value = probe(series, number, tenant, json.loads(mixed[place].value)["time"])
        mixed[place] = Row("payout-requests", tenant.encode(), value)
        places[number] = place
    return mixed, places


def measure(
    kafka: Kafka, rows: Sequence[Row], places: dict[int, int], rate: float, series: int, *, patience: float = 15.0
) -> Latency:
    """Send the rows at `rate` a second from another process; wait for the probes' alerts, read committed.

    `patience`: seconds after the last row in which alerts are waited for.
    """
    begin = time.time() + _LEAD
    context = get_context("spawn")
    told, tell = context.Pipe(duplex=False)
    names = [(kafka.topic(row.topic), row.key, row.value) for row in rows]
    sender = context.Process(target=_sender, args=(kafka.bootstrap, names, rate, begin, tell))
    sender.start()
    try:
        seen = asyncio.run(_watch(kafka, series, len(places), begin + len(rows) / rate + patience))
        sender.join(10)
        late = told.recv() if told.poll() else float("nan")
    finally:
        sender.kill()
    times = {number: at - (begin + places[number] / rate) for number, at in seen.items()}
    return Latency(rate, len(rows), len(places), len(places) - len(seen), late, places, times)


async def _watch(kafka: Kafka, series: int, count: int, until: float) -> dict[int, float]:
    """Moment at which the first alert of each probe came, by its number."""
    seen: dict[int, float] = {}
    name = re.compile(rb"probe-%x-(\d{7})" % series)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="latest",
        fetch_max_wait_ms=100,
    )
    await consumer.start()
    try:
        tps = [TopicPartition(kafka.topic("alerts"), number) for number in range(PARTITIONS)]
        consumer.assign(tps)
        await consumer.seek_to_end(*tps)
        while len(seen) < count and time.time() < until:
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                now = time.time()
                for record in batch:
                    found = name.search(record.value or b"")
                    if found is not None:
                        seen.setdefault(int(found[1]), now)
    finally:
        await consumer.stop()
    return seen


def _sender(bootstrap: str, rows: list[tuple[str, bytes, bytes]], rate: float, begin: float, tell: Any) -> None:
    with suppress(KeyboardInterrupt):
        tell.send(asyncio.run(_send(bootstrap, rows, rate, begin)))


async def _send(bootstrap: str, rows: list[tuple[str, bytes, bytes]], rate: float, begin: float) -> float:
    """Largest delay of a record's hand-over to the producer, seconds."""
    late, sent = 0.0, 0
    last: asyncio.Future[Any] | None = None
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=2) as producer:
        for topic in {topic for topic, _, _ in rows}:
            await producer.partitions_for(topic)
        while sent < len(rows):
            now = time.time()
            due = min(len(rows), int((now - begin) * rate) + 1) if now >= begin else 0
            for place in range(sent, due):
                topic, key, value = rows[place]
                moment = begin + place / rate
                late = max(late, time.time() - moment)
                last = await producer.send(topic, value, key, timestamp_ms=int(moment * 1000))
            sent = max(sent, due)
            await asyncio.sleep(_TICK)
        if last is not None:
            await last
    return late
