"""Where a source record goes: into the log by its tenant, or to the dead letters with reason and place. Pure.

>>> Placer("", 12).partition("foobar")
6
"""

import time
from collections.abc import Iterator

from aiokafka.partitioner import murmur2
from aiokafka.structs import ConsumerRecord

from sluicegate.log.writer import Entry, Headers
from sluicegate.topics import COUNTS
from sluicegate.wire.decode import Reject, decode
from sluicegate.wire.framing import unframe
from sluicegate.wire.letters import dead_letter, encode_letter

__all__ = ["ALL", "Placer"]

ALL = "*"
_BINARY = "ce_specversion"
_MOST_HEADERS = 32 << 10  # bytes; more would not leave an event of 1 MiB its room in a record


class Placer:
    """Decodes, checks and addresses records. `partitions` are those of the log.

    `counts` is the name of the topic that alone may bring counts across tenants.
    """

    def __init__(self, prefix: str, partitions: int, counts: str | None = None) -> None:
        self._prefix = prefix
        self._partitions = partitions
        self._log = prefix + "events"
        self._counts = counts
        self._known: dict[str, int] = {}

    def partition(self, tenant: str) -> int:
        """As Kafka's own partitioner places the tenant's id as key."""
        found = self._known.get(tenant)
        if found is None:
            if len(self._known) > 100_000:
                self._known.clear()
            found = self._known[tenant] = (murmur2(tenant.encode()) & 0x7FFFFFFF) % self._partitions
        return found

    def place(self, record: ConsumerRecord) -> Iterator[Entry] | Reject:
        """Entries for the log: one, or one per partition for what concerns all tenants."""
        value = unframe(record.value, record.headers)
        if isinstance(value, Reject):
            return value
        arrival = record.timestamp if record.timestamp >= 0 else _now()
        counted = record.topic == self._counts
        topic = COUNTS if counted else record.topic.removeprefix(self._prefix)
        event = decode(value, topic=topic, arrival_ms=arrival, internal=counted)
        if isinstance(event, Reject):
            return event
        # the broker refuses timestamps an hour ahead of its clock
        timestamp = min(arrival, _now())
        headers = _headers(record)
        key = event.tenant.encode()
        where = range(self._partitions) if event.tenant == ALL else (self.partition(event.tenant),)
        return (Entry(self._log, number, key, value, timestamp, headers) for number in where)

    def letter(self, record: ConsumerRecord, reject: Reject, topic: str) -> Entry:
        """The dead letter for a record, to be written to `topic`."""
        arrival = record.timestamp if record.timestamp >= 0 else _now()
        letter = dead_letter(
            reject,
            record.value,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            received_at=arrival * 1000,
            key=record.key,
            headers=record.headers,
        )
        return Entry(topic, None, letter.key, encode_letter(letter), min(arrival, _now()))


def _now() -> int:
    return int(time.time() * 1000)


def _headers(record: ConsumerRecord) -> Headers:
    """Where the record came from, then its own headers; those of binary mode are in the value by now."""
    own: Headers = [
        ("sg-topic", record.topic.encode()),
        ("sg-partition", b"%d" % record.partition),
        ("sg-offset", b"%d" % record.offset),
    ]
    if record.key is not None:
        own.append(("sg-key", record.key))
    if record.headers and sum(len(name) + len(content or b"") for name, content in record.headers) <= _MOST_HEADERS:
        binary = any(name.lower() == _BINARY for name, _ in record.headers)
        own.extend(
            (name, content)
            for name, content in record.headers
            if not name.startswith("sg-")
            and content is not None
            and not (binary and (name.lower().startswith("ce_") or name.lower() == "content-type"))
        )
    return own
