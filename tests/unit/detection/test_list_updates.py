"""Updates of a list in parts, in any order and mixed with others, leave the entries that a plain model has."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.detection.library import ListLibrary
from sluicegate.detection.list_records import ListEntryRecord, ListHead, ListPartRecord
from sluicegate.detection.lists import Switch, Update, compiled, switched
from sluicegate.detection.state import State, TenantStore
from sluicegate.screening.index import CompiledList
from sluicegate.wire.events import ListEntry, SanctionsUpdate
from sluicegate.wire.scalars import dec_hook

IDS = "abcdef"


def entry(id: str, content: int) -> dict[str, Any]:
    return {"entry_id": id, "kind": "person", "names": [{"name": f"Person {id} {'x' * content}"}]}


def by_id(listed: CompiledList | None) -> dict[str, ListEntry]:
    return {one.entry_id: one for one in listed.entries} if listed is not None else {}


@st.composite
def updates(draw: st.DrawFn) -> list[SanctionsUpdate]:
    """Parts of up to five updates, some lost, some twice, in any order."""
    parts = []
    for number in range(draw(st.integers(1, 5))):
        count = draw(st.integers(1, 3))
        published = f"2026-01-0{draw(st.integers(1, 4))}T00:00:00Z"
        mode = draw(st.sampled_from(["snapshot", "delta"]))
        ids = draw(st.permutations(IDS))
        split = sorted(draw(st.lists(st.integers(0, len(ids)), min_size=count, max_size=count)))
        for part in range(count):
            some = ids[split[part - 1] if part else 0 : split[part]]
            data: dict[str, Any] = {
                "list": "L",
                "version": f"v{number}",
                "published_at": published,
                "mode": mode,
                "add": [entry(id, draw(st.integers(0, 2))) for id in some],
                "remove": draw(st.lists(st.sampled_from(IDS), max_size=2)) if mode == "delta" else [],
            }
            if count > 1:
                data |= {"part": part + 1, "parts": count}
            parts.append(data)
    if draw(st.booleans()):
        parts = draw(st.permutations(parts))
    return [msgspec.convert(data, SanctionsUpdate, dec_hook=dec_hook) for data in parts]


class Model:
    """What the contract says, without any concern for cost."""

    def __init__(self) -> None:
        self.held: dict[str, ListEntry] = {}
        self.published = 0
        self.pending: tuple[Any, ...] | None = None
        self.parts: dict[int, SanctionsUpdate] = {}

    def take(self, data: SanctionsUpdate) -> None:
        published = int(data.published_at)
        if published < self.published:
            return
        parts = {1: data}
        if (data.parts or 1) > 1:
            if self.pending is not None and published < self.pending[1]:
                return
            if self.pending != (data.version, published, data.mode, data.parts):
                self.pending, self.parts = (data.version, published, data.mode, data.parts), {}
            self.parts.setdefault(data.part or 1, data)
            if len(self.parts) < (data.parts or 1):
                return
            parts = self.parts
            self.pending, self.parts = None, {}
        elif self.pending is not None and published >= self.pending[1]:
            self.pending, self.parts = None, {}
        self.published = published
        added = {one.entry_id: one for _, part in sorted(parts.items()) for one in part.add}
        removed = {id for part in parts.values() for id in part.remove}
        kept = {} if data.mode == "snapshot" else {id: one for id, one in self.held.items() if id not in removed}
        self.held = kept | added


@given(sequence=updates())
def test_state_and_compiled_list_are_those_of_a_plain_model(sequence: list[SanctionsUpdate]) -> None:
    store, library, model = TenantStore(), ListLibrary(), Model()
    held: CompiledList | None = None
    for data in sequence:
        state = State("*", store)
        before = model.held
        switch = Update(state, library, held, data).take()
        model.take(data)
        if isinstance(switch, Switch):
            held = switched(library, state, held, switch)
            assert switch.added.keys() == {id for id, one in model.held.items() if before.get(id) != one}
            assert set(switch.removed) == before.keys() - model.held.keys()
        assert by_id(held) == model.held
        state.changes()
        state.merge()
        assert by_id(compiled(ListLibrary(), State("*", store), "L")) == model.held
        head = State("*", store).get(ListHead, "L")
        assert head is not None
        assert head.entries == len(model.held)
    if model.pending is None:
        assert len(store.records.get(ListEntryRecord.KIND, {})) == len(model.held)
        assert not store.records.get(ListPartRecord.KIND)
