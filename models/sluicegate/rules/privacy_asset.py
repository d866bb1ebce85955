"""A payout in a coin made to hide where money goes, or through a mixer or a bridge.

The tags of a destination come from the producer; nothing is looked up.

Evidence: asset and network, the tags of the destination, what the policy counts among these.

False positives: a payee who asks for such a coin out of conviction; a bridge used only to change networks.

Next step: refuse the asset under the policy, and offer another.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, Entity, Finding, Result, Rule, RuleParams
from sluicegate.screening.wallets import wallet_id
from sluicegate.wire.blocks import Destination
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest
from sluicegate.wire.scalars import Text32


class Params(RuleParams, frozen=True):
    assets: Annotated[
        tuple[Text32, ...], Meta(description="tickers of privacy coins", max_length=100, extra={"unit": "codes"})
    ] = ("XMR", "ZEC", "DASH")
    tags: Annotated[
        tuple[Text32, ...], Meta(description="tags of a destination", max_length=100, extra={"unit": "codes"})
    ] = ("mixer", "bridge")


def check(view: View, params: Params) -> Iterator[Result]:
    data: PayoutRequest | Payment | PayeeChange = view.data
    to: Destination | None = None
    if isinstance(data, PayoutRequest):
        to = data.destination if data.method == "crypto" else None
    elif isinstance(data, Payment):
        to = data.account.wallet
    elif data.new_account is not None:
        to = data.new_account.wallet
    if to is None:
        return
    coin = (to.asset or "").upper() in {asset.upper() for asset in params.assets}
    tags = sorted({tag.lower() for tag in to.tags} & {tag.lower() for tag in params.tags})
    if coin or tags:
        yield _finding(view, params, data, to, coin, tags)


def _finding(
    view: View,
    params: Params,
    data: PayoutRequest | Payment | PayeeChange,
    to: Destination,
    coin: bool,
    tags: list[str],
) -> Finding:
    id = data.payee.payee_id
    asset = to.asset or "an asset not named"
    wallet = wallet_id(to.address, to.tag) if to.address else None
    signs = [f"{asset} is a privacy coin"] if coin else []
    signs += [f"the destination is a {tag}" for tag in tags]
    entities = [Entity("wallet", wallet, "destination")] if wallet is not None else []
    if isinstance(data, PayoutRequest):
        entities.append(Entity("request", data.request_id))
    return Finding(
        score=HIGH,
        subject=("payee", id),
        title="Payout in a privacy coin" if coin else f"Payout to a {tags[0]}",
        text=f"Destination in {asset}: {', '.join(signs)}.",
        observed={"asset": to.asset, "tags": tags, "network": to.network},
        expected={"assets_not": list(params.assets), "tags_not": list(params.tags)},
        counterfactual="Another asset, to a destination without these tags, would not have been reported.",
        action="hold",
        payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        requests=((id, view.ref),) if isinstance(data, PayoutRequest) else (),
        entities=tuple(entities),
        wallets=(wallet,) if wallet is not None else (),
        keywords=("crypto",),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="privacy-asset",
    letter="D6",
    family="crypto",
    params=Params,
    given="wallet",
    on={PayoutRequest: check, Payment: check, PayeeChange: check},
    reads=(PayeeRecord,),
    sources=("FATF red flags 2020", "FinCEN FIN-2019-A003"),
    fires=("pay-asked-for-in-monero", "destination-behind-a-mixer"),
    silent=("pay-asked-for-in-usdt", "destination-at-an-exchange"),
)
