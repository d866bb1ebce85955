"""Clearance: what is to become of each payment of a pay run, decided anew whenever its alerts change.

A payment is held or reviewed by the highest score among the open alerts that name it. The first revision of its
decision comes with its event; a further one when the decision, the score, the alerts, the amount or the rules that are
still to come have changed. The record of a decision lives for `KEPT` of the tenant's clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.detection.calendar import DAY
from sluicegate.detection.clearance_records import MOST_MEMBERS, AlertedPayments, AlertedRecord, DecisionRecord
from sluicegate.detection.compose import envelope, shown
from sluicegate.detection.pay_records import RecheckRecord
from sluicegate.detection.records import RunChunk, RunRecord, SplitRecord
from sluicegate.detection.runs import CHUNK_ROWS
from sluicegate.detection.view import Past, View
from sluicegate.rules.registry import RULES
from sluicegate.version import RULESET
from sluicegate.wire.canonical import canonical
from sluicegate.wire.events import ClearancePolicy, Payment
from sluicegate.wire.scalars import format_time

if TYPE_CHECKING:
    from sluicegate.detection.alerts import Merger
    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State

KEPT = 60 * DAY
MOST_ALERTS = 200
"""Alerts that a decision names; of more, those with the highest scores."""
HOLDING = frozenset(("hold", "block_per_policy"))
"""Actions of an alert after which its payments are never released."""
_AT_CLOSE = tuple(slug for slug, rule in RULES.items() if rule.at_close is not None)
_AT_RECHECK = tuple(slug for slug, rule in RULES.items() if rule.at_recheck is not None)
_WHOLE = tuple(slug for slug, rule in RULES.items() if rule.about_amount)
_NO_ROSTER = "pay-spike"
"""The one rule at the close of a run that needs no roster."""


def decision_key(run: str, payment: str) -> str:
    return f"{run}\n{payment}"


def decision_id(tenant: str, key: str) -> str:
    """The id that all revisions of a decision share; `key` is run and payment, by a line feed.

    >>> decision_id("acme", "R1\\nP1")
    'de_120da460d5717698f1412e9e342c5562'
    """
    return "de_" + hashlib.sha256(f"{tenant}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def enter(view: View, merger: Merger) -> None:
    """A payment, or a further part of it, came in: decide about it with this event's findings."""
    state, event, row = view.state, view.event, view.facts.row
    if merger.named is None or row is None or row.run_id is None or not isinstance(event.data, Payment):
        return
    key = decision_key(row.run_id, row.id)
    record = state.edit(DecisionRecord, key)
    if record is None:
        if row is not view.facts.part and view.clock >= row.time + KEPT:
            return  # a part that comes when the decision is forgotten must not begin its revisions anew
        due = view.clock + KEPT
        payee = event.data.payee.payee_id
        state.put(key, DecisionRecord(due, payee, row.ref, row.value, row.currency, event.type))
        state.schedule(DecisionRecord.KIND, key, due)
    elif record.currency == row.currency and record.value != row.value:
        record.value, record.decision = row.value, ""
    merger.named.append(("", key))


