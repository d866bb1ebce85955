"""Several payees use one self-hosted wallet: perhaps one person behind several identities.

The wallet is address and tag: one address with different tags is different customers of an exchange. Custodial
wallets do not count.

False positives: family members who share a wallet; a treasury wallet entered by mistake.

Next step: compare the payees' identities.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import SubjectRecord
from sluicegate.detection.records import WalletLinks
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.screening.wallets import wallet_id
from sluicegate.wire.blocks import Destination
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="age of the newest link that still counts")] = 400


def check(view: View, params: Params) -> Iterator[Result]:
    data = view.event.data
    assert isinstance(data, PayoutRequest | Payment | PayeeChange)
    to: Destination | None = None
    if isinstance(data, PayoutRequest):
        to = data.destination if data.method == "crypto" else None
    elif isinstance(data, Payment):
        to = data.account.wallet
    elif data.new_account is not None:
        to = data.new_account.wallet
    if to is None or not to.address or to.hosted == "custodial":
        return
    wallet = wallet_id(to.address, to.tag)
    links = [link for link in view.links(WalletLinks, wallet, params.window_days) if not link.custodial]
    if len(links) < 2:
        return
    links.sort(key=lambda link: link.payee)
    known = view.open_cause("wallet", wallet, RULE.family, RULE.cause(wallet))
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
        entities=(Entity("wallet", wallet, "shared"), *(Entity("payee", payee, "uses_wallet") for payee in payees)),
        wallets=(wallet,),
        keywords=("crypto",),
    )


RULE = Rule(
    slug="shared-wallet",
    letter="D5",
    family="crypto",
    params=Params,
    on={PayoutRequest: check, Payment: check, PayeeChange: check},
    reads=(WalletLinks, SubjectRecord),
    sources=("FATF red flags 2020",),
    fires=("two-contractors-one-wallet", "one-wallet-written-in-two-ways"),
    silent=("custodial-wallet", "one-address-with-two-tags"),
)
