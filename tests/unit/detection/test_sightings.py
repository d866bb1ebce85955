"""Counts across tenants: who is told what, and that nobody is told whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sluicegate.detection.answers import MOST_SEEN, Counting, answers
from sluicegate.detection.calendar import DAY
from sluicegate.detection.codec import decode, encode
from sluicegate.detection.count_records import PivotRecord
from sluicegate.detection.partition import LogRecord, Output, Partition
from sluicegate.detection.shared import MOST_FORGOTTEN, SharedPartition
from sluicegate.detection.sightings import Sighting, decode_sighting, encode_sighting
from sluicegate.wire.decode import Event
from sluicegate.wire.decode import decode as decode_event
from sluicegate.wire.scalars import Instant
from tests.scenarios import many_employers, shared_wallet
from tests.scenarios.build import ADDRESS, Played, Tale, play, wallet


def sighting(
    tenant: str, at: int, kind: str = "employee", *, pivot: str = "account:fp", rule: str = "many-employers"
) -> Sighting:
    return Sighting(rule, pivot, tenant, "/s", f"{tenant}-{at}", Instant(at), kind, "1500", 45)


def told(record: PivotRecord, tenant: str, at: int, kind: str = "employee") -> list[tuple[str, int, bool, str]]:
    """Tenant, count, contractors and own event of each answer."""
    events = [json.loads(value) for value in answers(record, sighting(tenant, at, kind))]
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
    told(record, "c", 10**15)
    (*_, value) = answers(record, sighting("b", 10**15))
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


def test_alert_about_a_wallet_names_the_payees_of_its_own_tenant_alone() -> None:
    tale = Tale()
    shared_wallet.two_payees_of_one_tenant_and_one_of_another(tale)
    by_tenant = {alert["tenant_id"]: alert for alert in tale.play().alerts}
    assert sorted(by_tenant) == ["tenant0", "tenant1"]
    for tenant, payees in (("tenant0", ["C0", "C8"]), ("tenant1", ["C1"])):
        alert = by_tenant[tenant]
        [reason] = [r for r in alert["reasons"] if r["rule"] == "shared-wallet"]
        assert reason["observed"] == {"tenants": 2, "payees": len(payees)}
        assert sorted(e["id"] for e in alert["entities"] if e["kind"] == "payee") == payees
        assert all(other not in json.dumps(alert) for other in by_tenant if other != tenant)
        assert alert["subject"] == {"kind": "wallet", "id": ADDRESS.lower()}
    assert by_tenant["tenant1"]["money"] == [{"currency": "USD", "value": "1000.00", "count": 1}]


def test_tenant_that_has_opted_out_is_told_nothing_more() -> None:
    tale = Tale()
    for tenant in (0, 1):
        many_employers.opt_in(tale, tenant)
    many_employers.of(tale.request("C0"), 0)
    many_employers.opt_in(tale, 0, cross_tenant_counts=False)
    many_employers.of(tale.request("C1", at=DAY), 1)
    assert [alert["tenant_id"] for alert in with_reason(tale.play(), "shared-wallet")] == ["tenant1"]


def test_wallet_that_an_analyst_allows_is_silent_for_that_tenant() -> None:
    tale = Tale()
    for tenant in (0, 1):
        many_employers.opt_in(tale, tenant)
    many_employers.of(tale.request("C0"), 0)
    pivot = {"kind": "wallet", "value": ADDRESS.lower()}
    allow = {"rule": "shared-wallet", "pivot": pivot, "expires": "2027-01-01T00:00:00Z"}
    many_employers.of(tale.verdict(f"al_{0:032x}", "benign", 0, allow=allow), 0)
    many_employers.of(tale.request("C1", at=DAY), 1)
    played = tale.play()
    assert [alert["tenant_id"] for alert in with_reason(played, "shared-wallet")] == ["tenant1"]
    assert [body["tenant_id"] for body in played.signals if body["suppression"]] == ["tenant0"]


@pytest.mark.parametrize("hosted", ["self", "unknown"])
def test_what_is_shown_of_a_wallet(hosted: str) -> None:
    tale = Tale()
    many_employers.opt_in(tale, 0)
    many_employers.of(tale.request("C0", wallet(hosted=hosted, tag="7")), 0)
    [shown] = [output for output in tale.play().outputs if output.topic == "sightings"]
    assert shown.key == f"wallet:{ADDRESS.lower()}#7".encode()
    assert json.loads(shown.value)["data"] == {
        "rule": "shared-wallet",
        "pivot": f"wallet:{ADDRESS.lower()}#7",
        "tenant": "tenant0",
        "source": "/feeds/acme",
        "id": "e00001",
        "time": "2026-01-05T09:00:00Z",
        "kind": "contractor",
        "amount": None,
        "days": 400,
    }


def with_reason(played: Played, rule: str) -> list[Any]:
    return [alert for alert in played.alerts if any(reason["rule"] == rule for reason in alert["reasons"])]


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


# the counts as a stream keeps them


def sightings() -> list[Sighting]:
    """Tenants that come and come back, late ones too, at two pivots."""
    return [
        sighting(f"t{n % 5}", (37 * n % 60) * DAY, "contractor" if n % 3 else "employee", pivot=f"account:{n % 2}")
        for n in range(60)
    ]


def records(shown: list[Sighting], *, days: float = 0) -> list[LogRecord]:
    return [LogRecord(3 * n, int(n * days * DAY) // 1000, None, encode_sighting(one)) for n, one in enumerate(shown)]


def work(core: SharedPartition, log: list[LogRecord], batch: int = 1000) -> list[Output]:
    outputs: list[Output] = []
    for start in range(0, len(log), batch):
        run = core.begin()
        for record in log[start : start + batch]:
            run.apply(record)
        run.merge()
        outputs += run.outputs
        assert run.counts.total == len(log[start : start + batch])
    return outputs


def reloaded(core: SharedPartition) -> SharedPartition:
    """The same state in a new process."""
    new = SharedPartition()
    for key, value in core.items():
        new.load(key, value)
    new.ready()
    return new


def test_sighting_survives_its_way_as_an_event() -> None:
    for one in (sighting("t", 10**15), *sightings()):
        assert decode_sighting(encode_sighting(one)) == one


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"\xff", b"[" * 10**5, b'{"type":"sighting.v1","data":{}}'])
def test_record_that_is_no_sighting_becomes_a_dead_letter(value: bytes | None) -> None:
    assert decode_sighting(value) is None
    core = SharedPartition("eu.sightings", 2)
    [letter] = work(core, [LogRecord(7, 5, b"k", value)])
    assert (letter.topic, letter.key) == ("dead-letters", b"eu.sightings/2/7")
    assert list(core.items()) == []


def test_stream_answers_as_a_replay_does() -> None:
    counting = Counting()
    expected = [value for one in sightings() for value in counting.see(one)]
    outputs = work(SharedPartition(), records(sightings()))
    assert [output.value for output in outputs] == expected
    assert {output.key for output in outputs} == {b"account:0", b"account:1"}


@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.parametrize("days", [0, 3])
def test_neither_cutting_nor_a_restart_changes_answers_or_state(batch: int, days: float) -> None:
    whole, parts = SharedPartition(), SharedPartition()
    log = records(sightings(), days=days)
    outputs = work(whole, log)
    first = work(parts, log[:25], batch)
    restarted = reloaded(parts)
    assert first + work(restarted, log[25:], batch) == outputs
    assert list(restarted.items()) == list(whole.items())


def test_dropped_run_leaves_no_trace() -> None:
    core, log = SharedPartition(), records(sightings())
    work(core, log[:20])
    before = list(core.items())
    run = core.begin()
    for record in log[20:40]:
        run.apply(record)
    run.changes()
    assert list(core.items()) == before
    work(core, log[20:])
    fresh = SharedPartition()
    work(fresh, log)
    assert list(core.items()) == list(fresh.items())


def test_pivot_is_forgotten_when_nothing_was_shown_of_it_for_twice_the_window() -> None:
    core = SharedPartition()
    old = [sighting("a", DAY, pivot=f"account:{n}") for n in range(MOST_FORGOTTEN + 5)]
    work(core, [LogRecord(n, 0, None, encode_sighting(one)) for n, one in enumerate(old)])
    late = sighting("b", 2 * DAY, pivot="account:0")
    last, over = (90 * DAY) // 1000, (91 * DAY) // 1000
    kept, gone = reloaded(core), reloaded(core)
    assert len(work(kept, [LogRecord(500, last, None, encode_sighting(late))])) == 2
    assert work(gone, [LogRecord(500, over, None, encode_sighting(late))]) == []
    assert len(list(gone.items())) == 5 + 1
    work(gone, [LogRecord(501, over, None, encode_sighting(late))])
    assert len(list(gone.items())) == 1


def test_events_of_long_ago_that_come_in_now_count_together() -> None:
    core = SharedPartition()
    work(core, records([sighting("a", 5000 * DAY, pivot="account:x"), sighting("a", DAY)], days=1))
    assert len(work(core, records([sighting("b", 2 * DAY)], days=1))) == 2
