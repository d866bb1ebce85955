"""What waits of one partition in memory, bounded in bytes: a full one is paused, nobody waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from aiokafka.structs import ConsumerRecord

from sluicegate.log.chunks import Records, size_of

__all__ = ["Doubt", "Inbox"]


class Doubt(Exception):  # noqa: N818 - not an error: a reason to look again
    """The partition's records do not follow each other: read from the last progress again, after a look at the log."""


class Inbox:
    """Records of one partition in order.

    `hold` and `release` pause and resume fetching; `wake` is set whenever there is something to see to.
    """

    def __init__(self, limit: int, hold: Callable[[], None], release: Callable[[], None], wake: asyncio.Event) -> None:
        self._records: deque[ConsumerRecord] = deque()
        self._limit = limit
        self._hold = hold
        self._release = release
        self._held = False
        self._doubt: str | None = None
        self.wake = wake
        self.bytes = 0
        self.following: int | None = None
        """Offset after the last record that came in."""

    def __len__(self) -> int:
        return len(self._records)

    def offer(self, records: Records) -> None:
        self._records.extend(records)
        self.bytes += size_of(records)
        self.following = records[-1].offset + 1
        if self.bytes > self._limit and not self._held:
            self._held = True
            self._hold()
        self.wake.set()

    def doubt(self, why: str) -> None:
        """Make the next `take` raise Doubt."""
        self._doubt = why
        self.wake.set()

    def head(self) -> ConsumerRecord:
        return self._records[0]

    def pop(self) -> ConsumerRecord:
        record = self._records.popleft()
        self.bytes -= record.serialized_value_size + record.serialized_key_size + 100
        if self._held and self.bytes < self._limit // 2:
            self._held = False
            self._release()
        return record

    def take(self) -> Iterator[ConsumerRecord]:
        """Remove and give the waiting records one by one. Raises Doubt."""
        if self._doubt is not None:
            raise Doubt(self._doubt)
        while self._records:
            yield self.pop()

    def clear(self) -> None:
        self._records.clear()
        self.bytes = 0
        self._doubt = None
        if self._held:
            self._held = False
            self._release()
