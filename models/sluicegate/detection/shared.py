"""The counts across tenants as a stream keeps them: all state of one partition of `sightings`, and the runs over it.

It offers what `Partition` offers for the log, so that the same checkpoints carry both on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sluicegate.detection.answers import answers
from sluicegate.detection.calendar import DAY
from sluicegate.detection.count_records import PivotRecord
from sluicegate.detection.log import Counts, LogRecord, Outcome, Output, Volume
from sluicegate.detection.sightings import Sighting, decode_sighting
from sluicegate.detection.state import State, TenantStore, stored
from sluicegate.wire.decode import ALL_TENANTS, Reject
from sluicegate.wire.letters import dead_letter, encode_letter

__all__ = ["SharedPartition", "SharedRun"]

NO_SIGHTING = Reject("schema_violation", "", "expected a sighting.v1 event")
MOST_FORGOTTEN = 100
"""Pivots let go at one record: after a long pause many are due at once, and a checkpoint is to stay short."""


class SharedPartition:
    """What was seen of the accounts, tax ids and wallets of one partition."""

    def __init__(self, topic: str = "sightings", partition: int = 0) -> None:
        """`topic` and `partition` are where the sightings come from, as dead letters call it."""
        self.store = TenantStore()
        self.source = topic, partition
        self.volume = Volume()

    def load(self, key: str, value: bytes | None) -> None:
        """Take over a record of the state topic, in the topic's order; None deletes. `ready` after the last one."""
        _, kind, id = key.split("|", 2)
        self.store.load(kind, id, value)

    def ready(self) -> None:
        """Build what follows from the records: when each is forgotten."""
        self.store.index()
        self.volume = self.store.volume()

    def begin(self) -> SharedRun:
        """A run over the next records; nothing here changes until it is merged."""
        return SharedRun(self)

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Every state record as (key, value), sorted by key."""
        yield from sorted(
            record
            for kind, rows in self.store.records.items()
            for id, value in rows.items()
            for record in stored(ALL_TENANTS, kind, id, value)
        )


class SharedRun:
    """One checkpoint under way: sightings in, counts out."""

    full = False
    """Nothing asks for an early commit."""

    def __init__(self, partition: SharedPartition) -> None:
        self.outputs: list[Output] = []
        self.counts = Counts()
        self.tallies: Counter[tuple[str, ...]] = Counter()
        self.faults: list[Exception] = []
        self._partition = partition
        self._state = State(ALL_TENANTS, partition.store)
        self._source = partition.source
        self._encoded = False

    def apply(self, record: LogRecord) -> Outcome:
        """Enter one sighting and answer it; what is none becomes a dead letter."""
        arrived = record.timestamp * 1000
        self._forget(arrived)
        sighting = decode_sighting(record.value)
        if sighting is None:
            self._refuse(record)
            outcome = Outcome.DEAD_LETTER
        else:
            self._enter(sighting, arrived)
            outcome = Outcome.APPLIED
        self.counts.add(outcome)
        return outcome

    def _enter(self, sighting: Sighting, arrived: int) -> None:
        id = f"{sighting.rule}\n{sighting.pivot}"
        held = self._state.edit(PivotRecord, id)
        if held is None:
            held = PivotRecord()
            self._state.put(id, held)
        key = sighting.pivot.encode("utf-8", "surrogatepass")
        self.outputs += [Output("counts", key, value) for value in answers(held, sighting)]
        days = 1 + 2 * max(seen.days for seen in held.seen)
        due = (arrived // DAY + days) * DAY  # whole days: most sightings of a pivot then leave its timer as it is
        if held.due is None or due > held.due:
            held.due = due
            self._state.schedule(PivotRecord.KIND, id, due)

    def _forget(self, now: int) -> None:
        """Let go of what no sighting can count with any more: by arrival, so that old events read in late count too."""
        for _ in range(MOST_FORGOTTEN):
            timer = self._state.due_timer(now)
            if timer is None:
                return
            self._state.delete(PivotRecord, timer[2])

    def _refuse(self, record: LogRecord) -> None:
        letter = dead_letter(
            NO_SIGHTING,
            record.value,
            topic=self._source[0],
            partition=self._source[1],
            offset=record.offset,
            received_at=record.timestamp * 1000,
            key=record.key,
            headers=record.headers,
        )
        self.outputs.append(Output("dead-letters", letter.key, encode_letter(letter)))
        self.tallies["dead_letter", NO_SIGHTING.reason] += 1

    def changes(self) -> dict[str, bytes | None]:
        """Every changed state record once: state-topic key -> value, None for a deletion."""
        self._encoded = True
        return self._state.changes()

    def merge(self) -> None:
        """Make this run the partition's state; call it after the commit, or not at all."""
        if not self._encoded:
            self.changes()
        self._partition.volume += self._state.grown
        self._state.merge()
