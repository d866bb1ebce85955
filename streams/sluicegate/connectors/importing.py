"""A file through its connector: every transaction becomes one event, or one dead letter with its place.

Each event is checked before it leaves, as intake would check it, so that what is wrong shows with the file's line and
not hours later with an offset. Memory does not grow with the file.
"""

from __future__ import annotations

import gzip
import os
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from sluicegate.connectors.base import Connector, Context, Control, Faulty, Place, Survey, Transaction
from sluicegate.connectors.ids import encode
from sluicegate.errors import FileRefusedError
from sluicegate.version import __version__
from sluicegate.wire.decode import Reject, decode
from sluicegate.wire.events import TYPES
from sluicegate.wire.letters import DeadLetter, Detail
from sluicegate.wire.scalars import format_time

__all__ = ["Imported", "Item", "Refused", "Sound", "digest_of", "items", "seekable", "sniffed"]

_BLOCK = 1 << 20
_HEAD = 4096
_GZIP = b"\x1f\x8b"
_SPOOL = 8 << 20
"""Bytes of what cannot be read twice that are held in memory; more goes to a file of its own, which has no name."""


class Sound(NamedTuple):
    """An event, ready for its topic (contract name)."""

    place: Place
    topic: str
    value: bytes


class Refused(NamedTuple):
    """A transaction that became a dead letter."""

    place: Place
    letter: DeadLetter


Item = Sound | Refused


class Imported(msgspec.Struct):
    """What became of a file: `transactions` is the sum of `events` and `refused`."""

    transactions: int = 0
    events: Counter[str] = msgspec.field(default_factory=Counter)
    """By type."""
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    """By reason."""
    controls: tuple[Control, ...] = ()
    skipped: dict[str, int] = {}

    @property
    def differing(self) -> tuple[Control, ...]:
        """Controls that do not agree."""
        return tuple(control for control in self.controls if not control.ok)

    def begin(self, survey: Survey) -> None:
        self.controls, self.skipped = survey.controls, survey.skipped

    def take(self, item: Item) -> None:
        self.transactions += 1
        if isinstance(item, Sound):
            self.events[item.topic] += 1
        else:
            self.refused[item.letter.reason] += 1


def digest_of(file: BinaryIO, context: Context) -> str:
    """16 hexadecimal digits that name a file by its content; left at its beginning."""
    running = context.keys.running()
    file.seek(0)
    while block := file.read(_BLOCK):
        running.update(block)
    file.seek(0)
    return running.hexdigest()[:16]


def items(
    connector: Connector, file: BinaryIO, context: Context, survey: Survey, digest: str, *, arrives: bool = True
) -> Iterator[Item]:
    """Every transaction of the file, in its order. Raises FileRefusedError where the file breaks off.

    `arrives`: the events are sent now, so none may be more than a day ahead.
    """
    source = f"files/{connector.name}/{digest}"
    file.seek(0)
    for item in connector.read(file, context, survey):
        now = time.time_ns() // 1000
        if isinstance(item, Faulty):
            yield Refused(item.place, _letter(item, source, context, now))
            continue
        value = encode(connector.name, context, item)
        checked = decode(value, topic=TYPES[item.type].topic, arrival_ms=now // 1000 if arrives else None)
        if isinstance(checked, Reject):
            yield Refused(item.place, _letter(_faulty(item, checked, value), source, context, now))
        else:
            yield Sound(item.place, TYPES[item.type].topic, value)


def _faulty(transaction: Transaction, reject: Reject, value: bytes) -> Faulty:
    message = f"{reject.path}: {reject.message}" if reject.path else reject.message
    return Faulty(transaction.position, transaction.place, reject.reason, message, value)


def _letter(faulty: Faulty, source: str, context: Context, now: int) -> DeadLetter:
    """Without the record itself, which holds account numbers; its digest is keyed for the same reason."""
    return DeadLetter(
        topic=source,
        partition=0,
        offset=faulty.position,
        headers={},
        key_b64=None,
        value_b64=None,
        reason=faulty.reason,
        detail=Detail(str(faulty.place), faulty.message),
        code_version=__version__,
        received_at=format_time(now),
        value_sha256=context.keys.digest(faulty.raw),
        value_bytes=len(faulty.raw),
    )


@contextmanager
def seekable(raw: BinaryIO, name: str, advance: Callable[[int], None] = lambda _: None) -> Iterator[BinaryIO]:
    """The file itself, or what is in it where it cannot be read twice: a pipe, or gzip, which is unpacked.

    `advance` is told the bytes that were copied. Raises FileRefusedError where gzip is damaged.
    """
    if hasattr(raw, "peek"):
        head = raw.peek(2)[:2]
    else:
        head = raw.read(2)
        raw.seek(-len(head), os.SEEK_CUR)
    zipped = head == _GZIP
    if raw.seekable() and not zipped:
        yield raw
        return
    with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
        source = gzip.GzipFile(fileobj=raw) if zipped else raw
        try:
            while block := source.read(_BLOCK):
                spool.write(block)
                advance(len(block))
        except (EOFError, OSError, zlib.error) as error:
            raise FileRefusedError(f"{name}: its compression is damaged ({error}); ask for the file again") from None
        spool.seek(0)
        yield spool  # type: ignore[misc]  # has all of BinaryIO but a few attributes that nobody asks for


def sniffed(path: Path, connectors: Mapping[str, Connector]) -> Connector | None:
    """The connector that a file looks like by its first bytes, then by its name; None where none or several do."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head[:2] == _GZIP:
        with suppress(EOFError, OSError, zlib.error), gzip.open(path) as file:
            head = file.read(_HEAD)
    looks = [one for one in connectors.values() if one.sniff(head)]
    suffix = path.with_suffix("").suffix if path.suffix.lower() == ".gz" else path.suffix
    named = [one for one in looks or connectors.values() if suffix.lower() in one.suffixes]
    found = named if len(looks) != 1 else looks
    return found[0] if len(found) == 1 else None
