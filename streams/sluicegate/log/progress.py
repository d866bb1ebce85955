"""How far a partition of a journal is worked through: one record of its state, written in every checkpoint.

>>> start = Progress.start(topic_id="5f0c", partitions=4)
>>> start.following, start.counts
(0, Tally(applied=0, duplicates=0, repeated=0, dead_letters=0, ticks=0))
>>> Progress.decode(start.encode()) == start
True
"""

import hashlib

import msgspec
from aiokafka.structs import ConsumerRecord

from sluicegate.errors import StateUnreadableError
from sluicegate.version import __version__

__all__ = ["KEY", "Progress", "Tally", "digest"]

KEY = "*|progress|"
VERSION = 1


class Tally(msgspec.Struct, frozen=True):
    """What became of the records; the terms of the invariant."""

    applied: int = 0
    duplicates: int = 0
    repeated: int = 0
    dead_letters: int = 0
    ticks: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            *(a + b for a, b in zip(msgspec.structs.astuple(self), msgspec.structs.astuple(other), strict=True))
        )

    @property
    def total(self) -> int:
        return sum(msgspec.structs.astuple(self))


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The last record applied, and enough about it to know the topic again.

    Invariant for the log: `offset` + 1 - `first` = `counts.total`, since its offsets have no gaps.
    """

    version: int = VERSION
    first: int
    """Offset at which the state begins: the topic's first record when the state was begun."""
    offset: int
    """Last record applied; `first` - 1 before any."""
    timestamp: int
    """Of that record, ms; -1 before any."""
    hash: str
    """Of that record's key, value and timestamp; empty before any."""
    topic_id: str
    partitions: int
    """Of the topic: tenants and pivots lie in other partitions when it changes."""
    counts: Tally
    code: str = __version__

    @classmethod
    def start(cls, *, topic_id: str, partitions: int, first: int = 0) -> "Progress":
        return cls(
            first=first,
            offset=first - 1,
            timestamp=-1,
            hash="",
            topic_id=topic_id,
            partitions=partitions,
            counts=Tally(),
        )

    @property
    def following(self) -> int:
        """Offset of the next record to apply."""
        return self.offset + 1

    @property
    def balanced(self) -> bool:
        """Whether every record up to here is accounted for."""
        return self.counts.total == self.following - self.first

    def after(self, last: ConsumerRecord, counts: Tally) -> "Progress":
        """Progress once `last` and all before it are applied; `counts` are those of this checkpoint."""
        return msgspec.structs.replace(
            self,
            offset=last.offset,
            timestamp=last.timestamp,
            hash=digest(last),
            counts=self.counts + counts,
            code=__version__,
        )

    def encode(self) -> bytes:
        return msgspec.json.encode(self)

    @staticmethod
    def decode(value: bytes) -> "Progress":
        """Raises StateUnreadableError for a version this code does not know."""
        try:
            version = msgspec.json.decode(value, type=_Version).version
            if version == VERSION:
                return msgspec.json.decode(value, type=Progress)
        except msgspec.DecodeError as error:
            raise StateUnreadableError(f"the progress record does not decode: {error}") from None
        raise StateUnreadableError(
            f"the progress record has version {version}; this is {__version__}, which knows {VERSION}"
        )


class _Version(msgspec.Struct):
    version: int


def digest(record: ConsumerRecord) -> str:
    """Of what a log record says, apart from its offset and headers."""
    value = hashlib.blake2b(digest_size=16)
    for part in (record.key, record.value):
        value.update(b"-" if part is None else b"%d:" % len(part) + part)
    value.update(b"%d" % record.timestamp)
    return value.hexdigest()
