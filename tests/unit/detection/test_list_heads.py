"""What the state holds of a list while updates of it come in, whole and in parts, and who is screened by which."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sluicegate.detection.library import ListLibrary
from sluicegate.detection.list_records import ListEntryRecord, ListHead, ListPartRecord
from sluicegate.detection.lists import STARTER, Screen, Switch, Update, Waiting, added_by, compiled, is_listed, switched
from sluicegate.detection.state import State, TenantStore
from sluicegate.screening.index import CompiledList
from sluicegate.wire.events import SanctionsUpdate
from sluicegate.wire.scalars import dec_hook
from tests.unit.detection.test_list_updates import by_id, entry


def update(*entries: dict[str, Any], day: int = 1, version: str = "v1", **more: Any) -> SanctionsUpdate:
    data = {"list": "L", "version": version, "published_at": f"2026-01-0{day}T00:00:00Z", "mode": "snapshot"}
    return msgspec.convert(data | {"add": list(entries)} | more, SanctionsUpdate, dec_hook=dec_hook)


def part(number: int | None, *entries: dict[str, Any], of: int = 2, **more: Any) -> SanctionsUpdate:
    numbers: dict[str, Any] = {"parts": of} if number is None else {"part": number, "parts": of}
    return update(*entries, **numbers | more)


class Held:
    """The state of one partition's lists, each update in a checkpoint of its own."""

    def __init__(self) -> None:
        self.store, self.library = TenantStore(), ListLibrary()
        self.compiled: CompiledList | None = None

    def take(self, data: SanctionsUpdate) -> Switch | Waiting:
        state = State("*", self.store)
        told = Update(state, self.library, self.compiled, data).take()
        if isinstance(told, Switch):
            self.compiled = switched(self.library, state, self.compiled, told)
        state.changes()
        state.merge()
        return told

    @property
    def state(self) -> State:
        return State("*", self.store)

    @property
    def head(self) -> ListHead:
        found = self.state.get(ListHead, "L")
        assert found is not None
        return found

    @property
    def ids(self) -> list[str]:
        """Ids of the records of entries."""
        return sorted(self.store.records.get(ListEntryRecord.KIND, {}))

    @property
    def contents(self) -> dict[str, int]:
        """How long the x behind each name in force is."""
        return {id: one.names[0].name.count("x") for id, one in by_id(self.compiled).items()}


def test_entries_are_counted_and_updates_numbered() -> None:
    held = Held()
    assert isinstance(held.take(update(entry("a", 0), entry("b", 0), entry("c", 0))), Switch)
    assert (held.head.entries, held.head.issued) == (3, 1)
    held.take(update(entry("b", 1), entry("d", 0), day=2, mode="delta", remove=["a", "zz"]))
    assert (held.head.entries, held.head.issued) == (3, 2)
    held.take(update(entry("b", 1), day=3))
    assert (held.head.entries, held.head.issued) == (1, 3)
    assert held.contents == {"b": 1}


def test_entries_are_kept_under_the_list_and_their_mark() -> None:
    held = Held()
    held.take(update(entry("a", 0)))
    assert held.ids == ["1 L=a"]
    held.take(part(1, entry("a", 1), entry("n", 0), day=2))
    assert held.ids == ["1 L+a", "1 L=a", "1 L=n"]
    assert list(held.store.records[ListPartRecord.KIND]) == ["1 L#1"]
    assert isinstance(held.take(part(2, day=2)), Switch)
    assert held.ids == ["1 L=a", "1 L=n"]
    assert not held.store.records[ListPartRecord.KIND]


def test_head_remembers_nothing_of_an_update_that_is_complete() -> None:
    held = Held()
    held.take(part(2, entry("a", 0)))
    head = held.head
    assert (head.pending, head.pending_mode, head.pending_count, head.pending_parts) == ("v1", "snapshot", 2, [2])
    held.take(part(1))
    head, new = held.head, ListHead()
    assert [getattr(head, name) for name in head.__struct_fields__ if name.startswith("pending")] == [
        getattr(new, name) for name in new.__struct_fields__ if name.startswith("pending")
    ]


def test_part_without_a_number_is_the_first() -> None:
    held = Held()
    assert held.take(part(None, entry("a", 0))) == Waiting(stale=False)
    assert held.head.pending_parts == [1]
    assert isinstance(held.take(part(2, entry("b", 0))), Switch)


def test_entries_of_a_first_version_are_not_in_force_before_its_last_part() -> None:
    held = Held()
    held.take(part(1, entry("a", 0)))
    assert not is_listed(held.state, "L", "a")
    assert compiled(ListLibrary(), held.state, "L") is None
    held.take(part(2, entry("b", 0)))
    assert is_listed(held.state, "L", "a")
    assert held.head.entries == 2


