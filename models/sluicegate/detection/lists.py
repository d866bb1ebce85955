"""Sanctions lists as state of a log partition: parts come in, the completing one switches, what is new is screened
again.

What takes effect at the completing part was compared, stored and compiled as its parts came: the switch itself costs
little, and no event waits long for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection.list_records import ListEntryRecord, ListHead, ListPartRecord
from sluicegate.screening.index import CompiledList
from sluicegate.screening.lists import starter
from sluicegate.wire.events import ListEntry
from sluicegate.wire.scalars import dec_hook, enc_hook

if TYPE_CHECKING:
    from sluicegate.detection.library import Key, ListLibrary
    from sluicegate.detection.state import State
    from sluicegate.wire.events import SanctionsUpdate

STARTER = starter.SOURCE.name
LIVE, STAGED, PASSING = "=", "+", "!"
"""Marks in the record ids: in force (or new with a pending update); what a pending update changes; and the same of an
update in one record, which may pass a pending one."""

_encode = msgspec.json.Encoder(enc_hook=enc_hook).encode
_decode = msgspec.json.Decoder(ListEntry, dec_hook=dec_hook).decode


class Screen:
    """The lists in force for a tenant, in order of their names.

    The built-in selection counts only while there is no other list.
    """

    __slots__ = ("lists", "versions")

    def __init__(self, lists: Iterable[CompiledList] = ()) -> None:
        """`lists` in order; of two lists of one name the later one's version is shown."""
        held = tuple(lists)
        self.lists = tuple(one for one in held if one.name != STARTER) or held
        self.versions = {one.name: one.version for one in self.lists}


class Switch(msgspec.Struct, frozen=True):
    """A list update took effect. added: entries that are new or changed, by id, as stored; removed: ids."""

    name: str
    generation: int
    added: dict[str, bytes]
    removed: tuple[str, ...]


class Waiting(msgspec.Struct, frozen=True):
    """An update did not take effect: it is older than what is held (`stale`), or parts of it are missing."""

    stale: bool


class Update:
    """One update, or one part of it, on its way into a partition's state.

    `held` is the list in force, None before its first version: what is new is compiled beside it as it comes.
    """

    def __init__(self, state: State, library: ListLibrary, held: CompiledList | None, data: SanctionsUpdate) -> None:
        self._state, self._library, self._held, self._data = state, library, held, data
        head = state.edit(ListHead, data.list)
        if head is None:
            head = ListHead()
            state.put(data.list, head)
        self._head = head

    def take(self) -> Switch | Waiting:
        """Switch if this completes the update."""
        data, head = self._data, self._head
        published = int(data.published_at)
        if published < head.published or ((data.parts or 1) > 1 and published < head.pending_published):
            return Waiting(stale=True)
        if data.parts is None or data.parts == 1:
            self._take_whole(published)
            return self._switch(head.issued, [self._stage(head.issued, PASSING)], PASSING)
        self._take_part(data.parts, published)
        if len(head.pending_parts) < data.parts:
            return Waiting(stale=False)
        generation, parts = head.pending_generation, list(self._parts())
        self._forget_pending()
        return self._switch(generation, parts, STAGED)

    def _take_whole(self, published: int) -> None:
        if published >= self._head.pending_published:
            self._drop_pending()
        else:
            self._detach_pending()
        self._head.issued += 1

    def _take_part(self, parts: int, published: int) -> None:
        data, head = self._data, self._head
        pending = (data.version, published, data.mode, parts)
        if (head.pending, head.pending_published, head.pending_mode, head.pending_count) != pending:
            self._drop_pending()
            head.pending, head.pending_published, head.pending_mode, head.pending_count = pending
            head.issued += 1
            head.pending_generation = head.issued
        number = data.part or 1
        if number not in head.pending_parts:
            self._state.put(self._part_id(number), self._stage(head.pending_generation, STAGED))
            head.pending_parts = sorted([*head.pending_parts, number])

    def _stage(self, generation: int, mark: str) -> ListPartRecord:
        """Store what the part brings beside what is in force, and compile it."""
        state, part = self._state, ListPartRecord(removed=list(self._data.remove))
        content, news = hashlib.blake2b(self._data.mode.encode(), digest_size=16), {}
        for entry in self._data.add:
            body, id = _encode(entry), entry.entry_id
            content.update(b"%d " % len(body) + body)
            live = state.get(ListEntryRecord, self._id(LIVE, id))
            if live is None or live.generation == generation:
                state.put(self._id(LIVE, id), ListEntryRecord(body, generation))
                part.new.append(id)
            elif live.body == body:
                state.delete(ListEntryRecord, self._id(mark, id))
                part.kept.append(id)
                continue
            else:
                state.put(self._id(mark, id), ListEntryRecord(body, generation))
                part.changed.append(id)
            news[body] = entry
        content.update("\n".join(part.removed).encode("utf-8", "surrogatepass"))
        part.digest = content.digest()
        self._library.stage(self._held, self._data.list, news)
        return part

    def _switch(self, generation: int, parts: list[ListPartRecord], mark: str) -> Switch:
        state, head = self._state, self._head
        listed = {id for part in parts for id in (*part.new, *part.changed, *part.kept)}
        added = [id for part in parts for id in part.new]
        head.entries += len(set(added))
        for id in (id for part in parts for id in part.changed):
            staged, live = (state.get(ListEntryRecord, self._id(one, id)) for one in (mark, LIVE))
            if staged is None:
                continue
            state.delete(ListEntryRecord, self._id(mark, id))
            if live is None or live.body != staged.body:
                head.entries += live is None
                state.put(self._id(LIVE, id), ListEntryRecord(staged.body, generation))
                added.append(id)
        if self._data.mode == "snapshot":
            removed = {id for id, _ in _ids(state, self._data.list, LIVE)} - listed
        else:
            removed = {id for part in parts for id in part.removed} - listed
        removed = {id for id in removed if state.get(ListEntryRecord, self._id(LIVE, id)) is not None}
        for id in removed:
            state.delete(ListEntryRecord, self._id(LIVE, id))
        head.entries -= len(removed)
        head.version, head.published = self._data.version, int(self._data.published_at)
        head.digest = hashlib.blake2b(b"".join([head.digest, *(part.digest for part in parts)])).digest()[:16]
        rows = ((id, state.get(ListEntryRecord, self._id(LIVE, id))) for id in added)
        return Switch(self._data.list, generation, {id: row.body for id, row in rows if row}, tuple(sorted(removed)))

    # an update that waits for more parts

    def _parts(self) -> Iterator[ListPartRecord]:
        for number in self._head.pending_parts:
            part = self._state.get(ListPartRecord, self._part_id(number))
            if part is not None:
                yield part

    def _drop_pending(self) -> None:
        """A newer update supersedes what has come of the pending one."""
        for part in self._parts():
            for mark, ids in ((LIVE, part.new), (STAGED, part.changed)):
                for id in ids:
                    self._state.delete(ListEntryRecord, self._id(mark, id))
        self._forget_pending()

    def _detach_pending(self) -> None:
        """Make what has come of the pending update independent of the entries in force, which are about to change."""
        state, head = self._state, self._head
        for part in self._parts():
            for id in (*part.new, *part.kept):
                row = state.get(ListEntryRecord, self._id(LIVE, id))
                if row is not None:
                    state.put(self._id(STAGED, id), ListEntryRecord(row.body, head.pending_generation))
            for id in part.new:
                state.delete(ListEntryRecord, self._id(LIVE, id))
        for number, part in zip(head.pending_parts, list(self._parts()), strict=True):
            changed = [*part.new, *part.changed, *part.kept]
            state.put(self._part_id(number), ListPartRecord(part.digest, changed=changed, removed=part.removed))

    def _forget_pending(self) -> None:
        head = self._head
        for number in head.pending_parts:
            self._state.delete(ListPartRecord, self._part_id(number))
        head.pending, head.pending_published, head.pending_mode, head.pending_count = "", 0, "", 0
        head.pending_parts, head.pending_generation = [], 0

    def _id(self, mark: str, id: str) -> str:
        return _key(self._data.list, mark) + id

    def _part_id(self, number: int) -> str:
        return _key(self._data.list, "#") + str(number)


