"""Several payees use one self-hosted wallet: perhaps one person behind several identities.

The wallet is address and tag: one address with different tags is different customers of an exchange. Custodial
wallets do not count.

False positives: family members who share a wallet; a treasury wallet entered by mistake.

Next step: compare the payees' identities.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow, WalletLinks
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.screening.wallets import wallet_id
from sluicegate.wire.blocks import Destination
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="age of the newest link that still counts")] = 400


def check(view: View, params: Params) -> Iterator[Result]:
    data = view.event.data
    to: Destination | None = None
    if isinstance(data, PayoutRequest):
        to = data.destination if data.method == "crypto" else None
    elif isinstance(data, Payment):
        to = data.account.wallet
    elif isinstance(data, PayeeChange) and data.new_account is not None:
        to = data.new_account.wallet
    if to is None or not to.address or to.hosted == "custodial":
        return
    wallet = wallet_id(to.address, to.tag)
    links = [link for link in view.links(WalletLinks, wallet, params.window_days) if not link.custodial]
    if len(links) < 2:
        return
    links.sort(key=lambda link: link.payee)
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
        events=tuple(link.ref for link in links if link.ref != view.ref),
        payments=tuple((link.payee, row.id) for link in links for row in _paid(view, link.payee, wallet)),
        requests=tuple(
            (link.payee, r.ref) for link in links for r in view.known(link.payee).requests if r.destination == wallet
        ),
        entities=(Entity("wallet", wallet, "shared"), *(Entity("payee", link.payee, "uses_wallet") for link in links)),
        wallets=(wallet,),
        keywords=("crypto",),
    )


def _paid(view: View, payee: str, wallet: str) -> Iterator[PaymentRow]:
    fps = {use.fp for use in view.known(payee).accounts if use.wallet == wallet}
    if fps:
        yield from (row for row in view.rows(payee) if fps.intersection(row.fps))


RULE = Rule(
    slug="shared-wallet",
    letter="D5",
    family="crypto",
    params=Params,
    on={PayoutRequest: check, Payment: check, PayeeChange: check},
    reads=(WalletLinks, PayeeRecord, BlockRecord),
    sources=("FATF red flags 2020",),
    fires=("two-contractors-one-wallet",),
    silent=("custodial-wallet",),
)
