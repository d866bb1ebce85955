"""Most payments to a vendor lie just under an approval limit, and none above it.

Amounts that follow the limit instead of the goods; looked at over 90 days.

Evidence: payments in the window, how many of them lie just under the limit and how many above, the limit.

False positives: fixed prices and retainers just under a limit (recurring contracts and series are recognised).

Next step: review the price list and the approver.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow
from sluicegate.detection.view import View, failed
from sluicegate.rules.base import MEDIUM, Count, Days, Finding, NotEvaluable, Result, Rule, RuleParams, Share
from sluicegate.rules.limits import just_under, limits_of, shown
from sluicegate.rules.series import recurring
from sluicegate.wire.events import Payment


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="days of payments that are looked at")] = 90
    near_ratio: Annotated[Share, Meta(description="share of a limit from which a payment is near to it")] = 0.9
    min_count: Annotated[Count, Meta(description="near payments that are needed")] = 4
    min_share: Annotated[Share, Meta(description="share of the vendor's payments that they must be")] = 0.6


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    limits = limits_of(view, data)
    if limits and row.base is None:
        yield NotEvaluable("amount_base")
        return
    amount = Decimal(row.base) if row.base is not None else None
    limits = [limit for limit in limits if amount is not None and amount < limit]
    if not limits:
        return
    id, since = data.payee.payee_id, view.time - params.window_days * DAY
    rows = [r for r in view.rows(id, since) if since < r.time <= view.time and not failed(r)]
    if len(rows) < params.min_count:
        return
    for limit in limits:
        near = just_under(rows, limit, params.near_ratio)
        if (
            len(near) >= params.min_count
            and Decimal(len(near)) >= Decimal(str(params.min_share)) * len(rows)
            and all(r.base is None or Decimal(r.base) < limit for r in rows)
        ):
            if not recurring(view, id, row):
                yield _finding(view, params, id, row, limit, near, len(rows))
            return


def _finding(
    view: View, params: Params, id: str, row: PaymentRow, limit: Decimal, near: list[PaymentRow], payments: int
) -> Finding:
    near.sort(key=lambda r: (r.time, r.ref))
    base, most = view.policy.base_currency, shown(limit)
    title = f"{len(near)} of {payments} payments in {params.window_days} days just under the limit of {most} {base}"
    return Finding(
        score=MEDIUM,
        subject=("payee", id),
        title=title,
        text=f"{title}, none above it.",
        observed={"near": len(near), "payments": payments, "above": 0},
        expected={"limit": most, "near_below": params.min_count, "share_below": params.min_share},
        counterfactual=f"Fewer than {params.min_count} payments so near to the limit would not have fired.",
        cause=f"{id}\n{most}",
        events=tuple(r.ref for r in near if r is not row),
        payments=tuple((id, r.id) for r in near),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="near-limit",
    letter="B3",
    family="payables",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("Audit-analytics practice on approval limits",),
    fires=("four-of-four-at-nine-tenths", "three-fifths-of-the-payments", "fourth-in-the-last-moment-of-90-days"),
    silent=("three-near-the-limit", "less-than-three-fifths", "one-at-the-limit", "retainer-just-under-the-limit"),
    about_amount=True,
    pays="vendor",
)
