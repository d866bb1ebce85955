"""A payee asks for pay in crypto: the way in which the money of IT-worker schemes leaves the payroll.

Points add up over who asks, where to, how much, and what the policy says. An approved provider with an attested
identity takes most of them away.

Evidence: the points that make the score, asset, network and provider, who holds the wallet, other payees who use it,
what the policy allows.

False positives: pay in stablecoins exists; put the provider and its assets into the policy rather than raising a
threshold.

Next step: check the policy line that was hit, and confirm with the worker by a known contact.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import EXACT
from sluicegate.detection.records import BlockRecord, PayeeRecord, WalletLinks
from sluicegate.detection.view import View
from sluicegate.rules.base import Days, Entity, Finding, NotEvaluable, Points, Result, Rule, RuleParams, Share
from sluicegate.rules.changed_account import BANK_KINDS
from sluicegate.screening.wallets import wallet_id
from sluicegate.wire.blocks import Destination
from sluicegate.wire.events import PayeeChange, PayoutRequest

LINK_DAYS = 400


class Params(RuleParams, frozen=True):
    tenure_days: Annotated[Days, Meta(description="days since the start date for which a worker is new")] = 90
    full_share: Annotated[Share, Meta(description="share of the pay from which a request is for all of it")] = 0.9
    cap: Annotated[Points, Meta(description="highest score")] = 79


def at_request(view: View, params: Params) -> Iterator[Result]:
    data: PayoutRequest = view.data
    if data.method == "crypto" and data.destination is not None:
        points: dict[str, int] = {}
        yield from _amount_points(view, params, data, points)
        yield from _judge(view, params, data.payee.payee_id, data.destination, points)


def at_change(view: View, params: Params) -> Iterator[Result]:
    data: PayeeChange = view.data
    account = data.new_account
    if data.change == "account" and account is not None and account.scheme in ("wallet", "vasp"):
        destination = account.wallet or Destination(provider=account.bank_name)
        yield from _judge(view, params, data.payee.payee_id, destination, {})


def _amount_points(view: View, params: Params, data: PayoutRequest, points: dict[str, int]) -> Iterator[NotEvaluable]:
    last = max(
        (r for r in view.rows(data.payee.payee_id) if r.currency == data.amount.currency and r.time < view.time),
        key=lambda r: (r.time, r.ref),
        default=None,
    )
    share = Decimal(str(params.full_share))
    all_of_it = data.share_of_pay is not None and Decimal(data.share_of_pay) >= share
    if last is not None:
        all_of_it |= Decimal(data.amount.value) >= EXACT.multiply(share, Decimal(last.value))
    elif data.share_of_pay is None:
        yield NotEvaluable("share_of_pay")
    if all_of_it:
        points["most_of_the_pay"] = 10
    limit = view.policy.crypto.max
    if view.policy.crypto.allowed and limit is not None:
        amount = view.in_base(data.amount.value, data.amount.currency, data.amount_base)
        if amount is None:
            yield NotEvaluable("amount_base")
        elif amount > Decimal(limit):
            points["outside_policy"] = 10


def _judge(view: View, params: Params, id: str, to: Destination, points: dict[str, int]) -> Iterator[Result]:
    payee, crypto = view.known(id), view.policy.crypto
    profile = payee.profile
    approved = view.policy.approved_provider(to.provider)
    if view.facts.new_destination:
        points["new_destination"] = 35
    if profile.kind == "contractor" or profile.remote:
        if profile.start_date is None:
            yield NotEvaluable("payee.start_date")
        elif (
            view.policy.calendar.local_date(view.time) - date.fromisoformat(profile.start_date)
        ).days < params.tenure_days:
            points["new_contractor_or_remote"] = 15
    if not approved:
        points["provider_not_approved"] = 15
    if to.hosted == "self":
        points["self_hosted"] = 10
    if not crypto.allowed:
        points["policy_forbids_crypto"] = 15
    elif (to.asset and crypto.assets and to.asset not in crypto.assets) or (
        to.network and crypto.networks and to.network not in crypto.networks
    ):
        points["outside_policy"] = 10
    if view.settled_count(id, view.time, 2) < 2 and _paid_to_bank(view, id):
        points["hardly_paid_by_bank"] = 10
    others = 0
    if to.address:
        wallet = wallet_id(to.address, to.tag)
        others = sum(link.payee != id for link in view.links(WalletLinks, wallet, LINK_DAYS))
        if others:
            points["wallet_of_another_payee"] = 25
    if crypto.allowed and approved and to.kyc_attested:
        points["approved_and_attested"] = -50
    yield _finding(view, params, id, to, points, others)


def _paid_to_bank(view: View, id: str) -> bool:
    banks = {use.fp for use in view.known(id).accounts if use.scheme in BANK_KINDS}
    return any(row.time < view.time and banks.intersection(row.fps) for row in view.rows(id))


def _finding(view: View, params: Params, id: str, to: Destination, points: dict[str, int], others: int) -> Finding:
    request = view.facts.request
    score = max(0, min(params.cap, sum(points.values())))
    weight = ", ".join(f"{name.replace('_', ' ')} {value:+d}" for name, value in points.items())
    asked = f"{request.value} {request.currency}" if request is not None else "pay"
    entities = []
    if request is not None:
        entities.append(Entity("request", request.id))
    wallet = wallet_id(to.address, to.tag) if to.address else None
    if wallet is not None:
        entities.append(Entity("wallet", wallet, "destination"))
    policy = "a policy that allows crypto" if not view.policy.crypto.allowed else "an approved provider"
    return Finding(
        score=score,
        subject=("payee", id),
        title="A payee asks for pay in crypto",
        text=f"Request for {asked} in {to.asset or 'crypto'} ({weight}).",
        observed={
            "points": points,
            "asset": to.asset,
            "network": to.network,
            "hosted": to.hosted or "unknown",
            "provider": to.provider,
            "other_payees_of_wallet": others,
        },
        expected={"crypto_allowed": view.policy.crypto.allowed, "providers": list(view.policy.crypto.providers)},
        counterfactual=f"With {policy} and an attested identity it would have stayed below alert level.",
        action="hold" if score >= 60 else "review",
        requests=((id, view.ref),) if request is not None else (),
        entities=tuple(entities),
        wallets=(wallet,) if wallet is not None else (),
        keywords=("crypto",),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="crypto-request",
    letter="D1",
    family="crypto",
    params=Params,
    on={PayoutRequest: at_request, PayeeChange: at_change},
    reads=(PayeeRecord, BlockRecord, WalletLinks, AlertRecord),
    sources=("US advisory on DPRK IT workers, 16 May 2022", "DOJ complaint of 5 June 2025", "FATF red flags 2020"),
    fires=("new-contractor-wants-usdt", "contractor-on-the-89th-day"),
    silent=("approved-stablecoin-pay", "contractor-on-the-90th-day"),
)
