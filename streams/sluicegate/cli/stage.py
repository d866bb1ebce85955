"""A stage for the demo and the stress test: a broker, the topics, and workers in processes of their own.

Everything that is started is guarded: when this process ends, even by kill -9, so do the broker and the workers.
"""

import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from sluicegate.embedded import EmbeddedKafka
from sluicegate.embedded.network import HOST, free_port, port_is_free
from sluicegate.embedded.reaper import Reaper
from sluicegate.generate.listed import PARTIAL
from sluicegate.settings import Settings
from sluicegate.topics import Admin, ensure

__all__ = ["ChildDiedError", "Stage", "WorkerChild", "stage"]

Say = Callable[[str], None]
_READY_SECONDS = 60.0
_STOP_SECONDS = 6.0  # a worker ends within five
_USUAL_PORT = 6066
_SHOWN = 15


class ChildDiedError(click.ClickException):
    """A process that was started here has ended by itself; the text has the end of what it said.

    Operator action: see the lines it wrote; a worker needs a reachable broker and a free port.
    """


class WorkerChild:
    """One worker as a guarded process, with a temporary folder for its log."""

    def __init__(self, settings: Settings, number: int) -> None:
        self.port = _USUAL_PORT if number == 0 and port_is_free(_USUAL_PORT) else free_port()
        folder = Path(tempfile.mkdtemp(prefix="sluicegate-worker-"))
        self.log = folder / "worker.log"
        self._reaper = Reaper(folder)
        command = [sys.executable, "-m", "sluicegate.cli.main", "worker", "--web-port", str(self.port)]
        for name in ("broker", "topic_prefix", "app_id", "starter_list"):
            command += [f"--{name.replace('_', '-')}", str(getattr(settings, name))]
        try:
            self._reaper.run(command, folder, self.log)
        except BaseException:
            self._reaper.close()
            raise

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._reaper.pid

    def check(self) -> None:
        """Raise ChildDiedError when it has ended."""
        if self._reaper.pid is None:
            status = self._reaper.wait(0)
            raise ChildDiedError(f"the worker ended with status {status}. The end of its log:\n{self._last_lines()}")

    def wait_ready(self) -> None:
        """Return once it works on its partitions."""
        deadline = time.monotonic() + _READY_SECONDS
        while not (answer := self._get("readyz")).startswith("ok\n"):
            self.check()
            if time.monotonic() > deadline:
                why = answer.strip() or "it does not answer"
                raise ChildDiedError(
                    f"the worker is not ready after {_READY_SECONDS:.0f} s: {why}\n{self._last_lines()}"
                )
            time.sleep(0.1)

    def metric(self, name: str) -> float:
        """Sum of a metric over its labels; 0 while there is none."""
        lines = (line.rpartition(" ") for line in self._get("metrics").splitlines())
        return sum(float(value) for head, _, value in lines if head.partition("{")[0] == name)

    def stop(self) -> None:
        self._reaper.end(_STOP_SECONDS)
        self._reaper.close()

    def _get(self, path: str) -> str:
        try:
            with urllib.request.urlopen(f"{self.url}/{path}", timeout=2) as answer:  # noqa: S310 (our own address)
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()
        except OSError:
            return ""

    def _last_lines(self) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"  {line}" for line in text.splitlines()[-_SHOWN:]) or "  (it wrote nothing)"


class Stage:
    """What was set up: where Kafka is, and the workers."""

    def __init__(self, settings: Settings, workers: list[WorkerChild], broker: EmbeddedKafka | None) -> None:
        self.settings = settings
        self.workers = workers
        self._broker = broker

    def check(self) -> None:
        """Raise ChildDiedError when something that was started has ended."""
        if self._broker is not None and self._broker.pid is None:
            raise ChildDiedError("the embedded Kafka has ended")
        for worker in self.workers:
            worker.check()

    def metric(self, name: str) -> float:
        """Sum over all workers."""
        return sum(worker.metric(name) for worker in self.workers)

    def wait_for(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition, and whether it came; notices when something dies meanwhile."""
        deadline = time.monotonic() + seconds
        while not reached():
            self.check()
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True


@contextmanager
def stage(broker: str | None, say: Say, *, prefix: str, workers: int = 1, partitions: int = 4) -> Iterator[Stage]:
    """A running stage, taken down at the end of the block. `broker` None starts an embedded Kafka.

    Raises BrokerUnavailable, BrokerAwayError, TopicMismatchError, ChildDiedError.
    """
    with ExitStack() as stack:
        kafka = None
        if broker is None:
            say("Kafka: a real Apache Kafka on this machine, for as long as this runs")
            kafka = stack.enter_context(EmbeddedKafka(report=lambda line: say(f"  {line}")))
            broker = kafka.bootstrap
        else:
            say(f"Kafka: the one at {broker}; topics begin with {prefix}")
        # the generator sends a list of its own, of the same parties
        settings = Settings(
            broker=broker,
            topic_prefix=prefix,
            app_id=f"{prefix}sluicegate",
            partitions=partitions,
            starter_list=False,
        )
        with Admin(broker) as admin:
            count = ensure(admin, settings)
        say(f"Topics: made; the log has {count} partitions")
        children = []
        for number in range(workers):
            child = WorkerChild(settings, number)
            stack.callback(child.stop)
            children.append(child)
        for child in children:
            child.wait_ready()
            say(f"Worker: process {child.pid} is ready; {child.url}/metrics, /livez, /readyz")
        say(f"Lists: {PARTIAL}")
        yield Stage(settings, children, kafka)
