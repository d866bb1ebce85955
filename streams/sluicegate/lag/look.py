"""One look at Kafka: for each partition of each stage, how far it is worked through, and since when the rest waits.

- **intake**: the source topics against the offsets that the workers' group committed;
- **detect**: the log against the progress record in the topic of state, as the group's offset is none of detect's;
- **shared**: the sightings likewise.

Progress is the last record of every checkpoint, so the newest one stands at the end of a partition of state. That end
is read, in a window that grows backwards where a transaction came to nothing, and never what was looked through before.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec
from kafka import TopicPartition
from kafka.admin import OffsetSpec

from sluicegate.errors import BrokerAwayError
from sluicegate.log.progress import KEY, Progress
from sluicegate.settings import Settings
from sluicegate.topics import INTAKE, LOG, SHARED_STATE, SIGHTINGS, STATE, Admin, name_of

__all__ = ["STAGES", "Look", "Place", "Watch"]

Stage = Literal["intake", "detect", "shared"]
STAGES: tuple[Stage, ...] = ("intake", "detect", "shared")
_WINDOWS = (16, 512, 16_384)
_PATIENCE = 15.0
"""Seconds without news after which a reading is given up: an open transaction lasts at most 10."""


class Place(msgspec.Struct, frozen=True):
    """A partition as a stage has come through it; `topic` as the contract calls it. Offsets are Kafka's."""

    stage: Stage
    topic: str
    partition: int
    position: int
    """Of the next record to work through; the end where there is none."""
    end: int
    """After the last committed record."""
    oldest: int | None = None
    """Timestamp of the record at the position, ms; None where nothing waits."""

    @property
    def records(self) -> int:
        """Waiting; in topics that are written in transactions the markers between records count too."""
        return self.end - self.position

    def seconds(self, now: float) -> float:
        """For how long the oldest has been waiting at `now` (seconds since 1970)."""
        return 0.0 if self.oldest is None else max(0.0, now - self.oldest / 1000)


class Look(msgspec.Struct, frozen=True):
    """What was seen, and when (seconds since 1970); `missing`: topics that are not there, as the broker calls them."""

    at: float
    places: tuple[Place, ...]
    members: int
    missing: tuple[str, ...]


