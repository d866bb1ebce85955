"""Makes `sanctions.update.v1` events of snapshots: what changed since the last one sent there, or all, in parts."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Literal

import msgspec

from sluicegate.errors import SnapshotDamagedError
from sluicegate.lists.loaded import LoadedList, entry_line
from sluicegate.lists.store import Published, Store
from sluicegate.screening.lists.base import ListRefused
from sluicegate.screening.lists.diff import compare
from sluicegate.wire.scalars import format_time, parse_time

__all__ = ["MAX_PART_BYTES", "Update", "parts_of", "plan"]

MAX_PART_BYTES = 256 << 10
"""Of the entries and ids in one part; a record may have 1 MiB."""
_MAX_ENTRY_BYTES = 900 << 10


class Update(msgspec.Struct, frozen=True):
    """A list update, ready to be sent in order under one key. since: the version that a delta starts from."""

    list: str
    version: str
    mode: Literal["snapshot", "delta"]
    since: str
    published_at: str
    added: int
    removed: int
    events: tuple[bytes, ...]


def plan(
    store: Store, name: str, last: Published | None, now: int, *, tenant: str = "*", full: bool = False, size: int = 200
) -> Update | None:
    """What is to be sent so that the stream has the version in force; None where it has it.

    last: what was sent there before; now: µs since 1970 UTC; size: most entries of a part. An update is published
    later than the one before, or the stream would drop it. Raises SnapshotDamagedError where the version in force
    cannot be read, ListRefused where an entry is too large to send.
    """
    current = store.current(name)
    if current is None:
        raise ListRefused(f"{name}: there is no snapshot of it to publish; `sluicegate lists update {name}` makes one")
    if last is not None and last.version == current.version and not full:
        return None
    before = parse_time(last.published_at) if last is not None else None
    published = max(now // 1000 * 1000, before + 1000 if before is not None else 0)
    base = None if last is None or full else _base(store, name, last.version)
    mode: Literal["snapshot", "delta"] = "snapshot"
    add, remove = current.entries, tuple[str, ...]()
    if base is not None:
        mode = "delta"
        difference = compare(base.entries, current.entries)
        wanted = {*difference.added, *(change.entry_id for change in difference.changed)}
        add, remove = tuple(entry for entry in current.entries if entry.entry_id in wanted), difference.removed
    about = {"list": name, "version": current.version, "published_at": format_time(published), "mode": mode}
    parts = list(parts_of(((entry.entry_id, entry_line(entry)) for entry in add), remove, size))
    events = tuple(
        _event(about | {"part": number, "parts": len(parts)} | part, tenant, format_time(now))
        for number, part in enumerate(parts, 1)
    )
    since = base.version if base is not None else ""
    return Update(name, current.version, mode, since, about["published_at"], len(add), len(remove), events)


def parts_of(
    add: Iterable[tuple[str, bytes]], remove: Iterable[str], size: int, limit: int = MAX_PART_BYTES
) -> Iterator[dict[str, object]]:
    """`add` and `remove` of each part: at most `size` entries (id and JSON), and `limit` bytes where an entry has not
    more by itself. At least one part, which may be empty.

    >>> entries = [("1", b'{"entry_id":"1"}'), ("2", b'{"entry_id":"2"}'), ("3", b'{"entry_id":"3"}')]
    >>> [(len(part["add"]), len(part["remove"])) for part in parts_of(entries, ["7", "8"], 2)]
    [(2, 2), (1, 0)]
    """
    adds = _chunks(((msgspec.Raw(line), _checked(id, line)) for id, line in add), size, limit)
    removes = _chunks(((id, 6 * len(id) + 3) for id in remove), 4000, limit)  # 6: an escaped character
    empty = True
    for added, removed in zip_longest(adds, removes, fillvalue=()):
        empty = False
        yield {"add": added, "remove": removed}
    if empty:
        yield {"add": (), "remove": ()}


def _chunks(items: Iterable[tuple[object, int]], size: int, limit: int) -> Iterator[list[object]]:
    held: list[object] = []
    total = 0
    for item, length in items:
        if held and (len(held) == size or total + length > limit):
            yield held
            held, total = [], 0
        held.append(item)
        total += length
    if held:
        yield held


def _checked(entry_id: str, line: bytes) -> int:
    if len(line) > _MAX_ENTRY_BYTES:
        raise ListRefused(f"entry {entry_id}: {len(line):,} bytes do not fit into one record of 1 MiB")
    return len(line)


def _base(store: Store, name: str, version: str) -> LoadedList | None:
    try:
        return store.load(name, version)
    except SnapshotDamagedError:
        return None


def _event(data: Mapping[str, object], tenant: str, time: str) -> bytes:
    """One part as a CloudEvent. Its id follows from what it is: sent twice by a retry, it is known."""
    what = [tenant, *(str(data[field]) for field in ("list", "version", "published_at", "mode", "part", "parts"))]
    envelope = {
        "specversion": "1.0",
        "id": hashlib.sha256("\0".join(what).encode()).hexdigest()[:32],
        "source": "/sluicegate/lists",
        "type": "sanctions.update.v1",
        "time": time,
        "tenantid": tenant,
        "data": data,
    }
    return msgspec.json.encode(envelope)
