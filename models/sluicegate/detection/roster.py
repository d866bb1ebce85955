"""The roster: who is hired, by pay group, and whom a pay run was expected to pay."""

from __future__ import annotations

import zlib
from decimal import Decimal
from typing import TYPE_CHECKING

from sluicegate.detection.amounts import EXACT, median
from sluicegate.detection.calendar import DAY
from sluicegate.detection.pay_records import RosterRecord, RosterRow
from sluicegate.detection.payslips import day_number
from sluicegate.detection.records import Lifecycle, PayeeRecord, PaymentRow, Profile, RunRecord, RunRow
from sluicegate.detection.view import Headcount, Past, View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State
    from sluicegate.wire.events import WorkerLifecycle

SHARES = 64
"""Records that the roster is spread over."""
LEFT_DAYS = 400
"""How long a worker who left stays on it."""
MOST_ABSENT = 10_000
"""Workers missing from a run who are looked up; beyond it the run's sum is not judged."""
HIRING = frozenset(("hire", "rehire"))
NOBODY = PayeeRecord(Profile("other"))


def note_lifecycle(view: View, record: PayeeRecord, data: WorkerLifecycle) -> None:
    """A hire, rehire or termination: the last one by event time counts."""
    held = record.lifecycle
    hired = data.action in HIRING or (held is not None and held.hired)
    if held is None or view.time >= held.time:
        effective = str(data.effective_date) if data.effective_date is not None else None
        record.lifecycle = Lifecycle(data.action, view.time, effective, hired)
        if data.action == "terminate":
            record.profile.end_date = effective
    else:
        held.hired = hired
    enrol(view.state, data.payee.payee_id, record)


def hired(record: PayeeRecord) -> bool:
    """Whether any hire or rehire of the worker is known."""
    held = record.lifecycle
    return held is not None and (held.hired or held.action in HIRING)


def left(record: PayeeRecord) -> int | None:
    """The last day of work, if the last that is known of the worker is that they left."""
    held = record.lifecycle
    return day_number(held.effective) if held is not None and held.action == "terminate" else None


def latest_pay(record: PayeeRecord, before: int | None = None) -> PaymentRow | None:
    """The newest payroll payment (before a time), of those in the payee's own record."""
    rows = (r for r in reversed(record.rows) if r.slip is not None and (before is None or r.time < before))
    return next(rows, None)


def pay_group(row: PaymentRow | None) -> str | None:
    """The pay group of a payment; None: the default one."""
    return row.slip.group if row is not None and row.slip is not None else None


def note_group(state: State, payee: str, record: PayeeRecord, before: PaymentRow | None) -> None:
    """A payroll payment came in; `before` was the newest one until then."""
    if before is None or pay_group(before) != pay_group(latest_pay(record)):
        enrol(state, payee, record)


def enrol(state: State, payee: str, record: PayeeRecord) -> None:
    """Bring the roster up to date with a worker who was hired and paid."""
    latest = latest_pay(record)
    if latest is None or not hired(record):
        return
    id = _share(payee)
    row = RosterRow(pay_group(latest), left(record))
    roster = state.get(RosterRecord, id) or RosterRecord()
    if roster.workers.get(payee) == row:
        return
    state.put(id, roster)
    roster.workers[payee] = row
    if row.end is not None:
        horizon = record.last_seen // DAY - LEFT_DAYS
        roster.workers = {p: w for p, w in roster.workers.items() if w.end is None or w.end >= horizon}


def _share(payee: str) -> str:
    return f"{zlib.crc32(payee.encode('utf-8', 'surrogatepass')) % SHARES:02d}"


