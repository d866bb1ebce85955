"""A vendor that was not paid for half a year is paid again, to a new account or much more than before.

Forgotten entries of a master file are easy to take over: nobody misses their money.

Evidence: days since the last payment, the amount beside the median, whether the account was first seen since.

False positives: seasonal work (silent where an earlier gap was a year as well); one-off repairs at a larger scale.

Next step: treat it as a new vendor: verify identity and account.
"""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import EXACT, median
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow
from sluicegate.detection.view import View, settled
from sluicegate.rules.base import HIGH, MEDIUM, Days, Finding, Ratio, Result, Rule, RuleParams
from sluicegate.wire.events import Payment

MIN_SETTLED = 2


class Params(RuleParams, frozen=True):
    gap_days: Annotated[Days, Meta(description="days without a payment that make a vendor dormant")] = 180
    amount_ratio: Annotated[Ratio, Meta(description="times the median from which an amount is unusual")] = 2
    season_min_days: Annotated[Days, Meta(description="least gap of a seasonal vendor")] = 345
    season_max_days: Annotated[Days, Meta(description="largest gap of a seasonal vendor")] = 385


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    id = data.payee.payee_id
    record, awake = view.known(id), view.time - params.gap_days * DAY
    if any(awake < r.time < view.time and settled(r, view.time) for r in view.rows(id, awake)):
        return
    times = sorted(r.time for r in view.rows(id) if r.time < view.time and settled(r, view.time))
    if len(times) < MIN_SETTLED:
        return
    uses = [record.account(fp) for fp in row.fps]
    if any(use is not None and use.first_seen > times[-1] for use in uses):
        yield _finding(view, params, row, times[-1], None)
        return
    usual = [Decimal(r.value) for r in view.baseline(id, row.currency, view.time)]
    if len(usual) < MIN_SETTLED or _seasonal(params, [*times, view.time]):
        return
    if Decimal(row.value) >= EXACT.multiply(Decimal(str(params.amount_ratio)), median(usual)):
        yield _finding(view, params, row, times[-1], format(median(usual), "f"))


def _seasonal(params: Params, times: list[int]) -> bool:
    """Whether the last gap and an earlier one are about a year long."""
    gaps = [b - a for a, b in pairwise(times)]
    yearly = [params.season_min_days * DAY <= gap <= params.season_max_days * DAY for gap in gaps]
    return yearly[-1] and any(yearly[:-1])


def _finding(view: View, params: Params, row: PaymentRow, last: int, usual: str | None) -> Finding:
    data: Payment = view.data
    id, days = data.payee.payee_id, (view.time - last) // DAY
    why = "to an account first seen since" if usual is None else f"{row.value} instead of about {usual} {row.currency}"
    return Finding(
        score=HIGH if usual is None else MEDIUM,
        subject=("payee", id),
        title="A dormant vendor is paid again",
        text=f"Paid after {days} days without a payment, {why}.",
        observed={
            "days_since_last": days,
            "amount": {"value": row.value, "currency": row.currency},
            "new_account": usual is None,
        },
        expected={"gap_below_days": params.gap_days, "median": usual, "ratio_below": params.amount_ratio},
        counterfactual="A known account and an amount as usual would not have fired.",
        action="verify_callback",
        payments=((id, row.id),),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="dormant-vendor",
    letter="B6",
    family="payables",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("Audit-analytics practice on vendor master files",),
    fires=("new-account-after-180-days", "twice-the-median-after-180-days"),
    silent=("new-account-before-180-days", "less-than-twice-the-median", "seasonal-vendor"),
    about_amount=True,
    pays="vendor",
)
