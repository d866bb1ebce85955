"""`data` of `decision.v1`, what is to become of a payment of a pay run, and of `run.announced.v1`, what a run holds."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from sluicegate.wire.alerts import AnyScore
from sluicegate.wire.block import Block
from sluicegate.wire.blocks import Money
from sluicegate.wire.scalars import AlertId, Id, Instant, Opt, Positive, RuleSlug

Verdict = Literal["release", "review", "hold"]
MOST_ANNOUNCED = 20_000
"""Payments that an announcement names one by one; an event has at most 1 MiB."""
MOST_TOTALS = 200


class Later(Block, frozen=True, kw_only=True, gc=False):
    """A rule that has not had its last word about the payment, and when it will have had it.

    `until` is of the tenant's clock, as it stood when the decision was made: a run that takes further payments closes
    later than that.
    """

    rule: RuleSlug
    until: Instant


class DecisionVersions(Block, frozen=True, kw_only=True, gc=False):
    """What judged: the rules, and the sanctions lists by their versions."""

    ruleset: str
    lists: dict[str, str]


class DecisionData(Block, frozen=True, kw_only=True, gc=False):
    """One revision of the decision about a payment of a run, complete in itself: the highest revision counts.

    `score` is the highest of the open alerts that name the payment, 0 where there is none; `policy` is the id of the
    policy event that set the levels, `amount` of a split payment the sum of the parts that came.
    """

    run_id: Id
    payment_id: Id
    revision: Positive
    decision: Verdict
    score: AnyScore
    alert_ids: tuple[AlertId, ...]
    rules: tuple[RuleSlug, ...]
    later: tuple[Later, ...]
    amount: Money
    event: str
    policy: str | None
    versions: DecisionVersions


class RunAnnounced(Block, frozen=True, kw_only=True, gc=False):
    """`run.announced.v1`: what a pay run is to hold, as the processor knows it; the last announcement of a run counts.

    `totals` are sums per currency. `release_at` is when the money is to go out.
    """

    run_id: Id
    payments: Annotated[int, Meta(ge=0, le=10_000_000)]
    totals: Annotated[tuple[Money, ...], Meta(max_length=MOST_TOTALS)]
    payment_ids: Opt[Annotated[tuple[Id, ...], Meta(max_length=MOST_ANNOUNCED)]] = None
    release_at: Opt[Instant] = None
