"""What verdicts say of a payment, in words and numbers."""

from __future__ import annotations

import pytest

from sluicegate.detection.advice import MODEL, ORDINARY, VERSION, Advice, advise, remember, told, vector
from sluicegate.detection.calendar import DAY
from sluicegate.detection.feedback_records import FeedbackRecord, ReportedRecord
from sluicegate.detection.state import State, TenantStore
from sluicegate.signals.feedback import SCORE, FeedbackState
from sluicegate.signals.registry import ON


def advice(shares: dict[str, float], *, in_use: bool = True) -> Advice:
    return Advice(combined=7.0, in_use=in_use, verdicts=1284, confirmed=1031, shares=shares)


@pytest.mark.parametrize(
    ("shares", "main"),
    [
        ({}, ""),
        ({"repeat": 0.5, "burst": -0.25}, ""),
        ({"repeat": 0.5, "burst": -0.5}, ""),
        ({"repeat": -0.5, "burst": -0.25}, "repeat"),
        ({"repeat": -0.5, "burst": -0.5}, "burst"),
        ({"repeat": 0.5, "burst": -2.0}, "burst"),
    ],
)
def test_signal_most_against_a_payment_is_named_where_the_evidence_is(shares: dict[str, float], main: str) -> None:
    assert advice(shares).main == main


@pytest.mark.parametrize(
    ("shares", "score", "words"),
    [
        ({"repeat": -2.5}, 7.1, "lower the score from 8.9 to 7.1, most of all because of repeat."),
        ({}, 7.1, "lower the score from 8.9 to 7.1, for they lift that of others."),
        ({"repeat": -2.5}, 9.5, "lift the score from 8.9 to 9.5, for they lower that of others."),
        ({}, 8.9418, "lift the score from 8.9 to 8.9, for they lower that of others."),
    ],
)
def test_verdicts_in_use_are_told_with_what_they_moved(shares: dict[str, float], score: float, words: str) -> None:
    text, seen, models = told(advice(shares), 8.9418, score)
    assert text == f" Verdicts on 1,284 payments (1,031 confirmed) {words}"
    assert seen == {"score_without_verdicts": 8.942, "verdicts": 1284, "verdicts_confirmed": 1031}
    assert list(models) == [MODEL] == ["unusual-payment-verdicts"]


@pytest.mark.parametrize("one", [None, advice({"repeat": -2.5}, in_use=False)])
def test_verdicts_in_the_shadow_are_not_told(one: Advice | None) -> None:
    assert told(one, 8.9, 7.1) == ("", {}, {})


def test_verdicts_are_learned_on_the_shares_of_all_signals_and_the_score() -> None:
    x = vector("vendor", 4.5, {"burst": 0.25, "no-such-signal": 1.0})
    assert x == {SCORE: 4.5} | {kind.NAME: 0.25 if kind.NAME == "burst" else 0.0 for kind in ON["vendor"]}


def state(record: FeedbackRecord | None = None) -> State:
    held = State("acme", TenantStore())
    if record is not None:
        held.put("vendor", record)
    return held


@pytest.mark.parametrize("record", [None, FeedbackRecord("other", FeedbackState(verdicts=3))])
def test_nothing_is_advised_before_the_first_verdict_or_by_another_version(record: FeedbackRecord | None) -> None:
    assert advise(state(record), "vendor", 4.5, {}, 0.01) is None


def test_advice_of_verdicts_that_have_taught_nothing_yet_leaves_the_score() -> None:
    known = FeedbackState(verdicts=3, confirmed_count=2)
    found = advise(state(FeedbackRecord(VERSION, known)), "vendor", 4.5, {"burst": 1.0}, 0.01)
    assert found is not None
    assert (found.in_use, found.verdicts, found.confirmed, found.shares) == (False, 3, 2, {})
    assert found.combined == 4.5


def test_verdicts_say_nothing_of_an_ordinary_payment() -> None:
    held = state(FeedbackRecord(VERSION, FeedbackState(in_use=True)))
    rare, ordinary = (advise(held, "vendor", 4.5, {"burst": 1.0}, p) for p in (ORDINARY - 0.001, ORDINARY))
    assert rare is not None
    assert ordinary is not None
    assert (rare.combined, ordinary.combined, ordinary.shares) == (4.5, 4.5, {})
    assert ORDINARY == 0.1


@pytest.mark.parametrize(("one", "advised"), [(None, 4.5), (advice({}), 7.0)])
def test_reported_payment_waits_180_days_for_its_verdict(one: Advice | None, advised: float) -> None:
    held = state()
    remember(held, "/s\n1", 5, "vendor", 4.5, {"burst": 1.0}, one)
    due = 5 + 180 * DAY
    assert held.get(ReportedRecord, "/s\n1") == ReportedRecord(due, "vendor", VERSION, 4.5, advised, {"burst": 1.0})
    assert held.due_timer(due - 1) is None
    assert held.due_timer(due) == (due, ReportedRecord.KIND, "/s\n1")
