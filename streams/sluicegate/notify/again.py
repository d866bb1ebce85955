"""Alerts of a period from the topic, for those who have not got them, or want them again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import msgspec
from kafka import TopicPartition
from sqlalchemy import Engine

from sluicegate.errors import TopicMissingError
from sluicegate.kafka_clients import new_consumer, telling
from sluicegate.notify.endpoints import Endpoint
from sluicegate.notify.revisions import Revision, decode
from sluicegate.notify.store import outbox, replaying
from sluicegate.notify.store.replaying import Wanted
from sluicegate.settings import Settings
from sluicegate.topics import name_of

__all__ = ["from_topic"]


def from_topic(
    settings: Settings,
    engine: Engine,
    endpoints: Sequence[Endpoint],
    period: tuple[int, int],
    states: tuple[str, ...],
    told: Callable[[int, int], None],
) -> int:
    """Let every alert that Kafka took from `period[0]` on and before `period[1]` (µs) wait for those who want it.

    What is in the store already waits again where its state is one of `states`. `told`: how many records are read, and
    of how many. How many deliveries wait now. Raises BrokerAwayError, BrokerRefusedError, TopicMissingError.
    """
    names, count = tuple(one.name for one in endpoints), 0
    for batch in _batches(settings, period, told):
        now = time.time_ns() // 1000
        with engine.begin() as connection:
            wanted = Wanted(endpoints=names, ids=tuple(one.id for one in batch), states=states)
            count += replaying.again(connection, wanted, now)
            count += outbox.enter(connection, batch, endpoints, now)
    return count


def _batches(settings: Settings, period: tuple[int, int], told: Callable[[int, int], None]) -> Iterator[list[Revision]]:
    topic = name_of("alerts", settings)
    with telling(settings), closing(new_consumer(settings, isolation_level="read_committed")) as consumer:
        places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        if not places:
            raise TopicMissingError(f"there is no topic {topic}")
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        first = consumer.offsets_for_times(dict.fromkeys(places, period[0] // 1000))
        starts = {place: ends[place] if first[place] is None else first[place].offset for place in places}
        for place in places:
            consumer.seek(place, starts[place])
        total, left = sum(ends[place] - starts[place] for place in places), set(places)
        while left:
            for place, records in consumer.poll(timeout_ms=200).items():
                chosen = [one for one in records if one.offset < ends[place] and one.timestamp * 1000 < period[1]]
                if found := [one for record in chosen if (one := _decoded(record.value)) is not None]:
                    yield found
            left = {place for place in places if consumer.position(place) < ends[place]}
            told(total - sum(ends[place] - consumer.position(place) for place in left), total)


def _decoded(value: Any) -> Revision | None:
    try:
        return decode(value) if value is not None else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
