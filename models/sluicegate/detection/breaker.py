"""The circuit breaker: a rule that fails, or fires far too often, goes on in shadow until the tenant's next policy.

**Fires**: on more than 5 % of the last 1,000 to 2,000 events of the types it looks at. All rules together are to raise
five alerts for a thousand payments; one that alone raises ten times as many says more about its threshold, or about a
feed that has changed, than about payments, and buries what the others find. Below 1,000 events the share means little:
an ordinary first pay run may have a dozen findings of one kind.

**Fails**: on 3 different events of such a stretch. One odd event must not blind a rule for good, all the less as an
attacker might know how to make one; and the event is named as not evaluable anyway. A fault that comes back is in the
code, and then what the rule finds elsewhere is not to be relied on either.

Never `changed-account` and the sanctions family: no flood may silence what finds diverted pay and listed parties.

The counts are state of the tenant, so that a replay breaks the same circuits at the same places. An event costs one
increment; the rest is done where a rule fires or fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sluicegate.detection.alerts import alert_id
from sluicegate.detection.breaker_records import BreakerRecord, Watched
from sluicegate.rules.base import Finding, Rule
from sluicegate.wire.events import TYPES, Payment, SharedCount

if TYPE_CHECKING:
    from sluicegate.detection.alerts import Merger
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.records import TenantRecord
    from sluicegate.detection.state import State

PERCENT = 5
LEAST = 1000
MOST = 2000
"""Events of a stretch; then it begins anew with the last `LEAST`, of which only what comes from there on is counted."""
ERRORS = 3
FIRED, FAILED = "fired", "failed"
SPARED_RULES, SPARED_FAMILIES = ("changed-account",), ("sanctions",)

KINDS = (
    *("payroll.payment.v1", "vendor.payment.v1", "payee.change.v1"),
    *("payout.request.v1", "payment.status.v1", "worker.lifecycle.v1"),
)
"""The counted types; stored by place, so that new ones come last."""
_PLACE = {name: place for place, name in enumerate(KINDS)}


class Trip(NamedTuple):
    """A rule that is in shadow from here on: why, and after how many firings or failures in how many events."""

    rule: Rule
    cause: str
    times: int
    events: int
    error: str
    """Class of the last failure; empty where it fired too often."""
    ref: str
    """The event that broke the circuit; empty where a timer did."""


def count_event(tenant: TenantRecord, kind: str) -> None:
    """An event of a type was worked through."""
    if len(tenant.events) < len(KINDS):
        tenant.events += [0] * (len(KINDS) - len(tenant.events))
    tenant.events[_PLACE[kind]] += 1


def looks_at(rule: Rule) -> list[str]:
    """The counted types of a rule; what it sees at a later time, or of other tenants, began with a payment.

    >>> from sluicegate.rules.registry import RULES
    >>> looks_at(RULES["run-shift"]), looks_at(RULES["shared-account"])[1:]
    (['payroll.payment.v1'], ['vendor.payment.v1', 'payee.change.v1'])
    """
    later = SharedCount in rule.on or rule.at_close is not None or rule.at_recheck is not None
    kinds = {*rule.on, *([Payment] if later else [])}
    pays = rule.pays or ("payroll" if rule.family == "payroll" else "")
    counted = [name for name in KINDS if TYPES[name].struct in kinds]
    return [name for name in counted if TYPES[name].struct is not Payment or name.startswith(pays)]


class Breaker:
    """Notes what rules do on one event or timer; `settle` then breaks the circuits that are to be broken."""

    def __init__(self) -> None:
        self._fired: dict[str, set[str]] = {}
        self._failed: dict[str, str] = {}
        self._rules: dict[str, tuple[Rule, str]] = {}

    def fired(self, rule: Rule, ref: str) -> None:
        """A finding about the event `ref` reached an alert; several about one event count once."""
        self._rules[rule.slug] = rule, ref
        self._fired.setdefault(rule.slug, set()).add(ref)

    def failed(self, rule: Rule, fault: Exception, ref: str) -> None:
        """Its code failed on the event `ref`, or on a timer."""
        self._rules[rule.slug] = rule, ref
        self._failed[rule.slug] = type(fault).__name__

    def settle(self, state: State, tenant: TenantRecord, policy: Policy) -> list[Trip]:
        """Enter what was noted into the tenant's counts; the rules whose circuit that breaks, sorted by slug."""
        trips = []
        for slug in sorted(self._rules):
            rule, ref = self._rules[slug]
            if policy.mode(slug) == "live" and slug not in SPARED_RULES and rule.family not in SPARED_FAMILIES:
                trip = self._enter(state, tenant, rule, ref)
                if trip is not None:
                    trips.append(trip)
        self._fired, self._failed, self._rules = {}, {}, {}
        return trips

    @property
    def pending(self) -> bool:
        """Whether anything was noted since the last `settle`."""
        return bool(self._rules)

    def _enter(self, state: State, tenant: TenantRecord, rule: Rule, ref: str) -> Trip | None:
        record = state.get(BreakerRecord, "") or BreakerRecord()
        state.put("", record)
        watched = record.rules.get(rule.slug)
        seen = sum(tenant.events[_PLACE[name]] for name in looks_at(rule)) if tenant.events else 0
        if watched is None:
            watched = record.rules[rule.slug] = Watched()
        if seen - watched.start > MOST:
            watched.start, watched.fired, watched.failed = seen - LEAST, 0, 0
        watched.fired += len(self._fired.get(rule.slug, ()))
        watched.failed += rule.slug in self._failed
        events = seen - watched.start
        if watched.failed >= ERRORS:
            watched.cause = FAILED
            return Trip(rule, FAILED, watched.failed, events, self._failed[rule.slug], ref)
        if events >= LEAST and watched.fired * 100 > events * PERCENT:
            watched.cause = FIRED
            return Trip(rule, FIRED, watched.fired, events, "", ref)
        return None


