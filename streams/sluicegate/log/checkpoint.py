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

from sluicegate.detection.log import Counts, LogRecord, Output
from sluicegate.errors import BrokerAwayError, StateLostError
from sluicegate.log.inbox import Doubt, Inbox
from sluicegate.log.journal import Core, CoreRun, Journal
from sluicegate.log.progress import KEY, Progress, Tally
from sluicegate.metrics import Metrics
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
        bootstrap_servers=settings.broker.split(","),
        transactional_id=transactional_id,
        transaction_timeout_ms=int(settings.transaction_timeout * 1000),
        request_timeout_ms=int(settings.request_timeout * 1000),
        max_batch_size=512 << 10,
        max_request_size=2 << 20,
    )


C = TypeVar("C", bound=Core)


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
        run, last, alerting = self._run()
        if last is None:
            return
        progress = self.progress.after(last, _tally(run.counts))
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._settings.request_timeout):
                await self.journal.identity.fresh(2 * self._settings.verify_seconds)
                position = await self._transaction(run, progress)
        except _LOST as error:
            self._metrics.checkpoints.labels(self.journal.agent, "fenced").inc()
            raise Fenced(repr(error)) from error
        except MessageSizeTooLargeError:  # it would be as large the next time
            raise
        except _PASSING as error:
            self._metrics.checkpoints.labels(self.journal.agent, "failed").inc()
            raise Unfinished(repr(error)) from error
        if position <= self.position:
            raise StateLostError(f"{self._state}/{self.partition} was made anew under this worker")
        run.merge()
        self.progress, self.position = progress, position
        self._done(progress.following)
        self._show(run, time.perf_counter() - started, alerting)

    def _run(self) -> tuple[CoreRun, ConsumerRecord | None, list[int]]:
        """The run, the last record in it, and the timestamps of the records that alerted."""
        run = self.core.begin()
        following = self.progress.following
        last: ConsumerRecord | None = None
        count = 0
        alerting: list[int] = []
        outcomes: Counter[tuple[str, str]] = Counter()
        started = time.perf_counter()
        deadline = started + self._settings.work_ms / 1000
        for record in self._inbox.take():
            if record.offset < following:
                continue
            if record.offset > following and self.journal.gapless:
                raise Doubt(f"offset {following} was due, {record.offset} came")
            before = len(run.outputs)
            headers = record.headers
            outcome = run.apply(LogRecord(record.offset, record.timestamp, record.key, record.value, headers))
            source = self._topic_of.get(headers[0][1], "other") if headers else self.journal.unsourced
            outcomes[source, outcome.name.lower()] += 1
            if len(run.outputs) > before and any(output.topic == "alerts" for output in run.outputs[before:]):
                alerting.append(record.timestamp)
            last = record
            following = record.offset + 1
            count += 1
            if run.full or (count % _LOOK_AT_CLOCK_EVERY == 0 and time.perf_counter() > deadline):
                break
        for labels, number in outcomes.items():
            self._metrics.events.labels(*labels).inc(number)
        if last is not None:
            self._metrics.checkpoint_work.labels(self.journal.agent).observe(time.perf_counter() - started)
            self._metrics.checkpoint_records.labels(self.journal.agent).observe(count)
        return run, last, alerting

    async def _transaction(self, run: CoreRun, progress: Progress) -> int:
        """Write everything; give the end of the state topic after it."""
        producer = self._producer
        await producer.begin_transaction()
        acks = [await self._send(output) for output in run.outputs]
        state, written = await self._send_state(run.changes(), progress)
        # a record refused on its own (too large, say) fails only its future: the commit would go through without it
        *_, metadata = await asyncio.gather(*acks, *state)
        await producer.commit_transaction()
        return int(metadata.offset) + written

    async def _send(self, output: Output) -> Any:
        return await self._producer.send(self._names[output.topic], output.value, output.key)

    async def _send_state(self, changes: Mapping[str, bytes | None], progress: Progress) -> tuple[list[Any], int]:
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
        self._metrics.state_written.inc(len(items))
        self._metrics.state_bytes.inc(sum(len(key) + len(value or b"") for key, value in items))
        return futures, written

    def _show(self, run: CoreRun, seconds: float, alerting: list[int]) -> None:
        metrics, agent = self._metrics, self.journal.agent
        metrics.checkpoints.labels(agent, "committed").inc()
        metrics.checkpoint_seconds.labels(agent).observe(seconds)
        metrics.show_progress(self.partition, self.progress, agent)
        now = time.time()
        for timestamp in alerting:
            metrics.event_to_alert.observe(max(0.0, now - timestamp / 1000))
        for output in run.outputs:
            metrics.outputs.labels(output.topic).inc()
        metrics.count_detection(run.tallies)
        if any(what == "list_switch" for what, *_ in run.tallies):
            gc.freeze()  # a compiled list stays: the collector would walk all of it again and again
        for fault in run.faults:  # its words might repeat a record's
            where = traceback.extract_tb(fault.__traceback__)[-1:]
            logger.error("%s: %s at %s", self.journal.at(self.partition), type(fault).__name__, where)


def _tally(counts: Counts) -> Tally:
    return Tally(counts.applied, counts.duplicates, counts.repeated, counts.dead_letters, counts.ticks)
