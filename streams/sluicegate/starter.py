"""The built-in starter list, published where no list ever was: it comes through the log like any other."""

import logging

import msgspec
from kafka import TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from sluicegate import logs
from sluicegate.errors import SluicegateError
from sluicegate.kafka_clients import new_producer
from sluicegate.lists.loaded import entry_line
from sluicegate.screening.lists.starter import SOURCE, STARTER, VERSION
from sluicegate.settings import Settings
from sluicegate.topics import Admin, name_of

__all__ = ["event", "publish_starter"]

logger = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds for each step: a worker's start is not to wait long for this."""


def event() -> bytes:
    """The list as one snapshot for all tenants. Always the same bytes: the stream drops what several workers send."""
    published = f"{VERSION.partition('.')[0]}T00:00:00Z"
    envelope = {
        "specversion": "1.0",
        "id": f"{SOURCE.name}-{VERSION}",
        "source": "/sluicegate/starter",
        "type": "sanctions.update.v1",
        "time": published,
        "tenantid": "*",
        "data": {
            "list": SOURCE.name,
            "version": VERSION,
            "published_at": published,
            "mode": "snapshot",
            "add": [msgspec.Raw(entry_line(entry)) for entry in STARTER],
        },
    }
    return msgspec.json.encode(envelope)


def publish_starter(admin: Admin, settings: Settings) -> bool:
    """Send the starter list if the topic `sanctions` never had a record; whether it was sent. Blocking.

    A failure is logged and nothing more: detection without this list is as good as with it, and says so too.
    """
    topic = name_of("sanctions", settings)
    try:
        if _used(admin, topic):
            return False
        _send(settings, topic)
    except (KafkaError, SluicegateError, OSError) as error:
        logger.warning(
            "the starter list could not be published to %s (%s): allow this worker to write there and restart it, "
            "or load lists with `sluicegate lists update`, or set SLUICEGATE_STARTER_LIST=false",
            topic,
            type(error).__name__,
            extra=logs.event("starter.refused", topic=topic),
        )
        return False
    what = logs.event("starter.published", topic=topic, version=VERSION)
    logger.info("%s was empty: published the built-in starter list, version %s", topic, VERSION, extra=what)
    return True


def _used(admin: Admin, topic: str) -> bool:
    with admin.lock:
        (described,) = admin.client.describe_topics([topic])
        places = [TopicPartition(topic, row["partition_index"]) for row in described["partitions"]]
        ends = admin.client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
    return any(end.offset > 0 for end in ends.values())


def _send(settings: Settings, topic: str) -> None:
    patience = int(_PATIENCE * 1000)
    producer = new_producer(settings, bootstrap_timeout_ms=patience, max_block_ms=patience)
    try:
        producer.send(topic, value=event(), key=SOURCE.name.encode()).get(timeout=_PATIENCE)
    finally:
        producer.close(timeout=1)