def test_part_of_an_update_older_than_the_pending_one_is_stale() -> None:
    held = Held()
    held.take(part(1, entry("a", 0), day=3, version="v3"))
    assert held.take(part(1, entry("b", 0), day=2, version="v2")) == Waiting(stale=True)
    assert held.take(part(1, entry("b", 0), day=3, version="v3")) == Waiting(stale=False)
    assert isinstance(held.take(part(2, entry("c", 0), day=3, version="v3")), Switch)
    assert held.contents.keys() == {"a", "c"}


def test_whole_update_before_the_pending_one_takes_effect_and_the_pending_one_after_it() -> None:
    held = Held()
    held.take(update(entry("a", 0), entry("k", 0)))
    held.take(part(1, entry("a", 2), entry("n", 0), entry("k", 0), day=3, version="v3"))
    assert isinstance(held.take(update(entry("a", 1), entry("b", 0), entry("k", 1), day=2, version="v2")), Switch)
    assert held.contents == {"a": 1, "b": 0, "k": 1}
    assert held.head.entries == 3
    assert held.ids == ["1 L+a", "1 L+k", "1 L+n", "1 L=a", "1 L=b", "1 L=k"]
    switch = held.take(part(2, entry("b", 0), day=3, version="v3"))
    assert isinstance(switch, Switch)
    assert held.contents == {"a": 2, "b": 0, "k": 0, "n": 0}
    assert (held.head.entries, set(switch.added), switch.removed) == (4, {"a", "k", "n"}, ())
    assert held.ids == ["1 L=a", "1 L=b", "1 L=k", "1 L=n"]


@pytest.mark.parametrize("day", [3, 4])
def test_whole_update_as_new_as_the_pending_one_or_newer_supersedes_it(day: int) -> None:
    held = Held()
    held.take(update(entry("a", 0)))
    held.take(part(1, entry("a", 2), entry("n", 0), day=3, version="v3"))
    held.take(update(entry("a", 1), day=day, version="v4"))
    assert held.head.pending == ""
    assert held.ids == ["1 L=a"]
    assert not held.store.records[ListPartRecord.KIND]


def test_entry_that_comes_in_two_parts_is_as_the_later_one_says_and_others_are_not_disturbed() -> None:
    held = Held()
    held.take(update(entry("a", 0), entry("b", 0)))
    held.take(part(1, entry("a", 1), entry("b", 1), day=2))
    switch = held.take(part(2, entry("a", 0), day=2))
    assert isinstance(switch, Switch)
    assert held.contents == {"a": 0, "b": 1}
    assert switch.added.keys() == {"b"}


def digest(*updates: SanctionsUpdate) -> str:
    held = Held()
    for data in updates:
        held.take(data)
    return held.head.digest.hex()


def test_digest_tells_every_content_apart_and_is_the_same_in_every_release() -> None:
    first = update(entry("a", 0), entry("b", 0))
    seconds = [
        update(entry("a", 0), day=2),
        update(entry("a", 1), day=2),
        update(entry("a", 1), day=2, mode="delta"),
        update(entry("a", 1), day=2, mode="delta", remove=["b"]),
        update(day=2, mode="delta", remove=["a", "b"]),
        update(day=2, mode="delta", remove=["ab"]),
        update(entry("b", 1), day=2),
    ]
    found = [digest(first, second) for second in seconds]
    assert len(set(found)) == len(found)
    assert found == [digest(first, second) for second in seconds]
    assert digest(first) == GOLDEN
    assert len(bytes.fromhex(GOLDEN)) == 16


GOLDEN = "90efcdc9d78cd317c887bbbae3063d26"
"""Workers of two releases share compiled lists by it, and a state written by one is read by the next."""


def test_added_by_an_update_are_the_entries_that_none_touched_since() -> None:
    held = Held()
    held.take(update(entry("a", 0), entry("b", 0), entry("c", 0)))
    held.take(update(entry("b", 1), entry("d", 0), day=2, mode="delta"))
    assert sorted(added_by(held.state, "L", 1)) == ["a", "c"]
    assert sorted(added_by(held.state, "L", 2)) == ["b", "d"]


def test_starter_list_counts_only_while_there_is_no_other() -> None:
    starter, other = CompiledList(STARTER, "1", []), CompiledList("ofac-sdn", "2", [])
    assert Screen([starter]).lists == (starter,)
    assert Screen([other, starter]).lists == (other,)
    assert Screen([starter, other]).versions == {"ofac-sdn": "2"}
    assert Screen().lists == ()
