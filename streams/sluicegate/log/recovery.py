"""Partitions of a journal from their assignment to their revocation, whatever happens in between.

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
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from sluicegate import tracing
from sluicegate.detection.log import Volume
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
from sluicegate.log.held import Held, Kept
from sluicegate.log.inbox import Doubt, Inbox
from sluicegate.log.journal import Core, Journal
from sluicegate.log.membership import Membership
from sluicegate.log.progress import KEY, Progress, digest
from sluicegate.log.reading import Reader, open_reader
from sluicegate.logs import event
from sluicegate.topics import name_of

if TYPE_CHECKING:
    from sluicegate.log.chunks import Chunk, Gate
    from sluicegate.worker import Worker

__all__ = ["Holdings"]

logger = logging.getLogger(__name__)

_RETRY = 0.5  # seconds between questions to a broker or group that said no
_FENCED_WINDOW = 60.0  # twice fenced within it is bad luck, three times is another deployment
_FENCED_LIMIT = 3


C = TypeVar("C", bound=Core)


class Holdings(Generic[C]):
    """All partitions of a journal that this worker holds."""

    def __init__(self, worker: "Worker", journal: Journal[C], gate: "Gate") -> None:
        self._worker = worker
        self.journal = journal
        self.gate = gate
        self._kept: dict[int, Kept[C]] = {}
        self._fenced: dict[int, deque[float]] = {}
        self.held: dict[int, Held[C]] = {}
        gate.on_suspect = self._suspect

    # -- what the group says -----------------------------------------------------------------------------------------

    def assign(self, partitions: Iterable[int], generation: int) -> None:
        """Start opening; returns at once, since aiokafka sends no heartbeat before its callback has returned."""
        worker = self._worker
        for partition in sorted(partitions):
            tp = self._tp(partition)
            inbox = Inbox(
                worker.settings.buffer_bytes,
                hold=lambda tp=tp: self.gate.hold(tp),  # type: ignore[misc]
                release=lambda tp=tp: self.gate.release(tp),  # type: ignore[misc]
                wake=asyncio.Event(),
            )
            held: Held[C] = Held(partition, generation, inbox)
            self.held[partition] = held
            held.task = worker.spawn(self._hold(held), self.journal.at(partition))

    async def revoke(self) -> None:
        """Close all: checkpoints under way are finished, within one deadline for all of them."""
        worker, settings = self._worker, self._worker.settings
        self.gate.close_all()
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
            worker.metrics.forget_partition(partition, self.journal.agent)
        self.held.clear()
        oldest = time.monotonic() - settings.keep_state_seconds
        self._kept = {partition: kept for partition, kept in self._kept.items() if kept.since >= oldest}

    def offer(self, partition: int, generation: int, chunk: "Chunk") -> None:
        """Records from the gate. What an earlier assignment left in Faust's buffers is dropped."""
        held = self.held.get(partition)
        if held is None or held.generation != generation or not held.open:
            return
        if chunk.follows > held.expected:
            held.inbox.doubt(f"offset {held.expected} was due, what comes after {chunk.follows - 1} came")
            return
        held.expected = max(held.expected, chunk.records[-1].offset + 1)
        held.inbox.offer(chunk.records)

    def following(self) -> dict[int, int]:
        """Next offset to work through of each open partition."""
        return {
            number: held.checkpointer.progress.following
            for number, held in self.held.items()
            if held.checkpointer is not None
        }

    def backlogs(self) -> dict[int, int]:
        """Records known and not yet worked through of each open partition, where that is known."""
        found = {}
        for number, following in self.following().items():
            consumer, tp, waiting = self._worker.consumer, self._tp(number), 0
            if not self.journal.gapless:  # markers of transactions behind the last record are no backlog
                following, waiting = consumer.position(tp) or following, len(self.held[number].inbox)
            backlog = consumer.backlog(tp, following)
            if backlog is not None:
                found[number] = backlog + waiting
        return found

    def commit_ages(self, backlogs: Mapping[int, int]) -> dict[int, float]:
        """For how many seconds records of each partition have waited since its last checkpoint; 0 while none does."""
        return {number: held.waited(backlogs.get(number)) for number, held in self.held.items()}

    def volume(self) -> Volume:
        """State in memory: of open partitions, and what is kept of closed ones."""
        cores = [*self.cores().values(), *(kept.core for kept in self._kept.values())]
        return sum((core.volume for core in cores), Volume())

    @property
    def open_for(self) -> float:
        """Age in seconds of the oldest transaction under way; 0 when there is none."""
        return max((h.checkpointer.open_for for h in self.held.values() if h.checkpointer is not None), default=0.0)

    @property
    def remaining(self) -> int:
        """Records of state still to be read, at most, as far as that is known."""
        return sum(held.remaining for held in self.held.values())

    def cores(self) -> dict[int, C]:
        """State of each open partition."""
        return {number: held.checkpointer.core for number, held in self.held.items() if held.checkpointer is not None}

    @property
    def ready(self) -> bool:
        """Whether every partition held is open."""
        return all(held.open for held in self.held.values())

    def stuck(self, seconds: float) -> str:
        """Which checkpoint hangs for longer; empty if none does."""
        for held in self.held.values():
            if held.checkpointer is not None and held.checkpointer.busy_for > seconds:
                where, seconds = self.journal.at(held.partition), held.checkpointer.busy_for
                return f"a checkpoint of {where} hangs for {seconds:.0f} s"
        return ""

    def _tp(self, partition: int) -> TP:
        return TP(self.journal.name, partition)

    def _suspect(self, partition: int, why: str) -> None:
        held = self.held.get(partition)
        if held is not None:
            held.inbox.doubt(why)

    # -- one partition -----------------------------------------------------------------------------------------------

    async def _hold(self, held: Held[C]) -> None:
        """Open and work, again after each failure, until stopped."""
        where, place = self.journal.at(held.partition), self.journal.place(held.partition)
        while not held.stop.is_set():
            try:
                await self._open_and_work(held)
            except Fenced as error:
                self._worker.metrics.fenced.inc()
                logger.warning("%s: fenced (%s)", where, error, extra=event("checkpoint.fenced", **place))
                self._count_fencing(held)
            except Doubt as doubt:
                logger.warning("%s: %s; looking at it again", where, doubt, extra=event("partition.doubted", **place))
            except (Unfinished, BrokerAwayError, KafkaError, OSError, TimeoutError) as error:
                logger.warning("%s: %r; opening it again", where, error, extra=event("partition.retried", **place))
                self._worker.refused(error)
            else:
                return
            await self._until_member(held)

    async def _open_and_work(self, held: Held[C]) -> None:
        partition, worker = held.partition, self._worker
        producer = transactional_producer(worker.settings, self.journal.transactional_id(partition))
        try:
            checkpointer = await self._open(held, producer)
            following = checkpointer.progress.following
            held.checkpointer, held.expected = checkpointer, following
            self.gate.open(partition, following)
            seconds = time.monotonic() - held.assigned
            where, place = self.journal.at(partition), self.journal.place(partition)
            worker.metrics.recovery.observe(seconds)
            tracing.record("recovery", seconds, topic=self.journal.name, partition=partition)
            worker.refused(None)
            logger.info(
                "%s: open at offset %d", where, following, extra=event("partition.open", **place, offset=following)
            )
            await checkpointer.work(held.stop)
        finally:
            self.gate.close(partition)
            held.inbox.clear()
            if held.checkpointer is not None:
                done, held.checkpointer = held.checkpointer, None
                self._kept[partition] = Kept(done.core, done.progress, done.position)
            await _close(producer)

    async def _open(self, held: Held[C], producer: AIOKafkaProducer) -> Checkpointer[C]:
        worker, settings = self._worker, self._worker.settings
        await self._confirm(held)
        async with asyncio.timeout(settings.request_timeout):
            await producer.start()
        await self._confirm(held)
        async with open_reader(settings) as reader:
            kept = await self._recover(reader, held)
            await self._verify(reader, held.partition, kept.progress)
        while worker.consumer.sought_in != held.generation:
            await asyncio.sleep(0.02)
        tp = self._tp(held.partition)
        await worker.consumer.seek_log(tp, kept.progress.following)
        worker.metrics.show_progress(held.partition, kept.progress, self.journal.agent)

        def done(following: int) -> None:
            held.committed = time.monotonic()
            worker.consumer.done(tp, following, held.generation)

        return Checkpointer(
            self.journal,
            held.partition,
            core=kept.core,
            progress=kept.progress,
            position=kept.position,
            producer=producer,
            inbox=held.inbox,
            settings=settings,
            metrics=worker.metrics,
            done=done,
        )

    async def _confirm(self, held: Held[C]) -> None:
        if not await Membership(self._worker.consumer).confirmed(held.generation):
            raise Unfinished("the group does not confirm the assignment")

    async def _until_member(self, held: Held[C]) -> None:
        """Wait until the group confirms the assignment; ask for another one if it does not for long."""
        membership = Membership(self._worker.consumer)
        asked = time.monotonic()
        await asyncio.sleep(_RETRY)
        while not held.stop.is_set() and not await membership.confirmed(held.generation):
            if time.monotonic() - asked > self._worker.settings.rejoin_after:
                where = self.journal.at(held.partition)
                place = self.journal.place(held.partition)
                logger.warning(
                    "%s: no assignment since; asking the group for one",
                    where,
                    extra=event("partition.unassigned", **place),
                )
                await membership.rejoin()
                asked = time.monotonic()
            await asyncio.sleep(_RETRY)

    def _count_fencing(self, held: Held[C]) -> None:
        now = time.monotonic()
        times = self._fenced.setdefault(held.partition, deque())
        times.append(now)
        while times[0] < now - _FENCED_WINDOW:
            times.popleft()
        if len(times) >= _FENCED_LIMIT:
            raise FencedError(f"{self.journal.at(held.partition)} was taken {_FENCED_LIMIT} times within a minute")

    # -- state and log -----------------------------------------------------------------------------------------------

    async def _recover(self, reader: Reader, held: Held[C]) -> Kept[C]:
        """The state at the end of its topic."""
        worker, partition = self._worker, held.partition
        kept = self._kept.pop(partition, None)
        if kept is not None and time.monotonic() - kept.since > worker.settings.keep_state_seconds:
            kept = None
        core = kept.core if kept else self.journal.new_core(partition)
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

        name = name_of(self.journal.state, worker.settings)
        start = kept.position if kept else 0

        def left(records: int) -> None:
            held.remaining = records

        try:
            position = await reader.until_end(name, partition, start, load, left)
        finally:
            held.remaining = 0
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
        journal = self.journal
        committed = await self._worker.consumer.committed(self._tp(partition))
        if committed:
            raise StateLostError(
                f"the group worked on {journal.at(partition)} up to offset {committed}, but its state is empty"
            )
        first, _ = await reader.bounds(journal.name, partition)
        if first:
            begins = event("state.begins", **journal.place(partition), offset=first)
            logger.warning("%s begins at offset %d; so does its state", journal.at(partition), first, extra=begins)
        return Progress.start(topic_id=journal.identity.topic_id, partitions=journal.partitions, first=first)

    async def _verify(self, reader: Reader, partition: int, progress: Progress) -> None:
        """Raises LogReplacedError, LogTruncatedError or TopicMismatchError unless the topic continues this progress."""
        journal = self.journal
        await journal.identity.check()
        where = journal.at(partition)
        if progress.topic_id != journal.identity.topic_id:
            raise LogReplacedError(
                f"{where}: the state is of topic id {progress.topic_id}, it now has {journal.identity.topic_id}"
            )
        if progress.partitions != journal.partitions:
            raise TopicMismatchError(
                f"{journal.name} has {journal.partitions} partitions; its state is of {progress.partitions}"
            )
        begin, end = await reader.bounds(journal.name, partition)
        if begin > progress.following:
            raise LogTruncatedError(f"{where}: offset {progress.following} is due, the log begins at {begin}")
        if end < progress.following:
            raise LogReplacedError(f"{where}: offset {progress.following} is due, the log ends at {end}")
        if progress.hash:
            last = await reader.one(journal.name, partition, progress.offset)
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
        with suppress(TimeoutError):  # over TLS uvloop waits 30 s for the broker's farewell
            async with asyncio.timeout(0.5):
                await producer.client.close()
