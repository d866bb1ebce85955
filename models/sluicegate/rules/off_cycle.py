"""Pay outside the usual run, released at an hour when nobody looks.

Either fact alone is only noted; both together, for at least the usual amount, are a finding.

Evidence: the type of run, the pay date, who released it and whether that was outside office hours, the amount beside
the median.

False positives: corrections and final pay (not looked at); approvers in other time zones (name these in the policy).

Next step: ask why the run could not wait.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import median
from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow
from sluicegate.detection.view import View
from sluicegate.rules.base import LOW, Count, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.wire.blocks import Approval
from sluicegate.wire.events import Payment

NOTED = 10
LEAST_HISTORY = 2
OFF_CYCLE = "off_cycle"
EXCUSED = frozenset(("final", "correction"))
DayHour = Annotated[int, Meta(ge=0, le=24, extra={"unit": "hours"})]


class Params(RuleParams, frozen=True):
    day_start_hour: Annotated[DayHour, Meta(description="local hour at which the working day begins")] = 6
    day_end_hour: Annotated[DayHour, Meta(description="local hour at which it ends")] = 20
    calendar_business_days: Annotated[Count, Meta(description="business days around a pay date that are usual")] = 2


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    if row.slip is None or row.slip.run_type in EXCUSED:
        return
    cycle, hours = _off_cycle(view, data, params), _off_hours(view, data.approval, params)
    if isinstance(cycle, NotEvaluable):
        yield cycle
    if isinstance(hours, NotEvaluable):
        yield hours
    off_cycle, off_hours = cycle is True, hours is True
    if not off_cycle and not off_hours:
        return
    id = data.payee.payee_id
    usual = _median(view, id, row) if off_cycle and off_hours else None
    both = usual is not None and Decimal(row.value) >= usual
    said = (["outside the pay calendar"] if off_cycle else []) + (
        ["released outside office hours"] if off_hours else []
    )
    approval = data.approval
    yield Finding(
        score=LOW if both else NOTED,
        subject=("payee", id),
        title="Pay off the cycle" if off_cycle else "Pay released outside office hours",
        text=f"{row.value} {row.currency} {' and '.join(said)}.",
        observed={
            "run_type": row.slip.run_type or "regular",
            "pay_date": row.pay_date,
            "off_cycle": off_cycle,
            "off_hours": off_hours,
            "approved_by": list(approval.approved_by) if approval is not None else [],
        },
        expected={
            "hours": f"{params.day_start_hour:02d}:00-{params.day_end_hour:02d}:00",
            "business_days_from_pay_date_at_most": params.calendar_business_days,
            "median": format(usual, "f") if usual is not None else None,
        },
        counterfactual="Released in office hours, or in the regular run, it would only have been noted.",
        payments=((id, row.id),),
        display=view.known(id).profile.name,
    )


def _off_cycle(view: View, data: Payment, params: Params) -> bool | NotEvaluable:
    """Whether the run says so, or the pay date is far from every one of the policy."""
    schedule, calendar = data.schedule, view.policy.calendar
    if schedule.run_type == OFF_CYCLE:
        return True
    if not calendar.has_pay_dates:
        return NotEvaluable("policy.pay_days")
    if schedule.pay_date is None:
        return NotEvaluable("schedule.pay_date")
    return not calendar.near_pay_date(schedule.pay_date, params.calendar_business_days)


def _off_hours(view: View, approval: Approval | None, params: Params) -> bool | NotEvaluable:
    """Whether it was released outside office hours; with several approvers, of all of them."""
    if approval is None or approval.approved_at is None:
        return NotEvaluable("approval.approved_at")
    calendar, zones = view.policy.calendar, view.policy.approver_zones
    found = {zones.get(user) for user in approval.approved_by} or {None}
    times = (calendar.local(int(approval.approved_at), zone) for zone in found)
    return all(not calendar.is_business_day(t.date()) or not _in_hours(t, params) for t in times)


def _in_hours(at: datetime, params: Params) -> bool:
    """Both ends of the day belong to it."""
    since_midnight = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    return timedelta(hours=params.day_start_hour) <= since_midnight <= timedelta(hours=params.day_end_hour)


def _median(view: View, id: str, row: PaymentRow) -> Decimal | None:
    history = [Decimal(r.value) for r in view.baseline(id, row.currency, row.time)]
    return median(history) if len(history) >= LEAST_HISTORY else None


RULE = Rule(
    slug="off-cycle",
    letter="C5",
    family="payroll",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("Payroll audit practice: manual and off-cycle payments",),
    fires=("off-cycle-just-after-eight", "three-business-days-off-on-a-saturday"),
    silent=("off-cycle-at-eight", "two-business-days-off-at-night", "a-cent-under-the-median", "final-pay-at-night"),
    about_amount=True,
    pays="payroll",
)
