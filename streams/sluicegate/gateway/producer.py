"""The one producer: idempotent, acknowledged by all replicas; and whether Kafka is there, asked every second.

A request waits for its acknowledgements for a bounded time. What is then still under way stays with the producer, which
goes on trying; its sender is told to send again, and (source, id) makes that harmless. Meanwhile further events of the
same tenant for the same topic are refused at once: so little waits in memory, however long a partition is away.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from sluicegate.errors import SluicegateError
from sluicegate.gateway.figures import Figures
from sluicegate.gateway.refusals import RefusedError
from sluicegate.kafka_clients import reason
from sluicegate.logs import event, told
from sluicegate.security import aiokafka_options
from sluicegate.settings import Settings
from sluicegate.topics import name_of

__all__ = ["Producer"]

logger = logging.getLogger(__name__)

_LOOK = 1.0
"""Seconds between two looks at Kafka, and for which an answer is waited."""
_LEAVE = 2.0
_LINGER_MS = 2
"""Requests that come within it share a batch."""
_RETRY_AFTER = 2
_OF_A_RECORD = (
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    InvalidTopicError,
)
"""Failures after which the producer is as good as before."""

Sent = tuple[str, bytes, bytes]
"""Topic by the contract's name, key, value."""


class Producer:
    """Started and stopped with the process; `send` and `send_all` return once Kafka holds what they were given."""

    def __init__(self, settings: Settings, topics: Iterable[str], ack_timeout: float, figures: Figures) -> None:
        """`topics`: the ones that must be there, by the contract's names; `ack_timeout` in seconds."""
        self._settings = settings
        self._names = {topic: name_of(topic, settings) for topic in topics}
        self._patience = ack_timeout
        self._figures = figures
        self._client: AIOKafkaProducer | None = None
        self._overdue: Counter[tuple[str, bytes]] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self.why = "no broker has answered yet"
        """Why nothing can be sent; empty where it can."""
        self._missing: frozenset[str] = frozenset()

    async def start(self) -> None:
        """Begin to look for Kafka; returns after the first look, whatever it saw."""
        await self._look()
        self._watching = asyncio.create_task(self._watch(), name="kafka")

    async def stop(self) -> None:
        """Write what is still waiting, within the time that an acknowledgement may take."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        if self._client is not None:
            await _close(self._client, self._patience)
            self._client = None
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=_LEAVE)

    @property
    def lacking(self) -> str:
        """Why not all can be sent; empty where it can."""
        return self.why or (f"topics are missing: {', '.join(sorted(self._missing))}" if self._missing else "")

    def check(self) -> None:
        """Raises RefusedError (kafka_away) where a request need not even be read."""
        if self.why:
            raise _away("Kafka does not take events at present; send again")

    async def send(self, topic: str, key: str | bytes, value: bytes) -> None:
        """Write one record, and return after its acknowledgement. Raises RefusedError."""
        await self.send_all([(topic, key.encode() if isinstance(key, str) else key, value)])

    async def send_all(self, records: Sequence[Sent]) -> None:
        """Write records, and return after the last acknowledgement.

        Raises RefusedError: kafka_away, where none was written; unacknowledged, where nobody knows.
        """
        self.check()
        client = self._client
        if client is None:
            raise _away("Kafka does not take events at present; send again")
        if self._missing and any(name_of(topic, self._settings) in self._missing for topic, _, _ in records):
            raise _away("a topic is missing, which the operator of this gateway has to make; send again")
        if self._overdue and any((topic, key) in self._overdue for topic, key, _ in records):
            raise _away("Kafka has not acknowledged former events of this tenant yet; send again")
        began = time.perf_counter()
        futures: list[tuple[tuple[str, bytes], asyncio.Future[Any]]] = []
        try:
            async with asyncio.timeout(self._patience):
                for topic, key, value in records:
                    name = self._names.get(topic) or name_of(topic, self._settings)
                    futures.append(((topic, key), await client.send(name, value, key)))
                for _, future in futures:
                    # a time that is up must not cancel what the producer goes on with
                    await asyncio.shield(future)
        except TimeoutError:
            logger.warning(
                "no acknowledgement within %g s",
                self._patience,
                extra=event("gateway.unacknowledged", records=len(records)),
            )
            raise _unknown() from None
        except MessageSizeTooLargeError:
            raise RefusedError("too_large", "Kafka takes no record of this size on the topic") from None
        except (KafkaError, OSError, AssertionError) as error:
            if not isinstance(error, _OF_A_RECORD):
                self._replace(client, error)
            else:
                logger.warning("Kafka refuses a record: %s", told(error), extra=event("broker.refused"))
            raise _unknown() from None
        finally:
            self._remember(futures)
        self._figures.ack_seconds.observe(time.perf_counter() - began)

    def _remember(self, futures: list[tuple[tuple[str, bytes], asyncio.Future[Any]]]) -> None:
        """Note what is not settled yet, until it is."""
        for place, future in futures:
            if future.done():
                with suppress(asyncio.CancelledError):
                    future.exception()
                continue
            self._overdue[place] += 1
            future.add_done_callback(lambda done, place=place: self._settled(place, done))  # type: ignore[misc]

    def _settled(self, place: tuple[str, bytes], done: asyncio.Future[Any]) -> None:
        self._overdue[place] -= 1
        if self._overdue[place] <= 0:
            del self._overdue[place]
        if not done.cancelled():
            done.exception()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self._look()
            except Exception:
                logger.exception("looking at Kafka failed", extra=event("gateway.producer"))

    async def _look(self) -> None:
        try:
            why = await self._ask()
        except (KafkaError, SluicegateError, OSError, AssertionError) as error:
            why = str(await self._refusal(error) or "no broker answers")
            self._missing = frozenset()
        if why and not self.why:
            logger.warning("events are refused: %s", why, extra=event("broker.away"))
        elif self.why and not why:
            logger.info("Kafka takes events", extra=event("broker.back"))
        self.why = why
        self._figures.kafka_up.set(0 if self.lacking else 1)

    async def _ask(self) -> str:
        """Why nothing can be sent, after asking Kafka."""
        if self._client is None:
            self._client = await self._open()
        client = self._client
        if client._sender.sender_task.done():
            self._replace(client, client._sender.sender_task.exception())
            return "the connection is made anew"
        async with asyncio.timeout(_LOOK):
            if not await client.client.force_metadata_update():
                return "no broker answers"
        cluster = client.client.cluster
        missing = frozenset(name for name in self._names.values() if not cluster.partitions_for_topic(name))
        if missing - self._missing:
            names = sorted(missing)
            logger.warning("topics are missing: %s", ", ".join(names), extra=event("gateway.topics", topics=names))
        self._missing = missing
        return ""

    async def _open(self) -> AIOKafkaProducer:
        client = AIOKafkaProducer(
            **aiokafka_options(self._settings),
            enable_idempotence=True,
            linger_ms=_LINGER_MS,
            request_timeout_ms=int(self._patience * 1000),
            max_batch_size=512 << 10,
            max_request_size=2 << 20,
        )
        try:
            async with asyncio.timeout(self._patience):
                await client.start()
        except BaseException:
            await _close(client, 0.1)
            raise
        client.client.set_topics(list(self._names.values()))
        return client

    def _replace(self, client: AIOKafkaProducer, error: BaseException | None) -> None:
        """Leave a producer that failed as a whole: the next look makes another one."""
        if client is not self._client:
            return
        self._client, self.why = None, "the connection is made anew"
        self._figures.kafka_up.set(0)
        words = told(error) if error is not None else "it ended"
        logger.warning("the producer failed (%s); another one is made", words, extra=event("gateway.producer"))
        leaving = asyncio.create_task(_close(client, _LEAVE))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _refusal(self, error: BaseException) -> BaseException | None:
        """What Kafka refuses this client for, if that is it."""
        if isinstance(error, SluicegateError):
            return error
        return await asyncio.to_thread(reason, self._settings, error)


async def _close(client: AIOKafkaProducer, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            await client.stop()
    except (TimeoutError, KafkaError, OSError, AssertionError) as error:
        logger.warning("leaving Kafka: %s", told(error), extra=event("process.farewell"))
        if client._sender.sender_task is not None:
            client._sender.sender_task.cancel()
        with suppress(TimeoutError, KafkaError, OSError):
            async with asyncio.timeout(0.5):
                await client.client.close()


def _away(detail: str) -> RefusedError:
    return RefusedError("kafka_away", detail, retry_after=_RETRY_AFTER)


def _unknown() -> RefusedError:
    return RefusedError(
        "unacknowledged",
        "Kafka did not acknowledge every event: send all of them again, with the same ids; none counts twice",
        retry_after=_RETRY_AFTER,
    )
