"""Writes a history into the log, between two policies, and watches the worker work through it."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from aiokafka.structs import ConsumerRecord

from sluicegate.cli.kafka import sender
from sluicegate.cli.warm_files import Line, left_out
from sluicegate.cli.warm_policies import Present
from sluicegate.detection.partition import Partition
from sluicegate.detection.records import StreamModel
from sluicegate.detection.state import PIECES
from sluicegate.errors import BrokerAwayError, SluicegateError, TopicMissingError
from sluicegate.log.identity import LogIdentity
from sluicegate.log.placement import Placer
from sluicegate.log.progress import KEY, Progress
from sluicegate.log.writer import Entry, LogWriter
from sluicegate.policies import TOPIC
from sluicegate.settings import Settings
from sluicegate.topics import LOG, STATE, Admin, name_of
from sluicegate.wire.decode import Reject

__all__ = ["Watch", "watching", "write"]

_BATCH = 500
_CLOSING = 60.0
"""Seconds within which the closing policies must be written."""
_MARKED = 0.5
"""Seconds within which a transaction that is committed in one topic can be read in all."""
_SOURCE = "warm"
"""What headers name as the source of the policies."""


def write(
    settings: Settings,
    placer: Placer,
    lines: Iterable[Line],
    tenants: Sequence[str],
    opening: Mapping[str, Present],
    closing: Callable[[], Mapping[str, Present]],
    wrote: Callable[[int], None],
) -> None:
    """Each tenant's policy with all rules in shadow, the lines, then what `closing` gives: its policy again.

    The closing policies are written whatever happens in between (Ctrl-C, SIGTERM, a fault), if a broker answers. They
    go to the topic of policies too, so that this one goes on to name what is in force; of the two, the second is known.
    """
    with Admin(settings) as admin:
        writer = LogWriter(settings, LogIdentity(admin, name_of(LOG, settings)))
        try:
            asyncio.run(_write(settings, placer, writer, lines, tenants, opening, closing, wrote))
        except asyncio.CancelledError:  # SIGTERM, SIGHUP
            raise click.Abort from None


async def _write(
    settings: Settings,
    placer: Placer,
    writer: LogWriter,
    lines: Iterable[Line],
    tenants: Sequence[str],
    opening: Mapping[str, Present],
    closing: Callable[[], Mapping[str, Present]],
    wrote: Callable[[int], None],
) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    log, letters = name_of(LOG, settings), name_of("dead-letters", settings)
    try:
        shadows = [(tenant, opening[tenant].shadow_event(tenant)) for tenant in tenants]
        await writer.write([_policy(placer, log, tenant, value) for tenant, value in shadows])
        batch: list[Entry] = []
        for line in lines:
            entry = _entry(placer, log, letters, line)
            if entry is not None:
                batch.append(entry)
            if len(batch) >= _BATCH:
                await writer.write(batch)
                wrote(len(batch))
                batch = []
        await writer.write(batch)
        wrote(len(batch))
    finally:
        await _close(settings, placer, writer, tenants, opening, closing)


async def _close(
    settings: Settings,
    placer: Placer,
    writer: LogWriter,
    tenants: Sequence[str],
    opening: Mapping[str, Present],
    closing: Callable[[], Mapping[str, Present]],
) -> None:
    log = name_of(LOG, settings)
    try:
        try:
            held = await asyncio.to_thread(closing)
        except SluicegateError:  # what was in force at the beginning is better than shadow
            held = opening
        values = [(tenant, held[tenant].event(tenant)) for tenant in tenants]
        async with asyncio.timeout(_CLOSING):
            await writer.write([_policy(placer, log, tenant, value) for tenant, value in values])
    except TimeoutError:
        raise BrokerAwayError(
            f"the policies of {', '.join(tenants)} could not be put in force again, and their rules are in shadow: run "
            "this command again, or `sluicegate policy publish`, once the broker answers"
        ) from None
    finally:
        await writer.close()
    await asyncio.to_thread(_publish, settings, values)


def _publish(settings: Settings, values: Sequence[tuple[str, bytes]]) -> None:
    with sender(settings, linger_ms=0) as out:
        for tenant, value in values:
            out.send(name_of(TOPIC, settings), value, tenant.encode())


def _policy(placer: Placer, log: str, tenant: str, value: bytes) -> Entry:
    return _addressed(placer, log, tenant, value, _SOURCE, 0)


def _entry(placer: Placer, log: str, letters: str, line: Line) -> Entry | None:
    """The line as a record of the log; a bad one as a dead letter, a policy or a list of all tenants as nothing."""
    event = line.event
    if isinstance(event, Reject):
        now = int(time.time() * 1000)
        record = ConsumerRecord(line.path.name, 0, line.number, now, 0, None, line.value, None, 0, 0, ())
        return placer.letter(record, event, letters)
    if left_out(event):
        return None
    return _addressed(placer, log, event.tenant, line.value, line.path.name, line.number)


def _addressed(placer: Placer, log: str, tenant: str, value: bytes, source: str, number: int) -> Entry:
    key = tenant.encode()
    headers = [("sg-topic", source.encode()), ("sg-partition", b"0"), ("sg-offset", b"%d" % number), ("sg-key", key)]
    return Entry(log, placer.partition(tenant), key, value, int(time.time() * 1000), headers)


class Watch:
    """Reads what the worker commits from a moment on: progress and models of some partitions, and signals."""

    def __init__(self, settings: Settings, states: Any, signals: Any) -> None:
        self._log = name_of(LOG, settings)
        self._states = states
        self._signals = signals
        self.models = Partition()
        """Holds the models that were stored since; nothing else."""
        self.done: dict[int, int] = {}
        """By partition of the log: offset of the last record that was worked through."""

    def ends(self) -> dict[int, int]:
        """Of each partition watched: the offset of the log's last record now."""
        from kafka import TopicPartition

        places = [TopicPartition(self._log, place.partition) for place in self._states.assignment()]
        return {place.partition: end - 1 for place, end in self._states.end_offsets(places).items()}

    def poll(self) -> bool:
        """Take in what has come; whether the worker has moved."""
        moved = False
        for place, records in self._states.poll(timeout_ms=200).items():
            for record in records:
                key = record.key.decode()
                if key == KEY:
                    self.done[place.partition] = Progress.decode(record.value).offset
                    moved = True
                elif _of_model(key):
                    self.models.load(key, record.value)
        return moved

    def signals(self) -> Iterator[bytes]:
        """Every signal committed by now."""
        time.sleep(_MARKED)
        ends = self._signals.end_offsets(list(self._signals.assignment()))
        while any(self._signals.position(place) < end for place, end in ends.items()):
            for records in self._signals.poll(timeout_ms=200).values():
                yield from (record.value for record in records)


