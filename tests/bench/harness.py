"""What benchmarks share: a broker, workers that are measured, a fast sender, tables that say where they are from."""

import argparse
import asyncio
import logging
import os
import platform
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer

from sluicegate.embedded import EmbeddedKafka
from sluicegate.log.placement import Placer
from sluicegate.settings import Settings
from sluicegate.topics import Admin, ensure
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running

ROOT = Path(__file__).parents[2]
PARTITIONS = 4
_TICKS = os.sysconf("SC_CLK_TCK")
_POLL = 0.25  # seconds; a worker renders its metrics in some milliseconds, which count as its work
# as in production; `WorkerProcess` shortens times for the sake of tests
USUAL = {
    name: getattr(Settings(), name)
    for name in ("session_timeout", "heartbeat_interval", "rebalance_timeout", "verify_seconds", "rejoin_after")
}


class Row(NamedTuple):
    """A record to send: topic without prefix, key, value; `timestamp` in ms, None for the moment of sending."""

    topic: str
    key: bytes
    value: bytes
    timestamp: int | None = None


class Worker(WorkerProcess):
    """A worker with the settings of production, whose use of processor and memory can be asked for.

    `core`: what the worker runs for detection, as "module:class"; its own where empty.
    """

    def __init__(self, kafka: Kafka, folder: Path, name: str = "worker", *, core: str = "", **settings: object) -> None:
        module, _, kind = core.partition(":")
        program = _WITH_CORE.format(root=str(ROOT), module=module, kind=kind) if core else ""
        super().__init__(kafka, folder, name, program=program, **(USUAL | {"tick_seconds": 60.0} | settings))

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_mib(self) -> float:
        """Largest resident set so far."""
        return self._status("VmHWM")

    def resident_mib(self) -> float:
        return self._status("VmRSS")

    def _status(self, name: str) -> float:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024

    def worked(self) -> int:
        """Log records worked through, of all partitions held and since the log began."""
        return int(self.metric("sluicegate_log_position"))

    def until_worked(self, count: int, timeout: float) -> None:
        """Wait until so many log records are worked through."""
        self._until(lambda: self.worked() >= count, f"{count} log records worked through", timeout)

    def until_drained(self, kafka: Kafka, sent: int, timeout: float) -> None:
        """Wait until `sent` source records since this process began are placed, and the log is worked through."""
        self._until(lambda: self.metric("sluicegate_intake_records_total") >= sent, f"{sent} records placed", timeout)
        self.until_worked(sum(kafka.end_offsets("events").values()), timeout)

    def _until(self, condition: Callable[[], bool], what: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            if self.process.poll() is not None:
                raise RuntimeError(f"the worker ended:\n{self.text()[-4000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout:.0f} s: {what}; {self.worked()} so far\n{self.text()[-2000:]}")
            time.sleep(_POLL)


_WITH_CORE = """
import os, sys
sys.path.insert(0, {root!r})
from {module} import {kind}
from sluicegate.app import run_worker
from sluicegate.settings import load
status = run_worker(load(os.environ), {kind})
sys.stderr.flush()
os._exit(status)
"""


class Usage(NamedTuple):
    """Wall and processor time of a worker over some log records."""

    records: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Log records a second."""
        return self.records / self.wall if self.wall else float("nan")

    @property
    def cpu_us(self) -> float:
        """Processor microseconds a log record."""
        return self.cpu / self.records * 1e6 if self.records else float("nan")


class Meter:
    """Usage of a worker from here on; `start` is the log position then."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.start = worker.worked()
        self.restart()

    def restart(self) -> None:
        """Measure time from here on; the worker, which may stand still, is not asked."""
        self._cpu, self._wall = self._worker.cpu_seconds(), time.monotonic()

    def read(self) -> Usage:
        cpu, wall = self._worker.cpu_seconds(), time.monotonic()
        return Usage(self._worker.worked() - self.start, wall - self._wall, cpu - self._cpu)


# -- a benchmark's surroundings ----------------------------------------------------------------------------------------


def arguments(description: str | None, **options: tuple[Any, str]) -> argparse.Namespace:
    """Command line of a benchmark; `options`: name=(default, help), typed as the default is."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--broker", default="", help="a Kafka that keeps records of any age; embedded where empty")
    parser.add_argument("--seed", type=int, default=1, help="of everything random")
    for name, (default, text) in options.items():
        flag = "--" + name.replace("_", "-")
        if isinstance(default, bool):
            parser.add_argument(flag, action="store_true", help=text)
        else:
            parser.add_argument(flag, type=type(default), default=default, help=text)
    return parser.parse_args()


@contextmanager
def surroundings(broker: str, kept: str = "") -> Iterator[tuple[Kafka, Path]]:
    """A view of a broker with topic names of its own, and a folder (`kept`, or a temporary one)."""
    with tempfile.TemporaryDirectory(prefix="sluicegate-bench-") as temporary:
        folder = Path(kept or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if broker:
            with Kafka(broker) as kafka:
                yield kafka, folder
        else:
            with EmbeddedKafka() as embedded, Kafka(embedded.bootstrap) as kafka:
                yield kafka, folder


@contextmanager
def at_work(worker: Worker, timeout: float = 120) -> Iterator[Worker]:
    """The worker, started and ready; ended with the block, its log shown when that fails."""
    with running(worker):
        worker.start().ready(timeout)
        yield worker


def settings_of(kafka: Kafka) -> Settings:
    return Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix, app_id=f"{kafka.prefix}app")


def make_topics(kafka: Kafka) -> None:
    """As a worker would, so that something can wait there before one starts."""
    with Admin(settings_of(kafka)) as admin:
        ensure(admin, settings_of(kafka))


# -- sending -----------------------------------------------------------------------------------------------------------


def in_log(rows: Iterable[Row]) -> int:
    """How many records these are in the log: what concerns all tenants is copied into each partition."""
    return sum(PARTITIONS if row.topic == "sanctions" else 1 for row in rows)


async def _send_all(kafka: Kafka, rows: Iterable[Row]) -> int:
    placer = Placer("", PARTITIONS)
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, max_batch_size=256 << 10, acks="all") as producer:
        batches: dict[tuple[str, int], Any] = {}
        last, count = [], 0

        async def ship(place: tuple[str, int]) -> None:
            future = await producer.send_batch(batches.pop(place), kafka.topic(place[0]), partition=place[1])
            last.append(future)
            if len(last) > 64:
                await last.pop(0)

        for row in rows:
            place = (row.topic, placer.partition(row.key.decode()))
            batch = batches.get(place) or batches.setdefault(place, producer.create_batch())
            stamp = row.timestamp if row.timestamp is not None else int(time.time() * 1000)
            if batch.append(timestamp=stamp, key=row.key, value=row.value) is None:
                await ship(place)
                batch = batches[place] = producer.create_batch()
                if batch.append(timestamp=stamp, key=row.key, value=row.value) is None:
                    raise ValueError(f"a record of {len(row.value)} bytes does not fit into a batch")
            count += 1
        for place in list(batches):
            await ship(place)
        await asyncio.gather(*last)
    return count


def send_all(kafka: Kafka, rows: Iterable[Row]) -> int:
    """Send as fast as it goes, keyed and placed as Kafka's own partitioner does; return when all are acknowledged."""
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # it warns about leaders of topics just made, and repeats
    return asyncio.run(_send_all(kafka, rows))


# -- saying ------------------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Progress, beside the figures."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def headline(name: str) -> None:
    """What ran, on what."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"# {name}")
    print(f"command: {shlex.join(['python', *sys.argv])}")
    print(f"machine: {model}, {os.cpu_count()} cores shared by broker, worker and bench, {memory:.0f} GiB")
    print(f"         {platform.system()} {platform.release()}, Python {platform.python_version()}")
    print(f"load average at the start: {os.getloadavg()[0]:.1f}")


def table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> None:
    """Columns: the first to the left, numbers to the right."""
    texts = [list(head), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in texts) for column in range(len(head))]
    print()
    for number, line in enumerate(texts):
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))
    sys.stdout.flush()


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.1f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank of sorted values; nan of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Verdict:
    """What a benchmark asserts, said at the end; `status` is its exit status."""

    def __init__(self) -> None:
        self._failed: list[str] = []

    def check(self, holds: bool, what: str) -> None:
        print(f"{'holds' if holds else 'BROKEN'}: {what}")
        if not holds:
            self._failed.append(what)

    @property
    def status(self) -> int:
        return 1 if self._failed else 0
