"""Kafka's topics into the database, from where the database says it has come to: each batch is one transaction.

What a canary does is left out: nobody is to decide on it.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from sluicegate.console.background import Background
from sluicegate.console.store import activity, alerts, news, progress
from sluicegate.errors import SluicegateError
from sluicegate.kafka_clients import new_consumer, refusal
from sluicegate.logs import event
from sluicegate.settings import Settings
from sluicegate.topics import Admin, name_of
from sluicegate.wire.canary import CANARY_TENANT

__all__ = ["FEEDS", "Feed", "FeedState"]

logger = logging.getLogger(__name__)

Take = Callable[[Connection, Sequence[Any], int], None]
_AGAIN = 2.0
"""Seconds before another try, when Kafka or the database does not answer."""
_LOOK = 20.0
"""Seconds between looks for new partitions, and for topics that were made anew."""
_MEASURE = 3.0
"""Seconds between questions for the ends of the topics, which also show that Kafka answers."""
_PATIENCE = 5_000
"""Milliseconds in which Kafka must answer."""


def _alerts(connection: Connection, records: Sequence[Any], now: int) -> None:
    found = (alerts.decode(record.value, record.timestamp * 1000) for record in records if record.value is not None)
    alerts.take(connection, [one for one in found if one is not None and one.data.tenant_id != CANARY_TENANT], now)


def _signals(connection: Connection, records: Sequence[Any], now: int) -> None:
    found = (news.read_signal(record.value) for record in records if record.value is not None)
    news.take_signals(connection, [one for one in found if one is not None and one.tenant != CANARY_TENANT])


def _lists(connection: Connection, records: Sequence[Any], now: int) -> None:
    found = (news.read_list(record.value) for record in records if record.value is not None)
    news.take_lists(connection, [seen for seen in found if seen is not None])


def _events(connection: Connection, records: Sequence[Any], now: int) -> None:
    found = (activity.read(record.value, record.partition, record.offset) for record in records)
    activity.take(connection, [one for one in found if one is not None and one.tenant != CANARY_TENANT])


FEEDS: dict[str, dict[str, Take]] = {
    "alerts": {"alerts": _alerts},
    # apart, so that a backlog of these never delays an alert
    "history": {"events": _events, "signals": _signals, "sanctions": _lists},
}
"""Feed -> topic of the contract -> what is done with its records."""


class FeedState(msgspec.Struct):
    """How a feed does, for health and metrics."""

    behind: int = 0
    """Records of its topics that are not in the database yet, as of the last look."""
    refused: int = 0
    """Records that could not be entered, and were left out; the log names each."""
    away_since: float | None = None
    """Since when (monotonic) Kafka or the database does not answer."""
    why: str = "starting"
    caught_up: bool = False
    """Whether it has once been at the end of its topics."""


class Feed(Background):
    """One feed, in a thread of its own."""

    def __init__(self, name: str, engine: Engine, settings: Settings, on_change: Callable[[], None]) -> None:
        super().__init__(f"feed {name}")
        self.name = name
        self.state = FeedState()
        self._engine = engine
        self._settings = settings
        self._on_change = on_change
        self._takes = {name_of(topic, settings): take for topic, take in FEEDS[name].items()}
        self._next: dict[TopicPartition, int] = {}

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except _NotThereError as error:
                self._away(str(error))
            except (KafkaError, SluicegateError, DBAPIError, OSError) as error:
                self._away(str(refusal(self._settings, error) or type(error).__name__))
            except Exception:
                logger.exception("feed %s failed", self.name, extra=event("feed.failed", feed=self.name))
                self._away("a failure of its own; see the log")
            self._stopping.wait(_AGAIN)

    def _away(self, why: str) -> None:
        if self.state.away_since is None:
            self.state.away_since = time.monotonic()
        if why != self.state.why:
            what = event("feed.away", feed=self.name, why=why)
            logger.warning("feed %s: %s; trying again every %g s", self.name, why, _AGAIN, extra=what)
        self.state.why = why

    def _back(self) -> None:
        if self.state.away_since is not None:
            away = round(time.monotonic() - self.state.away_since, 1)
            what = event("feed.back", feed=self.name, seconds=away)
            logger.info("feed %s: back after %.0f s", self.name, away, extra=what)
        self.state.away_since, self.state.why = None, ""

    def _follow(self) -> None:
        """Read on until the topics change or the console ends."""
        with Admin(self._settings, timeout=_PATIENCE / 1000) as admin:
            ids = self._ids(admin)
            consumer = new_consumer(
                self._settings,
                bootstrap_timeout_ms=_PATIENCE,
                # an offset that is gone means another topic, or records past their retention: `_assign` tells
                auto_offset_reset="none",
                isolation_level="read_committed",
                max_partition_fetch_bytes=4 << 20,
                fetch_max_wait_ms=100,
                max_poll_records=1000,
            )
            try:
                self._assign(consumer, ids)
                self._read(consumer, lambda: self._ids(admin) == ids)
            finally:
                consumer.close(timeout_ms=2_000)

    def _read(self, consumer: KafkaConsumer, same: Callable[[], bool]) -> None:
        measured = looked = time.monotonic()
        self._measure(consumer)
        while not self._stopping.is_set():
            polled = consumer.poll(timeout_ms=200)
            now = time.monotonic()
            # asked after the records came: a topic made anew before that shows itself, and nothing of it is mixed in
            if polled or now - looked > _LOOK:
                looked = now
                if not same():
                    return
            if polled:
                self._take(polled)
            if now - measured > _MEASURE or (polled and not self.state.caught_up):
                measured = now
                self._measure(consumer)

    def _ids(self, admin: Admin) -> dict[TopicPartition, str]:
        """All partitions of the topics, with the id of their topic. Raises _NotThereError."""
        found = admin.describe(list(self._takes))
        missing = sorted(set(self._takes) - set(found))
        if missing:
            raise _NotThereError(f"waiting for topics: {', '.join(missing)}")
        return {
            TopicPartition(name, number): str(topic["topic_id"])
            for name, topic in sorted(found.items())
            for number in range(len(topic["partitions"]))
        }

    def _assign(self, consumer: KafkaConsumer, ids: dict[TopicPartition, str]) -> None:
        """Go to where the database has come to."""
        places = list(ids)
        consumer.assign(places)
        begins = consumer.beginning_offsets(places, timeout_ms=_PATIENCE)
        ends = consumer.end_offsets(places, timeout_ms=_PATIENCE)
        with self._engine.begin() as connection:
            held = progress.held(connection)
            for place in places:
                if tuple(place) not in held:
                    progress.begin(connection, tuple(place), ids[place])
        for place in places:
            known = held.get(tuple(place), progress.Held(0, ids[place]))
            if known.topic_id != ids[place] or known.next_offset > ends[place]:
                raise _NotThereError(
                    f"{place.topic} was made anew since it was read; stop the console, run `sluicegate console"
                    " rebuild`, and start it"
                )
            if 0 < known.next_offset < begins[place]:
                gone = begins[place] - 1
                what = event("feed.gap", topic=place.topic, partition=place.partition, offset=gone)
                logger.warning("%s/%d: records up to %d are gone unread", *place, gone, extra=what)
            self._next[place] = known.next_offset
            consumer.seek(place, max(known.next_offset, begins[place]))

    def _take(self, polled: dict[TopicPartition, Sequence[Any]]) -> None:
        """Enter what was read, each record once however many consoles read it."""
        now = time.time_ns() // 1000
        following = {place: records[-1].offset + 1 for place, records in sorted(polled.items())}
        with self._engine.begin() as connection:
            for place in following:
                held = progress.locked(connection, tuple(place))
                if held is None or held < self._next[place]:
                    raise _NotThereError("what was read is forgotten: reading it anew")
                fresh = [record for record in polled[place] if record.offset >= held]
                if fresh:
                    self._enter(connection, place, fresh, now)
                    progress.move(connection, tuple(place), following[place])
        self._next |= following
        self._on_change()

    def _enter(self, connection: Connection, place: TopicPartition, records: Sequence[Any], now: int) -> None:
        """Enter records; one that the database or this version cannot digest is left out and named."""
        try:
            with connection.begin_nested():
                self._takes[place.topic](connection, records, now)
        except (OperationalError, InterfaceError):
            raise  # the database, not a record
        except Exception as error:  # noqa: BLE001 (whatever the record provokes)
            if len(records) == 1:
                self.state.refused += 1
                where = (place.topic, place.partition, records[0].offset)
                kind = type(error).__name__  # no more: its words may be the record's
                what = event(
                    "feed.omitted", topic=place.topic, partition=place.partition, offset=records[0].offset, error=kind
                )
                logger.error("%s/%d offset %d is left out: %s", *where, kind, extra=what)  # noqa: TRY400
                return
            middle = len(records) // 2
            self._enter(connection, place, records[:middle], now)
            self._enter(connection, place, records[middle:], now)

    def _measure(self, consumer: KafkaConsumer) -> None:
        """What is left to read. Raises KafkaError where Kafka does not answer."""
        ends = consumer.end_offsets(list(self._next), timeout_ms=_PATIENCE)
        self.state.behind = sum(max(0, end - consumer.position(place)) for place, end in ends.items())
        self.state.caught_up = self.state.caught_up or self.state.behind == 0
        self._back()


class _NotThereError(KafkaError):
    """What is to be read is not there (yet). Operator action: what the text says."""

    def __str__(self) -> str:
        return str(self.args[0])
