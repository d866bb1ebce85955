"""Release, review or hold: what is decided about a payment of a run, and what changes that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sluicegate.detection.alerts import Merger
from sluicegate.detection.clearance import KEPT, Clearance, decision_key
from sluicegate.detection.clearance_records import (
    CLEARANCE_RECORDS,
    MOST_MEMBERS,
    AlertedPayments,
    AlertedRecord,
    DecisionRecord,
)
from sluicegate.detection.codec import encode
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.schema import type_schema
from tests.scenarios.build import DAY, HOUR, Json, Played, Tale, account, entry, payee

RUN = "R1"
LISTED = "Vitaly Andreyev"


def decisions(played: Played, payment: Json | None = None) -> list[Json]:
    """`data` of decisions in order, of one payment or of all."""
    wanted = payment["data"]["payment_id"] if payment is not None else None
    found = [event["data"] for event in played.topic("decisions")]
    return [data for data in found if wanted in (None, data["payment_id"])]


def seen(data: Json) -> tuple[int, str, float]:
    return data["revision"], data["decision"], data["score"]


def tale(tenant: str = "acme", **policy: Any) -> Tale:
    t = Tale(tenant)
    t.policy(clearance=policy.pop("clearance", {}), **policy)
    return t


def changed_account(t: Tale, run: str | None = RUN) -> Json:
    """A payment to an account that nobody has announced, after long use of another one."""
    at = t.history("E1", 6)
    return t.pay("E1", account("new", scheme="prepaid"), "1000.00", at, run=run)


def test_without_the_policy_block_nothing_is_decided() -> None:
    t = Tale()
    changed_account(t)
    played = t.play()
    assert played.alerts
    assert decisions(played) == []


def test_payment_without_a_run_is_not_decided() -> None:
    t = tale()
    t.pay("E1")
    assert decisions(t.play()) == []


def test_the_canary_is_not_decided() -> None:
    t = tale(CANARY_TENANT)
    t.pay("E1", run=RUN)
    assert decisions(t.play()) == []


def test_clean_payment_is_released_and_told_again_when_the_run_is_over() -> None:
    t = tale()
    payment = t.pay("E1", run=RUN, at=HOUR)
    first, last = decisions(t.play(), payment)
    assert first | {"versions": {}} == {
        "run_id": RUN,
        "payment_id": payment["data"]["payment_id"],
        "revision": 1,
        "decision": "release",
        "score": 0,
        "alert_ids": [],
        "rules": [],
        "later": [{"rule": "pay-spike", "until": "2026-01-05T16:00:00Z"}],
        "amount": {"value": "1000.00", "currency": "USD"},
        "event": "/feeds/acme#e00001",
        "policy": "e00000",
        "versions": {},
    }
    assert (seen(last), last["later"]) == ((2, "release", 0), [])


def test_events_are_as_the_schema_says_and_keyed_by_the_tenant() -> None:
    t = tale()
    changed_account(t)
    played = t.play()
    validator = Draft202012Validator(type_schema("decision.v1"))
    events = played.topic("decisions")
    assert events
    assert [error.message for event in events for error in validator.iter_errors(event)] == []
    assert {one.key for one in played.outputs if one.topic == "decisions"} == {b"acme"}
    assert {event["partitionkey"] for event in events} == {"acme"}
    assert [event["id"].rsplit("-", 1)[1] for event in events] == ["1", "2"]


def test_changed_account_is_held_by_its_alert() -> None:
    t = tale(clearance={"hold_from": 25})
    payment = changed_account(t)
    played = t.play()
    (alert,) = [a for a in played.alerts if payment["data"]["payment_id"] in a["payment_ids"]]
    first, *_ = decisions(played, payment)
    assert seen(first) == (1, "hold", alert["score"])
    assert (first["alert_ids"], first["rules"]) == ([alert["alert_id"]], ["changed-account"])


@pytest.mark.parametrize(
    ("levels", "decision"),
    [({"hold_from": 100, "review_from": 100}, "review"), ({"hold_from": 100}, "review"), ({"hold_from": 25}, "hold")],
)
def test_levels_decide_but_an_alert_that_says_hold_never_gives_release(levels: Json, decision: str) -> None:
    t = tale(clearance=levels)
    payment = changed_account(t)
    played = t.play()
    assert played.alerts[0]["recommended_action"] in ("hold", "verify_callback")
    found = decisions(played, payment)[0]["decision"]
    needs_hold = played.alerts[0]["recommended_action"] == "hold"
    assert found == (decision if needs_hold or levels != {"hold_from": 100, "review_from": 100} else "release")


@pytest.mark.parametrize("verdict", ["false_positive", "benign", "error_not_fraud"])
def test_verdict_that_closes_the_alert_releases_its_payment(verdict: str) -> None:
    t = tale(clearance={"hold_from": 25})
    payment = changed_account(t)
    alert = t.play().alerts[0]
    t.verdict(alert["alert_id"], verdict, 6 * 14 * DAY + HOUR)
    first, second, *_ = decisions(t.play(), payment)
    assert first["decision"] == "hold"
    assert (seen(second), second["alert_ids"]) == ((2, "release", 0), [])


@pytest.mark.parametrize("verdict", ["confirmed", "escalated"])
def test_verdict_that_leaves_the_alert_open_leaves_the_hold(verdict: str) -> None:
    t = tale(clearance={"hold_from": 25})
    payment = changed_account(t)
    t.verdict(t.play().alerts[0]["alert_id"], verdict, 6 * 14 * DAY + HOUR)
    found = decisions(t.play(), payment)
    assert {data["decision"] for data in found} == {"hold"}
    assert [data["later"] == [] for data in found] == [False, True]


@pytest.mark.parametrize("mode", ["shadow", "off"])
def test_rule_in_shadow_holds_nothing(mode: str) -> None:
    t = tale(clearance={"hold_from": 25}, rules={"changed-account": {"mode": mode}})
    payment = changed_account(t)
    assert {data["decision"] for data in decisions(t.play(), payment)} == {"release"}


def test_suppressed_finding_holds_nothing() -> None:
    t = tale(clearance={"hold_from": 25})
    t.allow("changed-account", "payee", "E1")
    payment = changed_account(t)
    assert {data["decision"] for data in decisions(t.play(), payment)} == {"release"}


def test_list_update_holds_payments_of_before() -> None:
    t = tale(clearance={"hold_from": 25})
    payment = t.pay(payee("C1", name="Casimir Nowak"), at=DAY, run=RUN)
    other = t.pay("V2", at=DAY + 1, run=RUN)
    t.listed(entry("X1", "NOWAK, Casimir Bohdan"), at=2 * DAY)
    t.pay("V3", at=2 * DAY + 1)
    played = t.play()
    found = decisions(played, payment)
    assert [data["decision"] for data in found[:2]] == ["release", "release"]  # the second: its run is closed
    assert (found[2]["decision"], found[2]["rules"]) == ("hold", ["sanctioned-name"])
    assert {data["decision"] for data in decisions(played, other)} == {"release"}


def test_alert_that_grows_over_a_level_decides_anew_about_all_its_payments() -> None:
    t = tale(clearance={"hold_from": 60})
    first = t.pay("E1", "shared", at=DAY, run=RUN)
    second = t.pay("E2", "shared", at=DAY + HOUR, run=RUN)
    third = t.pay("E3", "shared", at=DAY + 2 * HOUR, run=RUN)
    played = t.play()
    scores = [data["score"] for data in decisions(played, first)]
    assert scores[0] == 0
    assert scores == sorted(scores)
    assert scores[-1] == decisions(played, third)[-1]["score"] == decisions(played, second)[-1]["score"] >= 60
    assert {decisions(played, one)[-1]["decision"] for one in (first, second, third)} == {"hold"}


def test_later_names_the_rules_of_a_split_payment_until_its_parts_are_in() -> None:
    t = tale()
    part = {"payment_id": "S1"}
    t.pay("E1", amount="600.00", at=HOUR, run=RUN, split={"index": 1, "count": 2}, **part)
    whole = t.pay("E1", amount="400.00", at=2 * HOUR, run=RUN, split={"index": 2, "count": 2}, **part)
    first, second, last = decisions(t.play(), whole)
    assert {"duplicate-pay", "pay-spike"} <= {one["rule"] for one in first["later"]}
    assert {one["until"] for one in first["later"]} == {"2026-01-06T10:00:00Z"}
    assert [data["amount"]["value"] for data in (first, second, last)] == ["600.00", "1000.00", "1000.00"]
    assert [one["rule"] for one in second["later"]] == ["pay-spike"]
    assert last["later"] == []


def test_split_payment_whose_rest_never_comes_is_over_when_its_time_is_up() -> None:
    t = tale()
    part = t.pay("E1", amount="600.00", at=HOUR, run=RUN, split={"index": 1, "count": 2}, payment_id="S1")
    found = decisions(t.play(), part)
    assert [len(data["later"]) > 0 for data in found] == [True] * (len(found) - 1) + [False]
    assert {data["amount"]["value"] for data in found} == {"600.00"}


def test_later_names_the_roster_rules_and_each_goes_when_it_has_spoken() -> None:
    t = tale(roster=True)
    payment = t.pay("E1", at=HOUR, run=RUN)
    found = decisions(t.play(), payment)
    assert [[one["rule"] for one in data["later"]] for data in found] == [
        ["ghost-worker", "pay-spike", "run-shift"],
        ["ghost-worker"],
        [],
    ]


def test_rules_that_are_not_live_are_not_waited_for() -> None:
    t = tale(rules={"pay-spike": {"mode": "shadow"}})
    payment = t.pay("E1", at=HOUR, run=RUN)
    (only,) = decisions(t.play(), payment)
    assert only["later"] == []


def test_policy_without_the_block_ends_the_decisions_and_keeps_those_made() -> None:
    t = tale(clearance={"hold_from": 25})
    t.history("E1", 6)
    t.policy(DAY)
    t.pay("E1", account("new", scheme="prepaid"), "1000.00", 6 * 14 * DAY, run=RUN)
    assert decisions(t.play()) == []


def test_review_above_hold_is_refused() -> None:
    t = tale(clearance={"hold_from": 30, "review_from": 40})
    (letter,) = t.play().letters
    assert (letter["reason"], letter["detail"]["path"]) == ("schema_violation", "/data/clearance/review_from")


def test_repeated_notice_of_a_payment_decides_nothing() -> None:
    t = tale()
    t.pay("E1", at=HOUR, run=RUN, payment_id="P1")
    t.pay("E1", at=2 * HOUR, run="R2", payment_id="P1")
    assert {data["run_id"] for data in decisions(t.play())} == {RUN}


def worked(t: Tale) -> Partition:
    partition = Partition()
    run = partition.begin()
    for offset, line in enumerate(t.lines):
        run.apply(LogRecord(offset, 0, None, line))
    run.changes()
    run.merge()
    return partition


def kinds(partition: Partition) -> set[str]:
    return {key.split("|")[1] for key, _ in partition.items()} & {cls.KIND for cls in CLEARANCE_RECORDS}


def test_decisions_are_forgotten_with_their_time() -> None:
    t = tale(clearance={"hold_from": 25})
    changed_account(t)
    assert kinds(worked(t)) == {cls.KIND for cls in CLEARANCE_RECORDS}
    t.pay("E9", at=6 * 14 * DAY + KEPT)
    assert kinds(worked(t)) == set()


def test_records_stay_small_whatever_the_ids() -> None:
    longest = decision_key("r" * 128, "p" * 128)
    alerts = [f"al_{n:032d}" for n in range(200)]
    decided = DecisionRecord(1, "p" * 128, "s" * 640, "1", "USD", "payroll.payment.v1", alerts=alerts)
    records = (decided, AlertedRecord(1), AlertedPayments(1, [longest] * MOST_MEMBERS))
    assert max(len(encode(record)) for record in records) < 32_000


def test_alert_with_more_payments_than_a_record_holds_decides_about_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluicegate.detection.clearance.MOST_MEMBERS", 3)
    t = tale(clearance={"hold_from": 100, "review_from": 30})
    payments = [t.pay(f"E{n}", "one", at=DAY + n, run=RUN) for n in range(10)]
    played = t.play()
    alert = max(played.alerts, key=lambda one: one["money"][0]["count"])
    assert alert["money"][0]["count"] == 10
    last = [decisions(played, one)[-1] for one in payments]
    assert {data["score"] for data in last} == {alert["score"]}
    t.verdict(alert["alert_id"], "benign", 2 * DAY)
    played = t.play()
    assert {decisions(played, one)[-1]["decision"] for one in payments} == {"release"}


def test_no_more_alerts_are_named_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluicegate.detection.clearance.MOST_ALERTS", 1)
    t = tale()
    at = t.history(payee("E1", name=LISTED, country="IR"), 6)
    t.listed(entry("X1", LISTED, countries=["IR"]))
    who = payee("E1", name=LISTED, country="IR")
    payment = t.pay(who, account("new", scheme="prepaid"), "1000.00", at, run=RUN)
    played = t.play()
    naming = [a for a in played.alerts if payment["data"]["payment_id"] in a["payment_ids"]]
    assert len(naming) > 1
    last = decisions(played, payment)[-1]
    assert (len(last["alert_ids"]), last["score"]) == (1, max(a["score"] for a in naming))


def test_settling_twice_gives_nothing_new() -> None:
    t = tale()
    t.pay("E1", at=HOUR, run=RUN)
    partition = worked(t)
    run = partition.begin()
    policy, state = run.policy("acme"), run.state("acme")
    merger = Merger(state, policy, 0, {})
    assert merger.named is not None
    merger.named.append(("", decision_key(RUN, "P00001")))
    out: list[tuple[str, str, bytes]] = []
    Clearance(state, policy, 0, {}).settle(merger, lambda *one: out.append(one))
    assert out == []
    assert json.loads(t.lines[1])["data"]["payment_id"] == "P00001"
