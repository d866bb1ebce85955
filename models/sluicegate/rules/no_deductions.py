"""An employee is paid gross for net, again and again: perhaps somebody who exists in the payroll alone.

Looked at are the last payments of an employee: no taxes or contributions, no hours of one who is paid by the hour,
no leave.

Evidence: the number of payments in a row without deductions, hours or leave, and since when.

False positives: apprentices under the tax threshold, cross-border workers, tax treaties (list them in the policy).

Next step: check the tax set-up and the person's file.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.payslips import DEDUCTIONS, NONE, SOME
from sluicegate.detection.records import BlockRecord, PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import MEDIUM, Count, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.wire.events import Payment


class Params(RuleParams, frozen=True):
    runs: Annotated[Count, Meta(description="payments in a row without deductions")] = 3


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    id = data.payee.payee_id
    if row.slip is None or data.payee.kind != "employee" or id in view.policy.no_deduction_payees:
        return
    rows, slips = [row], [row.slip.deductions]
    for earlier in view.rows(id):
        if len(rows) == params.runs:
            break
        if earlier.slip is not None and earlier.time < row.time:
            rows.append(earlier)
            slips.append(earlier.slip.deductions)
    if len(rows) < params.runs:
        return
    missing = [slip for slip in slips if slip < SOME]
    if missing:
        yield NotEvaluable(f"purpose.{DEDUCTIONS[missing[0]]}")
    elif slips.count(NONE) == len(slips):
        first = view.policy.calendar.local_date(rows[-1].time)
        yield Finding(
            score=MEDIUM,
            subject=("payee", id),
            title="An employee is paid without any deduction",
            text=f"{len(rows)} payments since {first} with gross equal to net, no deductions and no hours or leave.",
            observed={"payments": len(rows), "deductions_total": "0"},
            expected={"payments_below": params.runs},
            counterfactual="Deductions, hours or leave on one of them would have kept it silent.",
            cause=id,
            events=tuple(r.ref for r in reversed(rows[1:])),
            payments=((id, row.id),),
            display=view.known(id).profile.name,
        )


RULE = Rule(
    slug="no-deductions",
    letter="C4",
    family="payroll",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord),
    sources=("Payroll audit analytics: pay without deductions",),
    fires=("three-payments-without-deductions", "hourly-worker-without-hours"),
    silent=("two-payments-without-deductions", "a-cent-of-deductions", "listed-in-the-policy", "on-leave"),
    about_amount=True,
    pays="payroll",
)
