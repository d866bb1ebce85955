"""A payment is unlike what is usual for this payee, this stream, this tenant.

Each signal compares the payment with the past and is calibrated online to a p-value on the tenant's own stream; the
score is -ln p. The most unusual payments are reported, as many as the budget allows; very small p-values always are.
Models score before they learn, and do not learn from payments that are held back.

False positives: new services, price changes, one-off projects: an allow entry for the payee, or a verdict.

Next step: compare with the contract or order; ask the owner of the cost centre.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.anomaly import MODEL, VERSION, assess
from sluicegate.detection.records import PayeeRecord, StreamModel
from sluicegate.detection.view import View
from sluicegate.rules.base import LOW, MEDIUM, Count, Finding, NotEvaluable, Result, Rule, RuleParams, Share
from sluicegate.wire.events import Payment


class Params(RuleParams, frozen=True):
    budget_share: Annotated[Share, Meta(description="share of the stream's payments that may be reported")] = 0.002
    daily_cap: Annotated[Count | None, Meta(description="most findings a local date, vendors; empty: none")] = None
    run_cap: Annotated[Count | None, Meta(description="most findings a run, payroll; empty: none")] = None
    medium_p: Annotated[Share, Meta(description="p-value below which a finding is medium")] = 0.00001
    warm_up: Annotated[Count, Meta(description="payments of the stream before the first finding")] = 500


def check(view: View, params: Params) -> Iterator[Result]:
    data, row = view.event.data, view.facts.row
    assert isinstance(data, Payment)
    assert row is not None
    found = assess(view)
    if found.count < params.warm_up:
        yield NotEvaluable("warm_up")
        return
    cap = params.run_cap if row.payroll else params.daily_cap
    medium = found.p < params.medium_p
    if not (medium or found.over_threshold) or (cap is not None and found.used >= cap):
        return
    id = data.payee.payee_id
    text, observed, expected = found.signal.explain(found.x)
    yield Finding(
        score=MEDIUM if medium else LOW,
        subject=("payee", id),
        title="An unusual amount for this payee",
        text=f"{row.value} {row.currency}: {text} (p = {found.p:.2g} on {found.count} payments of the stream).",
        observed={**observed, "p": float(f"{found.p:.6g}"), "shares": found.parts},
        expected=expected,
        counterfactual=f"An amount near the usual {expected['amount']} {row.currency} would not have been reported.",
        payments=((id, row.id),),
        models={MODEL: VERSION},
        display=view.known(id).profile.name,
        joins_payee_alert=True,
    )


RULE = Rule(
    slug="unusual-payment",
    letter="X2",
    family="anomaly",
    params=Params,
    on={Payment: check},
    reads=(StreamModel, PayeeRecord, AlertRecord),
    sources=("Wolfsberg Group statements on effective monitoring, 2024 and 2025",),
    fires=("amount-twenty-times-the-usual",),
    silent=("steady-amounts", "one-payment-short-of-the-warm-up"),
    about_amount=True,
)
