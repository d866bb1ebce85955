"""What is kept of a payment: which approvals, amounts, invoices; and where older payments go."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow
from sluicegate.detection.rows import MAX_ROW_INVOICES, find_row, rows_of
from tests.scenarios.build import DAY, START, Tale
from tests.unit.detection.test_bursts import state_after

APPROVAL = {"requested_by": "u", "approved_by": ["v", "w"]}


def row(t: Tale) -> PaymentRow:
    """The first payment that is held of the tale's last payee."""
    return next(rows_of(state_after(t), t.events[-1]["data"]["payee"]["payee_id"]))


def test_approval_is_kept_of_payments_to_vendors_alone() -> None:
    for who, requested, approvers in (("V1", "u", ["v", "w"]), ("E1", None, [])):
        t = Tale()
        t.pay(who, approval=APPROVAL)
        assert (row(t).requested_by, row(t).approvers) == (requested, approvers)
    t = Tale()
    t.pay("V1")
    assert (row(t).requested_by, row(t).approvers) == (None, [])


def test_first_eight_approvers_are_kept() -> None:
    t = Tale()
    t.pay("V1", approval={"requested_by": "u", "approved_by": [f"a{n}" for n in range(9)]})
    assert row(t).approvers == [f"a{n}" for n in range(8)]


def test_slip_is_kept_of_payroll_and_a_run_of_whatever_names_one() -> None:
    t = Tale()
    t.pay("E1", run="R")
    assert (row(t).payroll, row(t).run_id, row(t).slip is not None) == (True, "R", True)
    t.pay("V1")
    assert (row(t).payroll, row(t).run_id, row(t).slip) == (False, None, None)


def test_value_in_base_currency_is_kept_where_it_is_known() -> None:
    t = Tale()
    t.pay("V1", amount="10.00")
    assert row(t).base == "10.00"
    t.pay("V2", amount="10.00", currency="EUR")
    assert row(t).base is None
    t.pay("V3", amount="10.00", currency="EUR", amount_base={"value": "12.5", "currency": "USD"})
    assert row(t).base == "12.5"


def test_invoice_is_kept_in_its_normal_form_with_what_it_credits() -> None:
    t = Tale()
    t.pay("V1", invoice={"number": "00-417a", "total": "9.00", "po_number": "PO1", "credit_note_of": "00416"})
    (kept,) = row(t).invoices
    assert (kept.total, kept.po) == ("9.00", "PO1")
    assert (kept.normal, kept.credit_of) == ("417A", "416")
    t = Tale()
    t.pay("V1", invoice="417")
    assert row(t).invoices[0].credit_of is None


def part(t: Tale, index: int, **more: Any) -> None:
    t.pay("V1", at=index, payment_id="S", split={"index": index, "count": 9}, **more)


def test_parts_bring_new_accounts_and_invoices_up_to_500() -> None:
    t = Tale()
    part(t, 1, to="a", invoice="1")
    part(t, 2, to="b", invoice="01")
    part(t, 3, to="a", invoice="2")
    assert (row(t).fps, [i.normal for i in row(t).invoices], row(t).parts) == (["fp-a", "fp-b"], ["1", "2"], [1, 2, 3])
    part(t, 4)
    t.events[-1]["data"]["invoices"] = [{"number": f"X{n}"} for n in range(MAX_ROW_INVOICES)]
    assert MAX_ROW_INVOICES == 500
    assert len(row(t).invoices) == MAX_ROW_INVOICES


def test_parts_in_another_currency_are_a_row_of_their_own() -> None:
    t = Tale()
    part(t, 1, amount="1.00")
    part(t, 2, amount="2.00", currency="EUR")
    part(t, 3, amount="3.00", currency="EUR")
    state = state_after(t)
    assert [(one.currency, one.value) for one in rows_of(state, "V1")] == [("USD", "1.00"), ("EUR", "5.00")]
    found = [find_row(state, "V1", "S", currency) for currency in ("USD", "EUR", "GBP", None)]
    assert [one and one.value for one in found] == ["1.00", "5.00", None, "5.00"]


def long(count: int, every: int = DAY) -> Tale:
    t = Tale()
    for n in range(count):
        t.pay("V1", at=n * every, payment_id=f"P{n}", amount=f"{n + 1}.00")
    return t


def test_any_payment_is_found_wherever_it_is_kept_and_may_be_changed_there() -> None:
    state = state_after(long(60))
    blocks = state.get(PayeeRecord, "V1").blocks
    assert [(number, (first - START) // DAY, (last - START) // DAY) for number, first, last in blocks] == [
        (n, 12 * n, 12 * n + 11) for n in range(len(blocks))
    ]
    assert len(blocks) >= 3
    for n in range(60):
        found = find_row(state, "V1", f"P{n}")
        assert found is not None
        assert found.value == f"{n + 1}.00"
        found.status = "settled"
    state.pack()
    assert [one.status for one in rows_of(state, "V1")] == ["settled"] * 60
    assert sorted(one.id for one in rows_of(state, "V1")) == sorted(f"P{n}" for n in range(60))
    assert find_row(state, "V1", "P60") is find_row(state, "V2", "P0") is None
    assert list(rows_of(state, "V2")) == []


@pytest.mark.parametrize(("late", "left"), [(0, 2), (1, 1)])
def test_block_goes_400_days_after_its_newest_payment(late: int, left: int) -> None:
    """The 37th payment is the one that fills the second block; the first one ends with the twelfth."""
    t = long(36)
    t.pay("V1", at=11 * DAY + 400 * DAY + late)
    state = state_after(t)
    assert len(state.get(PayeeRecord, "V1").blocks) == left
    assert len(list(state.ids(BlockRecord.KIND))) == left