def _of_model(key: str) -> bool:
    _, kind, id = key.split("|", 2)
    return kind == StreamModel.KIND or (kind == PIECES and id.split("\n", 2)[1] == StreamModel.KIND)


@contextmanager
def watching(settings: Settings, partitions: Iterable[int]) -> Iterator[Watch]:
    """A watch from now on over these partitions of the log. Raises BrokerAwayError, TopicMissingError."""
    with (
        _reader(settings, name_of(STATE, settings), partitions) as states,
        _reader(settings, name_of("signals", settings), None) as signals,
    ):
        yield Watch(settings, states, signals)


@contextmanager
def _reader(settings: Settings, topic: str, partitions: Iterable[int] | None) -> Iterator[Any]:
    from kafka import TopicPartition

    from sluicegate.kafka_clients import new_consumer

    consumer = new_consumer(settings, isolation_level="read_committed", fetch_max_wait_ms=100)
    try:
        known = consumer.partitions_for_topic(topic)
        if not known:
            raise TopicMissingError(f"there is no topic {topic}")
        places = [TopicPartition(topic, number) for number in sorted(known if partitions is None else partitions)]
        consumer.assign(places)
        for place, end in consumer.end_offsets(places).items():
            consumer.seek(place, end)
        yield consumer
    finally:
        consumer.close()
