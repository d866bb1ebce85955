"""Intake's lanes: the source partitions of one number, merged by record timestamp into the log.

Topics keyed alike with equal partition counts so keep their order across each other, also while a backlog is worked
off (as in Kafka Streams): a lane waits a little for a topic that is known to have more before it goes on without it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from faust.types import TP

from sluicegate import tracing
from sluicegate.log.inbox import Inbox
from sluicegate.log.placement import Placer
from sluicegate.log.writer import Entry
from sluicegate.topics import COUNTS, INTAKE, name_of
from sluicegate.wire.decode import Reject

if TYPE_CHECKING:
    from sluicegate.log.chunks import Records
    from sluicegate.worker import Worker

__all__ = ["Intake"]

_LOOK_AT_CLOCK_EVERY = 2
_LOOK_AGAIN = 0.02  # seconds, while a topic with more to come is waited for


class Lane:
    """Source partitions of one number, as assigned in one generation."""

    def __init__(self, worker: "Worker", placer: Placer, tps: Iterable[TP], generation: int) -> None:
        self._worker = worker
        self._placer = placer
        self._generation = generation
        self._letters = name_of("dead-letters", worker.settings)
        self._topic_of = {name_of(topic, worker.settings): topic for topic in INTAKE}
        self.wake = asyncio.Event()
        limit = worker.settings.buffer_bytes
        self.inboxes = {
            tp: Inbox(
                limit,
                hold=lambda tp=tp: worker.gate.hold(tp),  # type: ignore[misc]
                release=lambda tp=tp: worker.gate.release(tp),  # type: ignore[misc]
                wake=self.wake,
            )
            for tp in tps
        }
        idle = worker.settings.merge_idle_ms / 1000
        self._idle = idle
        self._patience = dict.fromkeys(self.inboxes, time.monotonic() + idle)

    async def work(self, stop: asyncio.Event) -> None:
        """Batch after batch."""
        interval = self._worker.settings.intake_interval_ms / 1000
        while not stop.is_set():
            await self.wake.wait()
            self.wake.clear()
            if stop.is_set():
                return
            began = time.monotonic()
            placed = await self._place()
            if any(self.inboxes.values()):
                self.wake.set()
            pause = interval if placed else _LOOK_AGAIN
            await asyncio.sleep(max(0.0, began + pause - time.monotonic()))

    async def _place(self) -> int:
        """Place one batch; give the number of records in it."""
        metrics, started = self._worker.metrics, time.perf_counter()
        deadline = started + self._worker.settings.work_ms / 1000
        entries: list[Entry] = []
        following: dict[TP, int] = {}
        taken: Counter[str] = Counter()
        count = 0
        for tp, inbox in self._merged():
            record = inbox.pop()
            if not inbox:
                self._patience[tp] = time.monotonic() + self._idle
            following[tp] = record.offset + 1
            taken[tp.topic] += 1
            placed = self._placer.place(record)
            if isinstance(placed, Reject):
                metrics.letters.labels(placed.reason).inc()
                entries.append(self._placer.letter(record, placed, self._letters))
            else:
                entries.extend(placed)
            count += 1
            if count % _LOOK_AT_CLOCK_EVERY == 0 and time.perf_counter() > deadline:
                break
        if not count:
            return 0
        placed_at = time.perf_counter()
        await self._worker.writer.write(entries)
        for tp, offset in following.items():
            self._worker.consumer.done(tp, offset, self._generation)
        for topic, number in taken.items():
            metrics.placed.labels(self._topic_of[topic]).inc(number)
        steps = {"place": placed_at - started, "append": time.perf_counter() - placed_at}
        for step, seconds in steps.items():
            metrics.steps.labels(step).observe(seconds)
        tracing.record("intake", sum(steps.values()), steps, records=count, topics=len(taken))
        return count

    def _merged(self) -> "Iterator[tuple[TP, Inbox]]":
        """The source to take the next record from, by record timestamp; ends where one still to come may be older."""
        while True:
            heads = []
            for order, (tp, inbox) in enumerate(self.inboxes.items()):
                if inbox:
                    heads.append((inbox.head().timestamp, order, tp))
                elif self._awaited(tp, inbox):
                    return
            if not heads:
                return
            heads.sort()
            tp = heads[0][2]
            inbox = self.inboxes[tp]
            yield tp, inbox
            # nothing comes in meanwhile: what is older than all other sources' first records goes on without a look
            while inbox and (len(heads) == 1 or inbox.head().timestamp < heads[1][0]):
                yield tp, inbox

    def _awaited(self, tp: TP, inbox: Inbox) -> bool:
        if time.monotonic() >= self._patience[tp]:
            return False
        return self._worker.consumer.backlog(tp, inbox.following) != 0


class Intake:
    """All source partitions that this worker holds."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        self._lanes: dict[TP, Lane] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self._generation = -1

    def assign(self, tps: Iterable[TP], generation: int) -> None:
        """Start a lane per partition number; counts keep to one of their own, since no order binds them to the rest."""
        worker = self._worker
        self._stop, self._generation = asyncio.Event(), generation
        counts = name_of(COUNTS, worker.settings)
        placer = Placer(worker.settings.topic_prefix, worker.partitions, counts)
        groups: dict[tuple[int, bool], list[TP]] = {}
        for tp in sorted(tps):
            groups.setdefault((tp.partition, tp.topic == counts), []).append(tp)
        for (number, counted), group in groups.items():
            lane = Lane(worker, placer, group, generation)
            self._lanes |= dict.fromkeys(group, lane)
            what = "counts" if counted else "source partitions"
            self._tasks.append(worker.spawn(lane.work(self._stop), f"intake of {what} {number}"))

    async def revoke(self, deadline: float) -> None:
        """Drop what waits (it is not acknowledged, so the next owner reads it); finish the batches under way."""
        self._stop.set()
        lanes, tasks = set(self._lanes.values()), self._tasks
        self._lanes, self._tasks = {}, []
        for lane in lanes:
            lane.wake.set()
            for inbox in lane.inboxes.values():
                inbox.clear()
        if tasks:
            _, pending = await asyncio.wait(tasks, timeout=deadline)
            for task in pending:  # at least once: the next owner places the batch again
                task.cancel()

    def offer(self, tp: TP, generation: int, records: "Records") -> None:
        lane = self._lanes.get(tp)
        if lane is not None and generation == self._generation:
            lane.inboxes[tp].offer(records)

    @property
    def waiting(self) -> int:
        """Records in memory."""
        return sum(len(lane.inboxes[tp]) for tp, lane in self._lanes.items())
