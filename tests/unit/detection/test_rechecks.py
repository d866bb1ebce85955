"""Which payments are looked at again, and what is then known of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sluicegate.detection.pay_records import RecheckRecord
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.rechecks import recheck
from sluicegate.detection.state import State, TenantStore
from sluicegate.detection.view import PayView
from sluicegate.rules.base import NotEvaluable, Rule
from sluicegate.rules.registry import RULES
from tests.scenarios.build import DAY, HOUR, Tale
from tests.unit.detection.test_bursts import state_after

GHOST = "ghost-worker"
HIRED: dict[str, Any] = {"effective_date": "2025-01-01"}


def waiting(t: Tale) -> list[str]:
    return sorted(id.replace("\n", " ") for id in state_after(t).ids(RecheckRecord.KIND))


@pytest.mark.parametrize(
    ("roster", "who", "hired", "waits"),
    [
        (True, "E1", False, True),
        (True, "E1", True, False),
        (True, "C1", False, False),
        (True, "V1", False, False),
        (False, "E1", False, False),
    ],
)
def test_pay_of_an_employee_of_whom_no_hire_is_known_waits(roster: bool, who: str, hired: bool, waits: bool) -> None:
    t = Tale()
    t.policy(roster=roster)
    if hired:
        t.worker(who, "hire", **HIRED)
    t.pay(who, at=1, payment_id="P")
    assert waiting(t) == [f"{who} P"] * waits


def test_pay_of_one_who_left_waits_whether_paid_before_or_after_that_was_known() -> None:
    t = Tale()
    t.worker("E1", "hire", **HIRED)
    t.pay("E1", at=1, payment_id="P1")
    assert waiting(t) == []
    t.worker("E1", "terminate", HOUR, effective_date="2026-01-05")
    assert waiting(t) == ["E1 P1"]
    t.pay("E1", at=2 * HOUR, payment_id="P2")
    assert waiting(t) == ["E1 P1", "E1 P2"]


def test_payment_is_looked_at_again_once() -> None:
    t = Tale()
    t.policy(roster=True)
    t.pay("E1", payment_id="P")
    hours = compile_policy(None, None).param(GHOST, "recheck_hours")
    t.pay("V1", at=hours * HOUR - 1)
    assert waiting(t) == ["E1 P"]
    t.pay("V1", at=hours * HOUR)
    assert waiting(t) == []


def seen(state: State, payment: str, mode: str = "live") -> list[PayView]:
    """What a rule is shown of the payment of E1."""
    views: list[PayView] = []

    def at_recheck(view: PayView, _: Any) -> list[NotEvaluable]:
        views.append(view)
        return [NotEvaluable("a")]

    rule: Rule = msgspec.structs.replace(RULES[GHOST], at_recheck=at_recheck)
    policy = compile_policy(f'{{"rules":{{"{GHOST}":{{"mode":"{mode}"}}}}}}'.encode(), None)
    state.put("id", RecheckRecord("E1", payment, None))
    found = list(recheck(state, policy, "id", [RULES["shared-account"], rule], lambda *_: None))
    assert state.get(RecheckRecord, "id") is None
    assert found == [(rule, NotEvaluable("a"))] * len(views)
    return views


def test_payment_that_is_not_held_any_more_is_let_go() -> None:
    t = Tale()
    t.pay("E1", payment_id="P")
    assert seen(State("acme", TenantStore()), "P") == []
    assert len(seen(state_after(t), "P")) == 1
    assert seen(state_after(t), "P", "off") == []


@pytest.mark.parametrize(
    ("run", "at", "earlier"),
    [("H", 0, True), ("H", DAY, True), ("H", DAY + 1, False), ("R", 0, False), (None, 0, False)],
)
def test_pay_in_another_run_until_then_is_pay_before(run: str | None, at: int, earlier: bool) -> None:
    t = Tale()
    t.pay("E1", at=at, run=run)
    t.pay("E1", at=DAY, run="R", payment_id="P")
    (view,) = seen(state_after(t), "P")
    assert (view.earlier_run, view.row.id) == (earlier, "P")
    assert view.run is not None


def test_pay_outside_of_runs_has_none_before_it() -> None:
    t = Tale()
    t.pay("E1", run="H")
    t.pay("E1", at=DAY, payment_id="P")
    (view,) = seen(state_after(t), "P")
    assert (view.earlier_run, view.run) == (False, None)
