"""Whom a pay run was expected to pay: the roster by pay group, those who left, those without pay before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sluicegate.detection import roster
from sluicegate.detection.pay_records import RosterRecord
from sluicegate.detection.payslips import day_number
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import RunRecord, RunRow
from sluicegate.detection.roster import headcount
from sluicegate.detection.view import Headcount
from tests.scenarios.build import DAY, START, Tale
from tests.unit.detection.test_bursts import state_after

DUE = 28 * DAY
POLICY = compile_policy(b'{"roster":true}', None)


def staff(*workers: str, runs: int = 2, currency: str = "USD", amount: str = "1000.00") -> Tale:
    """Hired workers, each paid in so many runs."""
    t = Tale()
    for who in workers:
        t.worker(who, "hire", effective_date="2026-01-01")
    for run in range(runs):
        for who in workers:
            t.pay(who, at=run * 14 * DAY, amount=amount, run=f"H{run}", currency=currency)
    return t


def paid(payee: str, **more: Any) -> RunRow:
    """What the run holds of a payment to a worker like those of `staff`."""
    usual = {"base": "1000.00", "usual": "1000.00", "of_group": True, "mature": True, "employee": True}
    row = RunRow(payee, f"P-{payee}", f"/s\n{payee}", START + DUE, "1000.00", "USD", 2)
    for name, value in (usual | more).items():
        setattr(row, name, value)
    return row


def heads(t: Tale, *rows: RunRow, **more: Any) -> Headcount:
    run = RunRecord(first=START + DUE, first_day=day_number("2026-01-26"))
    for name, value in more.items():
        setattr(run, name, value)
    return headcount(state_after(t), POLICY, run, rows)


def test_worker_who_is_not_paid_is_expected_like_those_who_are() -> None:
    found = heads(staff("E1", "E2", "E3"), paid("E1"), paid("E3", mature=False))
    assert found.usual == dict.fromkeys(("E1", "E3", "E2"), Decimal("1000.00"))
    assert (found.mature, found.unknown, found.fresh, found.lacking) == (2, [], frozenset(), None)


def test_worker_paid_in_two_payments_is_counted_once_with_what_any_of_them_tells() -> None:
    lacking = paid("E1", of_group=False, mature=False, usual=None)
    for rows in ((lacking, paid("E1")), (paid("E1"), lacking)):
        found = heads(staff("E1"), *rows)
        assert (found.usual, found.mature, found.fresh) == ({"E1": Decimal("1000.00")}, 1, frozenset())


def test_worker_of_another_pay_group_is_not_expected_unless_paid_in_it_before() -> None:
    t = staff("E1")
    for n in range(2):
        t.worker("E2", "hire", effective_date="2026-01-01")
        t.pay("E2", at=n * 14 * DAY, run=f"W{n}", schedule={"pay_group": "weekly"})
    assert sorted(heads(t, paid("E1")).usual) == ["E1"]
    assert sorted(heads(t, paid("E1"), paid("E2", of_group=False)).usual) == ["E1"]
    assert sorted(heads(t, paid("E2", of_group=True), group="weekly").usual) == ["E2"]


def test_worker_first_paid_in_the_run_or_later_is_not_expected() -> None:
    t = staff("E1", "E3")
    t.worker("E2", "hire", effective_date="2026-01-26")
    t.pay("E2", at=DUE, run="R")
    assert sorted(heads(t, paid("E1")).usual) == ["E1", "E3"]
    found = heads(t, paid("E1"), first=START + DUE + 1)
    assert (sorted(found.usual), found.usual["E2"], found.lacking) == (["E1", "E2", "E3"], None, None)


def test_paid_worker_without_pay_before_is_new() -> None:
    found = heads(staff("E1", "E2"), paid("E1", usual=None), paid("E2"))
    assert found.fresh == {"E1"}
    assert found.usual == {"E1": None, "E2": Decimal("1000.00")}


@pytest.mark.parametrize(("last", "expected"), [("2026-01-25", ["E1"]), ("2026-01-26", ["E1", "E2"])])
def test_worker_who_left_before_the_period_is_not_expected(last: str, expected: list[str]) -> None:
    t = staff("E1", "E2")
    t.worker("E2", "terminate", 15 * DAY, effective_date=last)
    assert sorted(heads(t, paid("E1")).usual) == expected
    assert sorted(heads(t, paid("E1"), paid("E2")).usual) == expected


def test_without_a_period_nobody_who_left_is_judged_and_the_field_is_named() -> None:
    t = staff("E1", "E2")
    assert heads(t, paid("E1"), first_day=None).lacking is None
    t.worker("E2", "terminate", 15 * DAY, effective_date="2026-01-20")
    for rows in ((paid("E1"),), (paid("E1"), paid("E2"))):
        found = heads(t, *rows, first_day=None)
        assert (found.lacking, sorted(found.usual)) == ("schedule.period_start", ["E1", "E2"])


def test_employees_of_whom_no_hire_is_known_are_named_in_order_and_others_are_not() -> None:
    t = staff("E1")
    for who in ("E9", "E8", "E7", "C1"):
        t.pay(who, at=1)
    t.worker("E7", "hire", effective_date="2026-01-01")
    found = heads(t, paid("E9"), paid("E8"), paid("E1"), paid("C1", employee=False), paid("E6"))
    assert found.unknown == ["E6", "E8", "E9"]
    assert sorted(found.usual) == ["E1", "E7"]


def test_payment_in_a_foreign_currency_without_its_value_leaves_the_sums_open() -> None:
    assert heads(staff("E1"), paid("E1", base=None)).lacking == "amount_base"
    found = heads(staff("E1", "E2", currency="EUR"), paid("E1"))
    assert (found.lacking, found.usual["E2"]) == ("amount_base", None)
    found = heads(staff("E1", "E2", currency="EUR", amount="0"), paid("E1"))
    assert (found.lacking, found.usual["E2"]) == (None, Decimal(0))  # nothing is nothing in any currency


def test_absent_worker_in_a_foreign_currency_counts_at_the_rate_of_the_last_payment() -> None:
    t = Tale()
    for who in ("E1", "E2"):
        t.worker(who, "hire", effective_date="2026-01-01")
        for n in range(2):
            base = {"value": f"{1100 + n * 100}.00", "currency": "USD"}
            t.pay(who, at=n * 14 * DAY, run=f"H{n}", currency="EUR", amount_base=base)
    found = heads(t, paid("E1"))
    assert (found.lacking, found.usual["E2"]) == (None, Decimal(1200))


def test_too_many_absent_workers_leave_the_sums_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert roster.MOST_ABSENT == 10_000
    monkeypatch.setattr(roster, "MOST_ABSENT", 2)
    assert heads(staff("E1", "E2", "E3"), paid("E1")).lacking is None
    found = heads(staff("E1", "E2", "E3", "E4", "E5"), paid("E1"))
    assert (found.lacking, list(found.usual)) == ("schedule.pay_group", ["E1"])


def workers(t: Tale) -> dict[str, tuple[str | None, int | None]]:
    state = state_after(t)
    records = [state.get(RosterRecord, id) for id in state.ids(RosterRecord.KIND)]
    return {who: (row.group, row.end) for record in records for who, row in record.workers.items()}


def test_worker_is_on_the_roster_once_hired_and_paid_in_whatever_order() -> None:
    t = Tale()
    t.worker("E1", "hire", effective_date="2026-01-01")
    assert workers(t) == {}
    t.pay("E2", at=1)
    assert workers(t) == {}
    t.pay("E1", at=2)
    t.worker("E2", "rehire", at=3, effective_date="2026-01-01")
    assert workers(t) == {"E1": (None, None), "E2": (None, None)}


def test_latest_payment_tells_the_pay_group_and_a_late_one_does_not() -> None:
    t = staff("E1", runs=1)
    t.pay("E1", at=14 * DAY, schedule={"pay_group": "weekly"})
    assert workers(t) == {"E1": ("weekly", None)}
    t.pay("E1", at=13 * DAY, schedule={"pay_group": "monthly"})
    assert workers(t) == {"E1": ("weekly", None)}
    t.pay("E1", at=15 * DAY)
    assert workers(t) == {"E1": (None, None)}


def test_last_word_by_event_time_says_whether_a_worker_is_there() -> None:
    t = staff("E1", runs=1)
    t.worker("E1", "terminate", 20 * DAY, effective_date="2026-01-20")
    assert workers(t) == {"E1": (None, day_number("2026-01-20"))}
    t.worker("E1", "hire", 10 * DAY, effective_date="2026-01-01")
    assert workers(t) == {"E1": (None, day_number("2026-01-20"))}
    t.worker("E1", "rehire", 20 * DAY, effective_date="2026-01-25")
    assert workers(t) == {"E1": (None, None)}


def test_hire_that_comes_late_is_known_though_the_worker_left() -> None:
    t = Tale()
    t.pay("E1")
    t.worker("E1", "terminate", 20 * DAY, effective_date="2026-01-20")
    assert workers(t) == {}
    t.worker("E1", "hire", 10 * DAY, effective_date="2026-01-01")
    assert workers(t) == {"E1": (None, day_number("2026-01-20"))}
