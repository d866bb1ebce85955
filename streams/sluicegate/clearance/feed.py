"""`decisions`, `runs` and `policies` into the view, each batch in the transaction that moves its position on.

Positions are in the view's database, not with a consumer group: a view restored or made anew goes on from where it is,
whatever a group remembers. Every gateway reads every partition. Those with a database of their own (SQLite) each hold
the whole view, so any of them can answer; those that share a PostgreSQL find their batch already entered by whoever
was first, by the position that it locked. No gateway needs another one, and none waits for a rebalance.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Connection, Engine

from sluicegate.clearance.taking import (
    forget,
    read_announcement,
    read_decision,
    take_announcements,
    take_decisions,
    take_policies,
)
from sluicegate.console.feed import Feed, FeedState
from sluicegate.console.store import progress
from sluicegate.logs import event
from sluicegate.settings import Settings
from sluicegate.topics import RUNS, name_of

__all__ = ["RunFeed"]

logger = logging.getLogger(__name__)

_PATIENCE = 5_000
_UNSOUND = (msgspec.MsgspecError, ValueError, RecursionError)


class RunFeed(Feed):
    """One thread that keeps a view up to date."""

    def __init__(self, engine: Engine, settings: Settings, on_change: Callable[[], None]) -> None:
        super().__init__("alerts", engine, settings, on_change)
        self.name = "runs"
        self.state = FeedState()
        self.read: Counter[str] = Counter()
        """Decisions read since the start, by what they decide."""
        self.unsound = 0
        """Records that are no decision, or no announcement: left out."""
        takes = {"decisions": self._decisions, RUNS: self._announcements, "policies": self._policies}
        self._contract = {name_of(topic, settings): topic for topic in takes}
        self._takes = {name: takes[topic] for name, topic in self._contract.items()}

    def _decisions(self, connection: Connection, records: Sequence[Any], _: int) -> None:
        found = [one for record in records if (one := self._sound(read_decision, record)) is not None]
        take_decisions(connection, found)
        self.read.update(one.data.decision for one in found)

    def _announcements(self, connection: Connection, records: Sequence[Any], _: int) -> None:
        found = (self._sound(read_announcement, record) for record in records)
        take_announcements(connection, [one for one in found if one is not None])

    def _policies(self, connection: Connection, records: Sequence[Any], _: int) -> None:
        take_policies(connection, records)

    def _sound(self, read: Callable[[bytes, int], Any], record: Any) -> Any:
        try:
            return read(record.value or b"", record.timestamp * 1000)
        except _UNSOUND as error:
            self.unsound += 1
            place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            what = event("feed.omitted", error=type(error).__name__, **place)  # no more: its words may be the record's
            logger.error("%s/%d offset %d is left out: no %s", *place.values(), read.__name__, extra=what)  # noqa: TRY400
            return None

    def _assign(self, consumer: KafkaConsumer, ids: dict[TopicPartition, str]) -> None:
        """Go to where the view has come to.

        Of a topic that was made anew nothing is kept: its revisions may begin anew too, and a release of before must
        not stand against a hold of now.
        """
        places = list(ids)
        consumer.assign(places)
        begins = consumer.beginning_offsets(places, timeout_ms=_PATIENCE)
        ends = consumer.end_offsets(places, timeout_ms=_PATIENCE)
        with self._engine.begin() as connection:
            held = progress.held(connection)
            replaced = {
                place.topic
                for place in places
                if (known := held.get(tuple(place))) is not None
                and (known.topic_id != ids[place] or known.next_offset > ends[place])
            }
            for topic in sorted(replaced):
                forget(connection, self._contract[topic])
            for place in places:
                if place.topic in replaced:
                    progress.forget(connection, tuple(place))
                known = held.get(tuple(place)) if place.topic not in replaced else None
                if known is None:
                    progress.begin(connection, tuple(place), ids[place])
                    known = progress.Held(0, ids[place])
                elif 0 < known.next_offset < begins[place]:
                    what = event("feed.gap", topic=place.topic, partition=place.partition, offset=begins[place] - 1)
                    logger.warning("%s/%d: records up to %d are gone unread", *place, begins[place] - 1, extra=what)
                self._next[place] = known.next_offset
                consumer.seek(place, max(known.next_offset, begins[place]))
