"""The core as it is, which notes what takes a millisecond or more, and for how long the event loop was held up.

Each line of the file that the environment names in `TIMES` is `[at, what, seconds]`, `at` in seconds since 1970 at the
end. `what` is one of KINDS.
"""

import asyncio
import gc
import os
import time
from pathlib import Path
from typing import NamedTuple, TextIO

import msgspec

from sluicegate.detection.library import ListLibrary
from sluicegate.detection.list_records import RescreenRecord
from sluicegate.detection.partition import LogRecord, Outcome, Partition, Run
from sluicegate.detection.step import ALL

TIMES = "BENCH_TIMES"
KINDS = {
    "event": "an event",
    "slice": "an event with a slice of re-screening",
    "tick": "a tick of all tenants' clocks",
    "part": "a list's part that completes nothing",
    "switch": "a list's part that completes it",
    "changes": "encoding a checkpoint's state records",
    "merge": "merging a checkpoint",
    "gc": "the collector of reference cycles",
    "hold": "the event loop is late",
}
_LEAST = 0.001
_BEAT = 0.005


class Note(NamedTuple):
    at: float
    what: str
    seconds: float


def notes(path: Path) -> list[Note]:
    """What a worker noted so far."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [Note(*msgspec.json.decode(line, type=tuple[float, str, float])) for line in lines]


class Notebook:
    """Appends to the file; shared by all partitions of the process."""

    def __init__(self, path: str) -> None:
        self._file: TextIO = Path(path).open("a", buffering=1)  # noqa: SIM115 - as long as the process
        self._collecting = 0.0
        self._beating: asyncio.Task[None] | None = None
        gc.callbacks.append(self._collected)

    def take(self, what: str, began: float) -> None:
        """`began` by time.perf_counter."""
        seconds = time.perf_counter() - began
        if seconds >= _LEAST or what in ("part", "switch"):
            self._file.write(msgspec.json.encode([time.time(), what, seconds]).decode() + "\n")

    def watch_loop(self) -> None:
        """Once; within the loop that is watched."""
        if self._beating is None:
            self._beating = asyncio.get_running_loop().create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            due = time.perf_counter() + _BEAT
            await asyncio.sleep(_BEAT)
            self.take("hold", due)

    def _collected(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._collecting = time.perf_counter()
        else:
            self.take("gc", self._collecting)


class TimedPartition(Partition):
    """As a worker makes it, with one library for all."""

    _library = ListLibrary()
    notebook: Notebook | None = None

    def __init__(self) -> None:
        super().__init__(self._library)
        if TimedPartition.notebook is None:
            TimedPartition.notebook = Notebook(os.environ[TIMES])

    def begin(self) -> Run:
        assert self.notebook is not None
        self.notebook.watch_loop()
        return TimedRun(self, self.notebook)


class TimedRun(Run):
    """Times what a checkpoint asks for."""

    def __init__(self, partition: Partition, notebook: Notebook) -> None:
        super().__init__(partition)
        self._notebook = notebook

    def apply(self, record: LogRecord) -> Outcome:
        what, switches = self._kind(record), self._switches()
        began = time.perf_counter()
        outcome = super().apply(record)
        self._notebook.take("switch" if self._switches() > switches else what, began)
        return outcome

    def _kind(self, record: LogRecord) -> str:
        key = (record.key or b"").decode()
        if key == ALL and not record.headers:
            return "tick"
        if record.headers and record.headers[0][1].endswith(b"sanctions"):
            return "part"
        return "slice" if self.state(key).has(RescreenRecord.KIND) else "event"

    def _switches(self) -> int:
        return sum(times for (what, *_), times in self.tallies.items() if what == "list_switch")

    def changes(self) -> dict[str, bytes | None]:
        began = time.perf_counter()
        found = super().changes()
        self._notebook.take("changes", began)
        return found

    def merge(self) -> None:
        began = time.perf_counter()
        super().merge()
        self._notebook.take("merge", began)
