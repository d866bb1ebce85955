"""A pay run from its first payment until it is forgotten: what is entered, who looks at it, what is said once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sluicegate.detection.policy import Policy, compile_policy
from sluicegate.detection.records import RunChunk, RunRecord, RunRow
from sluicegate.detection.runs import close_run
from sluicegate.detection.state import State, TenantStore
from sluicegate.detection.view import RunView
from sluicegate.rules.base import Finding, NotEvaluable, Rule
from sluicegate.rules.registry import RULES
from tests.scenarios.build import DAY, HOUR, START, Tale
from tests.unit.detection.test_bursts import state_after

SPIKE = "pay-spike"
BONUS = {"components": [{"type": "bonus", "amount": "1000.00"}]}


def entries(t: Tale, run: str = "R") -> list[RunRow]:
    state = state_after(t)
    record = state.get(RunRecord, run)
    chunks = [state.get(RunChunk, f"{run}\n{n}") for n in range(-(-record.rows // 200))]
    assert record.rows == sum(len(chunk.rows) for chunk in chunks)
    return [row for chunk in chunks for row in chunk.rows]


# what is entered


def test_payment_is_entered_with_its_pay_against_the_baseline() -> None:
    t = Tale()
    for n, amount in enumerate(("900.00", "1000.00", "1200.00")):
        t.pay("E1", amount=amount, at=n * 14 * DAY, run=f"H{n}")
    t.pay("E1", amount="2000.00", at=42 * DAY, run="R")
    (row,) = entries(t)
    assert (row.value, row.currency, row.history, row.median) == ("2000.00", "USD", 3, "1000.00")
    assert (row.ratio, row.difference_base) == (2.0, "1000.00")
    assert row.z == pytest.approx(4.4372, abs=1e-3)  # ln 2 / (1.4826 ln 1.111...)


def test_pay_of_less_than_one_counts_and_none_does_not() -> None:
    t = Tale()
    for n, amount in enumerate(("0.50", "0", "0.50", "0.00")):
        t.pay("E1", amount=amount, at=n * 14 * DAY, run=f"H{n}")
    t.pay("E1", amount="1.00", at=56 * DAY, run="R")
    t.pay("E1", amount="0.75", at=56 * DAY, run="R")
    t.pay("E1", amount="0", at=56 * DAY, run="R")
    assert [(row.value, row.history, row.median, row.ratio) for row in entries(t)] == [
        ("1.00", 2, "0.50", 2.0),
        ("0.75", 2, "0.50", 1.5),
        ("0", 2, "0", 0.0),
    ]


def test_first_payment_has_nothing_to_be_held_against() -> None:
    t = Tale()
    t.pay("E1", run="R")
    (row,) = entries(t)
    assert (row.value, row.history, row.median, row.ratio, row.difference_base) == ("1000.00", 0, "0", 0.0, None)


def test_payment_without_regular_pay_is_entered_with_none() -> None:
    t = Tale()
    t.pay("E1", run="R", purpose=BONUS)
    (row,) = entries(t)
    assert (row.payee, row.value, row.history) == ("E1", "0", 0)


def test_run_spans_its_payments_in_whatever_order_they_come() -> None:
    t = Tale()
    for at in (5 * HOUR, HOUR, 7 * HOUR, 3 * HOUR):
        t.pay("E1", at=at, run="R")
    record = state_after(t).get(RunRecord, "R")
    assert (record.first, record.last) == (START + HOUR, START + 7 * HOUR)
    assert (record.due, record.closed) == (START + 13 * HOUR, False)


@pytest.mark.parametrize(("count", "chunks"), [(200, [200]), (201, [200, 1])])
def test_entries_are_kept_200_to_a_record(count: int, chunks: list[int]) -> None:
    t = Tale()
    for n in range(count):
        t.pay(f"E{n}", at=n, run="R")
    state = state_after(t)
    assert [len(state.get(RunChunk, f"R\n{n}").rows) for n in range(len(chunks))] == chunks
    assert len(list(state.ids(RunChunk.KIND))) == len(chunks)
    assert len(entries(t)) == count


@pytest.mark.parametrize(("after", "kept"), [(35 * DAY - 1, True), (35 * DAY, False)])
def test_run_is_forgotten_35_days_after_its_last_payment(after: int, kept: bool) -> None:
    t = Tale()
    for n in range(201):
        t.pay(f"E{n}", at=n, run="R")
    t.pay("V1", at=200 + after)
    state = state_after(t)
    assert (state.get(RunRecord, "R") is not None) is kept
    assert len(list(state.ids(RunChunk.KIND))) == 2 * kept


def test_run_forgets_itself_in_the_same_checkpoint_in_which_it_closed() -> None:
    t = Tale()
    t.pay("E1", run="R")
    t.pay("V1", at=6 * HOUR)
    assert state_after(t).get(RunRecord, "R").due == START + 35 * DAY
    t.pay("V1", at=36 * DAY)
    assert state_after(t).get(RunRecord, "R") is None


# the close


def finding(score: int, *payments: tuple[str, str], subject: tuple[str, str] = ("payee", "E1")) -> Finding:
    return Finding(
        score=score,
        subject=subject,
        payments=payments,
        title="t",
        text="x",
        observed={},
        expected={},
        counterfactual="",
    )


def rule(*results: Any, seen: list[RunView] | None = None) -> Rule:
    """A rule that says this at every close."""

    def at_close(view: RunView, _: Any) -> list[Any]:
        if seen is not None:
            seen.append(view)
        return list(results)

    return msgspec.structs.replace(RULES[SPIKE], at_close=at_close)


@pytest.fixture
def state() -> State:
    """An open run of two payments to each of two employees, in two records."""
    state = State("acme", TenantStore())
    state.put("R", RunRecord(last=START, due=START + 6 * HOUR, rows=201, first=START))
    rows = [RunRow(f"E{n // 2}", f"P{n}", f"/s\n{n}", START, "1.00", "USD") for n in range(201)]
    state.put("R\n0", RunChunk(rows[:200]))
    state.put("R\n1", RunChunk(rows[200:]))
    return state


def said(state: State, *rules: Rule, policy: Policy | None = None) -> list[Any]:
    """What comes of a close; the run is open again afterwards, as by a further payment."""
    failed: list[Any] = []
    policy = policy or compile_policy(None, None)
    out = [result for _, result in close_run(state, policy, "R", rules, lambda *fault: failed.append(fault))]
    assert failed == []
    record = state.edit(RunRecord, "R")
    assert record is not None
    assert (record.closed, record.due) == (True, START + 35 * DAY)
    record.closed = False
    return out


def test_rules_see_all_entries_and_payees_are_counted_once(state: State) -> None:
    seen: list[RunView] = []
    said(state, rule(seen=seen))
    (view,) = seen
    assert (view.run_id, [row.payment_id for row in view.rows]) == ("R", [f"P{n}" for n in range(201)])
    assert view.headcount is None
    assert (view.run.payees, view.run.unknown) == (101, 0)


@pytest.mark.parametrize(("mode", "asked"), [("live", True), ("shadow", True), ("off", False)])
def test_rule_that_is_off_is_not_asked(state: State, mode: str, asked: bool) -> None:
    policy = compile_policy(f'{{"rules":{{"{SPIKE}":{{"mode":"{mode}"}}}}}}'.encode(), None)
    assert bool(said(state, rule(NotEvaluable("a")), policy=policy)) is asked


def test_rule_that_looks_at_no_run_is_passed_over(state: State) -> None:
    assert said(state, RULES["shared-account"], rule(NotEvaluable("a"))) == [NotEvaluable("a")]


def test_finding_on_a_payment_is_said_again_only_with_a_higher_score(state: State) -> None:
    first, second = ("E0", "P0"), ("E100", "P200")
    found = [finding(0, first), finding(40, second), NotEvaluable("a")]
    assert said(state, rule(*found)) == found
    assert said(state, rule(*found)) == [NotEvaluable("a")]
    lower, higher = finding(39, second), finding(1, first)
    assert said(state, rule(lower, higher)) == [higher]
    assert said(state, rule(finding(41, second), finding(1, first))) == [finding(41, second)]
    other = msgspec.structs.replace(rule(finding(5, second)), slug="run-shift")
    assert said(state, other) == [finding(5, second)]


def test_finding_on_the_run_or_on_no_payment_of_it_is_said_at_each_close(state: State) -> None:
    found = [
        finding(40, ("E0", "P0"), subject=("run", "R")),
        finding(40),
        finding(40, ("E0", "elsewhere")),
    ]
    assert said(state, rule(*found)) == found
    assert said(state, rule(*found)) == found
