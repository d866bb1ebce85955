"""One record of the log, worked through: the order of checks, the clock, timers, state update, rules, merge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from sluicegate.detection import plan, update
from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.alerts import Merger
from sluicegate.detection.anomaly import MODEL, assess, learn
from sluicegate.detection.breaker import Breaker, count_event, in_shadow, mend, tell
from sluicegate.detection.burst_records import BurstRecord
from sluicegate.detection.calendar import HOUR
from sluicegate.detection.clearance import Clearance, enter, look_again
from sluicegate.detection.clearance_records import CLEARANCE_RECORDS
from sluicegate.detection.compose import shown
from sluicegate.detection.delisting import tell_delisted
from sluicegate.detection.dispositions import allow, take_verdict
from sluicegate.detection.feedback_records import ReportedRecord
from sluicegate.detection.list_records import ListHead, RescreenRecord
from sluicegate.detection.lists import Update, Waiting
from sluicegate.detection.log import LogRecord, Outcome
from sluicegate.detection.pay_records import RecheckRecord
from sluicegate.detection.policy import Policy, check_policy, compile_policy
from sluicegate.detection.rechecks import recheck, watch_pay
from sluicegate.detection.records import PolicyRecord, RunRecord, SplitRecord, TenantRecord
from sluicegate.detection.rescreen import BATCH, EVENT_SLICE, TICK_SLICE, Rescreen, begin_rescreen, keep_news, news_of
from sluicegate.detection.runs import close_run, note_pay
from sluicegate.detection.seen import KEEP_IDS, MOST_IDS, digest, is_repeated
from sluicegate.detection.sightings import wages_shown, wallet_shown
from sluicegate.detection.sign_records import SignInRecord, SignRecord
from sluicegate.detection.signs import note_signs
from sluicegate.detection.splits import pack_event, whole_payment, whole_payment_of
from sluicegate.detection.vendors import note_first
from sluicegate.detection.view import Facts, View
from sluicegate.rules import unusual_payment
from sluicegate.rules.base import Finding, Result, Rule
from sluicegate.rules.registry import RULES
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.canonical import canonical
from sluicegate.wire.decode import Event, Reject, decode
from sluicegate.wire.events import (
    Disposition,
    PayeeChange,
    Payment,
    PaymentStatus,
    PayoutRequest,
    PolicyUpdate,
    SanctionsUpdate,
    SharedCount,
    Tick,
    WorkerLifecycle,
)
from sluicegate.wire.scalars import enc_hook

if TYPE_CHECKING:
    from sluicegate.detection.partition import Run
    from sluicegate.detection.state import State

ALL = "*"
"""The owner of what belongs to the whole partition: lists and ticks."""
SPLIT_WAITS = 24 * HOUR
COUNTED = ("sg-counted", b"1")
"""Header of a count that a replay made itself: of the internal events it alone may come in from outside a log."""

FORGOTTEN = {cls.KIND: cls for cls in (BurstRecord, ReportedRecord, SignRecord, SignInRecord, *CLEARANCE_RECORDS)}
"""Records that simply go when they are due."""

UPDATES: dict[type, Callable[[View, Any], Facts]] = {
    Payment: update.payment,
    PayeeChange: update.payee_change,
    PayoutRequest: update.payout_request,
    PaymentStatus: update.payment_status,
    WorkerLifecycle: update.worker_lifecycle,
}
"""The events that move a tenant's clock."""

RULES_ON: dict[type, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES.values() if kind in rule.on) for kind in (*UPDATES, SharedCount)
}
RULES_AT_CLOSE = tuple(rule for rule in RULES.values() if rule.at_close is not None)
RULES_AT_RECHECK = tuple(rule for rule in RULES.values() if rule.at_recheck is not None)


