"""Checkpoints: the log of one partition into state, alerts and progress, in one transaction at a time.

1. Take what has arrived, for at most some milliseconds of work; skip what is at or below the progress.
2. Run the core over it. Nothing is touched yet, no transaction is open yet.
3. One transaction of the partition's own producer: outputs, each changed state record once, the progress.
4. Committed: merge. Not committed: drop what was run; the caller opens the partition again, from what the log and the
   state say, since nobody knows whether a transaction that failed at its end was committed.
"""

import asyncio
import gc
import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    IllegalOperation,
    InvalidProducerEpoch,
    InvalidProducerIdMapping,
    InvalidTxnState,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFenced,
)
from aiokafka.structs import ConsumerRecord

from sluicegate import tracing
from sluicegate.detection.log import Counts, LogRecord, Outcome, Output
from sluicegate.errors import BrokerAwayError, StateLostError
from sluicegate.label_sets import EVENTS, OTHER
from sluicegate.log.inbox import Doubt, Inbox
from sluicegate.log.journal import Core, CoreRun, Journal
from sluicegate.log.progress import KEY, Progress, Tally
from sluicegate.logs import event
from sluicegate.metrics import Metrics
from sluicegate.security import aiokafka_options
from sluicegate.settings import Settings
from sluicegate.topics import INTAKE, OUTPUTS, name_of

__all__ = ["Checkpointer", "Fenced", "Unfinished", "transactional_producer"]

logger = logging.getLogger(__name__)

_LOOK_AT_CLOCK_EVERY = 2
# a producer that was fenced in the background while a transaction was being written says that it is in none
_LOST = (ProducerFenced, InvalidProducerEpoch, InvalidProducerIdMapping, InvalidTxnState, IllegalOperation)
# aiokafka asserts its state machine: a producer that failed in the background shows itself so
_PASSING = (KafkaError, OSError, TimeoutError, AssertionError, BrokerAwayError)


class Fenced(Exception):  # noqa: N818 - an answer of the broker, dealt with by opening the partition again
    """Another producer with this partition's transactional id was opened, or the broker ended our transaction."""


class Unfinished(Exception):  # noqa: N818 - as above
    """A checkpoint or an opening could not be finished; what became of it is for the next opening to find out."""


def transactional_producer(settings: Settings, transactional_id: str) -> AIOKafkaProducer:
    """The producer that is one partition's only writer. Starting it fences any other."""
    return AIOKafkaProducer(
        **aiokafka_options(settings),
        transactional_id=transactional_id,
        transaction_timeout_ms=int(settings.transaction_timeout * 1000),
        request_timeout_ms=int(settings.request_timeout * 1000),
        max_batch_size=512 << 10,
        max_request_size=2 << 20,
    )


C = TypeVar("C", bound=Core)


@dataclass
class Taken:
    """What a run was over."""

    last: ConsumerRecord | None = None
    count: int = 0
    outcomes: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    """By source topic."""
    scored: list[int] = field(default_factory=list)
    """Timestamps of the events that were applied, ms."""
    alerting: list[int] = field(default_factory=list)
    """Timestamps of the records that alerted, ms."""


@dataclass
class Took:
    """How long the steps of a checkpoint took, in seconds, and what it wrote."""

    work: float = 0.0
    write: float = 0.0
    commit: float = 0.0
    state_records: int = 0
    state_bytes: int = 0


