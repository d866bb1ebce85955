"""The log as replay files: one per partition, in log order, every byte of every event as it stands there.

The first line is `{"type":"log.export.v1",…}`; the others are records: offset, timestamp (ms), headers in base64 and
`value`, the event itself, its JSON verbatim. A value that is no one-line JSON text is given as `value_b64`.
"""

import time
from base64 import b64encode
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from kafka import TopicPartition

from sluicegate.errors import BrokerAwayError, TopicMissingError
from sluicegate.kafka_clients import new_consumer, telling
from sluicegate.log.placement import ALL, Placer
from sluicegate.settings import Settings
from sluicegate.topics import LOG, name_of
from sluicegate.version import __version__

__all__ = ["export", "partitions_of"]

_PATIENCE = 30.0
_RAW = msgspec.json.Decoder(msgspec.Raw)


def partitions_of(settings: Settings, tenants: Collection[str] = ()) -> list[int]:
    """Partitions of the log that hold the tenants' events; all of them when no tenant is named.

    Raises BrokerAwayError, BrokerRefusedError, TopicMissingError.
    """
    with _consumer(settings) as consumer:
        numbers = sorted(consumer.partitions_for_topic(name_of(LOG, settings)) or ())
    if not numbers:
        raise TopicMissingError(f"there is no log {name_of(LOG, settings)} at {settings.broker}")
    if not tenants:
        return numbers
    placer = Placer(settings.topic_prefix, len(numbers))
    return sorted({placer.partition(tenant) for tenant in tenants})


def export(settings: Settings, partition: int, tenants: Collection[str] = ()) -> Iterator[bytes]:
    """Lines, each with its line feed, of one partition up to its present end.

    With tenants named: their events, and what concerns all tenants (lists, ticks).
    """
    tp = TopicPartition(name_of(LOG, settings), partition)
    wanted = {tenant.encode() for tenant in (*tenants, ALL)} if tenants else None
    with _consumer(settings) as consumer:
        consumer.assign([tp])
        begin, end = consumer.beginning_offsets([tp])[tp], consumer.end_offsets([tp])[tp]
        yield _head(tp, begin, end, tenants)
        consumer.seek(tp, begin)
        moved = time.monotonic()
        while consumer.position(tp) < end:
            records = consumer.poll(timeout_ms=500, max_records=5000).get(tp, ())
            if records:
                moved = time.monotonic()
            elif time.monotonic() - moved > _PATIENCE:
                raise BrokerAwayError(f"{tp.topic}/{partition} stands still at offset {consumer.position(tp)} of {end}")
            for record in records:
                if record.offset < end and (wanted is None or record.key in wanted):
                    yield _line(record)


@contextmanager
def _consumer(settings: Settings) -> Iterator[Any]:
    """A consumer without a group, closed at the end. What Kafka's client raises becomes Broker(Away|Refused)Error."""
    with telling(settings):
        consumer = new_consumer(
            settings,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=8 << 20,
        )
        try:
            yield consumer
        finally:
            consumer.close()


def _head(tp: Any, begin: int, end: int, tenants: Collection[str]) -> bytes:
    head = {
        "type": "log.export.v1",
        "topic": tp.topic,
        "partition": tp.partition,
        "from": begin,
        "until": end,
        "tenants": sorted(tenants) or None,
        "code_version": __version__,
    }
    return msgspec.json.encode(head) + b"\n"


def _line(record: Any) -> bytes:
    parts = [b'{"offset":%d,"timestamp":%d' % (record.offset, record.timestamp)]
    if record.key is not None:
        parts.append(b',"key":' + msgspec.json.encode(record.key.decode(errors="replace")))
    if record.headers:
        named = {name: b64encode(content).decode() for name, content in record.headers if content is not None}
        parts.append(b',"headers":' + msgspec.json.encode(named))
    value = record.value
    if value is None or (b"\n" not in value and b"\r" not in value and _is_json(value)):
        parts.append(b',"value":' + (b"null" if value is None else value))
    else:
        parts.append(b',"value_b64":"' + b64encode(value) + b'"')
    return b"".join(parts) + b"}\n"


def _is_json(value: bytes) -> bool:
    try:
        _RAW.decode(value)
        value.decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True
