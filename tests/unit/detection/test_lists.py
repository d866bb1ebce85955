"""Sanctions lists: how versions come into force, and what is screened again."""

from __future__ import annotations

import json

import pytest

from sluicegate.detection import rescreen, step
from sluicegate.detection.log import LogRecord
from sluicegate.detection.partition import Partition
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import DAY, START, Json, Played, Tale, entry, payee

PERSON = entry("L1", "ANDREYEV, Vitaliy")
OTHER = entry("L2", "Somebody Else")
WORKER = payee("E1", name="Vitaliy Andreyev")
RULE = "sanctioned-name"


def part(t: Tale, number: int, parts: int, *entries: Json, at: int = 0, version: str = "1") -> Json:
    return t.listed(*entries, at=at, version=version, part=number, parts=parts)


def versions(played: Played) -> dict[str, str]:
    """The lists in force by the last alert."""
    held: dict[str, str] = played.revisions[-1]["versions"]["lists"]
    return held


def in_force(t: Tale, at: int) -> bool:
    """Whether the person is listed when a payment comes."""
    t.pay(WORKER, at=at)
    return t.play().score(RULE) == 65


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 2, 3, 1)])
def test_list_takes_effect_with_the_part_that_completes_it_in_any_order(order: tuple[int, ...]) -> None:
    t = Tale()
    contents = {1: [PERSON], 2: [OTHER], 3: []}
    for number in order[:-1]:
        part(t, number, 3, *contents[number])
    t.pay(WORKER, at=DAY)
    assert t.play().alerts == []
    part(t, order[-1], 3, *contents[order[-1]])
    assert in_force(t, 2 * DAY)
    assert versions(t.play()) == {"test-list": "1"}


def test_former_version_stands_until_the_new_one_is_complete() -> None:
    t = Tale()
    t.listed(PERSON)
    part(t, 1, 2, OTHER, at=DAY, version="2")
    assert in_force(t, 2 * DAY)
    assert versions(t.play()) == {"test-list": "1"}


def test_parts_of_a_superseded_version_are_dropped() -> None:
    t = Tale()
    part(t, 1, 2, PERSON, version="1")
    part(t, 1, 2, OTHER, at=DAY, version="2")
    part(t, 2, 2, at=0, version="1")
    assert not in_force(t, 2 * DAY)
    part(t, 2, 2, entry("L3", "Third Party"), at=DAY, version="2")
    assert not in_force(t, 3 * DAY)


def test_update_published_before_the_held_version_is_dropped() -> None:
    t = Tale()
    t.listed(OTHER, version="2", at=DAY)
    t.listed(PERSON, version="1", at=0)
    assert not in_force(t, 2 * DAY)


def test_part_beyond_the_number_of_parts_is_refused() -> None:
    t = Tale()
    part(t, 3, 2, PERSON)
    (letter,) = t.play().letters
    assert letter["detail"]["path"] == "/data/part"


def test_snapshot_replaces_and_delta_changes() -> None:
    t = Tale()
    t.listed(OTHER)
    t.listed(PERSON, version="2", at=DAY, mode="delta", remove=["L2"])
    assert in_force(t, 2 * DAY)
    t.listed(OTHER, version="3", at=3 * DAY)
    t.pay(payee("E2", name="Vitaliy Andreyev"), at=4 * DAY)
    assert {reason.subject[1] for reason in t.play().reasons(RULE)} == {"E1"}


def test_removed_entry_stops_matching_and_its_alerts_stay_open() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(WORKER, at=DAY)
    t.listed(version="2", at=2 * DAY, mode="delta", remove=["L1", "unknown"])
    t.pay(WORKER, at=3 * DAY)
    (revision,) = t.play().revisions
    assert revision["activity"] == "create"


def test_list_of_one_tenant_is_not_that_of_another() -> None:
    acme, beta = Tale("acme"), Tale("beta")
    acme.listed(PERSON, tenant="acme")
    for tale in (acme, beta):
        tale.pay(WORKER, at=DAY)
    acme.events += beta.events
    assert [alert["tenant_id"] for alert in acme.play().alerts] == ["acme"]


# screening again


def test_new_entry_is_screened_against_known_payees_with_their_payments() -> None:
    t = Tale()
    first = t.pay(WORKER)
    second = t.pay(WORKER, at=DAY)
    t.pay("E9", at=DAY)
    update = t.listed(PERSON, at=2 * DAY)
    t.pay("E9", at=3 * DAY)
    (alert,) = t.play().alerts
    assert alert["retroactive"]
    assert alert["payment_ids"] == sorted(event["data"]["payment_id"] for event in (first, second))
    assert alert["first_event_at"] == format_time(START + 2 * DAY)
    assert alert["reasons"][0]["event_ids"] == [f"{update['source']}#{update['id']}"]


