"""A payee changes banks often: money that is to be hard to follow, or an identity that several people use.

Counted are announced changes and first payments to accounts never seen, whether or not the payee is mature. Early
changes of new workers weigh more.

Evidence: changes and accounts in their windows, the accounts with the date each was first seen, whether the payee is in
its first two pay cycles.

False positives: a change that the bank announced, that was verified, or that follows a failed payment; bulk imports
with a ticket; the accounts of a split payment (none of them is counted).

Next step: ask HR or the vendor owner for the reason; compare the documents used.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import BlockRecord, Change, PayeeRecord, PaymentRow
from sluicegate.detection.view import View, failed
from sluicegate.rules.accounts import from_bank
from sluicegate.rules.base import (
    HIGH,
    MEDIUM,
    Count,
    Days,
    Entity,
    Finding,
    NotEvaluable,
    Result,
    Rule,
    RuleParams,
)
from sluicegate.wire.events import PayeeChange, Payment
from sluicegate.wire.scalars import format_time

FAILURE_CODES = frozenset(("R02", "R03", "R04"))
FAILURE_DAYS = 30
EARLY_POINTS = 20
EARLY_DAYS = 35
"""Two pay cycles."""


class Params(RuleParams, frozen=True):
    window_days: Annotated[Days, Meta(description="window in which changes are counted")] = 30
    min_changes: Annotated[Count, Meta(description="changes in the window that are a finding")] = 2
    accounts_window_days: Annotated[Days, Meta(description="window in which distinct accounts are counted")] = 180
    accounts_medium: Annotated[Count, Meta(description="distinct accounts from which the finding is medium")] = 3
    accounts_high: Annotated[Count, Meta(description="distinct accounts from which the finding is high")] = 4


def check(view: View, params: Params) -> Iterator[Result]:
    data: Payment | PayeeChange = view.data
    if view.facts.change is None:
        return
    id = data.payee.payee_id
    payee = view.known(id)
    since = view.time - (params.accounts_window_days + FAILURE_DAYS) * DAY
    rows = [row for row in view.rows(id, since) if since < row.time <= view.time]
    bundles = [frozenset(row.fps) for row in rows if len(row.fps) > 1]
    changes, uncounted = _changes(view, payee, rows, bundles)
    if all(c.ref != view.ref for c in changes):
        return
    recent = [c for c in changes if c.time > view.time - params.window_days * DAY]
    accounts = _accounts(view, params, payee, rows, changes, uncounted)
    distinct = _distinct(accounts, bundles)
    if distinct >= params.accounts_high:
        score = HIGH
    elif len(recent) >= params.min_changes or distinct >= params.accounts_medium:
        score = MEDIUM
    else:
        return
    early = False
    if payee.profile.kind in ("employee", "contractor"):
        early = view.settled_count(id, view.time, 2) < 2
        if not early and payee.profile.start_date is None:
            yield NotEvaluable("payee.start_date")
        elif not early:
            today = view.policy.calendar.local_date(view.time)
            early = (today - date.fromisoformat(payee.profile.start_date or "")).days <= EARLY_DAYS
    yield _finding(view, params, id, score + EARLY_POINTS * early, recent, accounts, distinct, early)


def _changes(
    view: View, payee: PayeeRecord, rows: list[PaymentRow], bundles: list[frozenset[str]]
) -> tuple[list[Change], set[str]]:
    """Changes that count, oldest first, and the accounts that only other changes brought."""
    announced = {c.fp for c in payee.changes if not c.implicit}
    counted: list[Change] = []
    others: set[str] = set()
    last: str | None = None
    for change in payee.changes:
        if change.time > view.time or change.fp == last or (change.implicit and change.fp in announced):
            continue
        last = change.fp
        if _explained(view, payee, change, rows) or _bundled(payee, change, bundles, counted):
            others.add(change.fp)
        else:
            counted.append(change)
    return counted, others - {c.fp for c in counted}


def _explained(view: View, payee: PayeeRecord, change: Change, rows: list[PaymentRow]) -> bool:
    return (
        change.verified
        or change.fp in view.policy.trusted
        or (change.channel == "bulk_import" and bool(change.ticket))
        or from_bank(payee, change)
        or any(
            change.old_fp in row.fps
            and failed(row)
            and row.code in FAILURE_CODES
            and 0 <= change.time - row.status_at <= FAILURE_DAYS * DAY
            for row in rows
        )
    )


def _bundled(payee: PayeeRecord, change: Change, bundles: list[frozenset[str]], counted: list[Change]) -> bool:
    """Whether the change is a further part of a split payment whose accounts are known or counted already."""
    if not change.implicit:
        return False
    parts = {fp for bundle in bundles if change.fp in bundle for fp in bundle if fp != change.fp}
    return any(use.fp in parts and use.first_seen < change.time for use in payee.accounts) or any(
        c.fp in parts for c in counted
    )


def _accounts(
    view: View, params: Params, payee: PayeeRecord, rows: list[PaymentRow], changes: list[Change], uncounted: set[str]
) -> dict[str, int]:
    """Accounts registered or paid in the window, with the time at which each was seen first."""
    since = view.time - params.accounts_window_days * DAY
    active = {fp for row in rows if row.time > since for fp in row.fps} | {c.fp for c in changes if c.time > since}
    return {
        use.fp: use.first_seen
        for use in payee.accounts
        if use.fp not in uncounted
        and use.fp not in view.policy.trusted
        and (use.fp in active or since < use.first_seen <= view.time)
    }


def _distinct(accounts: Iterable[str], bundles: list[frozenset[str]]) -> int:
    """How many accounts there are where those of one split payment count as one."""
    groups: list[set[str]] = []
    for fp in accounts:
        joined = {fp}.union(*(bundle for bundle in bundles if fp in bundle))
        apart = [group for group in groups if not group & joined]
        groups = [*apart, joined.union(*(group for group in groups if group & joined))]
    return len(groups)


def _finding(
    view: View,
    params: Params,
    id: str,
    score: int,
    recent: list[Change],
    accounts: dict[str, int],
    distinct: int,
    early: bool,
) -> Finding:
    data, payee = view.data, view.known(id)
    timeline = sorted(accounts.items(), key=lambda item: (item[1], item[0]))
    uses = [use for fp, _ in timeline if (use := payee.account(fp)) is not None]
    return Finding(
        score=score,
        subject=("payee", id),
        title="The account was changed again",
        text=f"{len(recent)} changes of account in {params.window_days} days; {distinct} accounts in "
        f"{params.accounts_window_days} days." + (" The payee is in the first two pay cycles." if early else ""),
        observed={
            "changes": len(recent),
            "accounts": distinct,
            "first_two_pay_cycles": early,
            "timeline": [
                {"first_seen": format_time(use.first_seen), "last4": use.last4, "country": use.country} for use in uses
            ],
        },
        expected={"changes_below": params.min_changes, "accounts_below": params.accounts_medium},
        counterfactual="A verified change, or one that the bank announced, would not have been counted.",
        action="verify_callback" if score < HIGH else "hold",
        events=tuple(change.ref for change in recent),
        payments=((id, data.payment_id),) if isinstance(data, Payment) else (),
        entities=tuple(Entity("account", u.fp, None, u.bank_name, u.country, u.last4) for u in uses),
        display=payee.profile.name,
    )


RULE = Rule(
    slug="account-churn",
    letter="A3",
    family="account",
    params=Params,
    given="changes",
    on={PayeeChange: check, Payment: check},
    reads=(PayeeRecord, BlockRecord, AlertRecord),
    sources=("FBI PSA of 23 Jul 2025",),
    fires=("two-changes-in-30-days", "three-accounts-in-180-days", "four-accounts", "new-contractor"),
    silent=("second-change-after-30-days", "third-account-after-180-days", "verified-second-change", "split-deposit"),
)
