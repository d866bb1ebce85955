"""What a rule sees: the event, the tenant's past before it, and the policy; nothing of it can be changed by a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from sluicegate.detection.alert_records import AlertRecord, SubjectRecord
from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.records import (
    AccountUse,
    BlockRecord,
    Change,
    LinkRecord,
    PayeeRecord,
    PaymentRow,
    RequestRow,
    RunRecord,
    RunRow,
)
from sluicegate.detection.rows import row_order
from sluicegate.rules.base import ALL_GIVEN, MEDIUM_FLOOR
from sluicegate.screening.index import CompiledList

if TYPE_CHECKING:
    from sluicegate.detection.anomaly import Assessment
    from sluicegate.detection.lists import Screen
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State
    from sluicegate.rules.screened import Party
    from sluicegate.wire.decode import Event

L = TypeVar("L", bound=LinkRecord)

BASELINE = 12
SETTLES_AFTER = 72 * HOUR
HELD_FOR = 180 * DAY
MAX_BLOCKS = 100
"""Older payments of a payee that are looked through: 1,200 before the inline ones."""
FAILED = frozenset(("returned", "rejected", "cancelled", "reversed"))
FINAL = FAILED | {"settled"}
CLEARING = frozenset(("false_positive", "benign", "error_not_fraud"))
NEVER_HOLD = frozenset(("run", "tenant", "source"))


class Facts(msgspec.Struct):
    """What the state update learned from the event itself."""

    row: PaymentRow | None = None
    part: PaymentRow | None = None
    """The part that this event is, where the payment is split; else the same as `row`."""
    use: AccountUse | None = None
    change: Change | None = None
    """The explicit change of this event, or the implicit one that its payment makes."""
    request: RequestRow | None = None
    new_destination: bool = False
    explained: tuple[PaymentRow, ...] = ()
    """Payments to an implicitly changed account that this late explicit change explains."""
    custodial: bool = False


def failed(row: PaymentRow) -> bool:
    return row.status in FAILED


def settled(row: PaymentRow, at: int) -> bool:
    """Whether the payment is settled at `at`: by its status, or 72 h after it without a final one."""
    if row.status in FINAL and row.status_at <= at:
        return row.status == "settled"
    return at - row.time >= SETTLES_AFTER


class Past:
    """A tenant's payees and payments as its records hold them."""

    __slots__ = ("_baselines", "_known", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self._baselines: dict[tuple[str, str, int], list[PaymentRow]] = {}
        self._known: dict[str, PayeeRecord] = {}

    def payee(self, id: str) -> PayeeRecord | None:
        return self.state.get(PayeeRecord, id)

    def known(self, id: str) -> PayeeRecord:
        """The record of a payee that the event names (the state update has seen to it that there is one)."""
        record = self._known.get(id)
        if record is None:
            record = self.payee(id)
            assert record is not None
            self._known[id] = record
        return record

    def rows(self, payee: str, since: int | None = None) -> Iterator[PaymentRow]:
        """The payee's payments: the inline ones newest first, then the blocks from the newest back."""
        record = self.payee(payee)
        if record is None:
            return iter(())
        newest = reversed(record.rows)
        return chain(newest, self._older_rows(payee, record, since)) if record.blocks else newest

    def _older_rows(self, payee: str, record: PayeeRecord, since: int | None) -> Iterator[PaymentRow]:
        for number, _, latest in reversed(record.blocks[-MAX_BLOCKS:]):
            if since is None or latest > since:
                block = self.state.get(BlockRecord, f"{payee}\n{number}")
                if block is not None:
                    yield from reversed(block.rows)

    def find_row(self, payee: str, payment_id: str) -> PaymentRow | None:
        return next((row for row in self.rows(payee) if row.id == payment_id), None)

    def baseline(self, payee: str, currency: str, at: int) -> list[PaymentRow]:
        """The last 12 settled payments before `at` in the currency that are not held back, oldest first."""
        key = (payee, currency, at)
        found = self._baselines.get(key)
        if found is None:
            found = self._baselines[key] = self._baseline(payee, currency, at)
        return found

    def _baseline(self, payee: str, currency: str, at: int) -> list[PaymentRow]:
        record = self.payee(payee)
        if record is None:
            return []
        out = self._counted(reversed(record.rows), currency, at)
        for number, _, latest in reversed(record.blocks[-MAX_BLOCKS:]):
            if len(out) >= BASELINE and latest <= out[-BASELINE].time:
                break
            block = self.state.get(BlockRecord, f"{payee}\n{number}")
            if block is not None:
                out += self._counted(reversed(block.rows), currency, at)
                out.sort(key=row_order)
        return out[-BASELINE:]

    def _counted(self, rows: Iterable[PaymentRow], currency: str, at: int) -> list[PaymentRow]:
        """Of rows from the newest back those of a baseline, as many as it has at the most, oldest first."""
        out: list[PaymentRow] = []
        for row in rows:
            if (
                row.time < at
                and row.currency == currency
                and settled(row, at)
                and not (row.alerts and self.held_back(row, at))
            ):
                out.append(row)
                if len(out) == BASELINE:
                    break
        out.reverse()
        return out

    def held_back(self, row: PaymentRow, at: int) -> bool:
        """Whether an alert of severity medium or above keeps the payment out of baselines and models."""
        for id in row.alerts:
            alert = self.state.get(AlertRecord, id)
            if (
                alert is not None
                and alert.score >= MEDIUM_FLOOR
                and alert.subject_kind not in NEVER_HOLD
                and not alert.retroactive
                and alert.verdict not in CLEARING
                and (alert.verdict is not None or at <= alert.last + HELD_FOR)
            ):
                return True
        return False

    def settled_count(self, payee: str, at: int, enough: int) -> int:
        """Settled payments before `at`, counted up to `enough`."""
        count = 0
        for row in self.rows(payee):
            if row.time < at and settled(row, at):
                count += 1
                if count >= enough:
                    break
        return count

    def mature(self, payee: str, at: int) -> bool:
        """At least two settled payments, or imported from an existing master file."""
        record = self.payee(payee)
        return record is not None and (record.bootstrap or self.settled_count(payee, at, 2) >= 2)


class View(Past):
    """The tenant's past as one event sees it; history holds only events with a strictly earlier event time."""

    __slots__ = (
        "assessment",
        "clock",
        "data",
        "event",
        "facts",
        "given",
        "news",
        "party",
        "policy",
        "raised",
        "recurring",
        "ref",
        "screen",
        "time",
    )

    def __init__(self, event: Event, state: State, policy: Policy, screen: Screen, clock: int, facts: Facts) -> None:
        super().__init__(state)
        self.event = event
        self.data: Any = event.data
        """Of one of the types that the rule is on."""
        self.time = event.time
        self.ref = f"{event.source}\n{event.id}"
        """Source and id as the core keeps them, by a line feed; shown as `source#id`."""
        self.policy = policy
        self.screen = screen
        self.clock = clock
        self.facts = facts
        self.assessment: Assessment | None = None
        self.given = ALL_GIVEN
        """What the event has of `rules.base.GIVEN`."""
        self.recurring: bool | None = None
        """Whether the payment belongs to a recurring series, once somebody asked."""
        self.party: Party | None = None
        """Who is screened, once somebody asked."""
        self.news: set[str] = set()
        """Payees about whom the event, or a finding on it, is a new sign of `it-worker-pattern`."""
        self.raised: dict[str, int] = {}
        """Rule -> highest score of its findings about this event so far that reached an alert."""

    def links(self, cls: type[L], id: str, window_days: int) -> list[Any]:
        """Links to an account, wallet or tax id that still count at the event's time, one a payee."""
        record = self.state.get(cls, id)
        if record is None:
            return []
        since = self.time - window_days * DAY
        return [link for link in record.links if link.time > since]

    def open_cause(self, kind: str, id: str, family: str, cause: str) -> bool:
        """Whether an open alert of the subject already holds a reason of that cause."""
        held = self.state.get(SubjectRecord, f"{kind}\n{id}\n{family}")
        return held is not None and any(cause in causes for _, _, _, causes in held.open)

    def household(self, one: str, other: str, use: AccountUse | None) -> bool:
        """Whether two payees share a residence or a joint account, where the policy looks at that."""
        if not self.policy.household_check:
            return False
        a, b = self.payee(one), self.payee(other)
        uses = [record.account(use.fp) for record in (a, b) if record is not None] if use is not None else []
        if any(held is not None and held.joint for held in uses):
            return True
        return bool(a and b and a.profile.residence_hash and a.profile.residence_hash == b.profile.residence_hash)

    def in_base(self, value: str, currency: str, base: Any) -> Decimal | None:
        """An amount in the tenant's base currency; None where it is not known."""
        if currency == self.policy.base_currency:
            return Decimal(value)
        if base is not None and base.currency == self.policy.base_currency:
            return Decimal(base.value)
        return None


class PayeeView(msgspec.Struct):
    """A known payee that is screened again after a list update: against `listed`, what the update added."""

    payee: str
    record: PayeeRecord
    listed: CompiledList
    policy: Any
    ref: str
    """The list update."""
    time: int


class Headcount(msgspec.Struct):
    """Whom a run was expected to pay, by the roster and the runs before it."""

    usual: dict[str, Decimal | None]
    """Expected worker -> usual regular part in base currency; None without a baseline."""
    mature: int
    fresh: frozenset[str]
    """Workers of the roster who are paid, and have no baseline."""
    unknown: list[str]
    """Employees who are paid, and of whom no hire is known."""
    lacking: str | None = None
    """The field without which nothing can be said about the sums."""


class RunView(msgspec.Struct):
    """A pay run at its close."""

    run_id: str
    rows: Sequence[RunRow]
    policy: Any
    run: RunRecord
    headcount: Headcount | None = None
    """None if the tenant has no roster."""


class PayView(msgspec.Struct):
    """A payment to a worker whom the roster does not show at work, some time after it."""

    payee: str
    record: PayeeRecord
    row: PaymentRow
    earlier_run: bool
    """The payee was paid in another run before."""
    run: RunRecord | None
    policy: Any
