"""Slices of a re-screening: each payee once, in order, with one look-up of many; what is done is forgotten."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sluicegate.detection import rescreen
from sluicegate.detection.list_records import RescreenBatch, RescreenRecord
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import PayeeRecord, Profile
from sluicegate.detection.rescreen import Rescreen
from sluicegate.detection.state import State, TenantStore
from sluicegate.screening.index import CompiledList
from sluicegate.wire.events import ListEntry
from tests.scenarios.build import START, entry

ID = "000000001\n*\nL"
EMPTY = CompiledList("L", "1", ())


def listed(*entries: dict[str, Any]) -> CompiledList:
    return CompiledList("L", "1", [msgspec.convert(one, ListEntry) for one in entries])


NEWS = listed(entry("L1", "NOWAK, Casimir Bohdan"))


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> TenantStore:
    """Ten payees, of whom four are looked up at once."""
    monkeypatch.setattr(rescreen, "BATCH", 4)
    base = TenantStore()
    state = State("acme", base)
    for n in range(10):
        state.put(f"E{n}", PayeeRecord(Profile("employee", name="Casimir Bohdan Nowak"), last_active=START))
    state.put(ID, RescreenRecord("*", "L", 1, "/s\n1", START))
    state.changes()
    state.merge()
    return base


def taken(base: TenantStore, most: int, news: CompiledList | None = NEWS) -> tuple[list[str], set[str]]:
    """A slice in a checkpoint of its own, and the kinds of records that it wrote."""
    state = State("acme", base)
    payees = Rescreen(state, compile_policy(None, None)).take(most, news)
    kinds = {key.split("|")[1] for key in state.changes()}
    state.merge()
    return payees, kinds


def test_slices_go_through_all_payees_once_and_a_look_up_serves_several(base: TenantStore) -> None:
    one, two = RescreenRecord.KIND, RescreenBatch.KIND
    found = []
    while base.records.get(one):
        found.append(taken(base, 3))
    assert [payees for payees, _ in found] == [["E0", "E1", "E2"], ["E3"], ["E4", "E5", "E6"], ["E7"], ["E8", "E9"]]
    assert [two in kinds for _, kinds in found] == [True, False, True, False, True]
    assert not base.records.get(two)


@pytest.mark.parametrize("news", [None, EMPTY])
def test_without_news_nobody_is_taken_and_the_job_is_done(base: TenantStore, news: CompiledList | None) -> None:
    assert taken(base, 3, news)[0] == []
    assert not base.records.get(RescreenRecord.KIND)


def test_payee_that_is_gone_or_idle_and_a_rule_that_is_off_keep_no_other_from_being_screened(
    base: TenantStore,
) -> None:
    state = State("acme", base)
    state.delete(PayeeRecord, "E0")
    idle = state.edit(PayeeRecord, "E1")
    assert idle is not None
    idle.last_active = 0
    body = b'{"rules":{"sanctioned-identifier":{"mode":"off"}}}'
    job = Rescreen(state, compile_policy(body, None))
    found = list(job.screen(["E0", "E1", "E2"], NEWS, lambda *_: None))
    assert [(rule.slug, finding.subject[1]) for rule, finding in found] == [("sanctioned-name", "E2")]
