"""The log of a finished run, out of Kafka: replayed for its alerts, and to measure detection without transport."""

import gc
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from sluicegate.detection.partition import LogRecord, Output, Partition
from sluicegate.log.export import export
from sluicegate.log.placement import Placer
from sluicegate.replay import Replay
from tests.bench.harness import PARTITIONS, settings_of
from tests.streams.kafka import Kafka

CHECKPOINT = 400
"""Records between merges, about as many as a checkpoint under load has."""

Alerts = dict[int, list[tuple[bytes, bytes]]]
"""Key and value of alert revisions in order, by partition of the topic `alerts`."""


class CoreCost(NamedTuple):
    """What detection cost over a whole log, and the state records it changed and left."""

    records: int
    cpu: float
    changes: int
    state: int

    @property
    def cpu_us(self) -> float:
        """Processor microseconds a log record."""
        return self.cpu / self.records * 1e6


def streamed(kafka: Kafka) -> dict[int, Alerts]:
    """Committed alert revisions, by the partition of the log that holds their tenant."""
    placer = Placer("", PARTITIONS)
    found: dict[int, Alerts] = {number: defaultdict(list) for number in range(PARTITIONS)}
    for record in kafka.read("alerts", timeout=120):
        key, value = record.key or b"", record.value or b""
        found[placer.partition(key.decode().partition("|")[0])][record.partition].append((key, value))
    return found


def replayed(kafka: Kafka, partition: int, folder: Path) -> tuple[Alerts, int]:
    """Export a partition of the log into `folder` and replay the file: alert revisions, and log records in it."""
    path = folder / f"log-{partition}.jsonl"
    with path.open("wb") as file:
        file.writelines(export(settings_of(kafka), partition))
    placer = Placer("", PARTITIONS)
    found: Alerts = defaultdict(list)

    def emit(output: Output) -> None:
        if output.topic == "alerts":
            found[placer.partition(output.key.decode())].append((output.key, output.value))

    replay = Replay(emit)
    with path.open("rb") as lines:
        replay.feed(path.name, lines)
    replay.finish()
    return found, replay.counts.total


def core_cost(kafka: Kafka, *, tuned: bool) -> CoreCost:
    """Run detection over the log as it lies in Kafka, in a process of its own.

    `tuned`: with the collector of reference cycles set for a long-lived process.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_core_cost, kafka.bootstrap, kafka.prefix, tuned).result()


def _core_cost(bootstrap: str, prefix: str, tuned: bool) -> CoreCost:
    total = [0, 0.0, 0, 0]
    if tuned:
        gc.set_threshold(50_000, 20, 20)
    for number in range(PARTITIONS):
        with Kafka(bootstrap, prefix) as kafka:
            records = [
                LogRecord(r.offset, r.timestamp, r.key, r.value, r.headers)
                for r in kafka.read("events", number, timeout=600)
            ]
        gc.collect()
        gc.freeze()  # these records would be looked at again and again; a worker holds few at a time
        partition, changes = Partition(), 0
        started = time.process_time()
        for begin in range(0, len(records), CHECKPOINT):
            run = partition.begin()
            for record in records[begin : begin + CHECKPOINT]:
                run.apply(record)
            changes += len(run.changes())
            run.merge()
        cpu = time.process_time() - started
        state = sum(1 for _ in partition.items())
        total = [sum(pair) for pair in zip(total, (len(records), cpu, changes, state), strict=True)]
    return CoreCost(int(total[0]), float(total[1]), int(total[2]), int(total[3]))