def in_shadow(state: State) -> list[str]:
    """Rules that are in shadow whatever the tenant's policy says."""
    record = state.get(BreakerRecord, "")
    return [slug for slug, watched in record.rules.items() if watched.cause] if record is not None else []


def mend(state: State, tenant: TenantRecord) -> None:
    """A new policy: all circuits are closed, and counting begins anew."""
    state.delete(BreakerRecord, "")
    tenant.events = []


def tell(trip: Trip, state: State, merger: Merger, policy: str | None, clock: int) -> None:
    """The notice on `signals`: what happened, and what the operator does. A rule trips once under a policy."""
    rule, tenant = trip.rule, state.tenant
    own = f"/sluicegate/breaker\n{rule.slug}"
    id = alert_id(tenant, "tenant", tenant, rule.family, f"{own}\n{policy or ''}\n{clock}")
    merger.signal(f"{id}-1-{rule.slug}", id, rule, _notice(trip, tenant), trip.ref or own, clock)


def _notice(trip: Trip, tenant: str) -> Finding:
    slug = trip.rule.slug
    if trip.cause == FAILED:
        why = f"its code failed on {trip.times} events ({trip.error})"
        mend = "Report it with the version of sluicegate and the worker's log; take a version that mends it."
        expected = {"failures_below": ERRORS}
    else:
        why = f"it fired on {trip.times:,} of {trip.events:,} events"
        mend = "Look at its alerts: mend the feed that has changed, or set its parameters or mode in the policy."
        expected = {"percent_at_most": PERCENT}
    return Finding(
        score=0,
        subject=("tenant", tenant),
        title=f"The rule {slug} goes on in shadow: {why}",
        text=f"{slug} was put in shadow by the circuit breaker, because {why}. Until the tenant's next policy update "
        f"its findings are written to signals with mode shadow and raise no alerts. {mend} Then publish the policy "
        "(`sluicegate policy publish`), changed or not: that puts the rule back to the mode it says.",
        observed={"rule": slug, "cause": trip.cause, "times": trip.times, "events": trip.events}
        | ({"error": trip.error} if trip.error else {}),
        expected=expected,
        counterfactual="",
        action="none",
        notice=True,
    )
