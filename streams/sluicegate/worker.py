"""One worker process: what its parts share, and how it starts, fails and stops."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, cast

from faust.types import TP

from sluicegate import tracing
from sluicegate.detection.in_force import InForce, in_force
from sluicegate.detection.partition import Partition
from sluicegate.detection.shared import SharedPartition
from sluicegate.errors import AgentDiedError, BrokerAwayError, SluicegateError
from sluicegate.kafka_clients import refusal
from sluicegate.lists_shown import ListsShown
from sluicegate.log.chunks import Gate
from sluicegate.log.identity import LogIdentity
from sluicegate.log.journal import Journal
from sluicegate.log.lanes import Intake
from sluicegate.log.recovery import Holdings
from sluicegate.log.ticks import ticking
from sluicegate.log.writer import LogWriter
from sluicegate.logs import event, told
from sluicegate.metrics import Metrics
from sluicegate.rights import check_rights
from sluicegate.settings import Settings
from sluicegate.topics import LOG, SHARED_STATE, SIGHTINGS, STATE, Admin, ensure, name_of

if TYPE_CHECKING:
    import faust

    from sluicegate.log.chunks import ChunkConsumer

__all__ = ["Worker"]

logger = logging.getLogger(__name__)

_BEAT = 1.0
_INTAKE_DEADLINE = 2.0  # seconds a revocation waits for batches on their way to the log


class Worker:
    """Shared parts, and the one place where failures end up."""

    app: "faust.App"

    def __init__(self, settings: Settings, new_core: Callable[[], Partition]) -> None:
        """Blocking: connects, makes and checks topics.

        Raises Broker(Away|Refused)Error, Topic(Mismatch|Refused)Error.
        """
        self.settings = settings
        self.admin = Admin(settings)
        check_rights(self.admin, "worker", settings)
        self.partitions = ensure(self.admin, settings)
        self.identity = LogIdentity(self.admin, name_of(LOG, settings))
        self.metrics = Metrics()
        self.gate = Gate(name_of(LOG, settings))
        self.writer = LogWriter(settings, self.identity)
        self.intake = Intake(self)
        self.detector = Holdings(self, self._log(new_core), self.gate)
        sightings = self._sightings()
        self.shared = Holdings(self, sightings, Gate(sightings.name, gapless=False))
        self.gates = (self.gate, self.shared.gate)
        self._lists = ListsShown(self.metrics)
        self.stopping = asyncio.Event()
        self._worked = False
        self._refused = ""
        self.finished = False
        """Whether everything under way is finished and given up."""
        self.error: BaseException | None = None
        self.assigned = False
        self._unassigned: float | None = time.monotonic()
        """Since when there is no assignment; None while there is one."""
        self.beat = time.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()

    def _log(self, new_core: Callable[[], Partition]) -> Journal[Partition]:
        return Journal(
            agent="detect",
            name=self.identity.name,
            state=STATE,
            partitions=self.partitions,
            identity=self.identity,
            transactional_id=lambda partition: f"{self.settings.app_id}-{partition}",
            new_core=lambda _: new_core(),
            gapless=True,
            unsourced="internal",
        )

    def _sightings(self) -> Journal[SharedPartition]:
        name = name_of(SIGHTINGS, self.settings)
        return Journal(
            agent="shared",
            name=name,
            state=SHARED_STATE,
            partitions=self.admin.partitions(name) or 0,
            identity=LogIdentity(self.admin, name),
            # no application's name holds a slash: another one's detect cannot come by this id
            transactional_id=lambda partition: f"{self.settings.app_id}/shared-{partition}",
            new_core=lambda partition: SharedPartition(name, partition),
            gapless=False,
            unsourced=SIGHTINGS,
        )

    @property
    def consumer(self) -> "ChunkConsumer":
        return cast("ChunkConsumer", self.app.consumer)

    @property
    def runs_intake(self) -> bool:
        return self.settings.agents in ("all", "intake")

    @property
    def runs_detect(self) -> bool:
        return self.settings.agents in ("all", "detect")

    # -- failing and stopping ----------------------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        """A task whose failure stops the worker."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error, where=task.get_name())

    def fail(self, error: BaseException, *, where: str = "worker") -> None:
        """Stop with a non-zero status; the first error is the one reported."""
        error = refusal(self.settings, error) or error
        if self.error is None and not self.stopping.is_set():
            what, known = event("worker.failed", part=where, error=error), isinstance(error, SluicegateError)
            logger.error("%s: %s", where, told(error), exc_info=None if known else error, extra=what)
            self.error = error if isinstance(error, SluicegateError) else AgentDiedError(f"{where} died: {told(error)}")
            self.error.__cause__ = None if error is self.error else error
        self.stopping.set()

    def refused(self, error: BaseException | None) -> None:
        """Take note of why a partition could not be opened or worked on; None: it is open.

        At its start a worker that lacks credentials or a right ends at once. One that has worked waits for them.
        """
        found = refusal(self.settings, error)
        if error is None:
            self._worked = True
        elif found is not None and not self._worked:
            self.fail(found)
        self._refused = str(found or "")

    # -- what the group says -----------------------------------------------------------------------------------------

    async def on_assigned(self, assigned: Iterable[TP], generation: int) -> None:
        self.metrics.rebalances.inc()
        if self._unassigned is not None:
            seconds = time.monotonic() - self._unassigned
            self._unassigned = None
            self.metrics.rebalance.observe(seconds)
            tracing.record("rebalance", seconds, generation=generation)
        held: dict[str, list[int]] = {gate.log: [] for gate in self.gates}
        sources = []
        for tp in assigned:
            held[tp.topic].append(tp.partition) if tp.topic in held else sources.append(TP(*tp))
        logs, sightings = (sorted(held[gate.log]) for gate in self.gates)
        logger.info(
            "assigned in generation %d: log %s, sightings %s, %d source partitions",
            generation,
            logs,
            sightings,
            len(sources),
            extra=event("worker.assigned", generation=generation, log=logs, sightings=sightings, sources=len(sources)),
        )
        self.intake.assign(sources, generation)
        self.detector.assign(logs, generation)
        self.shared.assign(sightings, generation)
        self.assigned = True

    async def on_revoked(self) -> None:
        """Finish what is under way; then tell the group how far the source topics are placed."""
        if self._unassigned is None:
            self._unassigned = time.monotonic()
        for gate in self.gates:
            gate.close_all()
        await asyncio.gather(self.intake.revoke(_INTAKE_DEADLINE), self.detector.revoke(), self.shared.revoke())
        self.assigned = False
        try:
            async with asyncio.timeout(_INTAKE_DEADLINE):
                await self.consumer.commit()
        except TimeoutError:
            logger.warning(
                "the group's offsets could not be committed; some records will be placed twice, and dropped",
                extra=event("offsets.uncommitted"),
            )

    # -- beside the agents -------------------------------------------------------------------------------------------

    def start_watching(self) -> None:
        self.spawn(self._beat(), "heartbeat of the loop")
        if self.runs_detect and self.runs_intake:
            self.spawn(ticking(self), "ticks")
        self.spawn(self._watch_log(), "watch over the log")

    async def _beat(self) -> None:
        while True:
            due = time.monotonic() + _BEAT
            await asyncio.sleep(_BEAT)
            self.beat = time.monotonic()
            self.metrics.loop_delay.set(self.beat - due)
            self.measure()
            if self.assigned and self.detector.ready:
                self._lists.tell(self.lists())

    def measure(self) -> None:
        """Put into the metrics what is read off rather than counted."""
        metrics, journals = self.metrics, (self.detector, self.shared)
        metrics.broker_away.set(self.identity.away_for)
        metrics.intake_backlog.set(self.intake.waiting)
        metrics.open_partitions.set(len(self.detector.following()))
        metrics.open_transaction.set(max(held.open_for for held in journals))
        metrics.recovery_remaining.set(sum(held.remaining for held in journals))
        for held in journals:
            agent, backlogs = held.journal.agent, held.backlogs()
            metrics.show_state(held.volume(), agent)
            for number, backlog in backlogs.items():
                metrics.show_backlog(number, backlog, agent)
            for number, seconds in held.commit_ages(backlogs).items():
                metrics.show_commit_age(number, seconds, agent)

    async def _watch_log(self) -> None:
        while True:
            await asyncio.sleep(self.settings.verify_seconds)
            for identity in (self.identity, self.shared.journal.identity):
                try:
                    await identity.check()
                except BrokerAwayError as error:
                    logger.debug("%s", error, extra=event("broker.away"))  # said once by the check itself

    # -- health ------------------------------------------------------------------------------------------------------

    def unhealthy(self) -> str:
        """Why the process should be restarted; empty if it should not. The broker's absence is no reason."""
        late = time.monotonic() - self.beat
        if late > self.settings.stuck_after:
            return f"the event loop stands still for {late:.0f} s"
        return self.detector.stuck(self.settings.stuck_after) or self.shared.stuck(self.settings.stuck_after)

    def unready(self) -> str:
        """Why the worker does not work at present; empty if it does."""
        if self.stopping.is_set():
            return "stopping"
        if refused := self.identity.refused or self._refused:
            return refused
        if away := self.identity.away_for:
            return f"no broker answers for {away:.0f} s"
        if not self.assigned or self.app.rebalancing:
            return "waiting for the group's assignment"
        if not self.detector.ready:
            return "partitions of the log are being opened"
        if not self.shared.ready:
            return "partitions of the sightings are being opened"
        if not self.writer.healthy:
            return "the broker does not take records for the log"
        return ""

    def lists(self) -> InForce | None:
        """The lists in force, from now on also in the metrics; None where no partition is open here."""
        cores = self.detector.cores().values()
        found = in_force(cores) if cores else None
        self._lists.show(found)
        return found

    async def close(self) -> None:
        """Finish what is under way and give up everything held."""
        self.stopping.set()
        if self.assigned:
            await self.on_revoked()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.writer.close()
        self.finished = self.error is None
