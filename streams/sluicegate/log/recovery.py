"""Partitions of the log from their assignment to their revocation, whatever happens in between.

Opening a partition, on assignment and after every failure:
1. the group confirms that the assignment is still valid, so that no stalled worker takes a partition from its owner;
2. the partition's producer is opened, which fences a former owner and ends what it left open; 1. once more;
3. the state topic is read to its end, or from where the state kept in memory ends;
4. the log is verified: topic id, partition count, hash of the last record applied, nothing missing after it;
5. once Faust has sought its committed offset, the fetcher is set to progress + 1 and the gate opens.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from sluicegate.detection.partition import Partition
from sluicegate.errors import (
    BrokerAwayError,
    CheckpointStuckError,
    FencedError,
    LogReplacedError,
    LogTruncatedError,
    StateLostError,
    TopicMismatchError,
)
from sluicegate.log.checkpoint import Checkpointer, Fenced, Unfinished, transactional_producer
from sluicegate.log.inbox import Doubt, Inbox
from sluicegate.log.membership import Membership
from sluicegate.log.progress import KEY, Progress, digest
from sluicegate.log.reading import Reader, open_reader
from sluicegate.topics import STATE, name_of

if TYPE_CHECKING:
    from sluicegate.log.chunks import Records
    from sluicegate.worker import Worker

__all__ = ["Detector", "Held"]

logger = logging.getLogger(__name__)

_RETRY = 0.5  # seconds between questions to a broker or group that said no
_FENCED_WINDOW = 60.0  # twice fenced within it is bad luck, three times is another deployment
_FENCED_LIMIT = 3


@dataclass
class Kept:
    """State of a partition in memory, as of an offset of its state topic."""

    core: Partition
    progress: Progress
    position: int
    since: float = field(default_factory=time.monotonic)


@dataclass
class Held:
    """A partition as assigned in one generation of the group."""

    partition: int
    generation: int
    inbox: Inbox
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    checkpointer: Checkpointer | None = None
    task: "asyncio.Task[None] | None" = None
    assigned: float = field(default_factory=time.monotonic)

    @property
    def open(self) -> bool:
        return self.checkpointer is not None


class Detector:
    """All partitions of the log that this worker holds."""

    def __init__(self, worker: "Worker", new_core: Callable[[], Partition]) -> None:
        self._worker = worker
        self._new_core = new_core
        self._kept: dict[int, Kept] = {}
        self._fenced: dict[int, deque[float]] = {}
        self.held: dict[int, Held] = {}
        worker.gate.on_suspect = self._suspect

    # -- what the group says -----------------------------------------------------------------------------------------

    def assign(self, partitions: Iterable[int], generation: int) -> None:
        """Start opening; returns at once, since aiokafka sends no heartbeat before its callback has returned."""
        worker = self._worker
        for partition in sorted(partitions):
            tp = TP(worker.gate.log, partition)
            inbox = Inbox(
                worker.settings.buffer_bytes,
                hold=lambda tp=tp: worker.gate.hold(tp),  # type: ignore[misc]
                release=lambda tp=tp: worker.gate.release(tp),  # type: ignore[misc]
                wake=asyncio.Event(),
            )
            held = self.held[partition] = Held(partition, generation, inbox)
            held.task = worker.spawn(self._hold(held), f"partition {partition} of the log")

    async def revoke(self) -> None:
        """Close all: checkpoints under way are finished, within one deadline for all of them."""
        worker, settings = self._worker, self._worker.settings
        worker.gate.close_all()
        tasks = []
        for held in self.held.values():
            held.stop.set()
            held.inbox.wake.set()
            if held.task is not None:
                if held.checkpointer is None or not held.checkpointer.busy_for:
                    held.task.cancel()
                tasks.append(held.task)
        if tasks:
            deadline = min(settings.rebalance_timeout, settings.session_timeout) * 0.75
            _, pending = await asyncio.wait(tasks, timeout=deadline)
            if pending:
                worker.fail(CheckpointStuckError(f"a checkpoint did not finish within {deadline:.1f} s of a rebalance"))
        for partition in self.held:
            worker.metrics.forget_partition(partition)
        self.held.clear()
        oldest = time.monotonic() - settings.keep_state_seconds
        self._kept = {partition: kept for partition, kept in self._kept.items() if kept.since >= oldest}

    def offer(self, partition: int, generation: int, records: "Records") -> None:
        """Records from the gate. What an earlier assignment left in Faust's buffers is dropped."""
        held = self.held.get(partition)
        if held is not None and held.generation == generation and held.open:
            held.inbox.offer(records)

    def following(self) -> dict[int, int]:
        """Next offset to work through of each open partition."""
        return {
            number: held.checkpointer.progress.following
            for number, held in self.held.items()
            if held.checkpointer is not None
        }

    def wanting_ticks(self) -> set[int]:
        """Open partitions with work that ticks carry on."""
        return {
            number
            for number, held in self.held.items()
            if held.checkpointer is not None and held.checkpointer.core.wants_ticks
        }

    def cores(self) -> list[Partition]:
        """State of each open partition."""
        return [held.checkpointer.core for held in self.held.values() if held.checkpointer is not None]

    @property
    def ready(self) -> bool:
        """Whether every partition held is open."""
        return all(held.open for held in self.held.values())

    def stuck(self, seconds: float) -> str:
        """Which checkpoint hangs for longer; empty if none does."""
        for held in self.held.values():
            if held.checkpointer is not None and held.checkpointer.busy_for > seconds:
                return f"a checkpoint of partition {held.partition} hangs for {held.checkpointer.busy_for:.0f} s"
        return ""

    def _suspect(self, partition: int, why: str) -> None:
        held = self.held.get(partition)
        if held is not None:
            held.inbox.doubt(why)

    # -- one partition -----------------------------------------------------------------------------------------------

    async def _hold(self, held: Held) -> None:
        """Open and work, again after each failure, until stopped."""
        while not held.stop.is_set():
            try:
                await self._open_and_work(held)
            except Fenced as error:
                self._worker.metrics.fenced.inc()
                logger.warning("partition %d: fenced (%s)", held.partition, error)
                self._count_fencing(held)
            except Doubt as doubt:
                logger.warning("partition %d: %s; looking at the log again", held.partition, doubt)
            except (Unfinished, BrokerAwayError, KafkaError, OSError, TimeoutError) as error:
                logger.warning("partition %d: %r; opening it again", held.partition, error)
            else:
                return
            await self._until_member(held)

    async def _open_and_work(self, held: Held) -> None:
        partition, worker = held.partition, self._worker
        producer = transactional_producer(worker.settings, partition)
        try:
            checkpointer = await self._open(held, producer)
            held.checkpointer = checkpointer
            worker.gate.open(partition, checkpointer.progress.following)
            worker.metrics.recovery.observe(time.monotonic() - held.assigned)
            logger.info("partition %d: open at offset %d", partition, checkpointer.progress.following)
            await checkpointer.work(held.stop)
        finally:
            worker.gate.close(partition)
            held.inbox.clear()
            if held.checkpointer is not None:
                done, held.checkpointer = held.checkpointer, None
                self._kept[partition] = Kept(done.core, done.progress, done.position)
            await _close(producer)

    async def _open(self, held: Held, producer: AIOKafkaProducer) -> Checkpointer:
        worker, settings = self._worker, self._worker.settings
        await self._confirm(held)
        async with asyncio.timeout(settings.request_timeout):
            await producer.start()
        await self._confirm(held)
        async with open_reader(settings) as reader:
            kept = await self._recover(reader, held.partition)
            await self._verify(reader, held.partition, kept.progress)
        while worker.consumer.sought_in != held.generation:
            await asyncio.sleep(0.02)
        await worker.consumer.seek_log(held.partition, kept.progress.following)
        tp = TP(worker.gate.log, held.partition)
        worker.metrics.show_progress(held.partition, kept.progress)
        return Checkpointer(
            held.partition,
            core=kept.core,
            progress=kept.progress,
            position=kept.position,
            producer=producer,
            inbox=held.inbox,
            identity=worker.identity,
            settings=settings,
            metrics=worker.metrics,
            done=lambda following: worker.consumer.done(tp, following, held.generation),
        )

    async def _confirm(self, held: Held) -> None:
        if not await Membership(self._worker.consumer).confirmed(held.generation):
            raise Unfinished("the group does not confirm the assignment")

    async def _until_member(self, held: Held) -> None:
        """Wait until the group confirms the assignment; ask for another one if it does not for long."""
        membership = Membership(self._worker.consumer)
        asked = time.monotonic()
        await asyncio.sleep(_RETRY)
        while not held.stop.is_set() and not await membership.confirmed(held.generation):
            if time.monotonic() - asked > self._worker.settings.rejoin_after:
                logger.warning("partition %d: no assignment since; asking the group for one", held.partition)
                await membership.rejoin()
                asked = time.monotonic()
            await asyncio.sleep(_RETRY)

    def _count_fencing(self, held: Held) -> None:
        now = time.monotonic()
        times = self._fenced.setdefault(held.partition, deque())
        times.append(now)
        while times[0] < now - _FENCED_WINDOW:
            times.popleft()
        if len(times) >= _FENCED_LIMIT:
            raise FencedError(f"partition {held.partition} was taken {_FENCED_LIMIT} times within a minute")

    # -- state and log -----------------------------------------------------------------------------------------------

    async def _recover(self, reader: Reader, partition: int) -> Kept:
        """The state at the end of its topic."""
        worker = self._worker
        kept = self._kept.pop(partition, None)
        if kept is not None and time.monotonic() - kept.since > worker.settings.keep_state_seconds:
            kept = None
        core = kept.core if kept else self._new_core()
        progress = kept.progress if kept else None
        read = 0

        def load(record: ConsumerRecord) -> None:
            nonlocal progress, read
            read += 1
            key = record.key.decode()
            if key == KEY:
                progress = Progress.decode(record.value)
            else:
                core.load(key, record.value)

        name = name_of(STATE, worker.settings)
        start = kept.position if kept else 0
        position = await reader.until_end(name, partition, start, load)
        if position < start:
            raise StateLostError(f"{name}/{partition} ended at offset {start}, now it ends at {position}")
        if read or kept is None:
            core.ready()
        worker.metrics.recovered.inc(read)
        if progress is None:
            progress = await self._begin(reader, partition)
        return Kept(core, progress, position)

    async def _begin(self, reader: Reader, partition: int) -> Progress:
        """Progress of a partition without state. Raises StateLostError if there was some once."""
        worker = self._worker
        committed = await worker.consumer.committed(TP(worker.gate.log, partition))
        if committed:
            raise StateLostError(
                f"the group worked on {worker.gate.log}/{partition} up to offset {committed}, but its state is empty"
            )
        first, _ = await reader.bounds(worker.gate.log, partition)
        if first:
            logger.warning("partition %d: the log begins at offset %d; so does the state", partition, first)
        return Progress.start(topic_id=worker.identity.topic_id, partitions=worker.partitions, first=first)

    async def _verify(self, reader: Reader, partition: int, progress: Progress) -> None:
        """Raises LogReplacedError, LogTruncatedError or TopicMismatchError unless the log continues this progress."""
        worker = self._worker
        await worker.identity.check()
        where = f"{worker.gate.log}/{partition}"
        if progress.topic_id != worker.identity.topic_id:
            raise LogReplacedError(
                f"{where}: the state is of topic id {progress.topic_id}, the log now has {worker.identity.topic_id}"
            )
        if progress.partitions != worker.partitions:
            raise TopicMismatchError(
                f"{worker.gate.log} has {worker.partitions} partitions; its state is of {progress.partitions}"
            )
        begin, end = await reader.bounds(worker.gate.log, partition)
        if begin > progress.following:
            raise LogTruncatedError(f"{where}: offset {progress.following} is due, the log begins at {begin}")
        if end < progress.following:
            raise LogReplacedError(f"{where}: offset {progress.following} is due, the log ends at {end}")
        if progress.hash:
            last = await reader.one(worker.gate.log, partition, progress.offset)
            if last is not None and digest(last) != progress.hash:
                raise LogReplacedError(f"{where}: the record at offset {progress.offset} is not the one applied")


async def _close(producer: AIOKafkaProducer) -> None:
    """Close without waiting for what an unreachable broker will not answer."""
    try:
        async with asyncio.timeout(2.0):
            await producer.stop()
    except (TimeoutError, KafkaError, OSError):
        if producer._sender.sender_task is not None:
            producer._sender.sender_task.cancel()
        await producer.client.close()
