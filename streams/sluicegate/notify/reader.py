"""The topic `alerts` into the outbox: what is read and how far is one transaction, so that nothing falls between."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from sluicegate.console.background import Background
from sluicegate.errors import SluicegateError
from sluicegate.kafka_clients import new_consumer, refusal
from sluicegate.logs import event
from sluicegate.notify.endpoints import Endpoint
from sluicegate.notify.figures import Figures
from sluicegate.notify.revisions import Revision, decode
from sluicegate.notify.store import outbox, progress
from sluicegate.notify.store.progress import Held
from sluicegate.settings import Settings
from sluicegate.topics import Admin, name_of

__all__ = ["Reader"]

logger = logging.getLogger(__name__)

_AGAIN = 2.0
"""Seconds before another try, when Kafka or the database does not answer."""
_LOOK = 20.0
"""Seconds between looks for new partitions, and for a topic that was made anew."""
_MEASURE = 3.0
_PATIENCE = 5_000
"""Milliseconds in which Kafka must answer."""


class Reader(Background):
    """Reads in a thread of its own."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        endpoints: Sequence[Endpoint],
        start: Literal["end", "beginning"],
        figures: Figures,
        on_news: Callable[[], None],
    ) -> None:
        super().__init__("reader")
        self._settings = settings
        self._engine = engine
        self._endpoints = endpoints
        self._start = start
        self._figures = figures
        self._on_news = on_news
        self._topic = name_of("alerts", settings)
        self._next: dict[TopicPartition, int] = {}
        self._saw_none = False
        """Whether there was no topic yet: all of it is then new."""
        self.away_since: float | None = None
        """Since when (monotonic) Kafka or the database does not answer."""
        self.why = "starting"
        self.caught_up = False
        """Whether it has once been at the end of the topic."""

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except (KafkaError, SluicegateError, DBAPIError, OSError) as error:
                self._away(str(refusal(self._settings, error) or _told(error)))
            except Exception:
                logger.exception("reading failed", extra=event("notify.failed"))
                self._away("a failure of its own; see the log")
            self._stopping.wait(_AGAIN)

    def _away(self, why: str) -> None:
        if self.away_since is None:
            self.away_since = time.monotonic()
        if why != self.why:
            what = event("notify.unread", why=why)
            logger.warning("alerts are not read: %s; trying again every %g s", why, _AGAIN, extra=what)
        self.why = why
        self._figures.away.set(time.monotonic() - self.away_since)

    def _back(self) -> None:
        if self.away_since is not None:
            away = round(time.monotonic() - self.away_since, 1)
            logger.info("alerts are read again after %.0f s", away, extra=event("notify.read", seconds=away))
        self.away_since, self.why = None, ""
        self._figures.away.set(0)

    def _follow(self) -> None:
        """Read on until the topic changes or the process ends."""
        with Admin(self._settings, timeout=_PATIENCE / 1000) as admin:
            ids = self._ids(admin)
            consumer = new_consumer(
                self._settings,
                bootstrap_timeout_ms=_PATIENCE,
                auto_offset_reset="earliest",
                isolation_level="read_committed",
                max_partition_fetch_bytes=4 << 20,
                fetch_max_wait_ms=100,
                max_poll_records=500,
            )
            try:
                self._assign(consumer, ids)
                self._read(consumer, lambda: self._ids(admin) == ids)
            finally:
                consumer.close(timeout_ms=2_000)

    def _ids(self, admin: Admin) -> dict[TopicPartition, str]:
        """All partitions, with the id of their topic. Raises _NoTopicError."""
        topic = admin.describe([self._topic]).get(self._topic)
        if topic is None:
            self._saw_none = True
            raise _NoTopicError(f"waiting for the topic {self._topic}")
        return {
            TopicPartition(self._topic, number): str(topic["topic_id"]) for number in range(len(topic["partitions"]))
        }

    def _assign(self, consumer: KafkaConsumer, ids: dict[TopicPartition, str]) -> None:
        """Go to where the database has come to; to the start that is set where it knows of nothing."""
        places = list(ids)
        consumer.assign(places)
        begins = consumer.beginning_offsets(places, timeout_ms=_PATIENCE)
        ends = consumer.end_offsets(places, timeout_ms=_PATIENCE)
        with self._engine.begin() as connection:
            held = progress.held(connection)
            first = not any(topic == self._topic for topic, _ in held) and not self._saw_none
            for place in places:
                known = held.get(tuple(place))
                if known is None:
                    known = Held(ends[place] if first and self._start == "end" else 0, ids[place])
                    progress.note(connection, tuple(place), known)
                elif known.topic_id != ids[place] or known.next_offset > ends[place]:
                    what = event("notify.topic_replaced", topic=place.topic, partition=place.partition)
                    logger.warning("%s/%d was made anew: read from its beginning", *place, extra=what)
                    known = Held(0, ids[place])
                    progress.note(connection, tuple(place), known)
                elif known.next_offset < begins[place]:
                    what = event("notify.gap", topic=place.topic, partition=place.partition, offset=begins[place] - 1)
                    logger.error("%s/%d: records up to %d are gone unread", *place, begins[place] - 1, extra=what)
                self._next[place] = known.next_offset
                consumer.seek(place, max(known.next_offset, begins[place]))

    def _read(self, consumer: KafkaConsumer, same: Callable[[], bool]) -> None:
        measured = looked = time.monotonic()
        self._measure(consumer)
        while not self._stopping.is_set():
            polled = consumer.poll(timeout_ms=200)
            now = time.monotonic()
            if now - looked > _LOOK:
                looked = now
                if not same():
                    return
            if polled:
                self._take(polled)
            if now - measured > _MEASURE or (polled and not self.caught_up):
                measured = now
                self._measure(consumer)

    def _take(self, polled: dict[TopicPartition, Sequence[Any]]) -> None:
        """Enter what was read. Raises _NoTopicError where another process did."""
        following = {place: records[-1].offset + 1 for place, records in sorted(polled.items())}
        with self._engine.begin() as connection:
            for place, after in following.items():
                if not progress.move(connection, tuple(place), self._next[place], after):
                    raise _NoTopicError("another process reads into this database")
                found = [one for record in polled[place] if (one := self._decoded(record)) is not None]
                outbox.enter(connection, found, self._endpoints, time.time_ns() // 1000)
        self._next |= following
        self._on_news()

    def _decoded(self, record: Any) -> Revision | None:
        if record.value is None:
            return None
        try:
            return decode(record.value)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self._figures.omitted.inc()
            what = event("notify.omitted", topic=record.topic, partition=record.partition, offset=record.offset)
            logger.error(  # noqa: TRY400 (its words may be the record's)
                "%s/%d offset %d is no alert that can be read",
                record.topic,
                record.partition,
                record.offset,
                extra=what,
            )
            return None

    def _measure(self, consumer: KafkaConsumer) -> None:
        """What is left to read. Raises KafkaError where Kafka does not answer."""
        ends = consumer.end_offsets(list(self._next), timeout_ms=_PATIENCE)
        behind = sum(max(0, end - consumer.position(place)) for place, end in ends.items())
        self._figures.behind.set(behind)
        self.caught_up = self.caught_up or behind == 0
        self._back()


class _NoTopicError(KafkaError):
    """What is to be read is not there, or not ours. Operator action: what the text says."""

    def __str__(self) -> str:
        return str(self.args[0])


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, (_NoTopicError, SluicegateError)) else type(error).__name__
