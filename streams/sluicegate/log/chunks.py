"""Faust's consumer, changed to hand out chunks: the records that one fetch brought for a partition, as one message.

Faust makes four asyncio tasks per message, so a message per record costs twenty times the CPU. The gate in front of a
journal lives here too: it knows the next offset that each open partition expects, and nothing else gets through.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import faust
from aiokafka.errors import IllegalStateError
from aiokafka.structs import ConsumerRecord
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

__all__ = ["Chunk", "ChunkConsumer", "Gate", "Records", "identity_codec", "size_of"]

T = TypeVar("T")
Records = Sequence[ConsumerRecord]

# a long poll covers all partitions of a broker: one that was left out of it waits until it returns
_LONG_POLL_MS = 250


class Chunk(NamedTuple):
    """Records of one partition as a fetch brought them."""

    records: Records
    follows: int
    """Offset after the record before them that was fetched: where offsets have gaps, it tells that none is missing."""


class Gate:
    """Which partitions may be fetched, and from which offset of a journal on. Belongs to one worker.

    >>> gate = Gate("events")
    >>> gate.takes(TP("events", 0)), gate.takes(TP("payee-changes", 0))
    (False, True)
    >>> gate.open(0, 17)
    >>> gate.takes(TP("events", 0)), gate.expected(0)
    (True, 17)
    """

    def __init__(self, log: str, *, gapless: bool = True) -> None:
        self.log = log
        self.gapless = gapless
        self._expected: dict[int, int] = {}
        self._full: set[TP] = set()
        self.on_suspect: Callable[[int, str], None] = lambda _partition, _why: None

    def open(self, partition: int, offset: int) -> None:
        """Hand out the partition's records from `offset` on."""
        self._expected[partition] = offset

    def close(self, partition: int) -> None:
        self._expected.pop(partition, None)
        self._full.discard(TP(self.log, partition))

    def close_all(self) -> None:
        self._expected.clear()
        self._full.clear()

    def expected(self, partition: int) -> int | None:
        """The next offset to hand out; None while closed."""
        return self._expected.get(partition)

    def hold(self, tp: TP) -> None:
        """Fetch no more of a partition: what waits of it in memory is enough."""
        self._full.add(tp)

    def release(self, tp: TP) -> None:
        self._full.discard(tp)

    def takes(self, tp: TP) -> bool:
        return tp not in self._full and (tp.topic != self.log or tp.partition in self._expected)

    def admit(self, partition: int, records: Records, follows: int | None = None) -> Records:
        """The records that are due, none if the partition is closed; `follows` as in `Chunk`.

        An offset other than expected closes the partition until the log is verified again: later ones mean that a chunk
        or the records themselves were lost, earlier ones that the log is not the same any more.
        """
        expected = self._expected.get(partition)
        if expected is None:
            return ()
        came = records[0].offset
        if (came if self.gapless or came < expected else follows) != expected:
            self.close(partition)
            self.on_suspect(partition, f"offset {expected} was due, {came} came")
            return ()
        self._expected[partition] = records[-1].offset + 1
        return records


class _Identity(faust.Codec):
    """A chunk is not bytes, and needs no decoding."""

    def _loads(self, value: Any) -> Any:
        return value

    def _dumps(self, value: Any) -> Any:
        return value


identity_codec = _Identity()


def size_of(records: Records) -> int:
    """Bytes of keys, values and headers, about."""
    return sum(r.serialized_value_size + r.serialized_key_size + 100 for r in records)


