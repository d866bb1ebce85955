"""Changes of account across a tenant's payees, for `change-burst`: by device, address and user, and in all."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from sluicegate.detection.burst_records import BurstRecord, BurstRow, PaidRecord
from sluicegate.detection.calendar import DAY, HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluicegate.detection.records import Change
    from sluicegate.detection.state import State
    from sluicegate.detection.view import View

TENANT = "tenant"
PAID_WITHIN = 45 * DAY
LATE = 7 * DAY
"""How late a change may come and still be seen together with others of its time."""
MOST_BY_PIVOT = 200
MOST_IN_ALL = 1000
"""Changes kept; where the share of the roster is more than that, so many payees suffice."""


def counted(change: Change) -> bool:
    """Whether a change of account may be an intruder's: not verified, announced, or made by the known payee."""
    own = change.role == "self" and change.device_known is True and change.mfa is True
    imported = change.channel == "bulk_import" and bool(change.ticket)
    return not (change.implicit or change.verified or change.channel == "bank_noc" or imported or own)


def pivots(change: Change) -> Iterator[tuple[str, str]]:
    """Kind and value of what changes are seen together by, in the order in which they become the subject."""
    for kind, value in (("device", change.device), ("ip", change.ip), ("user", change.user)):
        if value:
            yield kind, value


def note_change(view: View, payee: str, change: Change) -> None:
    """Keep a counted change for its device, address and user, and for the tenant if the device is unknown."""
    if not counted(change):
        return
    row = BurstRow(payee, change.time, change.ref)
    hours = view.policy.param("change-burst", "window_hours")
    for kind, value in pivots(change):
        _add(view, f"{kind}\n{value}", row, hours, MOST_BY_PIVOT)
    if change.device_known is False:
        unknown = BurstRow(payee, change.time, change.ref, change.device)
        _add(view, TENANT, unknown, view.policy.param("change-burst", "roster_window_hours"), MOST_IN_ALL)


def _add(view: View, id: str, row: BurstRow, hours: int, most: int) -> None:
    record = view.state.edit(BurstRecord, id)
    if record is None:
        record = BurstRecord()
        view.state.put(id, record)
    keep = hours * HOUR + LATE
    record.changes = [held for held in record.changes if held.time > view.clock - keep]
    insort(record.changes, row, key=_order)
    del record.changes[:-most]
    record.due = view.clock + keep
    view.state.schedule(BurstRecord.KIND, id, record.due)


def _order(row: BurstRow) -> tuple[int, str]:
    return row.time, row.ref


def note_paid(state: State, before: int, time: int) -> None:
    """A payee who was last paid at `before` (0: never) is paid at `time`."""
    if time // HOUR <= before // HOUR:
        return
    record = state.edit(PaidRecord, "")
    if record is None:
        record = PaidRecord()
        state.put("", record)
    hours = record.hours
    hour, old = time // HOUR, before // HOUR
    if hour not in hours:
        horizon = max(hour, *hours, 0) - (PAID_WITHIN + LATE) // HOUR
        for gone in [h for h in hours if h < horizon]:
            del hours[gone]
    hours[hour] = hours.get(hour, 0) + 1
    if old in hours:
        hours[old] -= 1
        if not hours[old]:
            del hours[old]


def payees_paid(view: View) -> int:
    """Payees whose last payment is at most 45 days before the event, to the hour."""
    record = view.state.get(PaidRecord, "")
    first = (view.time - PAID_WITHIN) // HOUR
    return sum(count for hour, count in record.hours.items() if hour >= first) if record is not None else 0
