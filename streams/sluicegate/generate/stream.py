"""The generator: a seeded, endless stream of payments of several tenants, in order of event time.

The plan runs day by day: pay runs, invoices, activity and schemes go on one agenda, and each event is written when its
turn comes. The same seed, start and options give the same bytes. There is no clock here: history is stamped with the
planned instants; live events are stamped with the time the caller passes, at whatever rate the caller asks for them.

>>> generator = Generator(7, start=1_781_161_200_000_000, tenants=2, payees=60)
>>> first = next(generator.events())
>>> first.topic, first.key, generator.tenants[0].id
('sanctions', b'dprk-2025-08-27', 'sorinbrook-farms-0')
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any, NamedTuple, Self

import msgspec

from sluicegate.generate import activity, listed, payables, payroll, setup, verdicts
from sluicegate.generate.days import DAY, HOUR, instant_text
from sluicegate.generate.drafts import FEEDS, Agenda, Case, Draft, Writer, alert_id
from sluicegate.generate.scheme import Scheme
from sluicegate.generate.schemes import SCHEMES
from sluicegate.generate.tenants import Tenant

HISTORY_DAYS = 150
WARM_UP_DAYS = 40  # no schemes before: their victims need a past
JITTER = 20_000  # µs by which live stamps stay behind the caller's clock
EVENTS_PER_PAYEE_DAY = 0.08  # measured 0.086 to 0.130 over 300 days of 8 or 40 tenants; below, so that `sized` has room
_EAST, _WEST = 14 * HOUR, 12 * HOUR  # local days begin at most this much before, and end after, those of UTC


class Generated(NamedTuple):
    """One record to send. `label` names the scheme it belongs to; `case` says what should be found, `opens` by this."""

    topic: str
    key: bytes
    value: bytes
    time: int  # event time, µs
    tenant: str
    label: str | None
    case: Case | None
    opens: bool


class Generator:
    """Everything of one seed. `events`, `history`, `next_live` and `bulk` all go on from where the last one stopped.

    start: the instant (µs) at which history ends and live events begin; the plan begins `history_days` before.
    payees: of all tenants together at the start (default 150 a tenant); sizes fall like 1 / rank^0.7.
    heavy: share of payees, and so of events, that the first tenant has; None for the ordinary fall.
    scheme_share: schemes begun for each event written. verdict_share: share of them on which an analyst decides.
    policy_days: days after which a tenant sends its policy again, with dates and contracts renewed; 0 is never.
    rules: the `rules` part of every policy, such as {"unusual-payment": {"mode": "off"}}.

    Raises ValueError where a number makes no sense.
    """

    def __init__(
        self,
        seed: int,
        *,
        start: int,
        tenants: int = 8,
        payees: int | None = None,
        heavy: float | None = None,
        history_days: int = HISTORY_DAYS,
        scheme_share: float = 0.002,
        verdict_share: float = 0.3,
        policy_days: int = 90,
        lists: bool = True,
        rules: Mapping[str, Any] | None = None,
    ) -> None:
        if tenants < 1 or history_days < 0 or not 0 <= scheme_share <= 0.5 or not 0 <= verdict_share <= 1:
            raise ValueError("tenants from 1, history_days from 0, scheme_share 0 to 0.5, verdict_share 0 to 1")
        self.start = start
        self.scheme_share, self.verdict_share, self.policy_days = scheme_share, verdict_share, policy_days
        self.live = False
        self.tag = hashlib.sha256(f"{seed}/{start}/{history_days}".encode()).hexdigest()[:6]
        self._rng = Random(f"{seed}/live")
        self._first_day = start // DAY - history_days
        self._planned_day = self._first_day + 1  # the last day that is on the agenda
        self._agenda = Agenda()
        self._encode = msgspec.json.Encoder().encode
        self._last_live = 0
        self._list = lists
        sizes = _sizes(payees or 150 * tenants, tenants, heavy)
        self.tenants = [
            Tenant(seed, index, size, self.tag, self._first_day, self._agenda, rules or {})
            for index, size in enumerate(sizes)
        ]
        self._sources = [{kind: f"/feeds/{t.id}/{end}" for kind, (_, end) in FEEDS.items()} for t in self.tenants]
        for place, tenant in enumerate(self.tenants):
            setup.plan(tenant, self._first_day * DAY + 1_000 * (1 + place))

    @classmethod
    def sized(cls, seed: int, count: int, *, end: int, days: int = 300, **options: Any) -> Self:
        """A generator with as many payees as it takes to write `count` events that all lie before `end` (µs)."""
        payees = max(12 * int(options.get("tenants", 8)), int(count / (EVENTS_PER_PAYEE_DAY * days + 1)))
        return cls(seed, start=end - DAY, payees=payees, history_days=days, **options)

    def events(self) -> Iterator[Generated]:
        """Endless, in order of event time, stamped as planned."""
        yield from self._as_planned(None)

    def history(self) -> Iterator[Generated]:
        """The events before `start`; ends there."""
        yield from self._as_planned(self.start)

    def next_live(self, now: int) -> Generated:
        """The next event of the plan, stamped a moment before `now` (µs); stamps never fall while `now` does not.

        The plan advances as fast as it is asked: asked more often than `events_per_second`, pay periods run ahead of
        the calendar. History that was not taken yet would be stamped live too: take `history` first.
        """
        if self._list:
            return self._stamped_list()
        at = min(now, max(self._last_live, now - int(JITTER * self._rng.random())))
        self._last_live = at
        while True:
            due, tenant, write = self._pop()
            draft = write(due, at)
            if draft is not None:
                return self._stamp(tenant, draft, at)

    def bulk(self, count: int) -> Iterator[Generated]:
        """The next `count` events, stamped as planned."""
        return islice(self.events(), count)

    def inject(self, name: str | None = None) -> Case | None:
        """Begin a scheme at once, at the first tenant that has a victim for it; None when none has.

        name: of the scheme; by default the schemes take turns.
        """
        due = self._due()
        for tenant in sorted(self.tenants, key=lambda t: t.debt, reverse=True):
            for scheme in [SCHEMES[name]] if name else self._in_turn(tenant):
                if not name and not scheme.at_once:
                    continue
                case = self._play(scheme, tenant, due)
                if case is not None:
                    return case
        return None

    @property
    def events_per_second(self) -> float:
        """The natural rate of the tenants as they are: asked for live events at this rate, plan and clock keep step."""
        payees = sum(len(t.workers) + len(t.vendors) for t in self.tenants)
        return EVENTS_PER_PAYEE_DAY * payees / 86_400

    def _as_planned(self, end: int | None) -> Iterator[Generated]:
        if self._list:
            yield self._stamped_list()
        while end is None or self._due() < end:
            due, tenant, write = self._pop()
            draft = write(due, due)
            if draft is not None:
                yield self._stamp(tenant, draft, due)

    def _due(self) -> int:
        """Planned instant of the next event; days are planned until nothing later can come before it."""
        while (due := self._agenda.next_due()) is None or due >= (self._planned_day + 1) * DAY - _EAST:
            self._planned_day += 1
            for tenant in self.tenants:
                self._plan_day(tenant, self._planned_day)
        return due

    def _pop(self) -> tuple[int, Tenant, Writer]:
        self._due()
        return self._agenda.pop()

    def _plan_day(self, tenant: Tenant, day: int) -> None:
        payroll.plan(tenant, day)
        payables.plan(tenant, day)
        activity.plan(tenant, day)
        age = day - self._first_day
        if self.policy_days and age % self.policy_days == 0:
            tenant.plan(tenant.at(day, 3 * HOUR), tenant.write_policy)
        if age < WARM_UP_DAYS:
            tenant.events = 0
            return
        tenant.debt += self.scheme_share * tenant.events
        tenant.events = 0
        while tenant.debt >= 1:
            tenant.debt -= 1
            due = tenant.office_hour(day)
            for scheme in self._in_turn(tenant):
                if self._play(scheme, tenant, due) is not None:
                    break

    def _in_turn(self, tenant: Tenant) -> list[Scheme]:
        schemes = list(SCHEMES.values())
        at = (tenant.number("scheme") + 3 * tenant.index) % len(schemes)
        return schemes[at:] + schemes[:at]

    def _play(self, scheme: Scheme, tenant: Tenant, due: int) -> Case | None:
        case = scheme.play(scheme, tenant, due)
        if case is not None and tenant.rng.random() < self.verdict_share:
            verdicts.plan(tenant, case, due)
        return case

    def _stamped_list(self) -> Generated:
        at = self._first_day * DAY
        self._list = False
        value = self._encode(listed.event(f"{self.tag}-list", at))
        return Generated("sanctions", listed.NAME.encode(), value, at, "*", None, None, False)

    def _stamp(self, tenant: Tenant, draft: Draft, at: int) -> Generated:
        tenant.events += 1
        at -= at % 1000
        topic = FEEDS[draft.type][0]
        source = self._sources[tenant.index][draft.type]
        event_id = f"{self.tag}-{tenant.index}-{tenant.number('event')}"
        value = self._encode({
            "specversion": "1.0",
            "id": event_id,
            "source": source,
            "type": draft.type,
            "time": instant_text(at),
            "tenantid": tenant.id,
            "datacontenttype": "application/json",
            "data": draft.data,
        })  # fmt: skip
        case = draft.case
        if case is None:
            return Generated(topic, tenant.key, value, at, tenant.id, None, None, False)
        if draft.opens:
            case.alert_id = alert_id(case, source, event_id)
        return Generated(topic, tenant.key, value, at, tenant.id, case.scheme, case, draft.opens)


def _sizes(payees: int, tenants: int, heavy: float | None) -> list[int]:
    """Payees of each tenant, at least twelve."""
    weights = [1 / (rank + 1) ** 0.7 for rank in range(tenants)]
    if heavy is not None and tenants > 1:
        rest = sum(weights[1:])
        weights = [heavy, *((1 - heavy) * weight / rest for weight in weights[1:])]
    return [max(12, round(payees * weight / sum(weights))) for weight in weights]
