"""The tenant's log for a re-enactment: its lines, and whether it is whole."""

from base64 import b64decode
from collections.abc import Collection, Iterable, Iterator

import msgspec

from sluicegate.replay import EXPORT

__all__ = ["LogLines", "records_of"]

_ALL = "*"
_TOLD = 3
"""Gaps that are told one by one."""


class _Head(msgspec.Struct):
    """First line of an export; `until` is the offset after the last."""

    type: str
    topic: str = "the log"
    partition: int = 0
    begin: int | None = msgspec.field(default=None, name="from")
    until: int | None = None
    tenants: list[str] | None = None


class _Line(msgspec.Struct):
    offset: int
    value: msgspec.Raw = msgspec.Raw(b"")
    value_b64: str | None = None


class _Owner(msgspec.Struct):
    tenantid: str


_HEAD = msgspec.json.Decoder(_Head)
_LINE = msgspec.json.Decoder(_Line)
_OWNER = msgspec.json.Decoder(_Owner)


class LogLines:
    """Lines of an exported log as `Replay.feed` takes them; of the tenants only, since no other changes their alerts.

    Iterate once. A file of plain events is handed on as it is.
    """

    def __init__(self, name: str, lines: Iterable[bytes], tenants: Collection[str]) -> None:
        self.notes: list[str] = []
        """Why what comes out may differ from what the stream saw; complete after the last line."""
        self.taken = 0
        """Records of the tenants or of all tenants."""
        self.name = name
        self._lines = iter(lines)
        self._tenants = tenants
        self._following: int | None = None
        self._gaps = 0
        self._last: int | None = None
        self.first = next(self._lines, b"")
        self.head = _head(self.first)
        """None for a file of plain events."""

    def said(self) -> Iterator[str]:
        """How far the log was read, and whether it was whole."""
        if self.head is not None and self._last is not None:
            whole = "" if self.notes else ": whole"
            yield f"{self._place(self.head)} up to offset {self._last}{whole}"
        yield from self.notes

    def __iter__(self) -> Iterator[bytes]:
        """Raises ValueError where a line is no record of an export."""
        if self.head is None:
            yield from self._plain()
            return
        yield self.first
        self._begin(self.head)
        for line in self._lines:
            if not line.strip():
                continue
            record = _LINE.decode(line)
            self._count(record.offset, self.head)
            owner = _owner(record)
            if owner is None or owner == _ALL or owner in self._tenants:
                self.taken += owner in self._tenants
                yield line
        self._end(self.head)

    def _plain(self) -> Iterator[bytes]:
        self.notes.append(f"{self.name} is no exported log: its events are taken in the order of its lines")
        yield self.first
        self.taken += 1
        for line in self._lines:
            self.taken += 1
            yield line

    def _begin(self, head: _Head) -> None:
        if head.begin is None or head.until is None:
            self.notes.append(f"{self.name} does not say which offsets it holds: records may be missing")
        elif head.begin > 0:
            self.notes.append(f"{self._place(head)} begins at offset {head.begin}: what came before is not known here")
        if head.tenants is not None:
            self.notes.append(f"{self.name} is an export of {', '.join(head.tenants)} only: gaps cannot be seen in it")
        self._following = head.begin if head.tenants is None else None

    def _count(self, offset: int, head: _Head) -> None:
        self._last = offset
        if self._following is None:
            return
        if offset != self._following:
            self._gaps += 1
            if self._gaps <= _TOLD:
                said = f"offset {offset} follows {self._following - 1}: records are missing or out of order"
                self.notes.append(f"{self._place(head)}: {said}")
        self._following = offset + 1

    def _end(self, head: _Head) -> None:
        if self._gaps > _TOLD:
            self.notes.append(f"{self._place(head)}: {self._gaps - _TOLD} more such gaps")
        if self._following is not None and head.until is not None and self._following < head.until:
            self.notes.append(f"{self._place(head)} ends before offset {self._following}, not {head.until}")

    def _place(self, head: _Head) -> str:
        place = f"{head.topic}/{head.partition}"
        return place if self.name == place else f"{self.name} ({place})"


def _head(line: bytes) -> _Head | None:
    try:
        head = _HEAD.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return head if head.type == EXPORT else None


def records_of(line: bytes) -> int:
    """Offsets that an export with this first line spans; 0 where it does not say."""
    head = _head(line)
    return head.until - head.begin if head is not None and head.until is not None and head.begin is not None else 0


def _owner(record: _Line) -> str | None:
    """The tenant that the event names; None where it names none, and will be a dead letter."""
    value = b64decode(record.value_b64) if record.value_b64 is not None else record.value
    try:
        return _OWNER.decode(value).tenantid
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