class Watch:
    """Looks with one admin client and one consumer, and remembers what need not be read again."""

    def __init__(self, settings: Settings, admin: Admin, consumer: Any) -> None:
        """`consumer`: `read_committed`, of no group."""
        self._settings = settings
        self._admin = admin
        self._consumer = consumer
        self._state = {LOG: STATE, SIGHTINGS: SHARED_STATE}
        self._names = {topic: name_of(topic, settings) for topic in (*INTAKE, *self._state, *self._state.values())}
        self._following: dict[TopicPartition, int] = {}
        """By partition of a topic of state: the offset after its newest progress."""
        self._seen: dict[TopicPartition, int] = {}
        """By such a partition: the end up to which it was looked through."""
        self._oldest: dict[TopicPartition, tuple[int, tuple[int, int]]] = {}
        """By partition that something waits in: position, and offset and timestamp of the first record from there."""

    def look(self) -> Look:
        """Raises BrokerAwayError where a topic stands still, and KafkaError."""
        found = self._admin.describe(list(self._names.values()))
        partitions = {topic: len(found[name]["partitions"]) for topic, name in self._names.items() if name in found}
        ends = self._ends(partitions)
        worked: list[tuple[Stage, str, dict[TopicPartition, int]]] = [
            ("intake", topic, positions) for topic, positions in self._committed(partitions).items()
        ]
        for stage, topic in (("detect", LOG), ("shared", SIGHTINGS)):
            if topic in partitions and self._state[topic] in partitions:
                worked.append((stage, topic, self._progress(topic, partitions, ends)))  # type: ignore[arg-type]
        waiting = {tp: at for _, _, positions in worked for tp, at in positions.items() if at < ends[tp]}
        oldest = self._first_records(waiting, ends)
        places = []
        for stage, topic, positions in worked:
            for tp in sorted(positions):
                # before and instead of records there may be markers of transactions, which nobody works through
                at, timestamp = oldest.get(tp, (ends[tp], None))
                places.append(Place(stage, topic, tp.partition, at, ends[tp], timestamp))
        missing = sorted(name for name in self._names.values() if name not in found)
        return Look(time.time(), tuple(places), self._members(), tuple(missing))

    def _tps(self, topic: str, partitions: Mapping[str, int]) -> list[TopicPartition]:
        return [TopicPartition(self._names[topic], number) for number in range(partitions.get(topic, 0))]

    def _ends(self, partitions: Mapping[str, int]) -> dict[TopicPartition, int]:
        tps = [tp for topic in partitions for tp in self._tps(topic, partitions)]
        ends: dict[TopicPartition, int] = self._consumer.end_offsets(tps, timeout_ms=10_000) if tps else {}
        return ends

    def _begins(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        with self._admin.lock:
            found = self._admin.client.list_partition_offsets(dict.fromkeys(tps, OffsetSpec.EARLIEST)) if tps else {}
        return {tp: found[tp].offset for tp in tps}

    def _committed(self, partitions: Mapping[str, int]) -> dict[str, dict[TopicPartition, int]]:
        """By source topic, the group's offsets; the beginning where it has none, or where its offset is gone."""
        tps = {topic: self._tps(topic, partitions) for topic in INTAKE if topic in partitions}
        every = [tp for some in tps.values() for tp in some]
        begins, group = self._begins(every), self._settings.app_id
        with self._admin.lock:
            marks = self._admin.client.list_group_offsets({group: every})[group] if every else {}
        return {
            topic: {tp: max(begins[tp], marks[tp].offset if tp in marks else -1) for tp in some}
            for topic, some in tps.items()
        }

    def _members(self) -> int:
        group = self._settings.app_id
        with self._admin.lock:
            return len(self._admin.client.describe_groups([group])[group]["members"])

    # -- progress ----------------------------------------------------------------------------------------------------

    def _progress(
        self, topic: str, partitions: Mapping[str, int], ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """Next offset to work through of each partition of the log or the sightings."""
        state = self._tps(self._state[topic], partitions)
        for tp in state:
            if self._seen.get(tp, 0) > ends[tp]:  # made anew
                self._seen.pop(tp)
                self._following.pop(tp, None)
        fresh = {tp for tp in state if ends[tp] > self._seen.get(tp, 0)}
        found: dict[TopicPartition, int] = {}
        for window in (*_WINDOWS, None):
            starts = {
                tp: self._seen.get(tp, 0) if window is None else max(self._seen.get(tp, 0), ends[tp] - window)
                for tp in fresh - set(found)
            }
            if not starts:
                break

            def note(record: Any) -> bool:
                if record.key == KEY.encode():
                    found[TopicPartition(record.topic, record.partition)] = Progress.decode(record.value).following
                return False

            self._read(starts, ends, note)
        self._following |= found
        self._seen |= {tp: ends[tp] for tp in fresh}
        followed = self._tps(topic, partitions)
        begins = self._begins([tp for tp in followed if self._of(topic, tp) not in self._following])
        return {tp: self._following.get(self._of(topic, tp), begins.get(tp, 0)) for tp in followed}

    def _of(self, topic: str, tp: TopicPartition) -> TopicPartition:
        """The partition of state that goes with one of the log or the sightings."""
        return TopicPartition(self._names[self._state[topic]], tp.partition)

    # -- reading -----------------------------------------------------------------------------------------------------

    def _first_records(
        self, waiting: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Offset and timestamp (ms) of the first record from each of these positions on; of those that have one."""
        self._oldest = {tp: held for tp, held in self._oldest.items() if waiting.get(tp) == held[0]}
        unknown = {tp: at for tp, at in waiting.items() if tp not in self._oldest}

        def note(record: Any) -> bool:
            tp = TopicPartition(record.topic, record.partition)
            self._oldest[tp] = unknown[tp], (record.offset, record.timestamp)
            return True

        self._read(unknown, ends, note)
        return {tp: first for tp, (_, first) in self._oldest.items()}

    def _read(
        self,
        starts: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
        each: Callable[[Any], bool],
    ) -> None:
        """Give committed records from each start to its end to `each`, until that says enough of a partition."""
        consumer, left = self._consumer, {tp for tp, start in starts.items() if start < ends[tp]}
        consumer.assign(sorted(left))
        consumer.resume(*left)  # equal assignments follow each other, and keep what was paused
        for tp in left:
            consumer.seek(tp, starts[tp])
        moved = time.monotonic()
        while left:
            polled: Mapping[TopicPartition, Iterable[Any]] = consumer.poll(timeout_ms=100)
            done = {tp for tp, records in polled.items() if any(each(record) for record in records)}
            done |= {tp for tp in left if consumer.position(tp) >= ends[tp]}
            consumer.pause(*(done & left))
            left -= done
            if polled or done:
                moved = time.monotonic()
            elif time.monotonic() - moved > _PATIENCE:
                raise BrokerAwayError(f"{min(left).topic} stands still before its end")
