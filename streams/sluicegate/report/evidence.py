"""What a tenant's log and alerts tell about a period, counted in one pass each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from hashlib import blake2b

import msgspec

from sluicegate.detection.policy import check_policy
from sluicegate.wire.alerts import AlertData
from sluicegate.wire.decode import Event
from sluicegate.wire.events import Disposition, PayeeChange, Payment, PaymentStatus, PolicyUpdate, SanctionsUpdate

__all__ = ["Decision", "Evidence", "ListUpdate", "Notice", "Opened", "PolicyChange", "Volume"]


class Volume(msgspec.Struct):
    """Payments of one kind: how many, and their exact sums by currency."""

    payments: int = 0
    sums: dict[str, Decimal] = msgspec.field(default_factory=dict)

    def add(self, value: Decimal, currency: str) -> None:
        self.payments += 1
        self.sums[currency] = self.sums.get(currency, Decimal(0)) + value


class PolicyChange(msgspec.Struct, frozen=True):
    """A policy that came into force; times in µs since 1970 UTC."""

    event_id: str
    time: int
    update: PolicyUpdate


class ListUpdate(msgspec.Struct, frozen=True):
    """An update of a sanctions list as it took effect; `added` counts all its parts."""

    list: str
    version: str
    published_at: int
    time: int
    mode: str
    added: int
    removed: int


class Notice(msgspec.Struct, frozen=True):
    """What detection itself told of a rule: that it goes on in shadow, or is still learning."""

    rule: str
    time: int
    text: str


class Opened(msgspec.Struct, frozen=True):
    """An alert by its last revision within the period."""

    alert_id: str
    created_at: int
    severity: str
    rules: tuple[str, ...]
    closed: str | None
    """Why it was closed; None while it is open."""
    retroactive: bool


class Decision(msgspec.Struct, frozen=True):
    """An analyst's verdict. Who gave it is in the console's audit trail, not in a report that leaves the house."""

    alert_id: str
    verdict: str
    at: int
    by: bytes
    """Digest: counts people without naming them."""


class Evidence:
    """Takes the events of a log and the revisions of alerts in their order; knows nothing of where they come from.

    The period is [begin, end) in µs since 1970 UTC; payments, changes and statuses count by event time, alerts and
    verdicts by their own. Policies and lists before it count as what was in force when it began.
    """

    def __init__(self, tenant: str, begin: int, end: int) -> None:
        self.tenant, self.begin, self.end = tenant, begin, end
        self.volumes: defaultdict[tuple[str, str, str], Volume] = defaultdict(Volume)
        """By kind of payment, rail and SEC code."""
        self.changes: Counter[str] = Counter()
        self.statuses: Counter[tuple[str, str]] = Counter()
        """By status and code."""
        self.policies: list[PolicyChange] = []
        self.lists: list[ListUpdate] = []
        self.decisions: list[Decision] = []
        self.notices: list[Notice] = []
        self.alerts: dict[str, Opened] = {}
        self.revisions = 0
        self.refused = 0
        """Records of the log that are no sound events: each is a dead letter."""
        self.latest: int | None = None
        self._seen: set[bytes] = set()
        self._parts: dict[tuple[str, str], dict[int, int]] = {}

    def take(self, event: Event) -> None:
        """One event of the log; repeated notices of the same (source, id) are not counted again."""
        if event.tenant not in (self.tenant, "*"):
            return
        data = event.data
        if isinstance(data, SanctionsUpdate):
            self._list(event, data)
            return
        digest = blake2b(event.ref.encode(), digest_size=12).digest()
        if event.tenant == "*" or digest in self._seen:
            return
        self._seen.add(digest)
        if event.time >= self.end:
            return
        if isinstance(data, PolicyUpdate):
            if check_policy(data) is None:
                self.policies.append(PolicyChange(event.id, event.time, data))
        elif isinstance(data, Disposition):
            at = int(data.at)
            if self.begin <= at < self.end:
                self.decisions.append(Decision(data.alert_id, data.verdict, at, _digest(data.by)))
        elif event.time >= self.begin:
            self.latest = max(self.latest or 0, event.time)
            self._count(event)

    def _count(self, event: Event) -> None:
        data = event.data
        if isinstance(data, Payment):
            kind = "payroll" if event.type.startswith("payroll") else "vendor"
            key = kind, data.schedule.rail, data.schedule.sec_code or ""
            self.volumes[key].add(Decimal(data.amount.value), data.amount.currency)
        elif isinstance(data, PayeeChange):
            self.changes[data.change] += 1
        elif isinstance(data, PaymentStatus):
            self.statuses[data.status, data.code or ""] += 1

    def _list(self, event: Event, data: SanctionsUpdate) -> None:
        if event.time >= self.end:
            return
        key = data.list, data.version
        parts = self._parts.setdefault(key, {})
        parts[data.part or 1] = len(data.add)
        if len(parts) < (data.parts or 1):
            return
        added = sum(self._parts.pop(key).values())
        if self.lists and any(known.list == data.list and known.version == data.version for known in self.lists):
            return
        published = int(data.published_at)
        self.lists.append(
            ListUpdate(data.list, data.version, published, event.time, data.mode, added, len(data.remove))
        )

    def take_alert(self, data: AlertData) -> None:
        """One revision; those after the period are left out."""
        if data.tenant_id != self.tenant or int(data.updated_at) >= self.end:
            return
        self.revisions += self.begin <= int(data.updated_at)
        self.alerts[data.alert_id] = Opened(
            data.alert_id,
            int(data.created_at),
            data.severity,
            tuple(dict.fromkeys(reason.rule for reason in data.reasons)),
            data.close_reason if data.activity == "close" else None,
            data.retroactive,
        )

    def take_notice(self, notice: Notice) -> None:
        """A notice on `signals`."""
        if self.begin <= notice.time < self.end:
            self.notices.append(notice)

    @property
    def opened(self) -> list[Opened]:
        """Alerts whose first revision is of the period, oldest first."""
        found = (alert for alert in self.alerts.values() if self.begin <= alert.created_at)
        return sorted(found, key=lambda alert: (alert.created_at, alert.alert_id))

    @property
    def last_verdicts(self) -> dict[str, Decision]:
        """By alert: of several verdicts the last one counts."""
        return {one.alert_id: one for one in sorted(self.decisions, key=lambda one: one.at)}

    def policy_at(self, time: int) -> PolicyChange | None:
        """What was in force at a moment: the last one before it in the log."""
        return next((one for one in reversed(self.policies) if one.time <= time), None)

    def lists_within(self) -> Iterator[ListUpdate]:
        return (one for one in self.lists if one.time >= self.begin)

    def lists_at(self, time: int) -> dict[str, ListUpdate]:
        """The last update of each list up to a moment."""
        return {one.list: one for one in self.lists if one.time <= time}


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
