"""What commands do with Kafka (kafka-python underneath): say where it is, send, and read what is committed."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click

from sluicegate.errors import BrokerAwayError, TopicMissingError
from sluicegate.settings import Settings, load

__all__ = [
    "Sender",
    "follow",
    "held",
    "kafka_options",
    "read_all",
    "sender",
    "topics_at",
    "with_settings",
]

_STILL = 15.0
"""Seconds without a record before its end after which a topic counts as stuck: an open transaction lasts at most 10."""


def kafka_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --broker and --topic-prefix, as they are given."""
    broker = click.option("--broker", metavar="HOST:PORT", help="Kafka's bootstrap servers.  [env: SLUICEGATE_BROKER]")
    prefix = click.option(
        "--topic-prefix", metavar="TEXT", help="In front of topic names.  [env: SLUICEGATE_TOPIC_PREFIX]"
    )
    return broker(prefix(function))


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --broker and --topic-prefix, and passes `settings` instead of them."""

    @kafka_options
    @wraps(function)
    def command(*args: Any, broker: str | None, topic_prefix: str | None, **options: Any) -> Any:
        settings = load(os.environ, broker=broker, topic_prefix=topic_prefix)
        return function(*args, settings=settings, **options)

    return command


class Sender:
    """Sends records; what failed is known after `flush`. Topic names are the broker's."""

    def __init__(self, producer: Any, settings: Settings) -> None:
        self._producer = producer
        self._settings = settings
        self._error: BaseException | None = None
        self.acknowledged = 0
        self.ends: dict[int, int] = {}
        """By partition, the offset after the last record that was taken there; of one topic."""

    def send(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None = None,
        *,
        headers: list[tuple[str, bytes]] | None = None,
        timestamp: int | None = None,
    ) -> None:
        """Hand over one record (`timestamp` in ms). Raises BrokerAwayError when an earlier one was not taken."""
        from kafka.errors import KafkaError

        if self._error is not None:
            raise self._not_taken(self._error)
        try:
            future = self._producer.send(topic, value=value, key=key, headers=headers, timestamp_ms=timestamp)
        except KafkaError as error:
            raise self._not_taken(error) from None
        future.add_callback(self._taken)
        future.add_errback(self._failed)

    def flush(self) -> None:
        """Wait until the broker has all. Raises BrokerAwayError."""
        from kafka.errors import KafkaError

        try:
            self._producer.flush(timeout=60)
        except KafkaError as error:
            raise self._not_taken(error) from None
        if self._error is not None:
            raise self._not_taken(self._error)

    def _taken(self, place: Any) -> None:
        self.acknowledged += 1
        self.ends[place.partition] = max(self.ends.get(place.partition, 0), place.offset + 1)

    def _failed(self, error: BaseException) -> None:
        self._error = self._error or error

    def _not_taken(self, error: BaseException) -> Exception:
        from sluicegate.kafka_clients import trouble

        return trouble(self._settings, error, "a record was not taken")


@contextmanager
def sender(settings: Settings, *, linger_ms: int = 20) -> Iterator[Sender]:
    """A sender, flushed at the end of the block. Raises BrokerAwayError."""
    from sluicegate.kafka_clients import new_producer

    producer = new_producer(
        settings, linger_ms=linger_ms, batch_size=256 << 10, max_request_size=4 << 20, max_block_ms=15_000
    )
    try:
        own = Sender(producer, settings)
        yield own
        own.flush()
    finally:
        producer.close(timeout=5)


@contextmanager
def _consumer(settings: Settings) -> Iterator[Any]:
    """A `read_committed` consumer without a group. Raises BrokerAwayError."""
    from sluicegate.kafka_clients import new_consumer, telling

    with telling(settings):
        consumer = new_consumer(
            settings,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 << 20,
            fetch_max_wait_ms=100,
        )
        try:
            yield consumer
        finally:
            consumer.close()


@contextmanager
def _reader(settings: Settings, topic: str) -> Iterator[tuple[Any, list[Any]]]:
    """A consumer of all partitions of a topic, and these."""
    from kafka import TopicPartition

    with _consumer(settings) as consumer:
        numbers = sorted(consumer.partitions_for_topic(topic) or ())
        if not numbers:
            raise TopicMissingError(f"there is no topic {topic}")
        places = [TopicPartition(topic, number) for number in numbers]
        consumer.assign(places)
        yield consumer, places


def topics_at(settings: Settings) -> set[str]:
    """Names of all topics on the broker. Raises BrokerAwayError."""
    with _consumer(settings) as consumer:
        return set(consumer.topics())


def held(settings: Settings, topics: list[str]) -> dict[str, tuple[int, int]]:
    """Partitions and records of those of the topics (names on the broker) that exist; markers count as records."""
    from kafka import TopicPartition

    with _consumer(settings) as consumer:
        known = consumer.topics()
        found = {}
        for topic in topics:
            if topic in known:
                places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
                begins, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
                found[topic] = len(places), sum(ends[place] - begins[place] for place in places)
    return found


def read_all(settings: Settings, topic: str, starts: Mapping[int, int] = {}) -> Iterator[Any]:
    """Every committed record of a topic (name on the broker) up to its present end, in order per partition.

    `starts`: of these partitions only, and from these offsets.
    """
    with _reader(settings, topic) as (consumer, places):
        places = [place for place in places if not starts or place.partition in starts]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        begins = consumer.beginning_offsets(places)
        for place in places:
            consumer.seek(place, max(begins[place], starts.get(place.partition, 0)))
        moved = time.monotonic()
        while any(consumer.position(place) < ends[place] for place in places):
            polled = consumer.poll(timeout_ms=200)
            for place, records in polled.items():
                yield from (record for record in records if record.offset < ends[place])
            if polled:
                moved = time.monotonic()
            elif time.monotonic() - moved > _STILL:
                raise BrokerAwayError(f"{topic} stands still before its end")


def follow(
    settings: Settings,
    topic: str,
    *,
    from_beginning: bool = False,
    timeout: float | None = None,
    on_ready: Callable[[], None] = lambda: None,
    on_poll: Callable[[], None] = lambda: None,
) -> Iterator[Any]:
    """Committed records as they come, for `timeout` seconds.

    `on_ready` is called once none can be missed any more, `on_poll` at least ten times a second or so.
    """
    with _reader(settings, topic) as (consumer, places):
        starts = consumer.beginning_offsets(places) if from_beginning else consumer.end_offsets(places)
        for place in places:
            consumer.seek(place, starts[place])
        on_ready()
        deadline = None if timeout is None else time.monotonic() + timeout
        while deadline is None or time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=100).values():
                yield from records
            on_poll()
