"""Sanctions lists as state of a log partition: parts come in, the completing one switches, what is new is screened
again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection.records import ListEntryRecord, ListHead
from sluicegate.screening.index import CompiledList
from sluicegate.wire.events import ListEntry
from sluicegate.wire.scalars import dec_hook, enc_hook

if TYPE_CHECKING:
    from sluicegate.detection.state import State
    from sluicegate.wire.events import SanctionsUpdate

LIVE, ADDED, REMOVED = "=", "+", "-"
"""Marks in the record ids: in force, and staged by parts of an update that is not complete."""
MAX_COMPILED = 32

_encode = msgspec.json.Encoder(enc_hook=enc_hook).encode
_decode = msgspec.json.Decoder(ListEntry, dec_hook=dec_hook).decode


class Screen:
    """The lists in force for a tenant, in order of their names."""

    __slots__ = ("lists", "versions")

    def __init__(self, lists: Iterable[CompiledList] = ()) -> None:
        """`lists` in order; of two lists of one name the later one's version is shown."""
        self.lists = tuple(lists)
        self.versions = {one.name: one.version for one in self.lists}


class ListLibrary:
    """Compiled lists, shared by the partitions of a worker: immutable, known by name, version and content."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, bytes], CompiledList] = {}

    def get(self, name: str, version: str, digest: bytes, entries: Callable[[], Iterable[ListEntry]]) -> CompiledList:
        """The list of that name, version and content; `entries` is asked where it is not held."""
        key = (name, version, digest)
        held = self._held.pop(key, None)
        if held is None:
            held = CompiledList(name, version, entries())
            while len(self._held) >= MAX_COMPILED:
                self._held.pop(next(iter(self._held)))
        self._held[key] = held
        return held


class Switch(msgspec.Struct, frozen=True):
    """A list update took effect: whether anything was added or changed, and under which generation it stands."""

    name: str
    generation: int
    news: bool


def entry_digest(entry: ListEntry) -> bytes:
    """Changes exactly when the content of the entry does."""
    return hashlib.blake2b(_encode(entry), digest_size=16).digest()


class Waiting(msgspec.Struct, frozen=True):
    """An update did not take effect: it is older than what is held (`stale`), or parts of it are missing."""

    stale: bool


def take_update(state: State, data: SanctionsUpdate) -> Switch | Waiting:
    """Take in an update, or one part of it."""
    head = state.edit(ListHead, data.list)
    if head is None:
        head = ListHead()
        state.put(data.list, head)
    published = int(data.published_at)
    if published < head.published:
        return Waiting(stale=True)
    added = {entry.entry_id: _encode(entry) for entry in data.add}
    removed = set(data.remove)
    if data.parts is not None and data.parts > 1:
        if published < head.pending_published:
            return Waiting(stale=True)
        if not _stage(state, head, data, added, removed):
            return Waiting(stale=False)
        added = {id: row.body for id, row in _rows(state, data.list, ADDED)}
        removed = {id for id, _ in _rows(state, data.list, REMOVED)}
    if published >= head.pending_published:
        _unstage(state, head, data.list)
    switch = _switch(state, head, data, added, removed)
    head.version, head.published = data.version, published
    return switch


def _stage(state: State, head: ListHead, data: SanctionsUpdate, added: dict[str, bytes], removed: set[str]) -> bool:
    published = int(data.published_at)
    if (head.pending, head.pending_published, head.pending_mode) != (data.version, published, data.mode):
        _unstage(state, head, data.list)
        head.pending, head.pending_published, head.pending_mode = data.version, published, data.mode
    part = data.part or 1
    for id, body in added.items():
        state.put(_key(data.list, ADDED) + id, ListEntryRecord(body))
    for id in removed:
        state.put(_key(data.list, REMOVED) + id, ListEntryRecord(b""))
    if part not in head.pending_parts:
        head.pending_parts = sorted([*head.pending_parts, part])
    return len(head.pending_parts) >= (data.parts or 1)


def _unstage(state: State, head: ListHead, name: str) -> None:
    if head.pending_parts:
        for mark in (ADDED, REMOVED):
            for id in [id for id, _ in _rows(state, name, mark)]:
                state.delete(ListEntryRecord, _key(name, mark) + id)
    head.pending, head.pending_published, head.pending_mode, head.pending_parts = "", 0, "", []


def _switch(state: State, head: ListHead, data: SanctionsUpdate, added: dict[str, bytes], removed: set[str]) -> Switch:
    head.generation += 1
    news = False
    if data.mode == "snapshot":
        removed = {id for id, _ in _rows(state, data.list, LIVE)} - added.keys()
    for id in removed:
        key = _key(data.list, LIVE) + id
        if state.get(ListEntryRecord, key) is not None:
            state.delete(ListEntryRecord, key)
            head.entries -= 1
    for id, body in added.items():
        key = _key(data.list, LIVE) + id
        held = state.get(ListEntryRecord, key)
        if held is None or held.body != body:
            head.entries += held is None
            state.put(key, ListEntryRecord(body, head.generation))
            news = True
    content = hashlib.sha256()
    for id, row in sorted(_rows(state, data.list, LIVE)):
        content.update(f"{len(id)} {id} {len(row.body)} ".encode() + row.body)
    head.digest = content.digest()
    return Switch(data.list, head.generation, news)


def compiled(library: ListLibrary, state: State, name: str) -> CompiledList | None:
    """The list in force; None before its first version."""
    head = state.get(ListHead, name)
    if head is None or not head.version:
        return None
    return library.get(
        name, head.version, head.digest, lambda: (_decode(row.body) for _, row in _rows(state, name, LIVE))
    )


def added_by(state: State, name: str, generation: int, whole: CompiledList | None) -> CompiledList | None:
    """What one update added to a list or changed in it; `whole` is the list in force."""
    rows = [row for _, row in _rows(state, name, LIVE)]
    news = [row for row in rows if row.generation == generation]
    if whole is None or len(news) == len(rows):
        return whole
    return CompiledList(name, whole.version, [_decode(row.body) for row in news])


def _key(name: str, mark: str) -> str:
    """Start of the record ids of a list's entries; the length keeps odd names apart."""
    return f"{len(name)} {name}{mark}"


def _rows(state: State, name: str, mark: str) -> Iterator[tuple[str, ListEntryRecord]]:
    prefix = _key(name, mark)
    for id in list(state.ids(ListEntryRecord.KIND)):
        if id.startswith(prefix):
            row = state.get(ListEntryRecord, id)
            if row is not None:
                yield id[len(prefix) :], row
