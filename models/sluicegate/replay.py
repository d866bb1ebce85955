"""Files in, alerts out, in memory: the same detection as the stream, without Kafka (contract section 8)."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from sluicegate.detection.answers import Counting
from sluicegate.detection.calendar import DAY
from sluicegate.detection.partition import Counts, LogRecord, Output, Partition
from sluicegate.detection.step import COUNTED

END_ADVANCE = 7 * DAY
BATCH = 400
"""Records between merges; any number gives the same output."""
MAX_FAULTS = 20
EXPORT = "log.export.v1"
_TYPE = msgspec.json.Decoder(type=dict[str, Any])


class ExportLine(msgspec.Struct):
    """One record of an exported log: `value` is the event as it stands in the log, `value_b64` where it is no JSON."""

    offset: int
    timestamp: int
    value: msgspec.Raw = msgspec.Raw(b"")
    value_b64: str | None = None
    key: str | None = None
    headers: dict[str, str] = {}


_LINE = msgspec.json.Decoder(ExportLine)


class Replay:
    """Feeds lines to detection in order, and hands on what comes out, in order.

    Memory is that of the tenants' state; it does not grow with the number of events.
    """

    def __init__(self, emit: Callable[[Output], None], score: Callable[[bytes], None] | None = None) -> None:
        self._emit = emit
        self._score = score
        self.partition = Partition(replayed=True, keeps_scores=score is not None)
        self.counts = Counts()
        self.tallies: Counter[tuple[str, ...]] = Counter()
        self.faults: list[Exception] = []
        """The first faults of detection's own code, for a report."""
        self._run = self.partition.begin()
        self._pending = 0
        self._counting = Counting()
        self._shown = 0
        """Sightings of the run that were counted."""

    def feed(self, name: str, lines: Iterable[bytes]) -> None:
        """Replay one file's lines; `name` is how dead letters call it. An exported log is replayed as it stands."""
        exported = False
        for number, line in enumerate(lines):
            if number == 0 and EXPORT.encode() in line[:200] and self._is_export(line):
                exported = True
                self._start_anew(Partition(keeps_scores=self._score is not None))
                continue
            if not line.strip():
                continue
            self._apply(self._exported(line) if exported else self._plain(name, number, line.rstrip(b"\r\n")))
        self._flush()
        if not exported:
            self._exported_only = False

    _exported_only = True

    def finish(self) -> None:
        """Move every clock on by seven days, unless only an exported log was replayed: there the end is the log's."""
        if not self._exported_only:
            self._run.end(END_ADVANCE)
            self._count()
        self._flush()

    def _start_anew(self, partition: Partition) -> None:
        self._flush()
        self.partition = partition
        self._run = partition.begin()

    @staticmethod
    def _is_export(line: bytes) -> bool:
        try:
            return _TYPE.decode(line).get("type") == EXPORT
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return False

    @staticmethod
    def _exported(line: bytes) -> LogRecord:
        record = _LINE.decode(line)
        value = b64decode(record.value_b64) if record.value_b64 is not None else bytes(record.value)
        headers = tuple((name, b64decode(content)) for name, content in record.headers.items())
        key = record.key.encode() if record.key is not None else None
        return LogRecord(record.offset, record.timestamp, key, value, headers)

    def _plain(self, name: str, number: int, line: bytes) -> LogRecord:
        headers = (("sg-topic", name.encode()), ("sg-partition", b"0"), ("sg-offset", str(number).encode()))
        self._number += 1
        return LogRecord(self._number, self._run.latest_event_time // 1000, None, line, headers)

    _number = -1

    def _apply(self, record: LogRecord) -> None:
        self._run.apply(record)
        self._count()
        self._pending += 1
        if self._pending >= BATCH or self._run.full:
            self._flush()

    def _count(self) -> None:
        """Answer what tenants that opted in have shown; in an exported log the counts stand already."""
        while self.partition.replayed and self._shown < len(self._run.sightings):
            self._shown += 1
            for value in self._counting.see(self._run.sightings[self._shown - 1]):
                self._number += 1
                clock = self._run.latest_event_time // 1000
                self._run.apply(LogRecord(self._number, clock, None, value, (COUNTED,)))

    def _flush(self) -> None:
        run = self._run
        run.merge()
        for output in run.outputs:
            self._emit(output)
        if self._score is not None:
            for line in run.scores:
                self._score(line)
        self.counts = self.counts + run.counts
        self.tallies.update(run.tallies)
        self.faults += run.faults[: MAX_FAULTS - len(self.faults)]
        self._pending = self._shown = 0
        self._run = self.partition.begin()