def note_worker(view: View, payee: str, run: RunRecord, row: PaymentRow, entry: RunRow) -> None:
    """Add to a payment's entry in its run what the roster's test needs."""
    record, slip = view.known(payee), row.slip
    assert slip is not None
    before = latest_pay(record, run.first)
    entry.employee = record.profile.kind == "employee"
    entry.of_group = before is not None and pay_group(before) == run.group
    entry.mature = view.mature(payee, run.first)
    regular = Decimal(row.regular) if row.regular is not None else Decimal(0)
    entry.base = _plain(_in_base(regular, row, view.policy))
    entry.usual = _plain(_usual(view, view.policy, payee, row, run.first)[0])


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _in_base(part: Decimal, row: PaymentRow, policy: Policy) -> Decimal | None:
    """A part of a payment in base currency; None where that is not known."""
    if row.currency == policy.base_currency or not part:
        return part
    if row.base is None or not Decimal(row.value):
        return None
    return EXACT.divide(EXACT.multiply(part, Decimal(row.base)), Decimal(row.value))


def _usual(past: Past, policy: Policy, payee: str, row: PaymentRow, at: int) -> tuple[Decimal | None, bool]:
    """Median regular part of the baseline in base currency, at the payment's rate; and whether there is a baseline."""
    parts = [Decimal(r.regular) for r in past.baseline(payee, row.currency, at) if r.regular is not None]
    return (_in_base(median(parts), row, policy), True) if parts else (None, False)


def headcount(state: State, policy: Policy, run: RunRecord, rows: Iterable[RunRow]) -> Headcount:
    """Whom the run was expected to pay: workers of the roster whose latest earlier payment was of its pay group."""
    out = Headcount({}, 0, frozenset(), [])
    paid: dict[str, list[RunRow]] = {}
    for row in rows:
        paid.setdefault(row.payee, []).append(row)
    if any(row.base is None for theirs in paid.values() for row in theirs):
        out.lacking = "amount_base"
    fresh = set()
    for payee, theirs in paid.items():
        worker = _worker(state, payee)
        if worker is None:
            if any(row.employee for row in theirs) and not hired(state.get(PayeeRecord, payee) or NOBODY):
                out.unknown.append(payee)
            continue
        if _gone(worker, run, out):
            continue
        usual = next((row.usual for row in theirs if row.usual is not None), None)
        if usual is None:
            fresh.add(payee)
        if any(row.of_group for row in theirs):
            out.usual[payee] = Decimal(usual) if usual is not None else None
            out.mature += any(row.mature for row in theirs)
    out.fresh = frozenset(fresh)
    out.unknown.sort()
    absent = _absent(state, run, paid, out)
    if len(absent) > MOST_ABSENT:
        out.lacking = "schedule.pay_group"
        return out
    past = Past(state)
    for payee in absent:
        record = past.payee(payee)
        last = latest_pay(record, run.first) if record is not None else None
        if last is None or pay_group(last) != run.group:
            continue
        usual_base, based = _usual(past, policy, payee, last, run.first)
        if based and usual_base is None:
            out.lacking = "amount_base"
        out.usual[payee] = usual_base
        out.mature += past.mature(payee, run.first)
    return out


def _worker(state: State, payee: str) -> RosterRow | None:
    roster = state.get(RosterRecord, _share(payee))
    return roster.workers.get(payee) if roster is not None else None


def _gone(worker: RosterRow, run: RunRecord, out: Headcount) -> bool:
    """Whether the worker left before the run's period."""
    if worker.end is None:
        return False
    if run.first_day is None:
        out.lacking = "schedule.period_start"
        return False
    return worker.end < run.first_day


def _absent(state: State, run: RunRecord, paid: dict[str, list[RunRow]], out: Headcount) -> list[str]:
    """Workers of the run's pay group who are not paid in it, by id; a few too many where they are too many."""
    found: list[str] = []
    for n in range(SHARES):
        roster = state.get(RosterRecord, f"{n:02d}")
        for payee, worker in roster.workers.items() if roster is not None else ():
            if worker.group == run.group and payee not in paid and not _gone(worker, run, out):
                found.append(payee)
                if len(found) > MOST_ABSENT:
                    return found
    return sorted(found)
