"""What a test does with Kafka, in few words: topics of its own, records in, records out (kafka-python underneath)."""

import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Self

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

Headers = Sequence[tuple[str, bytes]]
Value = bytes | str | Mapping[str, Any] | None


@dataclass(frozen=True)
class Record:
    """One record as it stands in Kafka. `timestamp` in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    @property
    def json(self) -> Any:
        return json.loads(self.value or b"null")

    def header(self, name: str) -> bytes | None:
        """The last header of this name."""
        return dict(self.headers).get(name)


class Kafka:
    """One test's view of a broker. Topic names given and returned are without the test's own `prefix`."""

    def __init__(self, bootstrap: str, prefix: str | None = None) -> None:
        self.bootstrap = bootstrap
        self.prefix = f"t{uuid.uuid4().hex[:8]}." if prefix is None else prefix
        self._admin: Any = None
        self._producer: Any = None
        self._readers: dict[str, Any] = {}
        self._unread: dict[str, list[Record]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in (self._producer, self._admin, *self._readers.values()):
            if client is not None:
                client.close()

    @property
    def admin(self) -> Any:
        """kafka-python's KafkaAdminClient, made when first asked for."""
        if self._admin is None:
            self._admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        return self._admin

    def topic(self, name: str) -> str:
        """The name in Kafka."""
        return f"{self.prefix}{name}"

    def create(self, *names: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> None:
        """Create topics, and wait until they can be used."""
        options = {"num_partitions": partitions, "replication_factor": 1, "configs": dict(config or {})}
        self.admin.create_topics({self.topic(name): options for name in names}, wait_for_metadata=True)

    def delete(self, *names: str) -> None:
        """Delete topics, and wait until they are gone."""
        wanted = {self.topic(name) for name in names}
        self.admin.delete_topics(list(wanted))
        deadline = time.monotonic() + 10
        while wanted & set(self.admin.list_topics()):
            assert time.monotonic() < deadline, f"still there: {wanted}"
            time.sleep(0.05)

    def send(
        self,
        name: str,
        values: Iterable[Value],
        *,
        key: str | bytes | None = None,
        partition: int | None = None,
        headers: Headers = (),
        timestamp: int | None = None,
    ) -> list[tuple[int, int]]:
        """Send one record a value (a mapping as JSON), wait for all; their (partition, offset)s in the same order."""
        if self._producer is None:
            self._producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", max_request_size=4 << 20)
        sent = [
            self._producer.send(
                self.topic(name),
                value=_encode(value),
                key=key.encode() if isinstance(key, str) else key,
                headers=list(headers),
                partition=partition,
                timestamp_ms=timestamp,
            )
            for value in values
        ]
        self._producer.flush()
        places = [future.get(timeout=20) for future in sent]
        return [(place.partition, place.offset) for place in places]

    def read(
        self, name: str, partition: int | None = None, *, start: int = 0, committed: bool = True, timeout: float = 30
    ) -> list[Record]:
        """All records there are now, from offset `start` of each partition, by partition and offset.

        `committed` leaves out those of aborted transactions; an open transaction ends the reading before it.
        """
        with closing(self._consumer(committed=committed)) as consumer:
            places = [place for place in self._places(consumer, name) if partition in (None, place.partition)]
            ends = consumer.end_offsets(places)  # under read_committed: the last stable offsets
            consumer.assign(places)
            for place in places:
                consumer.seek(place, start)
            found: list[Record] = []
            deadline = time.monotonic() + timeout
            while any(consumer.position(place) < ends[place] for place in places):
                assert time.monotonic() < deadline, f"{name} not read to its end within {timeout} s"
                found += _records(consumer.poll(timeout_ms=200), self.prefix)
        return sorted((r for r in found if r.offset < ends[_place(r, self)]), key=lambda r: (r.partition, r.offset))

    def read_one(self, name: str, timeout: float = 10) -> Record:
        """The next committed record of the topic that `read_one` has not returned yet; waits for it."""
        waiting = self._unread.setdefault(name, [])
        if name not in self._readers:
            reader = self._readers[name] = self._consumer(committed=True)
            reader.assign(self._places(reader, name))
            reader.seek_to_beginning()
        deadline = time.monotonic() + timeout
        while not waiting:
            assert time.monotonic() < deadline, f"nothing new in {name} within {timeout} s"
            waiting += _records(self._readers[name].poll(timeout_ms=100), self.prefix)
        return waiting.pop(0)

    def end_offsets(self, name: str, *, committed: bool = False) -> dict[int, int]:
        """Per partition the offset that the next record gets; `committed`: the last stable offset."""
        with closing(self._consumer(committed=committed)) as consumer:
            ends = consumer.end_offsets(self._places(consumer, name))
        return {place.partition: end for place, end in sorted(ends.items())}

    def _consumer(self, *, committed: bool) -> Any:
        return KafkaConsumer(
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed" if committed else "read_uncommitted",
        )

    def _places(self, consumer: Any, name: str) -> list[Any]:
        partitions = consumer.partitions_for_topic(self.topic(name))
        assert partitions, f"there is no topic {self.topic(name)}"
        return [TopicPartition(self.topic(name), number) for number in sorted(partitions)]


def _encode(value: Value) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode()


def _place(record: Record, view: Kafka) -> Any:
    return TopicPartition(view.topic(record.topic), record.partition)


def _records(polled: Mapping[Any, list[Any]], prefix: str) -> list[Record]:
    return [
        Record(r.topic.removeprefix(prefix), r.partition, r.offset, r.timestamp, r.key, r.value, tuple(r.headers))
        for batch in polled.values()
        for r in batch
    ]