class Step:
    """Works records into the overlays of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._breaker = Breaker()

    def record(self, record: LogRecord) -> Outcome | Reject:
        """Decode, deduplicate, evaluate one record of the log."""
        event = decode(record.value, internal=not self._run.partition.replayed or COUNTED in record.headers)
        if isinstance(event, Reject):
            return event
        data = event.data
        if isinstance(data, PolicyUpdate):
            fault = check_policy(data)
            if fault is not None:
                return fault
        elif isinstance(data, SanctionsUpdate) and (data.part or 1) > (data.parts or 1):
            return Reject("schema_violation", "/data/part", "a part's number is at most the number of parts")
        state = self._run.state(event.tenant)
        id = digest(event.source, event.id)
        if state.knows("seen", id):
            return Outcome.DUPLICATE
        clock = event.time if event.tenant == ALL else self._tenant(state).clock
        state.remember("seen", id, clock=clock, logged=record.timestamp, keep=KEEP_IDS, most=MOST_IDS)
        outcome = self._outcome(event, state, record.timestamp)
        state.pack()
        return outcome

    def _outcome(self, event: Event, state: State, logged: int) -> Outcome:
        data = event.data
        if type(data) in UPDATES:
            return Outcome.APPLIED if self._domain(event, state, logged) else Outcome.REPEATED
        if isinstance(data, Tick):
            self._tick(int(data.at))
            return Outcome.TICK
        if isinstance(data, SanctionsUpdate):
            self._sanctions(event, data, state)
        elif isinstance(data, PolicyUpdate):
            self._policy(event, data, state)
        elif isinstance(data, Disposition):
            self._disposition(event, data, state)
        elif isinstance(data, SharedCount):
            self._counted(event, state)
        return Outcome.APPLIED

    def _view(self, event: Event, state: State, clock: int, facts: Facts) -> View:
        return View(event, state, self._run.policy(state.tenant), self._run.screen(state.tenant), clock, facts)

    def _merger(self, state: State, clock: int) -> Merger:
        return Merger(state, self._run.policy(state.tenant), clock, self._run.screen(state.tenant).versions)

    def _tenant(self, state: State) -> TenantRecord:
        tenant = state.edit(TenantRecord, "")
        if tenant is None:
            tenant = TenantRecord()
            state.put("", tenant)
        return tenant

    # events that move the clock

    def _domain(self, event: Event, state: State, logged: int) -> bool:
        """Evaluate one event; False if it is a repeated notice of a known payment."""
        tenant = self._tenant(state)
        clock = self._advance(state, tenant, max(tenant.clock, event.time))
        if state.has(RescreenRecord.KIND):
            rescreen = Rescreen(state, self._run.policy(event.tenant))
            if rescreen.due():
                self._rescreen(state, rescreen, EVENT_SLICE)
        tenant.clock_at_last, tenant.logged_at_last = clock, logged
        self._run.latest = max(self._run.latest or 0, event.time)
        data = event.data
        if isinstance(data, Payment) and is_repeated(state, data, clock, logged):
            return False
        count_event(tenant, event.type)
        view = self._view(event, state, clock, Facts())
        view.facts = UPDATES[type(data)](view, data)
        if isinstance(data, Payment):
            view.given = plan.given(data, view.known(data.payee.payee_id))
        merger = self._merger(state, clock)
        note_signs(view, data, merger.news)
        self._run.show(wallet_shown(view))
        if view.facts.row is not None and view.facts.row is not view.facts.part:
            merger.recount(view.facts.row, view.ref)
        whole = self._whole(view, data) if isinstance(data, Payment) else None
        if merger.named is not None:
            enter(view, merger)
        self._rules(view, merger, plan.AT_ONCE)
        if whole is not None:
            self._amount(whole, merger)
        else:
            self._rules(view, merger, plan.WAITING if isinstance(data, Payment) else plan.WHOLE)
        self._write(state, merger)
        return True

    def _counted(self, event: Event, state: State) -> None:
        """A count across tenants came in; it answers an event of the tenant's own, and moves no clock."""
        clock = self._tenant(state).clock
        merger = self._merger(state, clock)
        self._rules(self._view(event, state, clock, Facts()), merger, plan.ALL)
        self._write(state, merger)

    def _whole(self, view: View, data: Payment) -> View | None:
        """The payment as the rules about amounts see it: None while parts of it are missing, or were judged already."""
        row = view.facts.row
        assert row is not None
        if data.split is None:
            return view
        state, id = view.state, f"{data.payment_id}\n{row.currency}"
        if len(row.parts) > 1 and state.get(SplitRecord, id) is None:
            return None
        if len(row.parts) < data.split.count:
            due = row.time + SPLIT_WAITS
            state.put(id, SplitRecord(due, pack_event(view.event)))
            state.schedule(SplitRecord.KIND, id, due)
            return None
        state.delete(SplitRecord, id)
        facts = Facts(row=row, part=row, use=view.facts.use)
        return View(whole_payment(view.event, row), state, view.policy, view.screen, view.clock, facts)

    def _amount(self, view: View, merger: Merger) -> None:
        """Rules about the amount of a payment, once it is whole; then the models learn from it."""
        data, row = view.event.data, view.facts.row
        assert isinstance(data, Payment)
        assert row is not None
        note_pay(view, data, row)
        watch_pay(view, data.payee.payee_id, row)
        note_first(view, data, row)
        self._run.show(wages_shown(view, data.payee.payee_id, row))
        self._rules(view, merger, plan.WHOLE)
        if view.policy.mode(MODEL) != "off":
            self._learn(view, merger)

    def _learn(self, view: View, merger: Merger) -> None:
        fired = bool(merger.taken) and any(slug == MODEL for slug, _ in merger.taken)
        try:
            found, params = assess(view), view.policy.params(RULES[MODEL], unusual_payment.Params)
            learn(view, params, fired=fired)
        except Exception as fault:  # noqa: BLE001  (a model that fails is not evaluable, like any rule)
            self._failed(RULES[MODEL], fault, merger, view.ref)
            return
        self._run.count_score(view.event.tenant, found, params.warm_up)
        if self._run.partition.keeps_scores:
            line = {"event": shown(view.ref), "score": found.score, "parts": found.parts}
            self._run.scores.append(canonical(line))

    def _rules(self, view: View, merger: Merger, phase: str) -> None:
        """The rules of a phase; one whose code fails is not evaluable for this event, and the others go on."""
        view.news = merger.news
        for rule, check, params in plan.looks(view.policy, view.event, view.given, phase, RULES_ON):
            try:
                results = [*check(view, params)]
            except Exception as fault:  # noqa: BLE001
                self._failed(rule, fault, merger, view.ref)
                continue
            for result in results:
                if self._take(rule, result, merger, view.ref, view.time) and isinstance(result, Finding):
                    view.raised[rule.slug] = max(result.score, view.raised.get(rule.slug, 0))

    def _take(self, rule: Rule, result: Result, merger: Merger, ref: str, time: int) -> bool:
        """Merge what a rule gave about the event `ref` at `time`; whether it reached an alert."""
        if isinstance(result, Finding):
            if merger.take(rule, result, ref, time) is None:
                return False
            self._breaker.fired(rule, result.about or ref)
            return True
        merger.not_evaluable.add((rule.slug, result.field))
        self._run.tallies["not_evaluable", rule.slug, result.field] += 1
        return False

    def _failed(self, rule: Rule, fault: Exception, merger: Merger, ref: str = "") -> None:
        merger.not_evaluable.add((rule.slug, "internal_error"))
        self._run.tallies["not_evaluable", rule.slug, "internal_error"] += 1
        self._run.tallies["rule_error", rule.slug, type(fault).__name__] += 1
        self._run.faults.append(fault)
        self._breaker.failed(rule, fault, ref)

    def _write(self, state: State, merger: Merger) -> None:
        if self._breaker.pending:
            self._break_circuits(state, merger)
        merger.write(self._emit)
        if merger.named is not None:
            policy, lists = self._run.policy(state.tenant), self._run.screen(state.tenant).versions
            Clearance(state, policy, self._tenant(state).clock, lists).settle(merger, self._emit)
        self._run.count_findings(state.tenant, merger)

    def _emit(self, topic: str, key: str, value: bytes) -> None:
        self._run.emit(topic, key.encode("utf-8", "surrogatepass"), value)

    def _break_circuits(self, state: State, merger: Merger) -> None:
        tenant, policy = self._tenant(state), self._run.policy(state.tenant)
        for trip in self._breaker.settle(state, tenant, policy):
            tell(trip, state, merger, policy.event_id, tenant.clock)
            self._run.tallies["rule_trip", trip.rule.slug, trip.cause] += 1
            self._run.forget_policy(state.tenant)

    # clock and timers

    def _advance(self, state: State, tenant: TenantRecord, clock: int) -> int:
        """Move the clock on; what falls due on the way fires first, by due time."""
        while (timer := state.due_timer(clock)) is not None:
            due, kind, id = timer
            tenant.clock = max(tenant.clock, due)
            self._fire(state, kind, id, tenant.clock)
        tenant.clock = clock
        return clock

    def _fire(self, state: State, kind: str, id: str, clock: int) -> None:
        policy, merger = self._run.policy(state.tenant), self._merger(state, clock)
        look_again(state, merger, kind, id)
        if kind == AlertRecord.KIND:
            merger.due(id)
        elif kind == RunRecord.KIND:
            for rule, result in close_run(state, policy, id, RULES_AT_CLOSE, lambda r, e: self._failed(r, e, merger)):
                self._take(rule, result, merger, "", clock)
        elif kind == RecheckRecord.KIND:
            for rule, result in recheck(state, policy, id, RULES_AT_RECHECK, lambda r, e: self._failed(r, e, merger)):
                self._take(rule, result, merger, "", clock)
        elif kind in FORGOTTEN:
            state.delete(FORGOTTEN[kind], id)
        elif kind == SplitRecord.KIND:
            held = state.get(SplitRecord, id)
            assert held is not None
            state.delete(SplitRecord, id)
            event, row = whole_payment_of(state, held.event)
            if row is not None:
                view = self._view(event, state, clock, Facts(row=row))
                enter(view, merger)
                self._amount(view, merger)
        self._write(state, merger)

    def _rescreen(self, state: State, rescreen: Rescreen, most: int) -> int:
        """Screen the next payees against what a list update added; how many these were."""
        clock = self._tenant(state).clock
        merger = self._merger(state, clock)
        job, listed = rescreen.job, news_of(self._run, rescreen.job)
        if not job.cursor:
            version = self._run.screen(state.tenant).versions.get(job.list, "")
            tell_delisted(state, self._run.state(job.owner), job, version, merger)
        payees = rescreen.take(most, listed)
        if listed is not None:
            for rule, finding in rescreen.screen(payees, listed, lambda r, e: self._failed(r, e, merger)):
                merger.take(rule, finding, "", clock)
        self._write(state, merger)
        return len(payees)

    def _tick(self, at: int) -> None:
        """Clocks of idle tenants run on at wall speed; payees that wait to be screened again get their turn."""
        left = TICK_SLICE
        for name in self._run.tenants():
            state = self._run.state(name)
            tenant = state.get(TenantRecord, "")
            if tenant is not None and tenant.clock_at_last:
                clock = tenant.clock_at_last + at - tenant.logged_at_last * 1000
                if clock > tenant.clock:
                    self._advance(state, self._tenant(state), clock)
            while left > 0 and state.has(RescreenRecord.KIND):
                left -= max(1, self._rescreen(state, Rescreen(state, self._run.policy(name)), left))
            state.pack()

    def end(self, by: int) -> None:
        """The end of a replay: every clock moves on, so that waiting rules resolve."""
        for name in self._run.tenants():
            state = self._run.state(name)
            tenant = state.get(TenantRecord, "")
            if tenant is not None and tenant.clock:
                self._advance(state, self._tenant(state), tenant.clock + by)
            while state.has(RescreenRecord.KIND):
                self._rescreen(state, Rescreen(state, self._run.policy(name)), BATCH)
            state.pack()

    # policies, lists, verdicts: they move no clock

    def load_policy(self, tenant: str) -> Policy:
        """The tenant's policy as its records hold it, with rules in shadow whose circuit is broken."""
        state = self._run.state(tenant)
        held = state.get(PolicyRecord, "")
        policy = compile_policy(held.body, held.event_id) if held is not None else compile_policy(None, None)
        return policy.shadowing(in_shadow(state))

    def _policy(self, event: Event, data: PolicyUpdate, state: State) -> None:
        state.put("", PolicyRecord(event.id, msgspec.json.encode(data, enc_hook=enc_hook)))
        mend(state, self._tenant(state))
        self._run.forget_policy(event.tenant)

    def _sanctions(self, event: Event, data: SanctionsUpdate, state: State) -> None:
        switch = Update(state, self._run.partition.library, self._run.listed(event.tenant, data.list), data).take()
        if isinstance(switch, Waiting):
            if switch.stale:
                self._run.tallies["list_dropped", data.list] += 1
            return
        held = self._run.switch(event.tenant, switch)
        self._run.tallies["list_switch", data.list] += 1
        if not switch.added and not switch.removed:
            return
        head = state.get(ListHead, data.list)
        assert head is not None
        key = (event.tenant, data.list, switch.generation, head.digest)
        keep_news(self._run.partition.news, key, held.only(switch.added))
        tenants = self._run.tenants() if event.tenant == ALL else [event.tenant]
        for name in tenants:
            begin_rescreen(self._run.state(name), event, switch)

    def _disposition(self, event: Event, data: Disposition, state: State) -> None:
        merger = self._merger(state, self._tenant(state).clock)
        take_verdict(state, event, data, self._run.policy(state.tenant), merger)
        if state.tenant != CANARY_TENANT:
            self._run.tallies["disposition", data.verdict] += 1
        if data.allow is not None:
            allow(state, event, data.allow, self._run.screen(state.tenant))
        self._write(state, merger)
