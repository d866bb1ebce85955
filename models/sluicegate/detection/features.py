"""A payment as the signals see it: its own facts, and what the state knew of its payee before."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from sluicegate.detection.calendar import DAY
from sluicegate.detection.records import AccountLinks, PayeeRecord, PaymentRow
from sluicegate.detection.view import failed
from sluicegate.signals.base import PAYROLL, VENDOR, X
from sluicegate.signals.limit import ROUND, below

if TYPE_CHECKING:
    from sluicegate.detection.view import View
    from sluicegate.wire.events import Payment

LINKED_DAYS = 400
MOST_HOUSEHOLDS = 8
"""Others on an account that are looked up as possible members of the household."""


def features(view: View, data: Payment, row: PaymentRow, payments: int) -> X:
    """The features of a whole payment; `payments` is how many the payee's history has learned from.

    `gap` days since the payee's last payment (0: none); `day`, `in_run`, `account_paid`, `near_limit_week`,
    `same_amount`: how many of the payee's latest payments (at most 24) lie in the 24 hours before, are of the same
    run, went to the same account, lay just below a limit in the week before, were of the same amount; `same_days`
    days since the last of these. `group` and `currency_group` name the peers. Nothing here tells of language,
    nationality, gender or age.
    """
    payroll, amount = row.payroll, float(row.value)
    ledger, schedule = data.ledger, data.schedule
    department = ledger.department if ledger is not None else None
    category = ledger.category if ledger is not None else None
    peers = data.payee.peer_group if payroll else category or department
    overtime = _overtime(data) if payroll else 0.0
    date = view.policy.calendar.local_date(row.time)
    x: X = {
        "stream": PAYROLL if payroll else VENDOR,
        "amount": amount,
        "value": row.value,
        "currency": row.currency,
        "regular": amount / (1 + overtime),
        "overtime": overtime,
        "group": _group(row.currency, peers or ""),
        "currency_group": _group(row.currency, None),
        "department": department,
        "category": category,
        "run": row.run_id,
        "run_type": schedule.run_type,
        "off_cycle": schedule.run_type not in (None, "regular"),
        "date": date,
        "weekday": date.weekday(),
        "payments": payments,
    }
    x["limits"], x["limit_amount"], x["limit_currency"] = _limits(view, row, amount)
    record = view.known(data.payee.payee_id)
    _add_history(x, view, record, row, data.account.fp)
    x["account_others"] = _others(view, data)
    return x


@lru_cache(maxsize=4096)
def _group(currency: str, peers: str | None) -> int:
    """A number that stands for a peer group, or for all payments of a currency."""
    return crc32((currency if peers is None else f"{currency}\n{peers}").encode("utf-8", "surrogatepass"))


def _limits(view: View, row: PaymentRow, amount: float) -> tuple[tuple[float, ...], float, str]:
    """The policy's limits with the amount in base currency; round amounts where the policy has none."""
    limits = view.policy.update.limits
    if not limits:
        return ROUND, amount, row.currency
    base = view.policy.base_currency
    return (tuple(sorted(map(float, limits))), float(row.base), base) if row.base is not None else ((), amount, base)


def _overtime(data: Payment) -> float:
    """Overtime as a share of all other pay."""
    components = data.purpose.components if data.purpose is not None else ()
    overtime = sum(float(part.amount) for part in components if part.type == "overtime")
    if not overtime:
        return 0.0
    rest = sum(float(part.amount) for part in components) - overtime
    return overtime / rest if rest > 0 else 0.0


def _add_history(x: X, view: View, record: PayeeRecord, row: PaymentRow, fp: str) -> None:
    """What the payee's latest payments before this one say."""
    time, amount, limits = row.time, x["amount"], x["limits"]
    payroll, run, value, width = row.payroll, row.run_id, row.value, len(row.value)
    near = not payroll and below(x["limit_amount"], limits) is not None
    based = limits is not ROUND
    day_ago, week_ago = time - DAY, time - 7 * DAY
    last: int | None = None
    same: int | None = None
    counted = day = in_run = paid = near_week = same_amount = 0
    for held in reversed(record.rows):
        at = held.time
        if at >= time or held.payroll != payroll:
            continue
        counted += 1
        if last is None:
            last = at
        if fp in held.fps:
            paid += 1
        if run is not None and held.run_id == run:
            in_run += 1
        if at > day_ago:
            day += 1
        paid_then = held.value
        alike = paid_then == value or (len(paid_then) != width and float(paid_then) == amount)
        if alike and held.currency == row.currency and not failed(held):
            same_amount += 1
            if same is None:
                same = at
        if near and at > week_ago:
            compared = held.base if based else paid_then
            near_week += compared is not None and below(float(compared), limits) is not None
    x["gap"] = (time - last) / DAY if last is not None else 0.0
    x["same_days"] = (time - same) / DAY if same is not None else None
    x["day"], x["in_run"], x["near_limit_week"], x["same_amount"] = day, in_run, near_week, same_amount
    x["account_paid"] = paid
    x["account_new"] = (
        counted > 0
        and not paid
        and fp not in view.policy.trusted
        and not any(change.fp == fp and change.verified and change.time <= time for change in record.changes)
    )


def _others(view: View, data: Payment) -> int:
    """Other payees linked to the account before, but for those of the household."""
    fp, id = data.account.fp, data.payee.payee_id
    held = view.state.get(AccountLinks, fp)
    if held is None or len(held.links) < 2 or fp in view.policy.trusted or view.facts.custodial:
        return 0
    since = view.time - LINKED_DAYS * DAY
    others = [link.payee for link in held.links if since < link.time < view.time and link.payee != id]
    if not others:
        return 0
    use = view.facts.use
    return len(others) - sum(view.household(id, other, use) for other in others[-MOST_HOUSEHOLDS:])
