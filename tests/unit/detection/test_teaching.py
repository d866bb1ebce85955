"""What one verdict teaches, and what is told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sluicegate.detection import advice
from sluicegate.detection.advice import VERSION
from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.alerts import Merger
from sluicegate.detection.evidence import new_reason
from sluicegate.detection.feedback_records import FeedbackRecord, ReportedRecord
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.state import State, TenantStore
from sluicegate.detection.teaching import Lesson, learn, tell
from sluicegate.rules.base import Finding
from sluicegate.rules.registry import RULES
from sluicegate.signals import feedback
from sluicegate.signals.feedback import Standing
from sluicegate.wire.canonical import canonical
from tests.scenarios.build import START

MODEL = "unusual-payment"


def reason(rule: str, *refs: str) -> AlertRecord:
    """An alert with one reason about these events."""
    told = Finding(score=50, subject=("payee", "V1"), title="t", text="x", observed={}, expected={}, counterfactual="")
    row = new_reason(RULES[rule], told, "")
    row.events = list(refs)
    return AlertRecord("payee", "V1", "anomaly", 0, 0, 0, reasons=[row])


def reported(state: State, **combined: float) -> None:
    """Reported payments that wait for a verdict, with their combined scores."""
    for ref, score in combined.items():
        state.put(ref, ReportedRecord(START, "vendor", VERSION, score, score, {"amount": 1.0}))


@pytest.fixture
def state() -> State:
    return State("acme", TenantStore())


def waiting(state: State) -> list[str]:
    return sorted(state.ids(ReportedRecord.KIND))


def verdicts(state: State) -> int:
    held = state.get(FeedbackRecord, "vendor")
    return held.state.verdicts if held is not None else 0


@pytest.mark.parametrize("verdict", ["confirmed", "error_not_fraud", "false_positive", "benign"])
def test_final_verdict_is_one_lesson_however_many_payments_wait_for_it(state: State, verdict: str) -> None:
    reported(state, a=5.0, b=9.0, c=7.0, elsewhere=8.0)
    lesson = learn(state, reason(MODEL, "a", "b", "c", "never-reported"), verdict)
    assert lesson is not None
    confirmed = verdict in ("confirmed", "error_not_fraud")
    assert (lesson.stream, lesson.standing.verdicts, lesson.standing.confirmed) == ("vendor", 1, confirmed)
    assert not lesson.switched
    held = state.get(FeedbackRecord, "vendor")
    assert held is not None
    ((plain, _),) = held.state.confirmed or held.state.cleared
    assert plain == 9.0  # the most unusual of them
    assert waiting(state) == ["elsewhere"]
    assert learn(state, reason(MODEL, "a", "b", "c"), verdict) is None  # what was judged is judged once
    assert verdicts(state) == 1


@pytest.mark.parametrize("verdict", ["escalated", "unknown"])
def test_verdict_that_is_not_final_teaches_nothing_and_payments_go_on_waiting(state: State, verdict: str) -> None:
    reported(state, a=5.0)
    assert learn(state, reason(MODEL, "a"), verdict) is None
    assert waiting(state) == ["a"]


def test_verdict_on_what_other_rules_said_teaches_nothing(state: State) -> None:
    reported(state, a=5.0)
    assert learn(state, reason("shared-account", "a"), "confirmed") is None
    assert (waiting(state), verdicts(state)) == (["a"], 0)


def test_payment_scored_by_other_signals_is_judged_and_teaches_nothing(state: State) -> None:
    state.put("old", ReportedRecord(START, "vendor", "older", 99.0, 99.0, {"amount": 1.0}))
    assert learn(state, reason(MODEL, "old"), "confirmed") is None
    assert (waiting(state), verdicts(state)) == ([], 0)
    state.put("old", ReportedRecord(START, "payroll", "older", 99.0, 99.0, {"amount": 1.0}))
    reported(state, a=5.0)
    lesson = learn(state, reason(MODEL, "old", "a"), "confirmed")
    assert lesson is not None
    assert lesson.stream == "vendor"


def test_what_older_signals_taught_is_forgotten_at_the_next_verdict(state: State) -> None:
    reported(state, a=5.0)
    learn(state, reason(MODEL, "a"), "confirmed")
    held = state.edit(FeedbackRecord, "vendor")
    assert held is not None
    held.version = "older"
    reported(state, b=5.0)
    learn(state, reason(MODEL, "b"), "confirmed")
    assert verdicts(state) == 1
    again = state.get(FeedbackRecord, "vendor")
    assert again is not None
    assert again.version == VERSION


STANDING = Standing(verdicts=20, confirmed=8, without=0.512345, with_feedback=0.612345, error=0.1, in_use=True)


def told(lesson: Lesson) -> list[tuple[str, dict[str, Any]]]:
    merger = Merger(State("acme", TenantStore()), compile_policy(None, None), START, {})
    tell(lesson, "acme", "/s\n1", START + 5, "shadow", merger)
    return merger.signals


@pytest.mark.parametrize(("verdicts", "switched", "is_told"), [(20, False, True), (21, False, False), (21, True, True)])
def test_standing_is_told_at_each_tenth_verdict_and_when_the_gate_moves(
    verdicts: int, switched: bool, is_told: bool
) -> None:
    assert bool(told(Lesson("vendor", STANDING._replace(verdicts=verdicts), switched))) is is_told


def test_notice_holds_the_standing() -> None:
    ((name, body),) = told(Lesson("payroll", STANDING, switched=False))
    assert name == f"{body['alert_id']}-1-{MODEL}"
    assert (body["title"], body["mode"], body["score"]) == ("What verdicts have taught so far", "shadow", 10)
    assert body["notice"]
    assert body["subject"] == {"kind": "tenant", "id": "acme"}
    assert body["versions"]["models"] == {advice.MODEL: feedback.VERSION}
    (row,) = json.loads(canonical(body))["reasons"]
    assert row["text"] == f"Verdicts on payroll payments: {STANDING}."
    assert row["observed"] == {
        "stream": "payroll",
        "verdicts": 20,
        "confirmed": 8,
        "in_use": True,
        "right_with_verdicts": 0.6123,
    }
    assert row["expected"] == {"right_without_verdicts": 0.5123}
    assert row["event_ids"] == ["/s#1"]
