"""The circuit breaker: where it breaks, what it spares, and that it is state like any other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.detection import breaker, step
from sluicegate.detection.alerts import alert_id
from sluicegate.detection.breaker import KINDS, LEAST, MOST, Breaker, in_shadow, mend
from sluicegate.detection.breaker_records import BreakerRecord, Watched
from sluicegate.detection.log import LogRecord, Output
from sluicegate.detection.partition import Partition
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import TenantRecord
from sluicegate.detection.state import State, TenantStore
from sluicegate.rules.base import Rule
from sluicegate.rules.registry import RULES
from sluicegate.wire.scalars import parse_time
from tests.scenarios.build import START, Played, Tale, account, payee
from tests.unit.detection.logs import logs
from tests.unit.detection.test_laws import items, law, reloaded, work

SLUG = "invalid-account"
SPARED = {"changed-account", "sanctioned-identifier", "sanctioned-name", "sanctioned-country"}
MINUTE = 60_000_000


def paid(tale: Tale, count: int, *, bad: bool = False) -> None:
    """Vendor payments, each to a vendor of its own; what is bad about them `invalid-account` finds."""
    for _ in range(count):
        number = len(tale.events)
        to = account(f"A{number}", **({"number_check": "invalid"} if bad else {}))
        tale.pay(payee(f"V{number}"), to, f"{1000 + number}.00", number * MINUTE)


def records(tale: Tale) -> list[LogRecord]:
    return [LogRecord(n, START // 1000, b"acme", line) for n, line in enumerate(tale.lines)]


def played(tale: Tale) -> Played:
    partition = Partition()
    return Played(work(partition, records(tale), 400)[0])


def notices(found: Played) -> list[dict[str, Any]]:
    return [one for one in found.signals if "goes on in shadow" in one["title"]]


def alerted(found: Played) -> set[str]:
    return {one.subject[1] for one in found.reasons(SLUG)}


@pytest.mark.parametrize(
    ("good", "bad", "trips"), [(949, 51, 1), (950, 50, 0), (948, 51, 0), (1900, 100, 0), (1899, 100, 1)]
)
def test_rule_trips_beyond_five_percent_of_a_thousand_events_and_not_at_it(good: int, bad: int, trips: int) -> None:
    t = Tale()
    paid(t, good)
    paid(t, bad, bad=True)
    found = played(t)
    assert len(notices(found)) == trips
    assert len(alerted(found)) == bad  # the event that breaks the circuit is still judged as before it


def test_findings_after_the_trip_are_signals_in_shadow_until_the_next_policy_whatever_that_says() -> None:
    t = Tale()
    first = t.policy(0)
    paid(t, 948)
    paid(t, 51, bad=True)
    paid(t, 1, bad=True)  # event 1,000, and the 52nd firing
    broken = len(t.events)
    paid(t, 5, bad=True)
    t.policy(broken * MINUTE)
    paid(t, 7, bad=True)
    run = Partition().begin()
    for record in records(t):
        run.apply(record)
    found = Played(run.outputs)
    assert len(alerted(found)) == 52 + 7
    assert [one.data["mode"] for one in found.noted(SLUG) if one.subject[0] == "payee"] == ["shadow"] * 5
    assert run.tallies["rule_trip", SLUG, "fired"] == 1
    (notice,) = notices(found)
    assert (notice["notice"], notice["subject"]) == (True, {"kind": "tenant", "id": "acme"})
    (reason,) = notice["reasons"]
    assert reason["observed"] == {"rule": SLUG, "cause": "fired", "times": 52, "events": 1000}
    assert reason["event_ids"] == [f"/feeds/acme#{t.events[broken - 1]['id']}"]
    assert "sluicegate policy publish" in reason["text"]
    assert notice["versions"]["policy"] == first["id"]


def test_flood_after_a_long_silence_trips_without_waiting_for_a_thousand_more_events() -> None:
    t = Tale()
    paid(t, MOST + 500)
    paid(t, 60, bad=True)
    found = played(t)
    assert len(alerted(found)) == 53  # of the last 1,052
    assert notices(found)[0]["reasons"][0]["observed"]["events"] == LEAST + 52


def test_refused_or_repeated_policy_mends_nothing() -> None:
    t = Tale()
    t.policy(0)
    paid(t, 950)
    paid(t, 51, bad=True)
    t.policy(2000 * MINUTE, timezone="Nowhere/At_All")
    t.events.append(t.events[0])
    paid(t, 3, bad=True)
    assert len(alerted(played(t))) == 51


def test_rule_that_is_not_live_is_left_as_it_is() -> None:
    t = Tale()
    t.policy(0, rules={SLUG: {"mode": "shadow"}})
    paid(t, 950)
    paid(t, 60, bad=True)
    assert notices(played(t)) == []


@pytest.mark.parametrize(("seen", "trips"), [(MOST, 1), (MOST + 1, 0)])
def test_stretch_is_of_two_thousand_events_and_the_next_one_counts_anew(seen: int, trips: int) -> None:
    state, tenant, own = State("acme", TenantStore()), TenantRecord(), Breaker()
    found = []
    for events, times in ((1000, 50), (1500, 25), (seen, 26)):  # 5 %, 5 %, and more than that
        tenant.events = [0, events, *[0] * (len(KINDS) - 2)]
        for number in range(times):
            own.fired(RULES["duplicate-invoice"], f"e{number}")
        found += own.settle(state, tenant, compile_policy(None, None))
    assert len(found) == trips


def test_counts_of_an_older_state_make_room_for_types_that_came_later() -> None:
    tenant = TenantRecord(events=[7])
    for kind in KINDS:
        breaker.count_event(tenant, kind)
    assert tenant.events == [8, *[1] * (len(KINDS) - 1)]


def test_several_findings_about_one_event_count_once() -> None:
    state, tenant, own = State("acme", TenantStore()), TenantRecord(events=[1000] * len(KINDS)), Breaker()
    for number in range(50):
        for _ in range(2):
            own.fired(RULES["split-payment"], f"e{number}")
    assert own.settle(state, tenant, compile_policy(None, None)) == []
    assert not own.pending


@pytest.mark.parametrize("slug", RULES)
def test_every_rule_is_watched_but_changed_account_and_the_sanctions_family(slug: str) -> None:
    state, tenant, own = State("acme", TenantStore()), TenantRecord(events=[1000] * len(KINDS)), Breaker()
    for number in range(1000):
        own.fired(RULES[slug], f"e{number}")
    own.failed(RULES[slug], ZeroDivisionError(), "e0")
    trips = own.settle(state, tenant, compile_policy(None, None))
    assert [trip.rule.slug for trip in trips] == ([] if slug in SPARED else [slug])
    assert in_shadow(state) == [trip.rule.slug for trip in trips]


@pytest.mark.parametrize(
    ("slug", "kinds"),
    [
        ("duplicate-invoice", ["vendor.payment.v1"]),
        ("no-deductions", ["payroll.payment.v1"]),
        ("ghost-worker", ["payroll.payment.v1"]),
        ("many-employers", ["payroll.payment.v1"]),
        ("repeated-advance", ["payroll.payment.v1", "payout.request.v1"]),
        ("lookalike-vendor", ["vendor.payment.v1", "payee.change.v1"]),
        ("missing-descriptor", ["payroll.payment.v1"]),
        ("return-signal", ["payment.status.v1"]),
        ("it-worker-pattern", list(KINDS)),
    ],
)
def test_events_that_count_are_those_a_rule_looks_at(slug: str, kinds: list[str]) -> None:
    assert breaker.looks_at(RULES[slug]) == kinds


def test_every_rule_that_is_watched_looks_at_something() -> None:
    assert all(breaker.looks_at(rule) for rule in RULES.values())


# rules that fail


@contextmanager
def failing(slug: str) -> Iterator[None]:
    """The rule fails on payments that `invalid-account` would find."""

    def fails(view: Any, params: Any) -> list[Any]:
        if view.event.data.account.number_check == "invalid":
            raise ZeroDivisionError("of V1")
        return []

    def broken(rule: Rule) -> Rule:
        return rule if rule.slug != slug else msgspec.structs.replace(rule, on=dict.fromkeys(rule.on, fails))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step, "RULES_ON", {kind: tuple(map(broken, rules)) for kind, rules in step.RULES_ON.items()})
        yield


@pytest.mark.parametrize(("failures", "trips"), [(2, 0), (3, 1), (9, 1)])
def test_rule_trips_at_the_third_event_its_code_fails_on(failures: int, trips: int) -> None:
    t = Tale()
    paid(t, failures, bad=True)
    with failing(SLUG):
        found = notices(played(t))
    assert len(found) == trips
    for notice in found:
        observed = {"rule": SLUG, "cause": "failed", "times": 3, "events": 3, "error": "ZeroDivisionError"}
        assert notice["reasons"][0]["observed"] == observed
        assert "of V1" not in json.dumps(notice)


@pytest.mark.parametrize("slug", ["changed-account", "sanctioned-name"])
def test_spared_rule_that_fails_stays_live(slug: str) -> None:
    t = Tale()
    paid(t, 9, bad=True)
    with failing(slug):
        assert notices(played(t)) == []


def test_failures_far_apart_do_not_add_up() -> None:
    t = Tale()
    for _ in range(4):
        paid(t, 1, bad=True)
        paid(t, MOST)
    with failing(SLUG):
        assert notices(played(t)) == []


# it is state like any other

BOUNDS = {"LEAST": 2, "MOST": 5, "PERCENT": 1, "ERRORS": 1}


@contextmanager
def narrow() -> Iterator[None]:
    """Bounds so narrow that the short logs of the laws break circuits all the time."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in BOUNDS.items():
            patch.setattr(breaker, name, value)
        yield


