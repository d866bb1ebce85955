"""Pay goes to somebody who does not work here: never hired, or gone for long.

Decided 48 hours after the payment, so that HR news which comes late still counts. Pay on leaving (severance, final
pay, commission, back pay, leave) is expected for half a year after the last day of work.

Evidence: whether there is a hire, the last day of work beside the period and the day of the payment, other unknown
workers in the run.

False positives: an HR feed that lags behind or leaves groups of workers out; a rehire that is not announced.

Next step: ask the line manager for proof of work.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.calendar import HOUR
from sluicegate.detection.pay_records import RecheckRecord, RosterRecord
from sluicegate.detection.payslips import day_number, day_of
from sluicegate.detection.records import BlockRecord, PayeeRecord, PaySlip, RunRecord
from sluicegate.detection.roster import hired, left
from sluicegate.detection.view import PayView, RunView
from sluicegate.rules import run_shift
from sluicegate.rules.base import HIGH, Days, Finding, Hours, NotEvaluable, Result, Rule, RuleParams


class Params(RuleParams, frozen=True):
    recheck_hours: Annotated[Hours, Meta(description="hours after the payment at which it is decided")] = 48
    grace_days: Annotated[Days, Meta(description="days after the last day of work in which pay may still come")] = 45
    severance_days: Annotated[Days, Meta(description="days after it in which pay on leaving may come")] = 180


def at_recheck(pay: PayView, params: Params) -> Iterator[Result]:
    """A payment to a worker of whom no hire is known, or who left."""
    unknown = pay.policy.roster and pay.record.profile.kind == "employee" and not hired(pay.record)
    end = left(pay.record)
    if unknown and (pay.earlier_run or _strange_run(pay)):
        text = f"{pay.row.value} {pay.row.currency} in run {pay.row.run_id}; the roster knows of no hire."
        yield _unknown((pay.payee, pay.row.id, pay.row.ref, pay.row.time), text, {"in_another_run": pay.earlier_run})
    elif end is not None:
        yield from _after_leaving(pay, params, end)


def _strange_run(pay: PayView) -> bool:
    """Whether too many are unknown in the run, where the rule about it may speak."""
    if pay.run is None or not pay.run.payees or pay.policy.mode(run_shift.RULE.slug) != "live":
        return False
    params = pay.policy.params(run_shift.RULE, run_shift.Params)
    return pay.run.run_type is None and run_shift.too_many_unknown(pay.run, params)


def _after_leaving(pay: PayView, params: Params, end: int) -> Iterator[Result]:
    slip = pay.row.slip or PaySlip()
    paid_on = day_number(pay.policy.calendar.local_date(pay.row.time))
    assert paid_on is not None
    if slip.leaving and 0 <= paid_on - end <= params.severance_days:
        return
    if slip.first_day is None:
        yield NotEvaluable("schedule.period_start")
    period_after = slip.first_day is not None and slip.first_day > end
    if not period_after and paid_on <= end + params.grace_days:
        return
    text = f"the period begins on {day_of(slip.first_day)}" if period_after and slip.first_day is not None else ""
    late = f"paid {paid_on - end} days after it" if paid_on > end + params.grace_days else ""
    yield _finding(
        (pay.payee, pay.row.id, pay.row.ref, pay.row.time),
        "A worker who left is paid",
        f"{pay.row.value} {pay.row.currency}; last day of work {day_of(end)}; {'; '.join(filter(None, (text, late)))}.",
        {
            "end_date": str(day_of(end)),
            "period_start": str(day_of(slip.first_day)) if slip.first_day is not None else None,
            "days_after": paid_on - end,
        },
        {"period_start_at_most": str(day_of(end)), "days_after_at_most": params.grace_days},
        "A rehire, or a component paid on leaving, would have kept it silent.",
    )


def at_close(run: RunView, params: Params) -> Iterator[Finding]:
    """Unknown employees of a run that closed after their payments were decided."""
    if run.headcount is None or run.run.run_type is not None or run.policy.mode(run_shift.RULE.slug) != "live":
        return
    if not run_shift.too_many_unknown(run.run, run.policy.params(run_shift.RULE, run_shift.Params)):
        return
    closes = run.run.last + run.policy.param("pay-spike", "close_hours") * HOUR
    unknown = frozenset(run.headcount.unknown)
    for row in run.rows:
        if row.payee in unknown and row.employee and row.time + params.recheck_hours * HOUR <= closes:
            text = f"One of {run.run.unknown} unknown employees in run {run.run_id}; the roster knows of no hire."
            about = (row.payee, row.payment_id, row.ref, row.time)
            yield _unknown(about, text, {"unknown_in_run": run.run.unknown})


def _unknown(about: tuple[str, str, str, int], text: str, observed: dict[str, object]) -> Finding:
    title, without = "An employee is paid of whom no hire is known", "A hire in the roster would have kept it silent."
    return _finding(about, title, text, {"hired": False, **observed}, {"hired": True}, without)


def _finding(
    about: tuple[str, str, str, int],
    title: str,
    text: str,
    observed: dict[str, object],
    expected: dict[str, object],
    counterfactual: str,
) -> Finding:
    payee, payment, ref, time = about
    return Finding(
        score=HIGH,
        subject=("payee", payee),
        title=title,
        text=text,
        observed=observed,
        expected=expected,
        counterfactual=counterfactual,
        action="hold",
        time=time,
        about=ref,
        payments=((payee, payment),),
    )


RULE = Rule(
    slug="ghost-worker",
    letter="C3",
    family="payroll",
    params=Params,
    on={},
    at_close=at_close,
    at_recheck=at_recheck,
    reads=(RecheckRecord, RunRecord, RosterRecord, PayeeRecord, BlockRecord, AlertRecord),
    sources=("ACFE Report to the Nations 2024: payroll schemes",),
    fires=("period-after-the-last-day", "second-run-without-a-hire", "forty-six-days-after-leaving"),
    silent=("period-from-the-last-day", "first-run-without-a-hire", "forty-five-days-after-leaving"),
)
