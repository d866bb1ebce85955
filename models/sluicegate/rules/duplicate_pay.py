"""A worker is paid twice for the same period: a run sent again, or a second record of one person.

Compared are the regular parts of payments with the same first and last day.

Evidence: both amounts of regular pay and the period, the number of payments for it; the earlier payment is named.

False positives: corrections (not compared), and payments that failed (not compared either).

Next step: recall the second.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.amounts import within
from sluicegate.detection.payslips import day_of
from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow, PaySlip
from sluicegate.detection.rows import row_order
from sluicegate.detection.view import View, failed
from sluicegate.rules.base import HIGH, Entity, Finding, NotEvaluable, Result, Rule, RuleParams, Share
from sluicegate.wire.events import Payment

CORRECTION = "correction"


class Params(RuleParams, frozen=True):
    tolerance: Annotated[Share, Meta(description="share by which the regular parts may differ")] = 0.01


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    slip = row.slip
    if slip is None or slip.run_type == CORRECTION or row.regular is None or failed(row):
        return
    if slip.first_day is None or slip.last_day is None:
        yield NotEvaluable("schedule.period_start" if slip.first_day is None else "schedule.period_end")
        return
    id = data.payee.payee_id
    first, last = slip.first_day, slip.last_day
    twins = [
        r
        for r in view.rows(id)
        if (held := r.slip) is not None
        and held.first_day == first
        and held.last_day == last
        and _is_twin(r, held, row, params)
    ]
    if not twins:
        return
    earlier = max(twins, key=row_order)
    yield Finding(
        score=HIGH,
        subject=("payee", id),
        title="A pay period is paid twice",
        text=f"{row.value} {row.currency} for {day_of(slip.first_day)} to {day_of(slip.last_day)}, paid before with "
        f"{earlier.value} {earlier.currency}.",
        observed={
            "regular_pay": row.regular,
            "earlier_regular_pay": earlier.regular,
            "currency": row.currency,
            "payments": len(twins) + 1,
        },
        expected={"payments_per_period": 1, "tolerance": params.tolerance},
        counterfactual="As a correction, or had the earlier payment failed, it would have been silent.",
        action="hold",
        events=(earlier.ref,),
        payments=((id, row.id),),
        entities=(Entity("payment", earlier.id, "earlier"),),
        display=view.known(id).profile.name,
    )


def _is_twin(earlier: PaymentRow, slip: PaySlip, row: PaymentRow, params: Params) -> bool:
    """Whether a payment of the same period pays for it as much, before this one."""
    return (
        earlier.id != row.id
        and earlier.time < row.time
        and earlier.currency == row.currency
        and slip.run_type != CORRECTION
        and earlier.regular is not None
        and row.regular is not None
        and not failed(earlier)
        and within(Decimal(row.regular), Decimal(earlier.regular), Decimal(str(params.tolerance)))
    )


RULE = Rule(
    slug="duplicate-pay",
    letter="C7",
    family="payroll",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord),
    sources=("Payroll audit practice: duplicate payments",),
    fires=("same-period-twice", "one-percent-apart"),
    silent=("just-over-one-percent-apart", "correction-of-the-period", "first-payment-failed", "next-period"),
    about_amount=True,
    pays="payroll",
)
