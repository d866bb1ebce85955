"""What a pay says beside its amount: period, run, pay group, deductions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sluicegate.detection.records import PaySlip

if TYPE_CHECKING:
    from sluicegate.wire.blocks import Purpose
    from sluicegate.wire.events import Payment

EPOCH = date(1970, 1, 1).toordinal()
DEDUCTIONS = ("gross", "net", "deductions_total", "hourly", "some", "none")
"""The field that is missing, or whether there are any."""
SOME, NONE = DEDUCTIONS.index("some"), DEDUCTIONS.index("none")
LEAVING = frozenset(("severance", "final", "commission", "retro", "leave_payout"))


def day_number(day: date | str | None) -> int | None:
    """Days since 1970-01-01.

    >>> day_number("1970-02-01"), day_number(None)
    (31, None)
    """
    if day is None:
        return None
    return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal() - EPOCH


def day_of(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(number + EPOCH)


def pay_slip(data: Payment) -> PaySlip:
    """What payroll rules keep of a payment."""
    schedule, purpose = data.schedule, data.purpose
    return PaySlip(
        day_number(schedule.period_start),
        day_number(schedule.period_end),
        None if schedule.run_type == "regular" else schedule.run_type,
        None if schedule.pay_group == "default" else schedule.pay_group,
        _deductions(purpose) if purpose is not None else 0,
        purpose is not None and any(c.type in LEAVING for c in purpose.components),
    )


def _deductions(purpose: Purpose) -> int:
    """Whether the pay goes out untouched although it was worked for, or the first field that would tell."""
    for at, name in enumerate(DEDUCTIONS[:SOME]):
        if getattr(purpose, name) is None:
            return at
    gross, net, total = (Decimal(value or 0) for value in (purpose.gross, purpose.net, purpose.deductions_total))
    on_leave = Decimal(purpose.leave_hours or 0) > 0
    hours_told = bool(purpose.hourly) and Decimal(purpose.hours or 0) != 0
    return NONE if gross == net and total == 0 and not hours_told and not on_leave else SOME
