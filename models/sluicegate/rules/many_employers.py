"""Several employers pay regular wages to one account or tax id: perhaps one person with many jobs and identities.

Looks across tenants, only those that opted in (`cross_tenant_counts`). Each learns how many they are, and nothing else
of the others. Contractors may have several clients: where only contractors are paid, more tenants are needed.

Evidence: what the payees have in common (account or tax id) and the number of tenants that pay to it, never which ones.

False positives: people with two or three honest jobs; wages collected by an agency or a court (put the account on the
trusted account list).

Next step: check identity and hours with the client.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.answers import answered
from sluicegate.detection.records import AccountLinks, BlockRecord, PayeeRecord, TaxIdLinks
from sluicegate.detection.sightings import concerned, regular_in_base
from sluicegate.detection.view import View
from sluicegate.rules.base import (
    HIGH,
    Amount,
    Count,
    Days,
    Entity,
    Finding,
    NotEvaluable,
    Result,
    Rule,
    RuleParams,
)
from sluicegate.wire.events import Payment, SharedCount

TOO_FEW = 20


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="days in which the tenants' payments count together")] = 45
    min_tenants: Annotated[Count, Meta(description="tenants from which the finding is high")] = 3
    contractor_tenants: Annotated[Count, Meta(description="the same, where all of them pay contractors")] = 5
    min_amount: Annotated[Amount, Meta(description="least regular part of a payment that counts")] = "1500"


def at_payment(view: View, params: Params) -> Iterable[Result]:
    row = view.facts.row
    assert row is not None
    if concerned(view, row) and regular_in_base(view, row) is None:
        return (NotEvaluable("amount_base"),)
    return ()


def at_count(view: View, params: Params) -> Iterator[Result]:
    data: SharedCount = view.data
    if data.rule != RULE.slug or not view.policy.cross_tenant_counts:
        return
    kind, _, value = data.pivot.partition(":")
    found = answered(view, AccountLinks if kind == "account" else TaxIdLinks, data)
    if found is None:
        return
    payee, row = found
    fp = value if kind == "account" else row.fps[0]
    if fp in view.policy.trusted:
        return
    needed = params.contractor_tenants if data.contractors else params.min_tenants
    use = view.known(payee).account(fp)
    what = "account" if kind == "account" else "tax id"
    title = f"{data.count} employers pay one {what}"
    yield Finding(
        score=HIGH if data.count >= needed else TOO_FEW,
        subject=("account", fp),
        title=title,
        text=f"{title} within {params.window_days} days.",
        observed={"tenants": data.count, "shared": what},
        expected={"tenants": 1, "window_days": params.window_days, "min_amount": params.min_amount},
        counterfactual="Pay from this employer alone, or an entry on the trusted account list, would have kept it "
        "silent.",
        action="review",
        cause=fp,
        time=row.time,
        about=row.ref,
        payments=((payee, row.id),),
        entities=(
            Entity("account", fp, "shared", *((use.bank_name, use.country, use.last4) if use is not None else ())),
            Entity("payee", payee, "paid_to_account"),
        ),
    )


RULE = Rule(
    slug="many-employers",
    letter="C8",
    family="payroll",
    params=Params,
    about_amount=True,
    on={Payment: at_payment, SharedCount: at_count},
    reads=(AccountLinks, TaxIdLinks, PayeeRecord, BlockRecord),
    sources=("DOJ June 2025",),
    fires=("three-employers", "five-employers-of-contractors", "third-employer-in-the-last-moment-of-45-days"),
    silent=("two-employers", "four-employers-of-contractors", "third-employer-after-45-days"),
)
