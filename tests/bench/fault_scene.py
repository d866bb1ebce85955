"""What `faults.py` plays its acts on: processes, payments that flow, Prometheus; and how an act is timed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from sluicegate.cli.demo_run import Feed
from sluicegate.embedded import EmbeddedKafka
from sluicegate.generate.stream import Generator
from tests.bench import fault_plugin
from tests.bench.harness import ROOT, say, settings_of
from tests.bench.planted import Names, new_entries, update
from tests.bench.prometheus_server import PrometheusServer
from tests.console.server import ConsoleProcess, opened, person, token
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, _free_port

__all__ = ["Row", "Scene"]

JOBS = ("sluicegate-worker", "sluicegate-lag", "sluicegate-canary", "sluicegate-console")
LIST = "ofac-sdn"
DAY = 86_400.0


class Row(NamedTuple):
    """An alert in an act: seconds from the fault until it fired, from the mending until it cleared."""

    alert: str
    fault: str
    fired: float | None
    cleared: float | None


class Tool:
    """`sluicegate lag` or `canary` as a process, or another command run to its end."""

    def __init__(self, kafka: Kafka, folder: Path, name: str, **options: object) -> None:
        self.port = _free_port()
        self._log = folder / f"{name}.log"
        self._name = name
        self._words = ["--port", str(self.port)]
        for key, value in options.items():
            self._words += [f"--{key.replace('_', '-')}", str(value)]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SLUICEGATE_")}
        settings = settings_of(kafka)
        self._environment = clean | {
            "SLUICEGATE_BROKER": settings.broker,
            "SLUICEGATE_TOPIC_PREFIX": settings.topic_prefix,
            "SLUICEGATE_APP_ID": settings.app_id,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> None:
        """A command of this name, to its end."""
        command = [sys.executable, "-m", "sluicegate.cli.main", self._name, *words]
        subprocess.run(command, env=self._environment, check=True, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "sluicegate.cli.main", self._name, *self._words]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Scene:
    """All that runs, and the rows found so far."""

    def __init__(self, stack: ExitStack, folder: Path, scale: float) -> None:
        self.rows: list[Row] = []
        self.wrong: set[str] = set()
        self.broker = stack.enter_context(EmbeddedKafka())
        self.kafka = stack.enter_context(Kafka(self.broker.bootstrap))
        Tool(self.kafka, folder, "topics").run("create")
        self.flags = folder / "faults"
        self.flags.mkdir(exist_ok=True)
        program = fault_plugin.PROGRAM.format(root=str(ROOT), folder=str(self.flags))
        self.workers = [
            WorkerProcess(self.kafka, folder, f"worker{n}", program=program, tick_seconds=60) for n in range(2)
        ]
        self.lag = Tool(self.kafka, folder, "lag", every_seconds=1)
        self.canary = Tool(self.kafka, folder, "canary", every_seconds=2, lost_after_seconds=3)
        self.ops_port = _free_port()
        database = f"sqlite:///{folder / 'console.db'}"
        self.console = ConsoleProcess(
            database, folder, self.kafka.bootstrap, self.kafka.prefix, second_person="false", ops_port=self.ops_port
        )
        for worker in self.workers:
            stack.callback(worker.close)
            worker.start()
        for worker in self.workers:
            worker.ready(60)
        for tool in (self.lag, self.canary):
            stack.callback(tool.kill)
            tool.start()
        stack.callback(self.console.close)
        self.console.start()
        engine = opened(database)
        self.key = token(engine, person(engine, "ann", "admin"))
        engine.dispose()
        self._generator = Generator(7, start=int(time.time() * 1e6), tenants=4)
        self._feed: Feed | None = None
        stack.callback(self.quiet)
        self.prometheus = stack.enter_context(PrometheusServer(self._targets(), scale=scale))

    def _targets(self) -> dict[str, list[str]]:
        ports = ([worker.port for worker in self.workers], [self.lag.port], [self.canary.port], [self.ops_port])
        return {job: [f"127.0.0.1:{port}" for port in some] for job, some in zip(JOBS, ports, strict=True)}

    # -- what flows --------------------------------------------------------------------------------------------------

    def history(self) -> None:
        Feed(settings_of(self.kafka), self._generator, rate=1, scheme_every=1e9).history()

    def flow(self, rate: float = 30) -> None:
        if self._feed is None:
            self._feed = Feed(settings_of(self.kafka), self._generator, rate=rate, scheme_every=3)
            self._feed.start()

    def quiet(self) -> None:
        if self._feed is not None:
            self._feed.stop()
            self._feed = None

    def publish(self, version: str, entries: int, *, days_ago: float = 0.0, name: str = LIST) -> None:
        """A version of a list, with as many made-up parties."""
        events = update(name, version, "snapshot", new_entries(Names(3), entries), 200)
        if days_ago:
            then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days_ago * DAY))
            now = events[0].partition(b'"published_at": "')[2].partition(b'"')[0]
            events = [
                event.replace(b'"published_at": "' + now, b'"published_at": "' + then.encode()) for event in events
            ]
        self.kafka.send("sanctions", events, key="*")

    def flag(self, name: str) -> Callable[[], None]:
        return (self.flags / name).touch

    def unflag(self, name: str) -> Callable[[], None]:
        return lambda: (self.flags / name).unlink(missing_ok=True)

    def confirm(self, severity: str, most: int = 200) -> int:
        """Give a verdict on waiting alerts of a severity; how many."""
        status, answer = self.console.api("GET", f"/api/v1/alerts?severity={severity}&size={most}", self.key)
        rows: list[dict[str, Any]] = answer["alerts"] if status == 200 else []
        body = {"verdict": "confirmed", "reason_code": "internal_fraud"}
        for row in rows:
            self.console.api("POST", f"/api/v1/alerts/{row['alert_id']}/verdicts", self.key, body)
        return len(rows)

    # -- acts --------------------------------------------------------------------------------------------------------

    def act(
        self,
        fault: str,
        alerts: Sequence[str],
        make: Callable[[], object],
        mend: Callable[[], object],
        *,
        patience: float = 120,
        clears: float = 150,
    ) -> None:
        """Make the fault; wait until all of the alerts fire; mend it; wait until they clear."""
        names = [f"Sluicegate{alert}" for alert in alerts]
        say(f"--- {fault}: {', '.join(alerts)}")
        left = [name for name, at in self._until(names, clears, firing=False).items() if at is None]
        if left:
            say(f"    fires before the fault: {', '.join(left)}")
        began = time.monotonic()
        make()
        fired = self._until(names, patience, firing=True, began=began)
        began = time.monotonic()
        mend()
        cleared = self._until([name for name in names if fired[name] is not None], clears, firing=False, began=began)
        self.rows += [Row(name, fault, fired[name], cleared.get(name)) for name in names]
        for row in self.rows[-len(names) :]:
            say(f"    {row.alert}: fired {row.fired}, cleared {row.cleared}")

    def _until(
        self, names: Sequence[str], timeout: float, *, firing: bool, began: float | None = None
    ) -> dict[str, float | None]:
        """By name the seconds since `began` (or now) after which it fired, or did not any more; None: never."""
        began = time.monotonic() if began is None else began
        found: dict[str, float | None] = {}
        while len(found) < len(names) and time.monotonic() - began < timeout:
            now = self.prometheus.firing()
            found |= {name: time.monotonic() - began for name in names if name not in found and (name in now) == firing}
            time.sleep(0.3)
        return dict.fromkeys(names) | found
