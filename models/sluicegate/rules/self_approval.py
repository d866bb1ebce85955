"""Whoever created a vendor, or last changed its account, also approves a payment to it.

One person controls both ends: whom to pay and that it is paid.

Evidence: what the approver did to the payee (creation or last change of account), and how many days before.

False positives: tenants with fewer than three users cannot separate these duties (switch the rule off by policy).

Next step: have the payment approved a second time by someone else.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import MEDIUM, Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.wire.events import Payment


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="days after creation or change in which approvals count")] = 30


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment = view.data
    row = view.facts.row
    assert row is not None
    if data.approval is None or not data.approval.approved_by:
        return
    id = data.payee.payee_id
    for user, (time, deed) in sorted(_doers(view, view.known(id)).items()):
        if user in data.approval.approved_by and view.time - time <= params.window_days * DAY:
            days = (view.time - time) // DAY
            ago = "1 day" if days == 1 else f"{days} days"
            yield Finding(
                score=MEDIUM,
                subject=("payee", id),
                title=f"A payment is approved by the user who {deed}",
                text=f"The user who {deed} {ago} before is among those who approved the payment.",
                observed={"days_since": days, "deed": deed},
                expected={"approved_by": "others", "window_days": params.window_days},
                counterfactual="Approval by other users only would not have fired.",
                cause=f"{id}\n{user}",
                payments=((id, row.id),),
                entities=(Entity("user", user, "changed_and_approved"),),
                display=view.known(id).profile.name,
            )


def _doers(view: View, record: PayeeRecord) -> dict[str, tuple[int, str]]:
    """User -> when, and what: the vendor's creation (but by import), and its last change of account."""
    out: dict[str, tuple[int, str]] = {}
    creation, created = record.creation, record.created_at
    if creation is not None and creation.user and created is not None and created <= view.time:
        out[creation.user] = created, "created the vendor"
    changes = [c for c in record.changes if not c.implicit and c.time <= view.time]
    if changes and (user := changes[-1].user):
        out[user] = changes[-1].time, "last changed its account"
    return out


RULE = Rule(
    slug="self-approval",
    letter="B9",
    family="payables",
    params=Params,
    on={Payment: check},
    reads=(PayeeRecord,),
    sources=("Nacha False Pretenses",),
    clauses=("authority",),
    fires=("creator-approves", "changer-approves", "creator-approves-at-the-end-of-30-days"),
    silent=("another-user-approves", "creator-approves-after-30-days", "importer-approves"),
    about_amount=True,
    pays="vendor",
)
