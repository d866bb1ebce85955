"""What `step` does around the rules: counts for metrics, faults that stay where they are, lists, ticks, odd parts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from sluicegate.detection import step
from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.anomaly import MODEL
from sluicegate.detection.log import Counts, LogRecord, Outcome
from sluicegate.detection.partition import Partition, Run
from sluicegate.detection.records import PolicyRecord, TenantRecord
from sluicegate.detection.rescreen import MOST_NEWS, TICK_SLICE
from sluicegate.detection.step import ALL, COUNTED
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import DAY, HOUR, START, Played, Tale, account, entry, payee
from tests.unit.detection.test_breaker import failing

BAD = account("B", number_check="invalid")
"""`invalid-account` finds it."""
NAMED = payee("E1", name="Vitaliy Andreyev")
LISTED = entry("L1", "ANDREYEV, Vitaliy")


def fed(lines: Iterable[bytes], partition: Partition | None = None, *, at: int = 0, logged: int = 0) -> Run:
    """A run over lines from offset `at`, arrived `logged` µs after the start; merged."""
    run = (partition or Partition()).begin()
    for offset, line in enumerate(lines, start=at):
        run.apply(LogRecord(offset, (START + logged) // 1000, b"acme", line))
    run.merge()
    return run


# counts


def test_findings_are_counted_by_rule_and_what_became_of_them() -> None:
    t = Tale()
    t.policy(rules={"missing-descriptor": {"mode": "shadow"}})
    t.pay("V1", BAD, at=HOUR)
    t.pay("V2", BAD | {"fp": "fp-C"}, at=2 * HOUR)
    run = fed(t.lines)
    found = {key: times for key, times in run.tallies.items() if key[0] == "finding"}
    assert found == {("finding", "invalid-account", "low"): 2}


def test_tests_that_lack_an_input_are_counted_by_rule_and_field() -> None:
    t = Tale()
    t.pay("V1", rail="wire")
    t.pay("V1", at=DAY)
    run = fed(t.lines)
    lacking = {key[1:]: times for key, times in run.tallies.items() if key[0] == "not_evaluable"}
    assert lacking
    assert all(isinstance(field, str) and field for _, field in lacking)


def test_list_updates_are_counted_as_switched_or_dropped() -> None:
    t = Tale()
    t.listed(entry("L1", "One Person"), version="1")
    t.listed(entry("L2", "Another"), version="2", at=HOUR, mode="delta")
    t.listed(entry("L3", "A Third"), version="0", at=-HOUR)
    run = fed(t.lines)
    assert run.tallies["list_switch", "test-list"] == 2
    assert run.tallies["list_dropped", "test-list"] == 1


def test_part_that_waits_for_others_is_neither_switched_nor_dropped() -> None:
    t = Tale()
    t.listed(entry("L1", "One Person"), part=1, parts=2)
    run = fed(t.lines)
    assert not {key for key in run.tallies if key[0].startswith("list_")}


def test_each_record_has_one_outcome_under_the_name_that_metrics_show() -> None:
    t, ticks = Tale(), Tale(ALL)
    t.pay("E1", payment_id="P1")
    t.pay("E1", payment_id="P1")
    ticks.add("clock.tick.v1", HOUR, {"at": ticks_at(0)})
    run = Partition().begin()
    assert run.counts == Counts(0, 0, 0, 0, 0)
    lines = [t.lines[0], t.lines[0], t.lines[1], b"{", ticks.lines[0]]
    told = [run.apply(LogRecord(offset, START // 1000, b"k", line)) for offset, line in enumerate(lines)]
    assert [outcome.value for outcome in told] == ["applied", "duplicate", "repeated", "dead_letter", "tick"]
    assert run.counts == Counts(1, 1, 1, 1, 1)


def test_latest_event_time_is_the_largest_of_any_tenant() -> None:
    first, second = Tale("acme"), Tale("beta")
    first.pay("E1", at=2 * DAY)
    second.pay("E1", at=DAY)
    run = fed([*first.lines, *second.lines])
    assert run.latest_event_time == START + 2 * DAY
    assert run.partition.latest == START + 2 * DAY
    assert Partition().begin().latest_event_time == 0


# parts of lists


def test_part_beyond_the_number_of_parts_is_a_dead_letter_with_its_place() -> None:
    t = Tale()
    t.listed(LISTED, part=2)
    t.listed(LISTED, part=3, parts=2)
    t.listed(LISTED, part=2, parts=2)
    t.listed(LISTED, part=1, parts=1, version="2")
    run = fed(t.lines)
    letters = Played(run.outputs).letters
    assert [(one["reason"], one["detail"]["path"]) for one in letters] == [("schema_violation", "/data/part")] * 2
    assert run.counts.dead_letters == 2


def test_a_count_from_outside_needs_its_header() -> None:
    t = Tale()
    event = t.pay("E1")
    about = {"source": event["source"], "id": event["id"], "time": event["time"]}
    t.add("shared.count.v1", HOUR, {"rule": "many-employers", "pivot": "account:fp-E1", "count": 2} | about)
    assert COUNTED == ("sg-counted", b"1")
    for headers, outcome in (((COUNTED,), Outcome.APPLIED), ((("sg-counted", b"0"),), Outcome.DEAD_LETTER)):
        run = Partition(replayed=True).begin()
        run.apply(LogRecord(0, 0, None, t.lines[0]))
        assert run.apply(LogRecord(1, 0, None, t.lines[1], headers)) is outcome


# faults of rules


def test_rule_that_fails_is_counted_and_reported_and_the_others_go_on() -> None:
    t = Tale()
    t.pay("V1", BAD)
    t.pay("V1", BAD, at=DAY, amount="2000")
    with failing("duplicate-invoice"):
        run = fed(t.lines)
    assert run.tallies["rule_error", "duplicate-invoice", "ZeroDivisionError"] == 2
    assert run.tallies["not_evaluable", "duplicate-invoice", "internal_error"] == 2
    assert [type(fault) for fault in run.faults] == [ZeroDivisionError] * 2
    assert run.counts.applied == 2
    (alert,) = (a for a in Played(run.outputs).alerts if a["reasons"][0]["rule"] == "invalid-account")
    assert "duplicate-invoice: internal_error" in alert["not_evaluable"]


def test_every_rule_after_one_that_fails_is_still_asked() -> None:
    t = Tale()
    t.pay("V1", BAD)
    asked = {slug: _alerted(t, slug) for slug in ("duplicate-invoice", "new-vendor-large", "sanctioned-country")}
    assert asked == dict.fromkeys(asked, True)


def _alerted(tale: Tale, slug: str) -> bool:
    with failing(slug):
        found = Played(fed(tale.lines).outputs)
    return bool(found.reasons("invalid-account"))


def test_model_that_fails_is_not_evaluable_and_keeps_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise FloatingPointError("of E1")

    t = Tale()
    t.history("E1", 2)
    monkeypatch.setattr(step, "learn", fails)
    run = fed(t.lines, Partition(keeps_scores=True))
    assert run.tallies["rule_error", MODEL, "FloatingPointError"] == 2
    assert run.tallies["not_evaluable", MODEL, "internal_error"] == 2
    assert run.scores == []
    assert run.counts.applied == 2


def test_scores_are_kept_where_they_are_wanted_one_for_each_payment() -> None:
    t = Tale()
    t.history("E1", 3)
    assert fed(t.lines).scores == []
    lines = [json.loads(line) for line in fed(t.lines, Partition(keeps_scores=True)).scores]
    assert [sorted(line) for line in lines] == [["event", "parts", "score"]] * 3
    assert [line["event"] for line in lines] == [f"{e['source']}#{e['id']}" for e in t.events]


def test_model_that_is_off_learns_nothing() -> None:
    t = Tale()
    t.policy(rules={MODEL: {"mode": "off"}})
    t.history("E1", 3)
    assert fed(t.lines, Partition(keeps_scores=True)).scores == []


# parts of payments


def test_part_of_a_payment_adds_to_the_money_and_the_events_of_an_open_alert() -> None:
    t = Tale()
    for index, to in ((1, BAD), (2, account("A"))):  # nothing is found on the second part
        t.pay("V1", to, "700.00", at=index * HOUR, payment_id="S1", split={"index": index, "count": 2})
    partition = Partition()
    held = []
    for offset, line in enumerate(t.lines):
        fed([line], partition, at=offset)
        state = partition.begin().state("acme")
        (record,) = (state.get(AlertRecord, id) for id in state.ids(AlertRecord.KIND))
        assert record is not None
        money = record.money["USD"]
        held.append((money.value, money.count, record.payments, record.events))
    assert held == [("700.00", 1, ["S1"], 1), ("1400.00", 1, ["S1"], 2)]


def test_rules_about_amounts_judge_at_the_last_part() -> None:
    t = Tale()
    at = t.history("E1", 13)
    for index in (1, 2):
        t.pay("E1", amount="9000.00", at=at + index, payment_id="S1", split={"index": index, "count": 2})
    first = fed(t.lines[:-1], partition := Partition())
    second = fed(t.lines[-1:], partition, at=100)
    assert Played(first.outputs).reasons("pay-spike") == []
    (found,) = Played(second.outputs).reasons("pay-spike")
    assert found.told["observed"]["regular_pay"] == "18000.00"


# lists


def test_what_updates_added_is_held_for_a_few_of_them() -> None:
    t = Tale()
    t.pay(NAMED)
    for number in range(MOST_NEWS + 3):
        t.listed(entry(f"X{number}", f"Person Number {number}"), version=str(number), at=number * HOUR, mode="delta")
    partition = Partition()
    fed(t.lines, partition)
    assert MOST_NEWS == 8
    assert len(partition.news) == MOST_NEWS
    newest = [key[2] for key in partition.news]
    assert newest == sorted(newest)
    assert newest[-1] - newest[0] == MOST_NEWS - 1


def test_update_that_changes_nothing_screens_nobody_again() -> None:
    t = Tale()
    t.pay(NAMED)
    t.listed(version="1", at=HOUR)
    partition = Partition()
    fed(t.lines, partition)
    assert partition.news == {}
    assert not partition.wants_ticks


def test_payees_known_before_a_list_are_screened_by_ticks_in_slices() -> None:
    t = Tale()
    for number in range(TICK_SLICE + 5):
        t.pay(payee(f"E{number}", name=f"Casimir Bohdan Nowak {number}"), at=number)
    t.listed(entry("L1", "NOWAK, Casimir Bohdan"), at=HOUR)
    partition = Partition()
    fed(t.lines, partition)
    ticks = Tale(ALL)
    held = []
    for minute in range(1, 4):
        tick = ticks.add("clock.tick.v1", HOUR + minute, {"at": ticks_at(minute)})
        fed([json.dumps(tick).encode()], partition, at=10_000 + minute)
        held.append(partition.wants_ticks)
    assert held == [True, False, False]


def ticks_at(minute: int) -> str:
    return format_time(START + HOUR + minute * 60_000_000)


def test_policy_closes_circuits_and_is_read_anew() -> None:
    t = Tale()
    t.pay("V1", BAD)
    t.policy(HOUR, rules={"invalid-account": {"mode": "off"}})
    t.pay("V2", BAD | {"fp": "fp-C"}, at=2 * HOUR)
    partition = Partition()
    run = fed(t.lines, partition)
    assert len(Played(run.outputs).reasons("invalid-account")) == 1
    held = partition.begin().state("acme")
    assert held.get(PolicyRecord, "") is not None
    tenant = held.get(TenantRecord, "")
    assert tenant is not None
    assert sum(tenant.events) == 1  # the payment after the policy


def test_tick_moves_no_clock_of_a_tenant_without_events() -> None:
    partition = Partition()
    t = Tale()
    t.policy()
    ticks = Tale(ALL)
    ticks.add("clock.tick.v1", HOUR, {"at": ticks_at(0)})
    fed([*t.lines, *ticks.lines], partition)
    tenant = partition.begin().state("acme").get(TenantRecord, "")
    assert tenant is None or tenant.clock == 0


def test_keys_of_odd_texts_go_out_as_they_came() -> None:
    t = Tale("acme")
    t.pay("V1", BAD | {"fp": "fp-\ud800"})
    t.pay("V1", BAD)
    run = fed(t.lines)
    assert run.counts.total == 2
    assert all(isinstance(output.key, bytes) for output in run.outputs)


# what rules see of one another, and other tenants


def test_score_that_a_rule_reached_is_seen_by_those_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, float]] = []
    take = step.Step._take

    def watching(self: Any, rule: Any, result: Any, merger: Any, ref: str, time: int) -> bool:
        reached = take(self, rule, result, merger, ref, time)
        told.append((rule.slug, reached))
        return reached

    told: list[tuple[str, bool]] = []
    views: list[Any] = []
    view = step.Step._view

    def kept(self: Any, *args: Any) -> Any:
        views.append(view(self, *args))
        return views[-1]

    monkeypatch.setattr(step.Step, "_take", watching)
    monkeypatch.setattr(step.Step, "_view", kept)
    t = Tale()
    t.policy(rules={"missing-descriptor": {"mode": "shadow"}})
    t.pay("V1", BAD, at=HOUR)
    fed(t.lines)
    seen = [one.raised for one in views]
    assert seen == [{"invalid-account": 25}]
    assert ("invalid-account", True) in told
    assert all(reached is (slug == "invalid-account") for slug, reached in told)


def test_finding_in_shadow_is_not_seen_by_other_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    views: list[Any] = []
    view = step.Step._view

    def kept(self: Any, *args: Any) -> Any:
        views.append(view(self, *args))
        return views[-1]

    monkeypatch.setattr(step.Step, "_view", kept)
    t = Tale()
    t.policy(rules={"invalid-account": {"mode": "shadow"}})
    t.pay("V1", BAD, at=HOUR)
    run = fed(t.lines)
    assert [one.raised for one in views] == [{}]
    assert run.tallies["finding", "invalid-account", "shadow"] == 1


def test_what_a_tenant_agreed_to_show_is_shown_of_wages_and_wallets() -> None:
    t = Tale()
    t.policy(cross_tenant_counts=True)
    t.pay("E1", "A", "2500.00", at=HOUR)
    t.request("E1", at=2 * HOUR)
    run = fed(t.lines)
    assert sorted({one.rule for one in run.sightings}) == ["many-employers", "shared-wallet"]
    assert len([o for o in run.outputs if o.topic == "sightings"]) == len(run.sightings)


def test_lacking_input_is_told_in_an_alert_of_the_same_event() -> None:
    t = Tale()
    t.pay("V1", BAD, rail="wire")
    run = fed(t.lines)
    (alert,) = (a for a in Played(run.outputs).alerts if a["reasons"][0]["rule"] == "invalid-account")
    counted = {f"{slug}: {field}" for (what, *rest) in run.tallies if what == "not_evaluable" for slug, field in [rest]}
    assert set(alert["not_evaluable"]) == counted
    assert all(times == 1 for (what, *_), times in run.tallies.items() if what == "not_evaluable")
