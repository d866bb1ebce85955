"""A worker's pay jumps: an inflated salary, padded hours, a slip of the decimal point.

The regular part of the pay is compared with the worker's own baseline, in logarithms, when the run closes. A bonus
that is declared as one is no regular part. If a large part of the run moved alike, it is the run that changed, and
the finding becomes a signal.

Evidence: the regular pay beside the median and over how many payments that is, their ratio, how far it lies outside the
usual spread.

False positives: promotions, back pay that is not declared as such, a change of hours.

Next step: check the pay element and who entered it.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import rounded
from sluicegate.detection.records import BlockRecord, PayeeRecord, RunRow
from sluicegate.detection.runs import against_baseline
from sluicegate.detection.view import RunView, View
from sluicegate.rules.base import (
    HIGH,
    LOW,
    MEDIUM,
    Amount,
    Count,
    Finding,
    Hours,
    Ratio,
    Result,
    Rule,
    RuleParams,
    Share,
)
from sluicegate.wire.events import Payment

COHORT_SCORE = 15
STEPS = ((4.0, HIGH), (2.0, MEDIUM), (0.0, LOW))


class Params(RuleParams, frozen=True):
    min_history: Annotated[Count, Meta(description="payments of the baseline that are needed")] = 4
    min_ratio: Annotated[Ratio, Meta(description="least multiple of the usual pay")] = 1.5
    min_z: Annotated[Ratio, Meta(description="least robust deviation of the log pay")] = 6
    min_difference: Annotated[Amount, Meta(description="least difference, base currency")] = "250"
    cohort_share: Annotated[
        Share, Meta(description="share of the run that moved alike and makes it the run's matter")
    ] = 0.3
    cohort_band: Annotated[Share, Meta(description="how near ratios must be to count as alike")] = 0.15
    cohort_min: Annotated[Count, Meta(description="payees with a history that a cohort needs")] = 5
    close_hours: Annotated[Hours, Meta(description="hours without a payment after which a run closes")] = 6


def check(view: View, params: Params) -> Iterable[Result]:
    """Pay without a run is judged at once."""
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    if row.run_id is not None:
        return ()
    entry = against_baseline(view, data.payee.payee_id, data, row)
    return (_finding(entry, params, None),) if entry is not None and _spikes(entry, params) else ()


def at_close(run: RunView, params: Params) -> Iterator[Finding]:
    """Pay of a run is judged when the run closes, because only then the others are known."""
    judged = [row for row in run.rows if row.history >= params.min_history]
    payees = len({row.payee for row in judged})
    for row in judged:
        if _spikes(row, params):
            low, high = (1 - params.cohort_band) * row.ratio, (1 + params.cohort_band) * row.ratio
            alike = len({other.payee for other in judged if low <= other.ratio <= high})
            cohort = payees >= params.cohort_min and alike >= params.cohort_share * payees
            yield _finding(row, params, alike if cohort else None)


def _spikes(row: RunRow, params: Params) -> bool:
    return (
        row.history >= params.min_history
        and row.ratio >= params.min_ratio
        and row.z >= params.min_z
        and row.difference_base is not None
        and Decimal(row.difference_base) >= Decimal(params.min_difference)
    )


def _finding(row: RunRow, params: Params, alike: int | None) -> Finding:
    score = next(score for floor, score in STEPS if row.ratio >= floor)
    title = f"Pay is {row.ratio:.1f} times the usual"
    usual = rounded(row.median)
    text = f"Regular pay of {row.value} {row.currency}; usual over {row.history} payments is {usual} {row.currency}"
    if alike is not None:
        score, text = COHORT_SCORE, f"{text}; {alike} payees of the run moved alike"
    return Finding(
        score=score,
        subject=("payee", row.payee),
        title=title,
        text=f"{text}.",
        observed={
            "regular_pay": row.value,
            "currency": row.currency,
            "ratio": round(row.ratio, 4),
            "z": round(row.z, 2),
        },
        expected={"median": usual, "payments": row.history, "ratio_below": params.min_ratio},
        counterfactual=f"Below {params.min_ratio:g} times the usual {usual} {row.currency} it would be silent.",
        action="hold" if score >= HIGH else "review",
        about=row.ref,
        time=row.time,
        payments=((row.payee, row.payment_id),),
    )


RULE = Rule(
    slug="pay-spike",
    letter="C1",
    family="payroll",
    params=Params,
    on={Payment: check},
    at_close=at_close,
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("Payroll audit practice: unusual net pay",),
    fires=("pay-almost-doubled", "pay-half-as-much-again", "decimal-slip"),
    silent=("bonus-month", "overtime", "pay-just-under-half-as-much-again", "two-of-five-doubled"),
    about_amount=True,
    pays="payroll",
)