def trips_in(outputs: list[Output]) -> int:
    return sum(b"goes on in shadow" in output.value for output in outputs)


@law
@given(logs(), st.integers(1, 7), st.integers(0, 24))
def test_broken_circuits_obey_the_laws_of_state(log: list[LogRecord], batch: int, prefix: int) -> None:
    """Checkpoints, a restart and duplicates change nothing, nor does a run that is dropped."""
    with narrow():
        whole, parts, again = Partition(), Partition(), Partition()
        outputs = work(whole, log)[0]
        first = work(parts, log[:prefix], batch)[0]
        dropped = parts.begin()
        for record in log[prefix:]:
            dropped.apply(record)
        restarted = reloaded(parts)
        assert first + work(restarted, log[prefix:], batch)[0] == outputs
        assert first + work(parts, log[prefix:], batch)[0] == outputs
        assert items(restarted) == items(parts) == items(whole)
        doubled = work(again, [one for record in log for one in (record, record)])[0]
        assert trips_in(doubled) == trips_in(outputs)
        assert items(again) == items(whole)


def test_narrow_bounds_break_circuits_in_the_logs_of_the_laws() -> None:
    """Else the law above would say nothing."""
    t = Tale()
    paid(t, 3, bad=True)
    with narrow():
        assert trips_in(work(Partition(), records(t))[0]) > 0