def entry_digest(entry: ListEntry) -> bytes:
    """Changes exactly when the content of the entry does."""
    return hashlib.blake2b(_encode(entry), digest_size=16).digest()


def switched(library: ListLibrary, state: State, held: CompiledList | None, switch: Switch) -> CompiledList:
    """The list after a switch, derived from the one before it."""
    key = _library_key(state, switch.name)
    assert key is not None
    parent = held if held is not None else library.seed(switch.name)
    entries = partial(library.staged, switch.name, switch.added.values(), _decode)
    return library.get(key, lambda: parent.derive(key[1], entries(), switch.removed))


def compiled(library: ListLibrary, state: State, name: str) -> CompiledList | None:
    """The list in force by its records; None before its first version."""
    key = _library_key(state, name)
    if key is None:
        return None
    return library.get(key, lambda: CompiledList(name, key[1], map(_decode, _bodies(state, name))))


def added_by(state: State, name: str, generation: int) -> Iterator[str]:
    """Ids of entries that one update added to a list or changed in it, as far as none did so later."""
    for entry_id, record in _ids(state, name, LIVE):
        row = state.get(ListEntryRecord, record)
        if row is not None and row.generation == generation:
            yield entry_id


def is_listed(state: State, name: str, entry_id: str) -> bool:
    """Whether an entry is in force."""
    head, row = state.get(ListHead, name), state.get(ListEntryRecord, _key(name, LIVE) + entry_id)
    return head is not None and row is not None and not _pends(head, row)


def _library_key(state: State, name: str) -> Key | None:
    head = state.get(ListHead, name)
    return (name, head.version, head.digest) if head is not None and head.version else None


def _bodies(state: State, name: str) -> Iterator[bytes]:
    """Stored entries in force."""
    head = state.get(ListHead, name)
    assert head is not None
    for _, record in _ids(state, name, LIVE):
        row = state.get(ListEntryRecord, record)
        if row is not None and not _pends(head, row):
            yield row.body


def _pends(head: ListHead, row: ListEntryRecord) -> bool:
    return head.pending_generation != 0 and row.generation == head.pending_generation


def _key(name: str, mark: str) -> str:
    """Start of the record ids of a list's entries; the length keeps odd names apart."""
    return f"{len(name)} {name}{mark}"


def _ids(state: State, name: str, mark: str) -> Iterator[tuple[str, str]]:
    """(entry id, record id)."""
    prefix = _key(name, mark)
    return ((id[len(prefix) :], id) for id in list(state.ids(ListEntryRecord.KIND)) if id.startswith(prefix))
