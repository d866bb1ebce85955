"""Wall time as events: each log partition gets a tick a minute, so that the clock of an idle tenant runs on.

No tick while anything waits: it would move clocks past events that happened before it. Its id is its time, so that two
workers, or one twice, make one tick.
"""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError as ClientError
from kafka import TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError

from sluicegate.log.placement import ALL
from sluicegate.log.reading import open_reader
from sluicegate.log.writer import Entry
from sluicegate.logs import event
from sluicegate.topics import SOURCES, Admin, name_of
from sluicegate.wire.canonical import canonical
from sluicegate.wire.scalars import format_time

if TYPE_CHECKING:
    from sluicegate.worker import Worker

__all__ = ["backlog_of", "tick", "ticking"]

logger = logging.getLogger(__name__)

SOURCE = "/sluicegate/tick"
_EAGER = 0.25  # seconds, while payees wait to be screened against a new list: ticks carry most of that


def tick(at: int) -> bytes:
    """The event; `at` in microseconds since 1970 UTC.

    >>> tick(1_781_168_400_000_000)[:64]
    b'{"data":{"at":"2026-06-11T09:00:00Z"},"id":"2026-06-11T09:00:00Z'
    """
    moment = format_time(at)
    return canonical(
        {
            "specversion": "1.0",
            "id": moment,
            "source": SOURCE,
            "type": "clock.tick.v1",
            "time": moment,
            "tenantid": ALL,
            "data": {"at": moment},
        }
    )


async def ticking(worker: "Worker") -> None:
    """Write ticks for the partitions held, for as long as the worker lives."""
    while True:
        eager = {number for number, core in worker.detector.cores().items() if core.wants_ticks}
        every = min(_EAGER, worker.settings.tick_seconds) if eager else worker.settings.tick_seconds
        now = time.time()
        slot = (now // every + 1) * every
        await asyncio.sleep(slot - now)
        try:
            partitions = await _due(worker)
        except (KafkaError, ClientError, OSError, TimeoutError) as error:
            logger.info("no tick, the broker does not say what waits: %r", error, extra=event("tick.omitted"))
            continue
        if slot % worker.settings.tick_seconds:
            partitions = [number for number in partitions if number in eager]
        value, timestamp = tick(int(slot * 1_000_000)), int(slot * 1000)
        await worker.writer.write(
            [Entry(worker.gate.log, number, ALL.encode(), value, timestamp) for number in partitions]
        )
        worker.metrics.ticks.inc(len(partitions))


async def _due(worker: "Worker") -> list[int]:
    """Partitions of the log that are worked on here and up to date, if no source record waits anywhere."""
    following = worker.detector.following()
    if not following:
        return []
    settings = worker.settings
    before = int((time.time() - settings.backlog_seconds) * 1000)
    names = [name_of(topic, settings) for topic in SOURCES]
    suspects = await asyncio.to_thread(backlog_of, worker.admin, settings.app_id, names, before)
    if suspects:
        async with open_reader(settings) as reader:
            for (topic, partition), committed in suspects.items():
                if await reader.anything(topic, partition, committed):
                    return []
    log = {TopicPartition(worker.gate.log, number): before for number in following}
    ends = await asyncio.to_thread(_offsets_at, worker.admin, log)
    return [number for number, offset in following.items() if offset >= ends[TopicPartition(worker.gate.log, number)]]


def backlog_of(admin: Admin, group: str, topics: list[str], before: int) -> dict[TopicPartition, int]:
    """Committed offset of each partition that seems to hold unread records older than `before` (ms). Blocking.

    A transaction marker behind the last record looks like a record here.
    """
    tps = [
        TopicPartition(name, row["partition_index"])
        for name, topic in admin.describe(topics).items()
        for row in topic["partitions"]
    ]
    ends = _offsets_at(admin, dict.fromkeys(tps, before))
    with admin.lock:
        begins = admin.client.list_partition_offsets(dict.fromkeys(tps, OffsetSpec.EARLIEST))
        committed = admin.client.list_group_offsets({group: tps})[group]
    found = {}
    for tp in tps:
        mark = committed.get(tp)
        offset = mark.offset if mark is not None and mark.offset >= 0 else begins[tp].offset
        if max(offset, begins[tp].offset) < ends[tp]:
            found[tp] = offset
    return found


def _offsets_at(admin: Admin, times: dict[TopicPartition, int]) -> dict[TopicPartition, int]:
    """First offset at or after a time, ms; the end where there is none."""
    with admin.lock:
        found = admin.client.list_partition_offsets(times)
        ends = admin.client.list_partition_offsets(dict.fromkeys(times, OffsetSpec.LATEST))
    return {tp: found[tp].offset if found[tp].offset >= 0 else ends[tp].offset for tp in times}
