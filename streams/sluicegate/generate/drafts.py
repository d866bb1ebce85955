"""What passes between those who plan events and the generator that stamps and encodes them."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from sluicegate.generate.tenants import Tenant

PAYROLL, VENDOR, CHANGE = "payroll.payment.v1", "vendor.payment.v1", "payee.change.v1"
PAYOUT, STATUS, LIFECYCLE = "payout.request.v1", "payment.status.v1", "worker.lifecycle.v1"
POLICY, SANCTIONS, DISPOSITION = "policy.update.v1", "sanctions.update.v1", "disposition.v1"

FEEDS = {  # event type: its topic, and the last part of its source
    PAYROLL: ("payroll-payments", "payroll"),
    VENDOR: ("vendor-payments", "payables"),
    CHANGE: ("payee-changes", "payees"),
    PAYOUT: ("payout-requests", "payouts"),
    STATUS: ("payment-status", "bank"),
    LIFECYCLE: ("worker-lifecycle", "hr"),
    POLICY: ("policies", "policy"),
    SANCTIONS: ("sanctions", "lists"),
    DISPOSITION: ("dispositions", "desk"),
}


@dataclass(slots=True, eq=False)
class Case:
    """One injected scheme: what it is, which rule should find it, about whom, and the alert it should open.

    `alert_id` is known once the event that should open the alert was written; None before, and for a scheme whose
    opening event cannot be told in advance.
    """

    scheme: str
    rule: str
    family: str
    tenant: str
    subject_kind: str
    subject_id: str
    list_entry: str | None = None
    alert_id: str | None = None


class Draft(NamedTuple):
    """An event before it has an id and a stamp. `opens`: this is the event that should open the alert of `case`."""

    type: str
    data: dict[str, Any]
    case: Case | None = None
    opens: bool = False


Writer: TypeAlias = Callable[[int, int], Draft | None]
"""Writes an event when its turn comes: (planned instant, stamp) in µs; None when it no longer happens.

History is stamped with the planned instant, live events with the caller's clock. Pay periods follow the plan, so that
no period is paid twice however fast the plan runs; every other date in an event follows the stamp.
"""


class Agenda:
    """Everything planned, of all tenants, earliest first; equal instants in the order of planning."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Tenant, Writer]] = []
        self._count = 0

    def add(self, due: int, tenant: Tenant, write: Writer) -> None:
        """Plan an event of a tenant."""
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, tenant, write))

    def next_due(self) -> int | None:
        """Instant of the earliest, None when nothing is planned."""
        return self._heap[0][0] if self._heap else None

    def pop(self) -> tuple[int, Tenant, Writer]:
        """Take out the earliest."""
        due, _, tenant, write = heapq.heappop(self._heap)
        return due, tenant, write


def alert_id(case: Case, source: str, event_id: str) -> str:
    """The id of the alert that a finding about this event opens.

    >>> alert_id(Case("", "", "account", "acme", "payee", "V3"), "/feeds/acme/vendor", "p04-00008")
    'al_084a4cb75606c5da14365bb8f5173bf9'
    """
    text = "\n".join((case.tenant, case.subject_kind, case.subject_id, case.family, source, event_id))
    return "al_" + hashlib.sha256(text.encode()).hexdigest()[:32]
