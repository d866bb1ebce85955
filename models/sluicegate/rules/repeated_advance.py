"""A worker asks for advances again and again: pay is drawn before anybody sees the work.

Advances asked for and advances paid count alike; a payment that answers a request is not counted again.

Evidence: advances in the short and in the long window, whether the worker is a new remote contractor.

False positives: earned-wage access as a benefit (name its providers in the policy); hardship.

Next step: ask the manager; look for other signs of a worker who is not who they say.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import PayeeRecord, Profile
from sluicegate.detection.view import View
from sluicegate.rules.base import MEDIUM, Count, Days, Finding, NotEvaluable, Result, Rule, RuleParams
from sluicegate.wire.events import Payment, PayoutRequest

NEW_WORKER = 20


class Params(RuleParams, frozen=True):
    short_days: Annotated[Days, Meta(description="days of the short window")] = 60
    short_count: Annotated[Count, Meta(description="advances in the short window")] = 2
    long_days: Annotated[Days, Meta(description="days of the long window")] = 180
    long_count: Annotated[Count, Meta(description="advances in the long window")] = 3
    tenure_days: Annotated[Days, Meta(description="days since the start date for which a worker is new")] = 90


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment | PayoutRequest = view.data
    id = data.payee.payee_id
    record = view.known(id)
    if not record.advances:
        return
    counted = [held for held in record.advances if held.provider not in view.policy.ewa_providers]
    current = next((held for held in counted if held.ref == view.ref), None)
    if current is None:
        return
    past = [held for held in counted if held is not current and held.time <= view.time]
    short = 1 + sum(held.time > view.time - params.short_days * DAY for held in past)
    recent = [held for held in past if held.time > view.time - params.long_days * DAY]
    long = 1 + len(recent)
    if short < params.short_count and long < params.long_count:
        return
    new = _is_new(view, record.profile, params)
    if isinstance(new, NotEvaluable):
        yield new
    who = " to a remote contractor who is new" if new is True else ""
    yield Finding(
        score=MEDIUM + (NEW_WORKER if new is True else 0),
        subject=("payee", id),
        title="Advances on pay again and again",
        text=f"{short} advances in {params.short_days} days, {long} in {params.long_days}{who}.",
        observed={"short_window": short, "long_window": long, "new_remote_contractor": new is True},
        expected={"short_window_below": params.short_count, "long_window_below": params.long_count},
        counterfactual=f"Without an earlier advance in {params.long_days} days it would have been silent.",
        cause=f"{id}\nadvance",
        events=tuple(held.ref for held in recent),
        payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        requests=((id, view.ref),) if isinstance(data, PayoutRequest) else (),
        display=record.profile.name,
    )


def _is_new(view: View, profile: Profile, params: Params) -> bool | NotEvaluable:
    """Whether a remote contractor has started of late."""
    if profile.kind != "contractor" or not profile.remote:
        return False
    if profile.start_date is None:
        return NotEvaluable("payee.start_date")
    days = (view.policy.calendar.local_date(view.time) - date.fromisoformat(profile.start_date)).days
    return days <= params.tenure_days


RULE = Rule(
    slug="repeated-advance",
    letter="C6",
    family="payroll",
    params=Params,
    given="advances",
    on={Payment: check, PayoutRequest: check},
    reads=(PayeeRecord,),
    sources=("General fraud practice: repeated prepayment",),
    fires=("second-in-the-last-moment-of-60-days", "third-in-the-last-moment-of-180-days", "new-remote-contractor"),
    silent=("second-after-60-days", "third-after-180-days", "request-and-its-payment", "provider-of-the-policy"),
)
