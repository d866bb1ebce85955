"""A large payout is cut into requests that each stay under a reporting threshold.

Requests of one day, by one payee or to one wallet, that lie just under 1,000, 3,000 or 10,000 and add up to twice as
much. The European Union has had no such minimum since 30 December 2024; the thresholds are those of other countries,
and habit.

Evidence: number and sum of the requests, the smallest and the largest, the threshold they stay under, whether it is one
payee or one wallet of several.

False positives: platform workers who cash out several times a day (silent once their last thirty days show it); several
payees of one custodial wallet on pay day.

Next step: review the day as one payout.
"""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, NamedTuple

from msgspec import Meta

from sluicegate.detection.amounts import EXACT, median, total
from sluicegate.detection.calendar import HOUR
from sluicegate.detection.records import PayeeRecord, RequestRow, WalletLinks
from sluicegate.detection.view import View
from sluicegate.rules.base import (
    HIGH,
    MEDIUM,
    Amount,
    Count,
    Entity,
    Finding,
    Hours,
    NotEvaluable,
    Result,
    Rule,
    RuleParams,
    Share,
)
from sluicegate.wire.events import PayoutRequest

USUAL_OVER_DAYS, USUAL_MIN_DAYS = 30, 5
LINK_DAYS = 400
MAX_PAYEES = 32
"""Payees of one wallet whose requests are looked at: those who asked for it last."""


class Params(RuleParams, frozen=True):
    window_hours: Annotated[Hours, Meta(description="hours of requests that are added up")] = 24
    thresholds: Annotated[
        tuple[Amount, ...],
        Meta(
            description="amounts that requests stay under; above the least one, near ones weigh more",
            max_length=20,
            extra={"unit": "base currency"},
        ),
    ] = ("1000", "3000", "10000")
    lower_ratio: Annotated[Share, Meta(description="share of a threshold from which a request lies under it")] = 0.5
    near_ratio: Annotated[Share, Meta(description="share of a threshold from which a request is near to it")] = 0.85
    min_count: Annotated[Count, Meta(description="requests that are needed")] = 3
    usual_per_day: Annotated[Count, Meta(description="median requests on a day that make many of them usual")] = 3


class Band(NamedTuple):
    """A threshold, and where the amounts begin that stay under it or near to it."""

    limit: Decimal
    lower: Decimal
    near: Decimal
    may_be_high: bool


class Group(NamedTuple):
    """Requests under one threshold."""

    limit: Decimal
    score: int
    by_wallet: bool
    requests: tuple[tuple[str, RequestRow], ...]
    """(payee, request), in order of time."""


def check(view: View, params: Params) -> Iterator[Result]:
    data: PayoutRequest = view.data
    row = view.facts.request
    assert row is not None
    if row.base is None:
        yield NotEvaluable("amount_base")
        return
    bands = [band for band in _bands(params) if band.lower <= Decimal(row.base) < band.limit]
    if not bands:
        return
    id = data.payee.payee_id
    own = [(id, r) for r in _recent(view, params, id)]
    found = _groups(params, bands, own, by_wallet=False)
    wallet = row.destination
    if row.method == "crypto" and wallet is not None:
        links = view.links(WalletLinks, wallet, LINK_DAYS)
        payees = sorted(links, key=lambda link: (-link.time, link.payee))[:MAX_PAYEES]
        to_wallet = [(p.payee, r) for p in payees for r in _recent(view, params, p.payee) if r.destination == wallet]
        found += _groups(params, bands, to_wallet, by_wallet=True)
    if found and not _usual(view, params, id):
        yield _finding(view, params, id, max(found, key=lambda g: (g.limit, g.score, not g.by_wallet)))


@lru_cache(maxsize=256)
def _bands(params: Params) -> tuple[Band, ...]:
    limits = sorted(map(Decimal, params.thresholds))
    lower, near = Decimal(str(params.lower_ratio)), Decimal(str(params.near_ratio))
    return tuple(Band(t, EXACT.multiply(lower, t), EXACT.multiply(near, t), t > limits[0]) for t in limits)


def _recent(view: View, params: Params, payee: str) -> list[RequestRow]:
    since = view.time - params.window_hours * HOUR
    record = view.payee(payee)
    return [r for r in record.requests if since < r.time <= view.time] if record is not None else []


def _groups(params: Params, bands: list[Band], rows: list[tuple[str, RequestRow]], *, by_wallet: bool) -> list[Group]:
    """One group for each threshold that is met."""
    out = []
    for band in bands:
        group = [(p, r) for p, r in rows if r.base is not None and band.lower <= Decimal(r.base) < band.limit]
        amounts = [r.base for _, r in group if r.base is not None]
        if len(group) >= params.min_count and total(amounts) >= EXACT.multiply(Decimal(2), band.limit):
            high = band.may_be_high and all(Decimal(amount) >= band.near for amount in amounts)
            group.sort(key=lambda one: (one[1].time, one[1].ref))
            out.append(Group(band.limit, HIGH if high else MEDIUM, by_wallet, tuple(group)))
    return out


def _usual(view: View, params: Params, payee: str) -> bool:
    """Whether the payee makes so many requests on most days on which there are any."""
    today = view.policy.calendar.local_date(view.time).toordinal()
    days = view.known(payee).request_days
    counts = [Decimal(n) for day, n in days if today - USUAL_OVER_DAYS <= day < today]
    return len(counts) >= USUAL_MIN_DAYS and median(counts) >= params.usual_per_day


def _finding(view: View, params: Params, id: str, group: Group) -> Finding:
    limit, base = format(group.limit, "f"), view.policy.base_currency
    amounts = [row.base for _, row in group.requests if row.base is not None]
    whole = format(total(amounts), "f")
    others = sorted({payee for payee, _ in group.requests if payee != id})
    where = "to one wallet" if group.by_wallet else "by one payee"
    wallet = group.requests[0][1].destination if group.by_wallet else None
    title = f"{len(amounts)} payout requests just under {limit} {base} within {params.window_hours} hours"
    return Finding(
        score=group.score,
        subject=("payee", id),
        title=title,
        text=f"{title}, {where}; together {whole} {base}.",
        observed={
            "requests": len(amounts),
            "total": whole,
            "smallest": min(amounts, key=Decimal),
            "largest": max(amounts, key=Decimal),
            "other_payees": len(others),
            "by": "wallet" if group.by_wallet else "payee",
        },
        expected={"threshold": limit, "fewer_than": params.min_count, "window_hours": params.window_hours},
        counterfactual=f"Fewer than {params.min_count} such requests, or one for the whole sum, would not have fired.",
        action="hold" if group.score == HIGH else "review",
        cause=f"{id}\n{limit}",
        events=tuple(row.ref for _, row in group.requests),
        requests=tuple((payee, row.ref) for payee, row in group.requests),
        entities=(
            *(Entity("request", row.id) for _, row in group.requests),
            *(Entity("payee", other, "same_wallet") for other in others),
            *((Entity("wallet", wallet, "destination"),) if wallet is not None else ()),
        ),
        wallets=(wallet,) if wallet is not None else (),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="structured-payouts",
    letter="D4",
    family="crypto",
    params=Params,
    on={PayoutRequest: check},
    reads=(PayeeRecord, WalletLinks),
    sources=("FATF red flags 2020", "FATF recommendation 16 (travel rule)"),
    fires=("three-under-a-thousand", "three-near-ten-thousand", "three-payees-to-one-wallet"),
    silent=("sum-under-twice-the-threshold", "third-request-after-a-day", "platform-worker-who-always-does"),
)
