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

    `group` and `currency_group` name the peers; `gap` days since the payee's last payment (0: none). `account_paid` and
    what `_add_payroll` and `_add_vendor` count are the payee's latest payments (at most 24) before this one. Nothing
    here tells of language, nationality, gender or age.
    """
    time, amount, schedule, fp = row.time, float(row.value), data.schedule, data.account.fp
    date = view.policy.calendar.local_date(time)
    record = view.known(data.payee.payee_id)
    payroll = row.payroll
    earlier = [held for held in reversed(record.rows) if held.time < time and held.payroll == payroll]
    paid = sum([fp in held.fps for held in earlier])
    x: X = {
        "stream": PAYROLL if payroll else VENDOR,
        "amount": amount,
        "regular": amount,
        "value": row.value,
        "currency": row.currency,
        "currency_group": _group(row.currency, None),
        "run": row.run_id,
        "run_type": schedule.run_type,
        "off_cycle": schedule.run_type not in (None, "regular"),
        "date": date,
        "weekday": date.weekday(),
        "payments": payments,
        "gap": (time - earlier[0].time) / DAY if earlier else 0.0,
        "account_paid": paid,
        "account_new": bool(earlier) and not paid and fp not in view.policy.trusted and not _verified(record, fp, time),
        "account_others": _others(view, data),
    }
    if payroll:
        _add_payroll(x, data, row, earlier)
    else:
        _add_vendor(x, view, data, row, earlier)
    return x


def _add_payroll(x: X, data: Payment, row: PaymentRow, earlier: list[PaymentRow]) -> None:
    """`overtime` as a share of all other pay, `regular` the amount without it; `in_run`: payments of the same run."""
    overtime, run = _overtime(data), row.run_id
    x["overtime"], x["regular"] = overtime, x["amount"] / (1 + overtime)
    x["group"] = _group(row.currency, data.payee.peer_group or "")
    x["in_run"] = [held.run_id for held in earlier].count(run) if run is not None else 0


def _add_vendor(x: X, view: View, data: Payment, row: PaymentRow, earlier: list[PaymentRow]) -> None:
    """What is booked where, and what the latest payments say.

    `day`: those in the 24 hours before; `near_limit_week`: just below a limit in the week before; `same_amount`: those
    of the same amount, however that was written, which did not fail, the last of them `same_days` days ago.
    """
    ledger, time, amount = data.ledger, row.time, x["amount"]
    department = ledger.department if ledger is not None else None
    category = ledger.category if ledger is not None else None
    x["department"], x["category"] = department, category
    x["group"] = _group(row.currency, category or department or "")
    limits, limit_amount, x["limit_currency"] = _limits(view, row, amount)
    x["limits"], x["limit_amount"] = limits, limit_amount
    day_before = time - DAY
    x["day"] = sum([held.time > day_before for held in earlier])
    x["near_limit_week"] = 0
    if below(limit_amount, limits) is not None:
        week = [held.value if limits is ROUND else held.base for held in earlier if held.time > time - 7 * DAY]
        x["near_limit_week"] = sum(value is not None and below(float(value), limits) is not None for value in week)
    value, length = row.value, len(row.value)
    alike = [
        held for held in earlier if held.value == value or (len(held.value) != length and float(held.value) == amount)
    ]
    same = [held for held in alike if held.currency == row.currency and not failed(held)]
    x["same_amount"] = len(same)
    x["same_days"] = (time - same[0].time) / DAY if same else None


def _verified(record: PayeeRecord, fp: str, time: int) -> bool:
    """Whether the account was verified independently when it was announced."""
    return any(change.fp == fp and change.verified and change.time <= time for change in record.changes)


@lru_cache(maxsize=4096)
def _group(currency: str, peers: str | None) -> int:
    """A number that stands for a peer group, or for all payments of a currency."""
    return crc32((currency if peers is None else f"{currency}\n{peers}").encode("utf-8", "surrogatepass"))


def _limits(view: View, row: PaymentRow, amount: float) -> tuple[tuple[float, ...], float, str]:
    """The policy's limits with the amount in base currency; round amounts where the policy has none."""
    limits = view.policy.limits
    if not limits:
        return ROUND, amount, row.currency
    base = view.policy.base_currency
    return (limits, float(row.base), base) if row.base is not None else ((), amount, base)


def _overtime(data: Payment) -> float:
    """Overtime as a share of all other pay."""
    components = data.purpose.components if data.purpose is not None else ()
    overtime = sum([float(part.amount) for part in components if part.type == "overtime"])
    if not overtime:
        return 0.0
    rest = sum([float(part.amount) for part in components]) - overtime
    return overtime / rest if rest > 0 else 0.0


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