class Checkpointer(Generic[C]):
    """Works through one open partition of a journal until told to stop."""

    def __init__(
        self,
        journal: Journal[C],
        partition: int,
        *,
        core: C,
        progress: Progress,
        position: int,
        producer: AIOKafkaProducer,
        inbox: Inbox,
        settings: Settings,
        metrics: Metrics,
        done: Callable[[int], None],
    ) -> None:
        """`position`: end of the state topic that `core` holds. `done` is told the next offset after each commit."""
        self.journal = journal
        self.partition = partition
        self.core = core
        self.progress = progress
        self.position = position
        self._since: float | None = None
        self._opened: float | None = None
        self._producer = producer
        self._inbox = inbox
        self._settings = settings
        self._metrics = metrics
        self._done = done
        self._names = {topic: name_of(topic, settings) for topic in OUTPUTS}
        self._state = name_of(journal.state, settings)
        self._topic_of = {name_of(topic, settings).encode(): topic for topic in INTAKE}

    @property
    def busy_for(self) -> float:
        """Seconds since the checkpoint under way began, which a revocation waits for; 0 when there is none."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    @property
    def open_for(self) -> float:
        """Seconds since the transaction under way was begun; 0 when there is none."""
        return 0.0 if self._opened is None else time.monotonic() - self._opened

    async def work(self, stop: asyncio.Event) -> None:
        """Checkpoint after checkpoint. Raises Fenced, Unfinished or Doubt, each with nothing half done in memory."""
        interval = self._settings.checkpoint_interval_ms / 1000
        while not stop.is_set():
            await self._inbox.wake.wait()
            self._inbox.wake.clear()
            if stop.is_set():
                return
            began = self._since = time.monotonic()
            try:
                await self._checkpoint()
            finally:
                self._since = None
            if len(self._inbox):
                self._inbox.wake.set()
            await asyncio.sleep(max(0.0, began + interval - time.monotonic()))

    async def _checkpoint(self) -> None:
        started = time.perf_counter()
        run, taken = self._run()
        if taken.last is None:
            return
        progress = self.progress.after(taken.last, _tally(run.counts))
        took = Took(work=time.perf_counter() - started)
        try:
            async with asyncio.timeout(self._settings.request_timeout):
                await self.journal.identity.fresh(2 * self._settings.verify_seconds)
                position = await self._transaction(run, progress, took)
        except _LOST as error:
            self._count("fenced", taken, took, started)
            raise Fenced(repr(error)) from error
        except MessageSizeTooLargeError:  # it would be as large the next time
            raise
        except _PASSING as error:
            self._count("failed", taken, took, started)
            raise Unfinished(repr(error)) from error
        if position <= self.position:
            raise StateLostError(f"{self._state}/{self.partition} was made anew under this worker")
        run.merge()
        self.progress, self.position = progress, position
        self._done(progress.following)
        self._count("committed", taken, took, started)
        self._show(run, taken, took)

    def _run(self) -> tuple[CoreRun, Taken]:
        """The run, and what it was over."""
        run, taken = self.core.begin(), Taken()
        following = self.progress.following
        deadline = time.perf_counter() + self._settings.work_ms / 1000
        for record in self._inbox.take():
            if record.offset < following:
                continue
            if record.offset > following and self.journal.gapless:
                raise Doubt(f"offset {following} was due, {record.offset} came")
            before = len(run.outputs)
            headers = record.headers
            outcome = run.apply(LogRecord(record.offset, record.timestamp, record.key, record.value, headers))
            source = self._topic_of.get(headers[0][1], OTHER) if headers else self.journal.unsourced
            taken.outcomes[source, outcome] += 1
            if outcome is Outcome.APPLIED and source in EVENTS:
                taken.scored.append(record.timestamp)
            if len(run.outputs) > before and any(output.topic == "alerts" for output in run.outputs[before:]):
                taken.alerting.append(record.timestamp)
            taken.last = record
            following = record.offset + 1
            taken.count += 1
            if run.full or (taken.count % _LOOK_AT_CLOCK_EVERY == 0 and time.perf_counter() > deadline):
                break
        return run, taken

    async def _transaction(self, run: CoreRun, progress: Progress, took: Took) -> int:
        """Write everything; give the end of the state topic after it."""
        producer, started = self._producer, time.perf_counter()
        self._opened = time.monotonic()
        await producer.begin_transaction()
        acks = [await self._send(output) for output in run.outputs]
        state, written = await self._send_state(run.changes(), progress, took)
        # a record refused on its own (too large, say) fails only its future: the commit would go through without it
        *_, metadata = await asyncio.gather(*acks, *state)
        sent = time.perf_counter()
        await producer.commit_transaction()
        self._opened = None
        took.write, took.commit = sent - started, time.perf_counter() - sent
        return int(metadata.offset) + written

    async def _send(self, output: Output) -> Any:
        return await self._producer.send(self._names[output.topic], output.value, output.key)

    async def _send_state(
        self, changes: Mapping[str, bytes | None], progress: Progress, took: Took
    ) -> tuple[list[Any], int]:
        """Futures of the batches, and how many records the last of them has."""
        items = [(key.encode(), value) for key, value in changes.items()]
        items.append((KEY.encode(), progress.encode()))
        name, futures = self._state, []
        batch = self._producer.create_batch()
        for key, value in items:
            if batch.append(timestamp=None, key=key, value=value) is None:
                futures.append(await self._producer.send_batch(batch, name, partition=self.partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value)
        written: int = batch.record_count()
        futures.append(await self._producer.send_batch(batch, name, partition=self.partition))
        took.state_records = len(items)
        took.state_bytes = sum(len(key) + len(value or b"") for key, value in items)
        return futures, written

    def _count(self, result: str, taken: Taken, took: Took, started: float) -> None:
        agent = self.journal.agent
        self._metrics.checkpoints.labels(agent, result).inc()
        tracing.record(
            "checkpoint",
            time.perf_counter() - started,
            {"work": took.work, "write": took.write, "commit": took.commit},
            failed="" if result == "committed" else result,
            agent=agent,
            partition=self.partition,
            records=taken.count,
            result=result,
        )

    def _show(self, run: CoreRun, taken: Taken, took: Took) -> None:
        metrics, agent = self._metrics, self.journal.agent
        metrics.checkpoint_records.labels(agent).observe(taken.count)
        metrics.checkpoint_seconds.labels(agent).observe(took.write + took.commit)
        metrics.checkpoint_bytes.labels(agent).observe(took.state_bytes)
        metrics.state_written.inc(took.state_records)
        metrics.state_written_bytes.inc(took.state_bytes)
        if self.journal.gapless:
            for step in ("work", "write", "commit"):
                metrics.steps.labels(step).observe(getattr(took, step))
        metrics.show_progress(self.partition, self.progress, agent)
        metrics.count_events(taken.outcomes, _ages(taken.scored))
        metrics.event_to_alert.observe_all(_ages(taken.alerting))
        for topic, number in Counter([output.topic for output in run.outputs]).items():
            metrics.outputs.labels(topic).inc(number)
        metrics.count_detection(run.tallies)
        if any(what == "list_switch" for what, *_ in run.tallies):
            gc.freeze()  # a compiled list stays: the collector would walk all of it again and again
        for fault in run.faults:  # its words might repeat a record's
            where = traceback.extract_tb(fault.__traceback__)[-1:]
            what = event("checkpoint.fault", **self.journal.place(self.partition), error=type(fault).__name__)
            logger.error("%s: %s at %s", self.journal.at(self.partition), type(fault).__name__, where, extra=what)


def _ages(timestamps: list[int]) -> list[float]:
    """Seconds since those times, in ms; clocks of producers may be ahead."""
    now = time.time()
    return [max(0.0, now - timestamp / 1000) for timestamp in timestamps]


def _tally(counts: Counts) -> Tally:
    return Tally(counts.applied, counts.duplicates, counts.repeated, counts.dead_letters, counts.ticks)
