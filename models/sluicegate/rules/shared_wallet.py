"""Several payees use one self-hosted wallet: perhaps one person behind several identities.

The wallet is address and tag: one address with different tags is different customers of an exchange. Custodial
wallets do not count. Payees of several tenants weigh more, but only tenants that opted in (`cross_tenant_counts`) are
counted, and each learns how many they are and nothing else of the others.

Evidence: the wallet and the payees who use it, who are named; of other tenants only their number.

False positives: family members who share a wallet; a treasury wallet entered by mistake; a contractor of several
clients who opted in.

Next step: compare the payees' identities.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import SubjectRecord
from sluicegate.detection.answers import answered
from sluicegate.detection.records import BlockRecord, Link, PayeeRecord, WalletLinks
from sluicegate.detection.sightings import self_hosted
from sluicegate.detection.view import View
from sluicegate.rules.base import CRITICAL, HIGH, Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.screening.wallets import wallet_id
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest, SharedCount


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="age of the newest link that still counts")] = 400


def check(view: View, params: Params) -> Iterator[Result]:
    data = view.data
    assert isinstance(data, PayoutRequest | Payment | PayeeChange)
    to = self_hosted(data)
    if to is None or to.address is None:
        return
    wallet = wallet_id(to.address, to.tag)
    links = _links(view, wallet, params)
    if len(links) < 2:
        return
    known = _known(view, wallet)
    id = data.payee.payee_id
    payees = [id] if known else [link.payee for link in links]
    title = f"{len(links)} payees use one self-hosted wallet"
    yield Finding(
        score=HIGH,
        subject=("wallet", wallet),
        title=title,
        text=f"{title} within {params.window_days} days.",
        observed={"payees": len(links), "hosted": to.hosted or "unknown"},
        expected={"payees": 1, "window_days": params.window_days},
        counterfactual="A wallet of one payee alone, or a custodial one, would have kept it silent.",
        action="hold",
        cause=wallet,
        events=() if known else tuple(link.ref for link in links if link.ref != view.ref),
        payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        requests=((id, view.ref),) if isinstance(data, PayoutRequest) else (),
        entities=_entities(wallet, payees),
        wallets=(wallet,),
        keywords=("crypto",),
    )


def at_count(view: View, params: Params) -> Iterator[Result]:
    data: SharedCount = view.data
    if data.rule != RULE.slug or not view.policy.cross_tenant_counts:
        return
    wallet = data.pivot.partition(":")[2]
    links = _links(view, wallet, params)
    if not links:
        return
    ref = f"{data.source}\n{data.id}"
    paid = answered(view, WalletLinks, data)
    asked = (link.payee for link in links for row in view.known(link.payee).requests if row.ref == ref)
    title = f"Payees of {data.count} tenants use one self-hosted wallet"
    yield Finding(
        score=CRITICAL,
        subject=("wallet", wallet),
        title=title,
        text=f"{title} within {params.window_days} days.",
        observed={"tenants": data.count, "payees": len(links)},
        expected={"tenants": 1, "payees": 1, "window_days": params.window_days},
        counterfactual="A wallet of one payee of this tenant alone, or a custodial one, would have kept it silent.",
        action="hold",
        cause=wallet,
        time=view.time,
        about=ref,
        events=() if _known(view, wallet) else tuple(link.ref for link in links if link.ref != ref),
        payments=((paid[0], paid[1].id),) if paid is not None else (),
        requests=tuple((payee, ref) for payee in asked),
        entities=_entities(wallet, [link.payee for link in links]),
        wallets=(wallet,),
        keywords=("crypto",),
    )


def _links(view: View, wallet: str, params: Params) -> list[Link]:
    """Payees of the tenant who use the wallet as one of their own keeping, by name."""
    links = [link for link in view.links(WalletLinks, wallet, params.window_days) if not link.custodial]
    return sorted(links, key=lambda link: link.payee)


def _known(view: View, wallet: str) -> bool:
    return view.open_cause("wallet", wallet, RULE.family, RULE.cause(wallet))


def _entities(wallet: str, payees: list[str]) -> tuple[Entity, ...]:
    return Entity("wallet", wallet, "shared"), *(Entity("payee", payee, "uses_wallet") for payee in payees)


RULE = Rule(
    slug="shared-wallet",
    letter="D5",
    family="crypto",
    params=Params,
    given="wallet",
    on={PayoutRequest: check, Payment: check, PayeeChange: check, SharedCount: at_count},
    reads=(WalletLinks, SubjectRecord, PayeeRecord, BlockRecord),
    sources=("FATF red flags 2020",),
    fires=(
        "two-contractors-one-wallet",
        "one-wallet-written-in-two-ways",
        "payees-of-two-tenants",
        "second-tenant-in-the-last-moment-of-400-days",
    ),
    silent=(
        "custodial-wallet",
        "one-address-with-two-tags",
        "one-of-two-tenants-has-not-opted-in",
        "second-tenant-after-400-days",
    ),
)
