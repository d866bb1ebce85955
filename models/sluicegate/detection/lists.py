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
        self.lists = tuple(sorted(lists, key=lambda one: one.name))
        self.versions = {one.name: one.version for one in self.lists}


class ListLibrary:
    """Compiled lists, shared by the partitions of a worker: immutable, known by name, version and content."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str, bytes, int], CompiledList] = {}

    def get(
        self, name: str, version: str, digest: bytes, generation: int, entries: Callable[[], Iterable[ListEntry]]
    ) -> CompiledList:
        """The list of that content; `generation` 0 is the whole, another what came with that update."""
        key = (name, version, digest, generation)
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


def take_update(state: State, data: SanctionsUpdate) -> Switch | None:
    """Take in an update, or one part of it; None while parts are missing, or when it is older than what is held."""
    head = state.edit(ListHead, data.list)
    if head is None:
        head = ListHead()
        state.put(data.list, head)
    published = int(data.published_at)
    if published < head.published:
        return None
    added = {entry.entry_id: _encode(entry) for entry in data.add}
    removed = set(data.remove)
    if data.parts is not None and data.parts > 1:
        if not _stage(state, head, data, added, removed):
            return None
        added = {id: row.body for id, row in _rows(state, data.list, ADDED)}
        removed = {id for id, _ in _rows(state, data.list, REMOVED)}
    _unstage(state, head, data.list)
    switch = _switch(state, head, data, added, removed)
    head.version, head.published = data.version, published
    return switch


def _stage(state: State, head: ListHead, data: SanctionsUpdate, added: dict[str, bytes], removed: set[str]) -> bool:
    published = int(data.published_at)
    if published < head.pending_published:
        return False
    if (head.pending, head.pending_published, head.pending_mode) != (data.version, published, data.mode):
        _unstage(state, head, data.list)
        head.pending, head.pending_published, head.pending_mode = data.version, published, data.mode
    part = data.part or 1
    for id, body in added.items():
        state.put(f"{data.list}\n{ADDED}{id}", ListEntryRecord(body))
    for id in removed:
        state.put(f"{data.list}\n{REMOVED}{id}", ListEntryRecord(b""))
    if part not in head.pending_parts:
        head.pending_parts = sorted([*head.pending_parts, part])
    return len(head.pending_parts) >= (data.parts or 1)


def _unstage(state: State, head: ListHead, name: str) -> None:
    if head.pending_parts:
        for mark in (ADDED, REMOVED):
            for id in [id for id, _ in _rows(state, name, mark)]:
                state.delete(ListEntryRecord, f"{name}\n{mark}{id}")
    head.pending, head.pending_published, head.pending_mode, head.pending_parts = "", 0, "", []


def _switch(state: State, head: ListHead, data: SanctionsUpdate, added: dict[str, bytes], removed: set[str]) -> Switch:
    head.generation += 1
    news = False
    if data.mode == "snapshot":
        removed = {id for id, _ in _rows(state, data.list, LIVE)} - added.keys()
    for id in removed:
        key = f"{data.list}\n{LIVE}{id}"
        if state.get(ListEntryRecord, key) is not None:
            state.delete(ListEntryRecord, key)
            head.entries -= 1
    for id, body in added.items():
        key = f"{data.list}\n{LIVE}{id}"
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


def compiled(library: ListLibrary, state: State, name: str, generation: int = 0) -> CompiledList | None:
    """The list in force, or only what one update added to it; None before its first version."""
    head = state.get(ListHead, name)
    if head is None or not head.version:
        return None

    def entries() -> Iterator[ListEntry]:
        for _, row in _rows(state, name, LIVE):
            if not generation or row.generation == generation:
                yield _decode(row.body)

    return library.get(name, head.version, head.digest, generation, entries)


def _rows(state: State, name: str, mark: str) -> Iterator[tuple[str, ListEntryRecord]]:
    prefix = f"{name}\n{mark}"
    for id in list(state.ids(ListEntryRecord.KIND)):
        if id.startswith(prefix):
            row = state.get(ListEntryRecord, id)
            if row is not None:
                yield id[len(prefix) :], row
