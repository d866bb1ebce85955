"""A stage for the demo and the stress test: a broker, topics, workers and what stands beside them, each a process.

Everything that is started is guarded: when this process ends, even by kill -9, so do the others.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from sluicegate.cli.child import Child, ChildDiedError
from sluicegate.cli.console_child import ConsoleChild
from sluicegate.cli.gateway_child import GatewayChild
from sluicegate.cli.operations_child import OPERATIONS, OperationsChild
from sluicegate.cli.stage_kafka import stage_kafka
from sluicegate.embedded import EmbeddedKafka
from sluicegate.embedded.network import free_port, port_is_free
from sluicegate.generate.listed import PARTIAL
from sluicegate.settings import Settings
from sluicegate.topics import Admin, ensure

__all__ = ["ChildDiedError", "Stage", "WorkerChild", "stage"]

Say = Callable[[str], None]
_READY_SECONDS = 60.0
_USUAL_PORT = 6066


class WorkerChild(Child):
    """One worker."""

    name = "worker"

    def __init__(self, settings: Settings, number: int) -> None:
        super().__init__(_USUAL_PORT if number == 0 and port_is_free(_USUAL_PORT) else free_port())
        options = ["--web-port", str(self.port)]
        for name in ("broker", "topic_prefix", "app_id", "starter_list"):
            options += [f"--{name.replace('_', '-')}", str(getattr(settings, name))]
        self.run("worker", *options, kafka=settings)

    def wait_ready(self) -> None:
        """Return once it works on its partitions."""
        deadline = time.monotonic() + _READY_SECONDS
        while not (answer := self.get("readyz")).startswith("ok\n"):
            self.check()
            if time.monotonic() > deadline:
                why = answer.strip() or "it does not answer"
                raise ChildDiedError(
                    f"the worker is not ready after {_READY_SECONDS:.0f} s: {why}\n{self.last_lines()}"
                )
            time.sleep(0.1)

    def metric(self, name: str) -> float:
        """Sum of a metric over its labels; 0 while there is none."""
        lines = (line.rpartition(" ") for line in self.get("metrics").splitlines())
        return sum(float(value) for head, _, value in lines if head.partition("{")[0] == name)


class Stage:
    """What was set up: where Kafka is, the workers, and the console, where there is one."""

    def __init__(
        self,
        settings: Settings,
        workers: list[WorkerChild],
        broker: EmbeddedKafka | None,
        console: ConsoleChild | None = None,
        gateway: GatewayChild | None = None,
        operations: Sequence[OperationsChild] = (),
    ) -> None:
        self.settings = settings
        self.workers = workers
        self.console = console
        self.gateway = gateway
        self.operations = operations
        self._broker = broker

    def check(self) -> None:
        """Raise ChildDiedError when something that was started has ended."""
        if self._broker is not None and self._broker.pid is None:
            raise ChildDiedError("the embedded Kafka has ended")
        for child in (*self.workers, *self.operations):
            child.check()
        for shown in (self.console, self.gateway):
            if shown is not None:
                shown.check()

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
def stage(
    broker: str | None,
    say: Say,
    *,
    prefix: str,
    workers: int = 1,
    partitions: int = 4,
    console: bool = False,
    gateway: bool = False,
    operations: bool = False,
    secure: bool = False,
) -> Iterator[Stage]:
    """A running stage, taken down at the end of the block. `broker` None starts an embedded Kafka, with TLS and
    users if `secure`.

    Console, gateway and what watches over operations are started last, and not waited for.

    Raises BrokerUnavailable, BrokerAwayError, TopicMismatchError, ChildDiedError.
    """
    with ExitStack() as stack:
        # the generator sends a list of its own, of the same parties
        plain = Settings(topic_prefix=prefix, app_id=f"{prefix}sluicegate", partitions=partitions, starter_list=False)
        kafka = stack.enter_context(stage_kafka(broker, plain, say, secure=secure))
        settings = kafka.settings("operator")
        with Admin(settings) as admin:
            count = ensure(admin, settings)
        say(f"Topics: made; the log has {count} partitions")
        children = []
        for number in range(workers):
            child = WorkerChild(kafka.settings("worker"), number)
            stack.callback(child.stop)
            children.append(child)
        for child in children:
            child.wait_ready()
            say(f"Worker: process {child.pid} is ready; {child.url}/metrics, /livez, /readyz")
        shown = None
        if console:
            shown = ConsoleChild(kafka.settings("console"))
            stack.callback(shown.stop)
            say(f"Console: process {shown.pid}; {shown.url}, sign in as {shown.person} with {shown.password}")
        taking = None
        if gateway:
            taking = GatewayChild(kafka.settings("gateway"))
            stack.callback(taking.stop)
            say(f"Gateway: process {taking.pid}; {taking.url}/v1/events, token {taking.token} ({taking.tenant})")
        watching = []
        for name in OPERATIONS if operations else ():
            watcher = OperationsChild(kafka.settings(name), name)
            stack.callback(watcher.stop)
            watching.append(watcher)
            say(f"{name.capitalize()}: process {watcher.pid}; {watcher.url}/metrics, /livez, /readyz")
        say(f"Lists: {PARTIAL}")
        yield Stage(settings, children, kafka.broker, shown, taking, watching)
