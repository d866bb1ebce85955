"""The one producer that writes to the log: idempotent, and not transactional, which would leave gaps in its offsets."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from sluicegate.errors import BrokerAwayError
from sluicegate.log.identity import LogIdentity
from sluicegate.logs import event
from sluicegate.security import aiokafka_options
from sluicegate.settings import Settings

__all__ = ["Entry", "LogWriter"]

logger = logging.getLogger(__name__)

_RETRY = 0.5
_GIVE_UP = 2.0

Headers = list[tuple[str, bytes]]


class Entry(msgspec.Struct, frozen=True):
    """A record to write; `partition` None lets the key decide."""

    topic: str
    partition: int | None
    key: bytes
    value: bytes
    timestamp: int
    """ms."""
    headers: Headers = []


class LogWriter:
    """Writes entries until the broker has them; at least once."""

    def __init__(self, settings: Settings, identity: LogIdentity) -> None:
        self._settings = settings
        self._identity = identity
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self.healthy = True
        """Whether the last attempt went well."""

    async def write(self, entries: Sequence[Entry]) -> None:
        """Returns when all are acknowledged, in order per partition. Waits while the broker is away."""
        while True:
            producer = await self._open()
            try:
                async with asyncio.timeout(self._settings.request_timeout):
                    await asyncio.gather(*await _send(producer, entries))
                self.healthy = True
                return
            except MessageSizeTooLargeError:  # no repetition makes it smaller
                raise
            except (KafkaError, OSError, TimeoutError, AssertionError) as error:
                what = event("log.unwritten", records=len(entries))
                logger.warning("writing to the log: %r; once more", error, extra=what)
                self.healthy = False
                await self._discard(producer)
                await asyncio.sleep(_RETRY)
                # what an idempotent producer fails on may be a log that was made anew: nothing is to go there
                await self._verified()

    async def close(self) -> None:
        if self._producer is not None:
            await self._discard(self._producer)

    async def _verified(self) -> None:
        """Wait until a broker says that the log is the same. Raises LogReplacedError when it is not."""
        while True:
            try:
                await self._identity.fresh(0)
            except BrokerAwayError:
                await asyncio.sleep(_RETRY)
            else:
                return

    async def _open(self) -> AIOKafkaProducer:
        async with self._opening:
            while self._producer is None:
                producer = AIOKafkaProducer(
                    **aiokafka_options(self._settings),
                    enable_idempotence=True,
                    request_timeout_ms=int(self._settings.request_timeout * 1000),
                    max_batch_size=512 << 10,
                    max_request_size=2 << 20,
                )
                try:
                    await producer.start()
                except (KafkaError, OSError, TimeoutError) as error:
                    logger.warning("no producer for the log: %r; once more", error, extra=event("log.producer"))
                    await producer.stop()
                    await asyncio.sleep(_RETRY)
                else:
                    self._producer = producer
            return self._producer

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        try:
            async with asyncio.timeout(_GIVE_UP):
                await producer.stop()
        except (TimeoutError, KafkaError, OSError):
            if producer._sender.sender_task is not None:
                producer._sender.sender_task.cancel()
            with suppress(TimeoutError):  # over TLS uvloop waits 30 s for the broker's farewell
                async with asyncio.timeout(0.5):
                    await producer.client.close()


async def _send(producer: AIOKafkaProducer, entries: Sequence[Entry]) -> list[Any]:
    """Futures of what was sent: entries of one partition share batches, a keyed one goes by itself."""
    batches: dict[tuple[str, int], Any] = {}
    futures: list[Any] = []
    for entry in entries:
        if entry.partition is None:
            futures.append(
                await producer.send(entry.topic, entry.value, entry.key, None, entry.timestamp, entry.headers)
            )
            continue
        place = (entry.topic, entry.partition)
        batch = batches.get(place)
        if batch is None or not _append(batch, entry):
            if batch is not None:
                futures.append(await producer.send_batch(batch, entry.topic, partition=entry.partition))
            batch = batches[place] = producer.create_batch()
            _append(batch, entry)
    for (topic, partition), batch in batches.items():
        futures.append(await producer.send_batch(batch, topic, partition=partition))
    return futures


def _append(batch: Any, entry: Entry) -> bool:
    return batch.append(timestamp=entry.timestamp, key=entry.key, value=entry.value, headers=entry.headers) is not None
