"""One device, address or user changes the accounts of several payees: an intruder at work.

Counted are announced changes that nobody verified, and that neither the bank nor the payee's own known device made.
A second test looks for many unknown devices across the tenant at once: many accounts taken over.

Evidence: what the changes have in common (device, address or user), how many payees they concern; for the whole tenant
the unknown devices, beside the payees paid lately.

False positives: a payroll migration or an open enrolment without a ticket (bulk imports with a ticket do not count).

Next step: lock the session or user; restore the old accounts; check mailbox rules.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.burst_records import BurstRecord, BurstRow, PaidRecord
from sluicegate.detection.bursts import MOST_IN_ALL, TENANT, counted, payees_paid, pivots
from sluicegate.detection.calendar import HOUR
from sluicegate.detection.view import View
from sluicegate.rules.base import HIGH, Count, Entity, Finding, Hours, NotEvaluable, Result, Rule, RuleParams, Share
from sluicegate.wire.events import PayeeChange


class Params(RuleParams, frozen=True):
    min_payees: Annotated[Count, Meta(description="payees changed by one device, address or user")] = 3
    window_hours: Annotated[Hours, Meta(description="hours in which they are changed")] = 24
    roster_share: Annotated[Share, Meta(description="share of the payees paid lately whose changes are a burst")] = 0.05
    roster_min: Annotated[Count, Meta(description="fewest payees and unknown devices that are a burst")] = 5
    roster_window_hours: Annotated[Hours, Meta(description="hours in which the roster's changes are counted")] = 72


def check(view: View, params: Params) -> Iterator[Result]:
    change = view.facts.change
    if change is None or not counted(change):
        return
    yield from _by_pivot(view, params)
    if change.device_known is None:
        yield NotEvaluable("actor.device_known")
    elif change.device_known is False:
        yield from _by_roster(view, params)


def _by_pivot(view: View, params: Params) -> Iterator[Result]:
    """The first of device, address and user that enough payees share."""
    change = view.facts.change
    assert change is not None
    found = list(pivots(change))
    if not found:
        yield NotEvaluable("actor")
    for kind, value in found:
        rows = _window(view, f"{kind}\n{value}", params.window_hours)
        payees = list(dict.fromkeys(row.payee for row in rows))
        if len(payees) < params.min_payees:
            continue
        title = f"One {kind} changed the accounts of {len(payees)} payees"
        yield Finding(
            score=HIGH,
            subject=(kind, value),
            title=title,
            text=f"{title} in {params.window_hours} hours; none of these changes was verified.",
            observed={"payees": len(payees), "changes": len(rows), "shared": kind},
            expected={"payees_below": params.min_payees, "window_hours": params.window_hours},
            counterfactual="Verified changes, or a bulk import with a ticket, would not have been counted.",
            action="hold",
            cause=f"{kind}\n{value}",
            events=_events(view, rows),
            entities=(
                *(Entity("payee", payee, "changed") for payee in payees),
                *(Entity(kind, value, "actor") for kind, value in found),
            ),
            ips=(change.ip,) if change.ip else (),
        )
        return


def _by_roster(view: View, params: Params) -> Iterator[Finding]:
    """Many payees changed from many unknown devices."""
    rows = _window(view, TENANT, params.roster_window_hours)
    payees = list(dict.fromkeys(row.payee for row in rows))
    devices = {row.device for row in rows if row.device}
    if len(devices) < params.roster_min:
        return
    roster = payees_paid(view)
    needed = min(max(params.roster_min, ceil(Fraction(str(params.roster_share)) * roster)), MOST_IN_ALL)
    if len(payees) < needed:
        return
    title = f"The accounts of {len(payees)} payees were changed from {len(devices)} unknown devices"
    yield Finding(
        score=HIGH,
        subject=("tenant", view.event.tenant),
        title=title,
        text=f"{title} in {params.roster_window_hours} hours; {roster} payees were paid in the last 45 days.",
        observed={"payees": len(payees), "unknown_devices": len(devices), "payees_paid_lately": roster},
        expected={"payees_below": needed, "window_hours": params.roster_window_hours},
        counterfactual="Changes from known devices, or verified ones, would not have been counted.",
        action="hold",
        cause=f"tenant\n{view.event.tenant}",
        events=_events(view, rows),
        entities=(
            *(Entity("payee", payee, "changed") for payee in payees),
            *(Entity("device", device, "actor") for device in sorted(devices)),
        ),
    )


def _window(view: View, id: str, hours: int) -> list[BurstRow]:
    record = view.state.get(BurstRecord, id)
    since = view.time - hours * HOUR
    return [row for row in record.changes if since < row.time <= view.time] if record is not None else []


def _events(view: View, rows: list[BurstRow]) -> tuple[str, ...]:
    return tuple(row.ref for row in rows if row.ref != view.ref)


RULE = Rule(
    slug="change-burst",
    letter="A7",
    family="account",
    params=Params,
    on={PayeeChange: check},
    reads=(BurstRecord, PaidRecord, AlertRecord),
    sources=("Microsoft on Storm-2657, Oct 2025",),
    fires=("three-payees-one-device", "third-payee-in-the-last-moment-of-24-hours", "five-unknown-devices"),
    silent=("two-payees-one-device", "third-payee-after-24-hours", "import-with-a-ticket", "four-unknown-devices"),
)
