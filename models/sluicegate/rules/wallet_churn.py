"""A payee's requests hop from wallet to wallet, or from chain to chain, to make the money hard to follow.

Requests through an approved provider that vouches for the payee count as one destination a provider, however many
addresses and networks it gives out.

Evidence: distinct destinations and networks in the window, and over how many requests.

False positives: a lost or replaced wallet; a provider that changes its deposit addresses and is not in the policy.

Next step: ask for one enrolled wallet.
"""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import PayeeRecord, RequestRow
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, MEDIUM, Count, Days, Entity, Finding, Result, Rule, RuleParams
from sluicegate.signals.words import number
from sluicegate.wire.events import PayoutRequest


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="days of requests that are looked at together")] = 30
    medium_count: Annotated[Count, Meta(description="wallets or networks that make a medium finding")] = 2
    high_count: Annotated[Count, Meta(description="wallets or networks that make a high finding")] = 3


def check(view: View, params: Params) -> Iterator[Result]:
    row = view.facts.request
    data = view.data
    assert row is not None
    assert isinstance(data, PayoutRequest)
    if row.method != "crypto" or row.destination is None:
        return
    since = view.time - params.window_days * DAY
    requests = view.known(data.payee.payee_id).requests
    earlier = [
        r for r in requests if r.method == "crypto" and r.destination and since < r.time <= view.time and r is not row
    ]
    wallets, networks = _seen(view, earlier)
    its_wallet, its_network = _seen(view, [row])
    if its_wallet <= wallets and its_network <= networks:
        return
    wallets |= its_wallet
    networks |= its_network
    count = max(len(wallets), len(networks))
    if count >= params.medium_count:
        yield _finding(view, params, data.payee.payee_id, [*earlier, row], len(wallets), len(networks))


def _seen(view: View, rows: list[RequestRow]) -> tuple[set[tuple[str, str]], set[str]]:
    """The destinations and networks of requests; a provider that is approved and vouches hides both."""
    wallets, networks = set(), set()
    for row in rows:
        if row.attested_by is not None and view.policy.approved_provider(row.attested_by):
            wallets.add(("provider", row.attested_by))
        else:
            wallets.add(("wallet", row.destination or ""))
            if row.network is not None:
                networks.add(row.network)
    return wallets, networks


def _finding(view: View, params: Params, id: str, rows: list[RequestRow], wallets: int, networks: int) -> Finding:
    score = HIGH if max(wallets, networks) >= params.high_count else MEDIUM
    addresses = tuple(dict.fromkeys(r.destination for r in rows if r.destination and "\n" not in r.destination))
    where = f"{number(wallets, 'destination')} on {number(networks, 'network')}"
    title = f"Crypto requests to {where} within {params.window_days} days"
    return Finding(
        score=score,
        subject=("payee", id),
        title=title,
        text=f"{title}: {len(rows)} requests; this one brings a new wallet or network.",
        observed={"destinations": wallets, "networks": networks, "requests": len(rows)},
        expected={"destinations": params.medium_count - 1, "networks": params.medium_count - 1},
        counterfactual="A request to the wallet and network used before would not have been reported.",
        action="hold" if score == HIGH else "review",
        events=tuple(r.ref for r in rows),
        requests=((id, view.ref),),
        entities=(
            *(Entity("wallet", address, "destination") for address in addresses),
            Entity("request", rows[-1].id),
        ),
        wallets=addresses,
        keywords=("crypto",),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="wallet-churn",
    letter="D3",
    family="crypto",
    params=Params,
    on={PayoutRequest: check},
    reads=(PayeeRecord,),
    sources=("DOJ complaint of 5 June 2025", "FATF red flags 2020"),
    fires=("second-wallet", "third-wallet", "second-wallet-in-the-last-moment"),
    silent=("same-wallet-again", "second-wallet-after-thirty-days", "approved-provider-changes-address"),
)