def look_again(state: State, merger: Merger, kind: str, id: str) -> None:
    """A timer goes off: decide anew about the payments that waited for it. Call it before the timer's work is done."""
    if merger.named is None:
        return
    if kind == RunRecord.KIND:
        run = state.get(RunRecord, id)
        if run is not None and not run.closed:
            for number in range(-(-run.rows // CHUNK_ROWS)):
                chunk = state.get(RunChunk, f"{id}\n{number}")
                merger.named += [("", decision_key(id, row.payment_id)) for row in (chunk.rows if chunk else ())]
    elif kind == RecheckRecord.KIND:
        held = state.get(RecheckRecord, id)
        row = Past(state).find_row(held.payee, held.payment) if held is not None else None
        if row is not None and row.run_id is not None:
            merger.named.append(("", decision_key(row.run_id, row.id)))


class Clearance:
    """Decides after the findings of one event or timer were merged."""

    def __init__(self, state: State, policy: Policy, clock: int, lists: dict[str, str]) -> None:
        self._state, self._policy = state, policy
        self._levels = policy.clearance or ClearancePolicy()
        self._clock, self._lists = clock, lists

    def settle(self, merger: Merger, emit: Callable[[str, str, bytes], None]) -> None:
        """Give the revisions that are due to `emit(topic, key, value)`, ordered by run and payment."""
        for key in sorted({*self._named(merger), *self._changed(merger)}):
            record = self._state.get(DecisionRecord, key)
            if record is not None:
                body = self._decide(key, record)
                if body is not None:
                    tenant = self._state.tenant
                    id = decision_id(tenant, key)
                    event = envelope("decision.v1", f"{id}-{body['revision']}", id, tenant, tenant, self._clock, body)
                    emit("decisions", tenant, canonical(event))

    def _named(self, merger: Merger) -> Iterator[str]:
        """Decisions to look at because of their payments; where an alert names them now, both know of each other."""
        for alert, key in merger.named or ():
            if alert:
                record = self._state.edit(DecisionRecord, key)
                if record is None:
                    continue
                if alert not in record.alerts:
                    record.alerts = sorted((*record.alerts, alert))
                    self._join(alert, key)
            yield key

    def _join(self, alert: str, key: str) -> None:
        state, due = self._state, self._clock + KEPT
        head = state.edit(AlertedRecord, alert)
        if head is None:
            head = AlertedRecord(due)
            state.put(alert, head)
        part = f"{alert}\n{head.members // MOST_MEMBERS}"
        payments = state.edit(AlertedPayments, part)
        if payments is None:
            payments = AlertedPayments(due)
            state.put(part, payments)
        payments.decisions.append(key)
        head.members += 1
        head.due = payments.due = due
        state.schedule(AlertedRecord.KIND, alert, due)
        state.schedule(AlertedPayments.KIND, part, due)

    def _changed(self, merger: Merger) -> Iterator[str]:
        """Decisions to look at because one of their alerts weighs otherwise than when they were made."""
        for alert in sorted(merger.touched):
            head = self._state.get(AlertedRecord, alert)
            record = self._state.get(AlertRecord, alert)
            if head is None or record is None:
                continue
            score, holds = (0, False) if record.closed is not None else (record.score, _holds(record))
            if (score, holds) != (head.score, head.holds):
                self._state.put(alert, head)
                head.score, head.holds = score, holds
                for number in range(-(-head.members // MOST_MEMBERS)):
                    payments = self._state.get(AlertedPayments, f"{alert}\n{number}")
                    yield from payments.decisions if payments is not None else ()

    def _decide(self, key: str, record: DecisionRecord) -> dict[str, Any] | None:
        """The next revision, None where all is as it was."""
        found = [(id, self._state.get(AlertRecord, id)) for id in record.alerts]
        alerts = [(id, alert) for id, alert in found if alert is not None and alert.closed is None]
        if len(alerts) > MOST_ALERTS:
            alerts = sorted(sorted(alerts, key=lambda one: -one[1].score)[:MOST_ALERTS])
        score = max((alert.score for _, alert in alerts), default=0)
        decision = self._verdict(score, any(_holds(alert) for _, alert in alerts))
        later = dict(self._later(key, record))
        ids, rules = [id for id, _ in alerts], sorted(later)
        if (decision, score, ids, rules) == (record.decision, record.score, record.alerts, record.later) and (
            record.revision
        ):
            return None
        self._state.put(key, record)
        record.decision, record.score, record.alerts, record.later = decision, score, ids, rules
        record.revision += 1
        run, payment = key.split("\n", 1)
        return {
            "run_id": run,
            "payment_id": payment,
            "revision": record.revision,
            "decision": decision,
            "score": score,
            "alert_ids": ids,
            "rules": sorted({reason.rule for _, alert in alerts for reason in alert.reasons}),
            "later": [{"rule": rule, "until": format_time(until)} for rule, until in sorted(later.items())],
            "amount": {"value": record.value, "currency": record.currency},
            "event": shown(record.ref),
            "policy": self._policy.event_id,
            "versions": {"ruleset": RULESET, "lists": self._lists},
        }

    def _verdict(self, score: int, holds: bool) -> str:
        if score >= self._levels.hold_from:
            return "hold"
        return "review" if score >= self._levels.review_from or holds else "release"

    def _later(self, key: str, record: DecisionRecord) -> Iterator[tuple[str, int]]:
        """Rules that still have a time to come for this payment, and when; the last word of one comes last.

        A rule in shadow holds nothing. What may come at any time, such as a return or a list update, is not among them.
        """
        run_id, payment = key.split("\n", 1)
        split = self._state.get(SplitRecord, f"{payment}\n{record.currency}")
        payroll = record.stream.startswith("payroll")
        if split is not None and split.due is not None:
            yield from self._live((slug for slug in _WHOLE if record.stream.startswith(RULES[slug].pays)), split.due)
        run = self._state.get(RunRecord, run_id) if payroll else None
        closes = run.due if run is not None and not run.closed else None
        if split is not None and split.due is not None and payroll:
            closes = max(closes or 0, split.due)
        if closes is not None:
            regular = run is None or run.run_type is None
            wanted = _AT_CLOSE if self._policy.roster and regular else (_NO_ROSTER,)
            yield from self._live(wanted, closes)
        recheck = self._state.get(RecheckRecord, f"{record.payee}\n{payment}")
        if recheck is not None and recheck.due is not None:
            yield from self._live(_AT_RECHECK, recheck.due)

    def _live(self, slugs: Iterable[str], until: int) -> Iterator[tuple[str, int]]:
        return ((slug, until) for slug in slugs if self._policy.mode(slug) == "live")


def _holds(record: AlertRecord) -> bool:
    return any(reason.action in HOLDING for reason in record.reasons)