class _Thread(driver.AIOKafkaConsumerThread):
    logger = logging.getLogger("faust.sluicegate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drained_in = -1
        """Generation of the assignment under which the last fetch was handed over."""
        self.follows: dict[TP, int] = {}
        """Of the last fetch: partition -> offset after the record that was handed over before."""
        self.passed: dict[TP, int] = {}
        """The same for the next fetch; a seek of ours sets it."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust offers neither; aiokafka reads both when the consumer starts
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = _LONG_POLL_MS
        return consumer

    async def _fetch_records(self, consumer: Any, *args: Any, **kwargs: Any) -> Any:
        records = await super()._fetch_records(consumer, *args, **kwargs)
        # nothing runs in this thread in between: the fetch may have begun before a rebalance and ended after it
        self.drained_in = consumer._coordinator.generation
        ends = {TP(*raw): batch[-1].offset + 1 for raw, batch in (records or {}).items()}
        self.follows = {tp: self.passed.get(tp, -1) for tp in ends}
        self.passed |= ends
        return records


class ChunkConsumer(driver.Consumer):
    """Consumer of chunks. Its app has a `gate`; who has worked through a chunk calls `done`."""

    logger = logging.getLogger("faust.sluicegate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gates: dict[str, Gate] = {gate.log: gate for gate in self.app.gates}
        self._done: dict[TP, int] = {}
        self.sought_in = -1
        """Generation in which Faust has sought the committed offsets; only after that does another seek last."""

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def in_thread(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something of aiokafka's consumer where that lives: in the consumer's thread."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._thread.thread_loop))

    @property
    def client(self) -> Any:
        """aiokafka's consumer; touch it only `in_thread`."""
        return self._thread._ensure_consumer()

    async def seek_log(self, tp: TP, offset: int) -> None:
        """Position the fetcher. Lasts only when `sought_in` is the present generation."""

        async def seek() -> None:
            self.client.seek(driver.ensure_aiokafka_TP(tp), offset)
            self._thread.passed[tp] = offset

        await self.in_thread(seek())

    async def committed(self, tp: TP) -> int | None:
        """Offset the group has committed; None where it never did."""
        return await self.in_thread(self.client.committed(driver.ensure_aiokafka_TP(tp)))

    def backlog(self, tp: TP, following: int | None) -> int | None:
        """Records known to lie at and after offset `following`; None while no fetch has told the end yet."""
        try:
            end: int | None = self.client.last_stable_offset(driver.ensure_aiokafka_TP(tp))
        except IllegalStateError:  # not assigned any more
            return None
        return None if end is None or end < 0 or following is None else max(0, end - following)

    def position(self, tp: TP) -> int | None:
        """Offset of the next fetch, past any marker of a transaction; None where there is none yet."""
        try:
            state = self.client._subscription.subscription.assignment.state_value(driver.ensure_aiokafka_TP(tp))
        except (AttributeError, KeyError):  # not assigned any more
            return None
        return int(state.position) if state is not None and state.has_valid_position else None

    # -- handing out -------------------------------------------------------------------------------------------------

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Mapping[TP, Records]:
        wanted = {tp for tp in active_partitions or () if all(gate.takes(tp) for gate in self.gates.values())}
        if not wanted:  # aiokafka would take an empty set for all
            await self.sleep(0.05)
            return {}
        if len(wanted) < len(active_partitions or ()):
            timeout = min(timeout, 0.1)  # look again soon: opening a partition does not end the wait
        records: Mapping[TP, Records] = await super()._getmany(wanted, timeout)
        return records

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message per partition that has records.

        What cannot be handed out is given back to the fetcher, or comes again after the seek of the next generation.
        """
        records, _ = await self._wait_next_records(timeout)
        generation, before = self._thread.drained_in, self._thread.follows
        for raw, batch in (records or {}).items():
            tp = TP(*raw)
            if self.should_stop or self.app.consumer_generation_id != generation:
                return
            if not self.flow_active:
                await self._give_back(tp, batch[0].offset, before[tp], generation)
                continue
            gate = self.gates.get(tp.topic)
            follows = batch[0].offset if gate is None or gate.gapless else before[tp]
            if gate is not None:
                batch = gate.admit(tp.partition, batch, follows)
            if batch:
                # Faust drops messages below the last it has seen, which a seek of ours would run into unseen
                self._read_offset[tp] = None
                yield tp, self._message(tp, Chunk(batch, follows), generation)

    async def _give_back(self, tp: TP, offset: int, follows: int, generation: int) -> None:
        """Make the fetcher bring records once more, unless a new generation has sought since."""

        async def seek() -> None:
            raw = driver.ensure_aiokafka_TP(tp)
            if self.client._coordinator.generation == generation and raw in self.client.assignment():
                self.client.seek(raw, offset)
                self._thread.passed[tp] = follows

        await self.in_thread(seek())

    @staticmethod
    def _message(tp: TP, chunk: Chunk, generation: int) -> ConsumerMessage:
        last = chunk.records[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            last.timestamp_type,
            (),
            None,
            chunk,
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )

    async def perform_seek(self) -> None:
        generation = self.app.consumer_generation_id
        await super().perform_seek()
        self.sought_in = generation

    # -- committing to the group -------------------------------------------------------------------------------------

    def done(self, tp: TP, following: int, generation: int) -> None:
        """Everything of the partition before `following` is worked through; committed to the group before long."""
        if generation == self.app.consumer_generation_id:
            self._done[tp] = following

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await super().on_partitions_revoked(revoked)
        self._done.clear()

    def ack(self, message: ConsumerMessage) -> bool:  # Faust's own bookkeeping is per record, and would cost as much
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter(list(self._done))

    def _filter_committable_offsets(self, tps: Any) -> dict[TP, int]:
        done, self._done = self._done, {}
        return done
