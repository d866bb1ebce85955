"""The first payment to a vendor created only days ago is large and has no purchase order.

Large is what exceeds both a set amount and what nearly all of the tenant's vendors were paid first.

Evidence: the amount and from where on it is large, hours since the vendor was created, the number of approvers, whether
the account was verified.

False positives: deposits and urgent one-off projects; two approvers, none of whom created the vendor, keep it silent.

Next step: confirm goods or services, and the vendor's identity.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.vendor_records import VendorTally
from sluicegate.detection.vendors import first_amounts, is_first, percentile
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, MEDIUM, Amount, Days, Entity, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.rules.limits import shown
from sluicegate.wire.events import Payment

MIN_KNOWN = 20
SHARE = 0.95
APPROVERS = 2


class Params(RuleParams, frozen=True):
    max_age_days: Annotated[Days, Meta(description="age of the vendor up to which it is new")] = 5
    min_amount: Annotated[Amount, Meta(description="amount from which a first payment is large")] = "10000"


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    record = view.known(data.payee.payee_id)
    if record.bootstrap or not is_first(record, row):
        return
    if record.created_at is None:
        yield NotEvaluable("created")
        return
    if not 0 <= view.time - record.created_at <= params.max_age_days * DAY or any(i.po for i in row.invoices):
        return
    if row.base is None:
        yield NotEvaluable("amount_base")
        return
    large = _large(view, params)
    if Decimal(row.base) < large:
        return
    creation = record.creation
    creator = creation.user if creation is not None else None
    approvers = set(data.approval.approved_by) if data.approval is not None else set()
    if len(approvers) >= APPROVERS and creator not in approvers:
        return
    uses = [record.account(fp) for fp in row.fps]
    matched = all(use is not None and use.name_check == "match" for use in uses)
    verified = matched or (creation is not None and creation.verified)
    id, base, hours = data.payee.payee_id, view.policy.base_currency, (view.time - record.created_at) // HOUR
    yield Finding(
        score=MEDIUM if verified else HIGH,
        subject=("payee", id),
        title="The first payment to a new vendor is large",
        text=f"First payment, of {row.base} {base}, {hours} hours after the vendor was created, without an order; "
        + ("the account is verified." if verified else "nobody verified the account."),
        observed={
            "amount": {"value": row.base, "currency": base},
            "hours_since_creation": hours,
            "approvers": len(approvers),
            "verified": verified,
        },
        expected={"below": shown(large), "or": "a purchase order, or two approvers other than the creator"},
        counterfactual=f"A purchase order, two independent approvers, or less than {shown(large)} would silence it.",
        action="review" if verified else "hold",
        payments=((id, row.id),),
        entities=(
            *((Entity("user", creator, "created_vendor"),) if creator is not None else ()),
            *(Entity("user", user, "approved") for user in sorted(approvers - {creator})),
        ),
        display=record.profile.name,
    )


def _large(view: View, params: Params) -> Decimal:
    """The set amount, or what nearly all first payments stay under, once enough of them are known."""
    known = [Decimal(amount) for amount in first_amounts(view)]
    least = Decimal(params.min_amount)
    return max(least, percentile(known, SHARE)) if len(known) >= MIN_KNOWN else least


RULE = Rule(
    slug="new-vendor-large",
    letter="B4",
    family="payables",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord, VendorTally),
    sources=("Nacha False Pretenses",),
    fires=("large-first-payment", "large-first-payment-to-a-verified-account", "first-payment-at-the-end-of-five-days"),
    silent=("first-payment-just-under-the-amount", "first-payment-after-five-days", "two-other-approvers"),
    about_amount=True,
    pays="vendor",
)