def test_unchanged_entry_is_not_screened_again_and_a_changed_one_is() -> None:
    t = Tale()
    t.listed(PERSON)
    t.pay(WORKER, at=DAY)
    t.listed(PERSON, OTHER, version="2", at=2 * DAY)
    t.pay("E9", at=3 * DAY)
    assert len(t.play().revisions) == 1
    t.listed(PERSON | {"programs": ["NEW"]}, OTHER, version="3", at=4 * DAY)
    t.pay("E9", at=5 * DAY)
    played = t.play()
    assert [data["revision"] for data in played.revisions] == [1, 2]


def test_policy_switches_screening_again_off() -> None:
    t = Tale()
    t.policy(rules={RULE: {"mode": "off"}})
    t.pay(WORKER)
    t.listed(PERSON, at=DAY)
    t.pay("E9", at=2 * DAY)
    assert t.play().alerts == []


def test_many_payees_are_screened_in_slices_and_all_by_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    t = Tale()
    for n in range(25):
        t.pay(payee(f"E{n:02d}", name="Vitaliy Andreyev"), amount=f"{n}.00", at=n)
    t.listed(PERSON, at=DAY)
    t.pay("E99", at=2 * DAY)
    monkeypatch.setattr(step, "EVENT_SLICE", 10)
    played = t.play()
    assert {reason.subject[1] for reason in played.reasons(RULE)} == {f"E{n:02d}" for n in range(25)}
    assert len(played.revisions) == 25


def test_hit_does_not_depend_on_the_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    t = Tale()
    for n in range(7):
        t.pay(payee(f"E{n}", name="Vitaliy Andreyev"), at=n)
    t.listed(PERSON, at=DAY)
    whole = t.play()
    monkeypatch.setattr(rescreen, "BATCH", 3)
    monkeypatch.setattr(step, "EVENT_SLICE", 2)
    assert t.play().alerts == whole.alerts


def test_two_updates_in_a_row_are_both_screened() -> None:
    t = Tale()
    t.pay(WORKER)
    t.pay(payee("E2", name="Somebody Else"))
    t.listed(PERSON, at=DAY)
    t.listed(PERSON, OTHER, version="2", at=2 * DAY)
    assert {reason.subject[1] for reason in t.play().reasons(RULE)} == {"E1", "E2"}


def test_name_of_a_list_may_be_any_text() -> None:
    t = Tale()
    t.pay(WORKER)
    t.listed(PERSON, at=DAY, list="own\nlist | = +")
    t.pay("E9", at=2 * DAY)
    played = t.play()
    assert played.letters == []
    assert played.score(RULE) == 65


def test_lists_of_two_tenants_with_equal_content_are_screened_apart() -> None:
    """One tenant gets in two updates what the other gets at once: the library they share must not mix that up."""
    beta = Tale("beta")
    beta.pay(WORKER)
    beta.listed(OTHER, version="2", tenant="beta")
    beta.listed(OTHER, PERSON, version="2", at=DAY, tenant="beta")
    beta.pay("E9", at=2 * DAY)
    beta.pay("E9", at=3 * DAY)
    both = Tale("acme")
    both.pay("E9")
    both.listed(OTHER, PERSON, version="2", tenant="acme")
    both.pay("E8", at=DAY)
    both.events += beta.events
    assert both.play().alerts == beta.play().alerts


def test_a_tick_screens_a_fixed_number_of_payees_of_all_tenants_together() -> None:
    """So that no tick holds the partition up, however many tenants wait."""
    tales = [Tale(f"tenant-{n}") for n in range(4)]
    for tale in tales:
        for n in range(25):
            tale.pay(payee(f"E{n:02d}", name="Vitaliy Andreyev"), at=n)
    update = Tale("*")
    update.listed(PERSON, at=DAY)
    events = [event for tale in tales for event in tale.events] + update.events
    partition = Partition()
    run = partition.begin()
    for number, event in enumerate(events):
        run.apply(LogRecord(number, (START + DAY) // 1000, b"*", json.dumps(event).encode()))
    found = []
    for number in range(4):
        before = len(run.outputs)
        ticks = Tale("*")
        tick = ticks.add("clock.tick.v1", DAY, {"at": format_time(START + DAY + number)})
        tick["id"] = f"tick-{number}"
        run.apply(LogRecord(len(events) + number, (START + DAY) // 1000, b"*", json.dumps(tick).encode()))
        found.append(len(run.outputs) - before)
    assert found == [40, 40, 20, 0]
