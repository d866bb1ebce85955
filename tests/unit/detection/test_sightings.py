"""Counts across tenants: who is told what, and that nobody is told whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sluicegate.detection.calendar import DAY
from sluicegate.detection.codec import decode, encode
from sluicegate.detection.count_records import PivotRecord
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.detection.sightings import MOST_SEEN, Sighting, answers
from sluicegate.wire.decode import Event
from sluicegate.wire.decode import decode as decode_event
from tests.scenarios import many_employers
from tests.scenarios.build import Tale, play


def told(record: PivotRecord, tenant: str, at: int, kind: str = "employee") -> list[tuple[str, int, bool, str]]:
    """Tenant, count, contractors and own event of each answer."""
    sighting = Sighting("many-employers", "account:fp", tenant, "/s", f"{tenant}-{at}", at, kind, "1500", 45)
    events = [json.loads(value) for value in answers(record, sighting)]
    return [(e["tenantid"], e["data"]["count"], e["data"]["contractors"], e["data"]["id"]) for e in events]


def test_first_tenant_is_told_nothing() -> None:
    assert told(PivotRecord(), "a", DAY) == []


def test_all_are_told_when_a_tenant_comes() -> None:
    record = PivotRecord()
    told(record, "a", 1)
    assert told(record, "b", 2) == [("a", 2, False, "a-1"), ("b", 2, False, "b-2")]
    assert told(record, "c", 3) == [("a", 3, False, "a-1"), ("b", 3, False, "b-2"), ("c", 3, False, "c-3")]


def test_others_are_not_told_the_same_again() -> None:
    record = PivotRecord()
    told(record, "a", 1)
    told(record, "b", 2)
    assert told(record, "b", 3) == [("b", 2, False, "b-3")]


def test_others_are_told_when_not_all_are_contractors_any_more() -> None:
    record = PivotRecord()
    told(record, "a", 1, "contractor")
    assert told(record, "b", 2, "contractor") == [("a", 2, True, "a-1"), ("b", 2, True, "b-2")]
    assert told(record, "b", 3) == [("a", 2, False, "a-1"), ("b", 2, False, "b-3")]


def test_tenant_out_of_the_window_is_not_told() -> None:
    record = PivotRecord()
    told(record, "a", 0)
    assert told(record, "b", 45 * DAY) == []
    assert told(record, "c", 46 * DAY) == [("b", 2, False, f"b-{45 * DAY}"), ("c", 2, False, f"c-{46 * DAY}")]


def test_late_sighting_counts_in_the_window_it_belongs_to() -> None:
    record = PivotRecord()
    told(record, "a", 40 * DAY)
    assert told(record, "b", 0) == [("a", 2, False, f"a-{40 * DAY}"), ("b", 2, False, "b-0")]


def test_late_sighting_of_a_tenant_seen_since_changes_no_count() -> None:
    record = PivotRecord()
    told(record, "a", 2)
    told(record, "b", 3)
    assert told(record, "a", 1) == [("a", 2, False, "a-2")]


def test_record_is_bounded_and_keeps_its_form() -> None:
    record = PivotRecord()
    for n in range(3 * MOST_SEEN):
        told(record, f"t{n:03d}", n)
    assert len(record.seen) == MOST_SEEN
    assert len(record.told) <= MOST_SEEN
    assert decode(PivotRecord, encode(record)) == record


def test_answer_is_an_event_of_the_log_alone() -> None:
    record = PivotRecord()
    told(record, "a", 0)
    sighting = Sighting("many-employers", "account:fp", "b", "/s", "e", 10**15, "employee", "1500", 45)
    told(record, "c", 10**15)
    (*_, value) = answers(record, sighting)
    event = decode_event(value, internal=True)
    assert isinstance(event, Event)
    assert event.tenant == "c"
    refused = Partition(replayed=True).begin()
    refused.apply(LogRecord(0, 0, None, value))
    assert refused.counts.dead_letters == 1


def test_alert_tells_nothing_about_other_tenants_but_the_count() -> None:
    tale = Tale()
    many_employers.three_employers(tale)
    played = tale.play()
    by_tenant: dict[str, Any] = {alert["tenant_id"]: alert for alert in played.alerts}
    assert sorted(by_tenant) == ["tenant0", "tenant1", "tenant2"]
    for tenant, alert in by_tenant.items():
        text = json.dumps(alert)
        assert alert["reasons"][0]["observed"] == {"tenants": 3, "shared": "account"}
        assert all(other not in text for other in by_tenant if other != tenant)
        assert [e["id"] for e in alert["entities"] if e["kind"] == "payee"] == [f"E{tenant[-1]}"]
        assert len(alert["payment_ids"]) == 1


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_counts_do_not_depend_on_how_a_file_is_cut(batch: int) -> None:
    tale = Tale()
    many_employers.third_payment_comes_late(tale)
    assert play(tale.lines, batch=batch).outputs == play(tale.lines).outputs


def test_repeated_lines_change_nothing() -> None:
    tale = Tale()
    many_employers.three_employers(tale)
    doubled = [line for line in tale.lines for _ in range(2)]
    assert play(doubled).alerts == tale.play().alerts


def test_log_that_holds_the_counts_gives_the_same_alerts() -> None:
    tale = Tale()
    many_employers.three_employers(tale)
    run = Partition().begin()
    pivots: dict[str, PivotRecord] = {}
    counted = 0
    for number, line in enumerate(tale.lines):
        run.apply(LogRecord(number, 0, None, line))
        for sighting in run.sightings[counted:]:
            for value in answers(pivots.setdefault(sighting.pivot, PivotRecord()), sighting):
                run.apply(LogRecord(0, 0, None, value))
        counted = len(run.sightings)
    played = tale.play()
    for topic in ("alerts", "signals"):
        assert [o for o in run.outputs if o.topic == topic] == [o for o in played.outputs if o.topic == topic]
