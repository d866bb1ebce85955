"""Findings on the topic `ocsf`, from where the last run ended: at least once, none skipped."""

from collections.abc import Callable
from typing import Protocol

from sluicegate.errors import TopicMissingError
from sluicegate.export.ocsf import finding
from sluicegate.export.revisions import Revision, Wanted, decode
from sluicegate.kafka_clients import new_consumer, telling
from sluicegate.settings import Settings
from sluicegate.topics import Admin, TopicPlan, name_of
from sluicegate.wire.canonical import canonical

__all__ = ["GROUP", "TOPIC", "Sending", "encode", "ensure_topic", "follow", "select"]

TOPIC = "ocsf"
GROUP = "sluicegate-ocsf"
"""Of consumers, behind the topic prefix."""
_ROOMY = {"max.message.bytes": str(2 << 20)}


class Sending(Protocol):
    """What hands records to Kafka."""

    def send(self, topic: str, value: bytes | None, key: bytes | None = None) -> None: ...

    def flush(self) -> None: ...


def encode(revision: Revision, *, personal_data: bool) -> bytes:
    """The finding as one line of JSON; equal revisions, equal bytes."""
    return canonical(finding(revision.event(personal_data=personal_data)))


def ensure_topic(settings: Settings) -> str:
    """Make the topic where it is missing, with as many partitions as `alerts` has; its name.

    Raises TopicMissingError where there are no alerts to follow, TopicRefusedError, BrokerAwayError.
    """
    alerts, own = name_of("alerts", settings), name_of(TOPIC, settings)
    with Admin(settings) as admin:
        found = admin.describe([alerts, own])
        if alerts not in found:
            raise TopicMissingError(f"there is no topic {alerts}")
        if own not in found:
            partitions = len(found[alerts]["partitions"])
            admin.create([TopicPlan(TOPIC, own, partitions, dict(_ROOMY))], settings.replication_factor)
    return own


def follow(
    settings: Settings,
    wanted: Wanted,
    sender: Sending,
    *,
    personal_data: bool,
    stopping: Callable[[], bool],
    refuse: Callable[[str, str], None],
) -> int:
    """Findings of committed alerts as they come, until `stopping` says so; how many were sent.

    `refuse` is told place and fault of what is no alert; it is passed over.

    Offsets are committed after Kafka has taken the findings of the records before them: a run that is killed between
    the two sends some again, with the same `metadata.uid`.
    """
    own = name_of(TOPIC, settings)
    count = 0
    with telling(settings):
        consumer = new_consumer(
            settings,
            group_id=f"{settings.topic_prefix}{GROUP}",
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            session_timeout_ms=int(settings.session_timeout * 1000),
            heartbeat_interval_ms=int(settings.heartbeat_interval * 1000),
            max_partition_fetch_bytes=4 << 20,
        )
        try:
            consumer.subscribe([name_of("alerts", settings)])
            while not stopping():
                polled = consumer.poll(timeout_ms=300)
                if not polled:
                    continue
                for record in (record for batch in polled.values() for record in batch):
                    found = select(record.value, wanted, personal_data=personal_data)
                    if isinstance(found, str):
                        refuse(f"{record.topic}/{record.partition}/{record.offset}", found)
                    elif found is not None:
                        sender.send(own, found, record.key)
                        count += 1
                sender.flush()
                consumer.commit()
        finally:
            consumer.close(autocommit=False)
    return count


def select(value: bytes | None, wanted: Wanted, *, personal_data: bool) -> bytes | str | None:
    """The finding of a record; None where it is not wanted; what is wrong where it is no alert."""
    one = decode(value)
    if not isinstance(one, Revision):
        return one
    if not wanted.takes(one):
        return None
    return encode(one, personal_data=personal_data)
