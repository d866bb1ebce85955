"""One record out of the log, where it lies."""

from kafka import TopicPartition
from kafka.errors import KafkaError

from sluicegate.kafka_clients import new_consumer, trouble
from sluicegate.settings import Settings
from sluicegate.topics import LOG, name_of

__all__ = ["event_at"]

_SECONDS = 5.0


def event_at(settings: Settings, partition: int, offset: int) -> bytes | None:
    """The value at a place of the log; None where it is gone. Raises BrokerAwayError, BrokerRefusedError."""
    place = TopicPartition(name_of(LOG, settings), partition)
    consumer = new_consumer(settings, bootstrap_timeout_ms=5_000, max_poll_records=1, max_partition_fetch_bytes=4 << 20)
    try:
        consumer.assign([place])
        if not consumer.beginning_offsets([place])[place] <= offset < consumer.end_offsets([place])[place]:
            return None
        consumer.seek(place, offset)
        for record in consumer.poll(timeout_ms=int(_SECONDS * 1000)).get(place, ()):
            if record.offset == offset:
                return bytes(record.value) if record.value is not None else None
    except KafkaError as error:
        raise trouble(settings, error, "the log cannot be read") from None
    finally:
        consumer.close(timeout_ms=1_000)
    return None
