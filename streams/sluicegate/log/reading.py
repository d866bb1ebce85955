"""Reading a partition outside the consumer group: the state on recovery, and single records of the log."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from sluicegate.security import aiokafka_options
from sluicegate.settings import Settings

__all__ = ["Reader", "open_reader"]

_BATCH = 2000  # decoding so many blocks the loop for some milliseconds
_FAREWELL = 0.5
_PATIENCE = 15.0  # an open transaction of a dead worker holds readers up for at most 10 s


class Reader:
    """A `read_committed` consumer without a group, positioned by hand."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def bounds(self, topic: str, partition: int) -> tuple[int, int]:
        """First offset held, and the end: what a reader of committed records may reach."""
        tp = TopicPartition(topic, partition)
        begin = await self._consumer.beginning_offsets([tp])
        end = await self._consumer.end_offsets([tp])
        return begin[tp], end[tp]

    async def until_end(
        self,
        topic: str,
        partition: int,
        start: int,
        each: Callable[[ConsumerRecord], None],
        left: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Give every committed record from `start` up to the present end to `each`; give the end back.

        `left` is told now and then how many offsets are still to come.
        The end is compared with the position, since transaction markers take offsets too.
        """
        tp = TopicPartition(topic, partition)
        begin, end = await self.bounds(topic, partition)
        self._consumer.assign([tp])
        self._consumer.seek(tp, max(begin, start))
        moved = time.monotonic()
        while (position := await self._consumer.position(tp)) < end:
            left(end - position)
            batch = (await self._consumer.getmany(tp, timeout_ms=200, max_records=_BATCH)).get(tp, ())
            for record in batch:
                each(record)
            if batch:
                moved = time.monotonic()
            elif time.monotonic() - moved > _PATIENCE:
                raise TimeoutError(f"{topic}/{partition} stands still before its end")
        return end

    async def anything(self, topic: str, partition: int, start: int) -> bool:
        """Whether there is a record from `start` on; transaction markers are none."""
        tp = TopicPartition(topic, partition)
        begin, end = await self.bounds(topic, partition)
        self._consumer.assign([tp])
        self._consumer.seek(tp, max(begin, start))
        while await self._consumer.position(tp) < end:
            if await self._consumer.getmany(tp, timeout_ms=200, max_records=1):
                return True
        return False

    async def one(self, topic: str, partition: int, offset: int) -> ConsumerRecord | None:
        """The record at an offset; None where there is none."""
        tp = TopicPartition(topic, partition)
        begin, end = await self.bounds(topic, partition)
        if not begin <= offset < end:
            return None
        self._consumer.assign([tp])
        self._consumer.seek(tp, offset)
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            for record in (await self._consumer.getmany(tp, timeout_ms=200, max_records=1)).get(tp, ()):
                return record if record.offset == offset else None
        raise TimeoutError(f"{topic}/{partition}: offset {offset} does not arrive")


@asynccontextmanager
async def open_reader(settings: Settings) -> AsyncIterator[Reader]:
    """A reader, closed at the end of the block."""
    consumer = AIOKafkaConsumer(
        **aiokafka_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=100,
        max_partition_fetch_bytes=settings.fetch_bytes,
        request_timeout_ms=int(settings.request_timeout * 1000),
    )
    try:
        await consumer.start()
        yield Reader(consumer)
    finally:
        # over TLS uvloop waits 30 s for a broker's farewell, and a partition would stay closed for as long
        with suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await consumer.stop()
