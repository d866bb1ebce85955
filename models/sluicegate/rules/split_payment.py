"""One purchase is cut into payments that each stay just under an approval limit.

Looked at are payments of one week to one vendor that belong together by requester, order, invoice stem or date.

Evidence: number and sum of the payments, the smallest and the largest, the limit and from where on an amount counts,
whether all are near it.

False positives: vendors who are paid several times a week anyway (silent once their last eight weeks show it);
instalments of one invoice.

Next step: check whether one order was cut to pass one approver.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.amounts import EXACT, median, total
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow
from sluicegate.detection.view import View, failed
from sluicegate.rules.base import (
    HIGH,
    MEDIUM,
    Count,
    Days,
    Entity,
    Finding,
    NotEvaluable,
    Result,
    Rule,
    RuleParams,
    Share,
)
from sluicegate.rules.limits import just_under, limits_of, shown
from sluicegate.rules.series import instalment
from sluicegate.wire.events import Payment

MIN_COUNT = 2
MIN_STEM = 3
USUAL_BLOCKS, USUAL_MEDIAN = 8, 2


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="days of payments that are added up")] = 7
    lower_ratio: Annotated[Share, Meta(description="share of a limit from which a payment lies under it")] = 0.5
    near_ratio: Annotated[Share, Meta(description="share of a limit from which a payment is near to it")] = 0.85
    high_count: Annotated[Count, Meta(description="payments from which the finding is high")] = 3


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    limits = limits_of(view, data)
    if limits and row.base is None:
        yield NotEvaluable("amount_base")
        return
    limits = [limit for limit in limits if just_under([row], limit, params.lower_ratio)]
    if not limits:
        return
    id, since = data.payee.payee_id, view.time - params.window_days * DAY
    others = [
        r
        for r in view.rows(id, since)
        if since < r.time <= view.time and r.id != row.id and not failed(r) and _linked(view, id, r, row)
    ]
    for limit in limits:
        group = sorted([row, *just_under(others, limit, params.lower_ratio)], key=lambda r: (r.time, r.ref))
        if len(group) >= MIN_COUNT and total(r.base for r in group if r.base is not None) >= limit:
            if not _usual(view, params, id):
                yield _finding(view, params, id, row, limit, group)
            return


def _linked(view: View, id: str, other: PaymentRow, row: PaymentRow) -> bool:
    """By requester, order, stem of an invoice number, or date; not as instalments of one invoice."""
    numbers = {i.normal for i in other.invoices if i.normal}
    if any(i.normal in numbers and instalment(view, id, i, row) for i in row.invoices):
        return False
    local_date = view.policy.calendar.local_date
    return (
        (row.requested_by is not None and row.requested_by == other.requested_by)
        or bool({i.po for i in row.invoices if i.po} & {i.po for i in other.invoices})
        or bool(_stems(row) & _stems(other))
        or local_date(row.time) == local_date(other.time)
    )


def _stems(row: PaymentRow) -> set[str]:
    """Invoice numbers without their trailing digits, where enough is left to tell one series from another."""
    stems = {i.normal.rstrip("0123456789") for i in row.invoices}
    return {stem for stem in stems if len(stem) >= MIN_STEM}


def _usual(view: View, params: Params, id: str) -> bool:
    """Whether the vendor is paid so often in most of the equally long windows before this one."""
    window = params.window_days * DAY
    counts = [0] * USUAL_BLOCKS
    for r in view.rows(id, view.time - (1 + USUAL_BLOCKS) * window):
        block = (view.time - r.time) // window - 1
        if 0 <= block < USUAL_BLOCKS:
            counts[block] += 1
    return median([Decimal(n) for n in counts]) >= USUAL_MEDIAN


def _finding(view: View, params: Params, id: str, row: PaymentRow, limit: Decimal, group: list[PaymentRow]) -> Finding:
    near = len(just_under(group, limit, params.near_ratio)) == len(group)
    amounts = [r.base for r in group if r.base is not None]
    whole, base, most = format(total(amounts), "f"), view.policy.base_currency, shown(limit)
    title = f"{len(group)} payments under the limit of {most} {base} within {params.window_days} days"
    lower = shown(EXACT.multiply(Decimal(str(params.lower_ratio)), limit))
    return Finding(
        score=HIGH if near or len(group) >= params.high_count else MEDIUM,
        subject=("payee", id),
        title=title,
        text=f"{title}; together {whole} {base}.",
        observed={
            "payments": len(group),
            "total": whole,
            "smallest": min(amounts, key=Decimal),
            "largest": max(amounts, key=Decimal),
            "all_near": near,
        },
        expected={"limit": most, "from": lower, "total_below": most, "window_days": params.window_days},
        counterfactual="One payment for the whole sum, approved as such, would not have fired.",
        action="hold" if near or len(group) >= params.high_count else "review",
        cause=f"{id}\n{most}",
        events=tuple(r.ref for r in group if r is not row),
        payments=tuple((id, r.id) for r in group),
        entities=tuple(Entity("user", user, "requested_by") for user in _users(group)),
        display=view.known(id).profile.name,
    )


def _users(group: list[PaymentRow]) -> list[str]:
    return sorted({r.requested_by for r in group if r.requested_by is not None})


RULE = Rule(
    slug="split-payment",
    letter="B2",
    family="payables",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord),
    sources=("Audit-analytics practice on approval limits",),
    fires=("two-that-reach-the-limit", "two-near-the-limit", "three-under-the-limit"),
    silent=(
        "sum-just-under-the-limit",
        "second-after-a-week",
        "instalments-of-one-invoice",
        "vendor-paid-twice-a-week",
    ),
    about_amount=True,
    pays="vendor",
)
