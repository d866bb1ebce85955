"""What goes in and out of detection: records of the log, outputs, and the count of what became of them."""

from __future__ import annotations

import enum

import msgspec


class LogRecord(msgspec.Struct, frozen=True):
    """One record of the log `events`; `timestamp` is the record's own, in ms."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Output(msgspec.Struct, frozen=True):
    """A record for an output topic: alerts, signals, decisions or dead-letters; sightings and counts within."""

    topic: str
    key: bytes
    value: bytes


class Volume(msgspec.Struct, frozen=True):
    """How much state is held in memory: records, and bytes of their encoded values.

    >>> Volume(2, 300) + Volume(-1, -100)
    Volume(records=1, bytes=200)
    """

    records: int = 0
    bytes: int = 0

    def __add__(self, other: Volume) -> Volume:
        return Volume(self.records + other.records, self.bytes + other.bytes)


class Outcome(enum.Enum):
    """What became of a log record: each is exactly one of these."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    REPEATED = "repeated"
    DEAD_LETTER = "dead_letter"
    TICK = "tick"


class Counts(msgspec.Struct):
    """Log records by outcome; their sum is the number of records worked through."""

    applied: int = 0
    duplicates: int = 0
    repeated: int = 0
    dead_letters: int = 0
    ticks: int = 0

    def add(self, outcome: Outcome) -> None:
        name = COUNTED[outcome]
        setattr(self, name, getattr(self, name) + 1)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            *(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True))
        )

    @property
    def total(self) -> int:
        return sum(msgspec.structs.astuple(self))


COUNTED = dict(zip(Outcome, Counts.__struct_fields__, strict=True))
