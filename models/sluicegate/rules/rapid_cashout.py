"""Whatever comes in goes out again within a day: the payee's account is only passed through.

An inflow is drained once the payee's requests of the next 24 hours add up to nearly all of it. Standing orders
(`auto_sweep`) are how some people bank, and are not counted.

Evidence: how many payments were drained in the period, what came in and what was asked out, whether the destination is
new.

False positives: people who live from one pay to the next and move each to their own bank at once; platforms that hold
pay in a wallet by default and do not mark their sweeps.

Next step: ask for the use of the funds; compare with peers.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.amounts import EXACT, total
from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.records import BlockRecord, PayeeRecord, PaymentRow, RequestRow
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, MEDIUM, Count, Days, Entity, Finding, Hours, Result, Rule, RuleParams, Share
from sluicegate.wire.events import PayoutRequest

MAX_INFLOWS = 200
"""Inflows that are looked at, the newest ones."""


class Params(RuleParams, frozen=True):
    window_hours: Annotated[Hours, Meta(description="hours after an inflow in which requests drain it")] = 24
    share: Annotated[Share, Meta(description="share of an inflow from which it is drained")] = 0.9
    min_count: Annotated[Count, Meta(description="drained inflows that are needed")] = 3
    period_days: Annotated[Days, Meta(description="days in which inflows count, and a destination is new")] = 30


def check(view: View, params: Params) -> Iterator[Result]:
    data: PayoutRequest = view.data
    current = view.facts.request
    assert current is not None
    if current.swept:
        return
    id = data.payee.payee_id
    requests = [
        r
        for r in view.known(id).requests
        if r.currency == current.currency and not r.swept and r.time <= view.time and r is not current
    ]
    inflows = list(islice(_inflows(view, params, id, current.currency), MAX_INFLOWS))
    recent = [row for row in inflows if view.time <= row.time + params.window_hours * HOUR]
    if all(_drained(params, row, requests) or not _drained(params, row, [*requests, current]) for row in recent):
        return
    requests.append(current)
    drained = [row for row in inflows if _drained(params, row, requests)]
    if len(drained) >= params.min_count:
        yield _finding(view, params, id, current, drained, requests)


def _inflows(view: View, params: Params, payee: str, currency: str) -> Iterator[PaymentRow]:
    since = view.time - params.period_days * DAY
    for row in view.rows(payee, since):
        if since < row.time <= view.time and row.currency == currency and Decimal(row.value) > 0:
            yield row


def _after(params: Params, inflow: PaymentRow, requests: Iterable[RequestRow]) -> list[RequestRow]:
    return [r for r in requests if inflow.time <= r.time <= inflow.time + params.window_hours * HOUR]


def _drained(params: Params, inflow: PaymentRow, requests: Iterable[RequestRow]) -> bool:
    out = total(r.value for r in _after(params, inflow, requests))
    return out >= EXACT.multiply(Decimal(str(params.share)), Decimal(inflow.value))


def _finding(
    view: View, params: Params, id: str, current: RequestRow, drained: list[PaymentRow], requests: list[RequestRow]
) -> Finding:
    new = current.destination is not None and current.first > view.time - params.period_days * DAY
    score = HIGH if new and view.mature(id, view.time) else MEDIUM
    drained = sorted(drained, key=lambda row: (row.time, row.ref))
    out = list({r.ref: r for row in drained for r in _after(params, row, requests)}.values())
    came, went = (format(total(r.value for r in rows), "f") for rows in (drained, out))
    title = f"{len(drained)} payments drained within {params.window_hours} hours each"
    whither = "first seen in this time" if new else "known for longer or not named"
    return Finding(
        score=score,
        subject=("payee", id),
        title=title,
        text=f"{title}, in {params.period_days} days: {came} {current.currency} came in, requests took {went}; "
        f"the destination is {whither}.",
        observed={
            "drained": len(drained),
            "came_in": {"value": came, "currency": current.currency},
            "asked_out": {"value": went, "currency": current.currency},
            "new_destination": new,
        },
        expected={"drained_fewer_than": params.min_count, "share": params.share, "period_days": params.period_days},
        counterfactual=f"Leaving more than {1 - params.share:.0%} of one of them for a day would have kept it silent.",
        action="hold" if score == HIGH else "review",
        cause=id,
        events=tuple(dict.fromkeys((*(row.ref for row in drained), *(r.ref for r in out)))),
        payments=tuple((id, row.id) for row in drained),
        requests=tuple((id, r.ref) for r in out),
        entities=tuple(Entity("request", r.id) for r in out),
        display=view.known(id).profile.name,
    )


RULE = Rule(
    slug="rapid-cashout",
    letter="D7",
    family="crypto",
    params=Params,
    on={PayoutRequest: check},
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("FATF red flags 2020", "FinCEN on transfers soon after receipt"),
    fires=("third-pay-drained", "nine-tenths-in-the-last-moment", "third-pay-to-a-new-account"),
    silent=("just-under-nine-tenths", "drained-after-a-day", "standing-order"),
)
