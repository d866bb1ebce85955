"""A rolling restart of two workers under load: python -m tests.bench.rolling [--rate N] [--rounds N] [--dynamic].

Events at a fixed rate, 50 probes a second among them that each open an alert; while they flow, one worker after the
other is asked to stop (SIGTERM), started again and waited for, as a rolling update does it. Workers are static members
of the group, as in deploy/k8s; with --dynamic they are not, and leave it.

Told: how long a restart takes, the longest time without any alert and the longest within one partition of the log, and
how late alerts came. Then every promise of delivery is checked record by record, against a replay of the exported log
and against a worker that nobody disturbed. Exit status 0 when all hold.
"""

import argparse
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

from sluicegate.generate.stream import Generator
from sluicegate.log.placement import Placer
from tests.bench.harness import PARTITIONS, Row, Verdict, arguments, headline, say, surroundings, table
from tests.bench.live import Latency, measure, with_probes
from tests.streams.kafka import Kafka
from tests.streams.trial import Findings, until_drained, until_placed, verify
from tests.streams.workers import WorkerProcess, running

SERIES = 0x5011
PROBES_EVERY = 20  # rows
TENANTS = 40
CALM = 10.0  # seconds before, between and after restarts
USUAL: dict[str, Any] = {"session_timeout": 10, "heartbeat_interval": 2, "rebalance_timeout": 12, "tick_seconds": 60}


class Restarts(threading.Thread):
    """Each worker in turn: asked to stop, started, waited for."""

    def __init__(self, workers: list[WorkerProcess], rounds: int) -> None:
        super().__init__(daemon=True)
        self._workers, self._rounds = workers, rounds
        self.told: list[tuple[str, float, float, int]] = []
        """Worker, seconds until it had stopped, until it worked again, and its exit status."""
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for _ in range(self._rounds):
                for worker in self._workers:
                    time.sleep(CALM)
                    began = time.monotonic()
                    status, stopped = worker.terminate()
                    worker.start().ready(60)
                    self.told.append((worker.log.stem, stopped, time.monotonic() - began, status))
                    say(f"  {worker.log.stem}: restarted, at work again after {time.monotonic() - began:.1f} s")
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            self.error = error


def main() -> int:
    options = arguments(
        __doc__,
        rate=(1000.0, "events a second"),
        rounds=(2, "how often each worker is restarted"),
        dynamic=(False, "workers leave the group when they stop"),
    )
    headline("Rolling restart")
    seconds = 2 * options.rounds * (CALM + 8) + CALM
    count = int(options.rate * seconds)
    generator = Generator.sized(options.seed, count, end=int(time.time() * 1e6), tenants=TENANTS)
    made = (Row(e.topic, e.key, e.value) for e in islice(generator.events(), count))
    rows, places = with_probes(list(made), PROBES_EVERY, SERIES)
    findings = Findings()
    with surroundings(options.broker) as (kafka, folder):
        latency, restarts = _restarted(kafka, rows, places, options, findings, folder)
        verify(kafka, [(row.topic, row.key, row.value) for row in rows], findings)
    _report(rows, latency, restarts, findings)
    verdict = Verdict()
    verdict.check(not latency.missing, f"{latency.probes - latency.missing} of {latency.probes} probes were alerted")
    for fault in findings.faults:
        verdict.check(False, fault)
    verdict.check(not findings.faults, "nothing lost, nothing counted twice; alerts, signals and state as without it")
    return verdict.status


def _restarted(
    kafka: Kafka, rows: list[Row], places: dict[int, int], options: argparse.Namespace, findings: Findings, folder: Path
) -> tuple[Latency, Restarts]:
    workers = [
        WorkerProcess(kafka, folder, name, **USUAL | ({} if options.dynamic else {"instance_id": name}))
        for name in ("worker-0", "worker-1")
    ]
    calm_prefix = f"{kafka.prefix}calm."
    calm = WorkerProcess(
        kafka, folder, "undisturbed", agents="detect", app_id=f"{kafka.prefix}calm", output_prefix=calm_prefix
    )
    with running(*workers, calm):
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.ready(60)
        restarts = Restarts(workers, options.rounds)
        restarts.start()
        latency = measure(kafka, rows, places, options.rate, SERIES, patience=30)
        restarts.join(60)
        if restarts.error is not None:
            raise restarts.error
        until_placed(kafka, timeout=120)
        until_drained(kafka, kafka.prefix, timeout=120)
        for worker in workers:
            status, _ = worker.terminate()
            findings.check(status == 0, f"{worker.log.name}: exit status {status}")
        calm.start().ready(60)
        until_drained(kafka, calm_prefix, timeout=60 + len(rows) / 500)
        calm.terminate()
    return latency, restarts


def _report(rows: list[Row], latency: Latency, restarts: Restarts, findings: Findings) -> None:
    placer = Placer("", PARTITIONS)
    arrivals: dict[int, list[float]] = defaultdict(list)
    for number, late in latency.seen.items():
        place = latency.places[number]
        arrivals[placer.partition(rows[place].key.decode())].append(place / latency.rate + late)
    table(
        [(name, round(stopped, 2), round(back, 2), status) for name, stopped, back, status in restarts.told],
        ("worker", "stopped after s", "at work after s", "exit status"),
    )
    say("")
    everywhere = _longest_gap(at for times in arrivals.values() for at in times)
    within = max(_longest_gap(times) for times in arrivals.values())
    shown: dict[str, object] = {
        "events sent": latency.sent,
        "a second": latency.rate,
        "sender at most late, s": round(latency.late, 2),
        "probes that alerted": latency.probes - latency.missing,
        "longest time without any alert, s": round(everywhere, 2),
        "longest time without one in a partition, s": round(within, 2),
    }
    shown |= zip(("alert after, p50 ms", "p95 ms", "p99 ms", "at most ms"), latency.cells(), strict=True)
    table(list((shown | findings.figures).items()), ("", ""))
    say("")


def _longest_gap(times: Iterable[float]) -> float:
    return max((later - earlier for earlier, later in pairwise(sorted(times))), default=float("nan"))


if __name__ == "__main__":
    sys.exit(main())