@pytest.mark.parametrize("batch", [1, 7, 400])
def test_replay_breaks_the_circuit_where_the_stream_did(batch: int) -> None:
    t = Tale()
    paid(t, 949)
    paid(t, 55, bad=True)
    streamed, _ = work(Partition(), records(t), batch)
    replayed = t.play()
    assert [one for one in streamed if one.topic == "alerts"] == [
        one for one in replayed.outputs if one.topic == "alerts"
    ]
    assert len(alerted(replayed)) == 51


def test_tenants_have_circuits_of_their_own() -> None:
    one, other = Tale("acme"), Tale("beta")
    paid(one, 949)
    paid(one, 51, bad=True)
    paid(other, 3, bad=True)
    lines = [*one.lines, *other.lines]
    log = [LogRecord(n, START // 1000, None, line) for n, line in enumerate(lines)]
    found = Played(work(Partition(), log)[0])
    assert [notice["tenant_id"] for notice in notices(found)] == ["acme"]
    assert len([a for a in found.alerts if a["tenant_id"] == "beta"]) == 3


@pytest.mark.parametrize(("cause", "expected"), [("fired", {"percent_at_most": 5}), ("failed", {"failures_below": 3})])
def test_notice_says_what_would_have_been_in_order(cause: str, expected: dict[str, int]) -> None:
    t = Tale()
    if cause == "fired":
        paid(t, 948)
        paid(t, 52, bad=True)
        found = played(t)
    else:
        paid(t, 3, bad=True)
        with failing(SLUG):
            found = played(t)
    (notice,) = notices(found)
    (reason,) = notice["reasons"]
    assert (reason["score"], reason["expected"]) == (0, expected)
    assert notice["alert_id"] == alert_id("acme", "tenant", "acme", "quality", _own(notice))


def _own(notice: dict[str, Any]) -> str:
    clock = parse_time(notice["created_at"])
    return f"/sluicegate/breaker\n{SLUG}\n\n{clock}"


def test_counting_begins_anew_after_exactly_the_longest_stretch() -> None:
    assert (LEAST, MOST) == (1000, 2000)
    tenant, state = TenantRecord(), State("acme", TenantStore())
    policy = compile_policy(None, None)
    rule = RULES[SLUG]
    starts = []
    for seen in (1, MOST, MOST + 1):
        tenant.events = [0] * len(KINDS)
        tenant.events[KINDS.index("vendor.payment.v1")] = seen
        watcher = Breaker()
        watcher.fired(rule, f"e{seen}")
        watcher.settle(state, tenant, policy)
        record = state.get(BreakerRecord, "")
        assert record is not None
        watched = record.rules[SLUG]
        starts.append((watched.start, watched.fired, watched.failed))
    assert starts == [(0, 1, 0), (0, 2, 0), (MOST + 1 - LEAST, 1, 0)]


def test_policy_forgets_what_was_counted_of_the_tenant() -> None:
    tenant, state = TenantRecord(events=[5] * len(KINDS)), State("acme", TenantStore())
    state.put("", BreakerRecord({SLUG: Watched(0, 3, 2, "failed")}))
    assert in_shadow(state) == [SLUG]
    mend(state, tenant)
    assert (tenant.events, in_shadow(state)) == ([], [])
