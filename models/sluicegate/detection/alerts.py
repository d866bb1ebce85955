"""Findings become alerts: episodes merge, grow, and close; what stays below alert level becomes a signal."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from sluicegate.detection.alert_records import (
    AlertRecord,
    AllowEntry,
    AllowRecord,
    SubjectRecord,
)
from sluicegate.detection.amounts import subtract
from sluicegate.detection.calendar import DAY, HOUR
from sluicegate.detection.chain_records import ChainRecord
from sluicegate.detection.compose import alert_body, envelope, signal_body
from sluicegate.detection.evidence import FIRST_KEPT, MOST_KEPT, count, fit, new_reason, retell, trim
from sluicegate.detection.records import NoticeRecord, PayeeRecord, PaymentRow
from sluicegate.detection.rows import find_row
from sluicegate.detection.signs import forget_finding, note_finding, note_told
from sluicegate.rules.base import ALERT_LEVEL, FAMILIES, LEVELS, Finding, Rule, level
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.canonical import canonical
from sluicegate.wire.chain import origin, seal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sluicegate.detection.policy import Policy
    from sluicegate.detection.state import State

EPISODE = 24 * HOUR
EXPIRES_AFTER = 400 * DAY
JOIN_MOST = 60
"""What an unusual amount lifts another finding to at the most."""
MAX_CAUSES = 50
"""Reasons of their own that one alert takes; the next one opens another alert, so that none grows without bound."""
QUALITY = "quality"
"""The family that speaks of producers: at most one revision a local date, and no other finding joins it."""
SPARSE_FROM = 20
"""From this revision on a new one needs a new reason, a higher score, or twice the events."""


class Touch(msgspec.Struct):
    """What one event (or timer) did to one alert."""

    record: AlertRecord
    new_reason: bool = False
    higher: bool = False
    evidence: bool = False
    closed: bool = False


class Merger:
    """Takes the findings of one event or timer, then writes at most one revision of each alert they touched."""

    def __init__(self, state: State, policy: Policy, clock: int, lists: dict[str, str]) -> None:
        self._state = state
        self._policy = policy
        self._clock = clock
        self._lists = lists
        self.touched: dict[str, Touch] = {}
        self.signals: list[tuple[str, dict[str, Any]]] = []
        self.not_evaluable: set[tuple[str, str]] = set()
        """(rule, field that it lacked)."""
        self.news: set[str] = set()
        """Payees about whom a finding was a new sign of `it-worker-pattern`."""
        self.taken: list[tuple[str, str]] = []
        """(rule, level or how it was silenced) of each finding, for the metrics."""
        self.written: list[tuple[str, str, str]] = []
        """(severity, family, activity) of each revision of an alert, for the metrics."""
        cleared = policy.clearance is not None and state.tenant != CANARY_TENANT
        self.named: list[tuple[str, str]] | None = [] if cleared else None
        """(alert, run and payment) of what is to be decided anew; None where nothing is decided about payments."""

    def take(self, rule: Rule, finding: Finding, ref: str, time: int) -> str | None:
        """Merge one finding about the event `ref` at `time`; the id of its alert, None if it became a signal."""
        ref = finding.about or ref
        time = finding.time if finding.time is not None else time
        if finding.notice and self._noticed(rule, finding, time):
            return None
        mode = self._policy.mode(rule.slug)
        allowed = self._allowed(rule, finding, time)
        if finding.replace_score and finding.score < ALERT_LEVEL:
            self._withdraw(rule, finding, time)
            forget_finding(self._state, rule, finding, ref)
            return None
        if mode == "shadow" or allowed is not None or finding.score < ALERT_LEVEL or finding.notice:
            shown = level(finding.score) if mode == "live" else "shadow"
            self.taken.append((rule.slug, "suppressed" if allowed is not None else shown))
            if finding.score > 0 or finding.notice or finding.cleared_by:
                self._signal(rule, finding, ref, time, mode, allowed)
            return None
        self.taken.append((rule.slug, level(finding.score)))
        note_told(self._state, rule, finding)
        note_finding(self._state, self._policy, rule, finding, ref, time, self.news)
        joined = self._highest(finding.subject) if finding.joins_payee_alert else None
        if joined is not None:
            lifted = next(
                floor
                for floor, _ in reversed(LEVELS)
                if floor > self.touched[joined].record.score or floor == JOIN_MOST
            )
            self._merge(joined, rule, msgspec.structs.replace(finding, score=min(JOIN_MOST, lifted)), ref, time)
            return joined
        id = self._find(rule, finding, time) or self._open(rule, finding, ref, time)
        self._merge(id, rule, finding, ref, time)
        return id

    def _noticed(self, rule: Rule, finding: Finding, time: int) -> bool:
        key = rule.cause(finding.cause or "")
        if self._state.get(NoticeRecord, key) is not None:
            return True
        self._state.put(key, NoticeRecord(time))
        return False

    # finding the alert

    def _subject(self, rule: Rule, finding: Finding) -> str:
        return f"{finding.subject[0]}\n{finding.subject[1]}\n{rule.family}"

    def _find(self, rule: Rule, finding: Finding, time: int) -> str | None:
        held = self._state.get(SubjectRecord, self._subject(rule, finding))
        if held is None:
            return None
        cause = rule.cause(finding.cause)
        if cause:
            for id, _, _, causes in reversed(held.open):
                if cause in causes:
                    return id
        if rule.family != "sanctions":
            for id, first, last, causes in reversed(held.open):
                if first - EPISODE <= time <= last + EPISODE and len(causes) < MAX_CAUSES:
                    return id
        return None

    def _open(self, rule: Rule, finding: Finding, ref: str, time: int) -> str:
        kind, subject = finding.subject
        id = alert_id(self._state.tenant, kind, subject, rule.family, ref)
        while self._state.get(AlertRecord, id) is not None:  # the same event opens a second alert of this subject
            id = alert_id(self._state.tenant, kind, subject, rule.family, id)
        record = AlertRecord(kind, subject, rule.family, time, time, self._clock, display=finding.display)
        record.retroactive = finding.retroactive
        self._state.put(id, record)
        key = self._subject(rule, finding)
        held = self._state.edit(SubjectRecord, key)
        if held is None:
            held = SubjectRecord()
            self._state.put(key, held)
        held.open.append((id, time, time, []))
        return id

    def _highest(self, subject: tuple[str, str]) -> str | None:
        """The highest-scoring alert of the subject that this event opened or updated."""
        found = [
            (-touch.record.score, FAMILIES.index(touch.record.family), id)
            for id, touch in self.touched.items()
            if (touch.record.subject_kind, touch.record.subject_id) == subject
            and touch.record.family != QUALITY
            and not touch.closed
        ]
        return min(found)[2] if found else None

    # growing it

    def _merge(self, id: str, rule: Rule, finding: Finding, ref: str, time: int) -> None:
        record = self._state.edit(AlertRecord, id)
        assert record is not None
        touch = self.touched.setdefault(id, Touch(record))
        cause = rule.cause(finding.cause)
        reason = next((r for r in record.reasons if r.rule == rule.slug and r.cause == cause), None)
        if reason is None:
            reason = new_reason(rule, finding, cause)
            record.reasons.append(reason)
            touch.new_reason = True
        elif finding.score > reason.score or (finding.replace_score and finding.score != reason.score):
            touch.higher = True
            retell(reason, finding)
        for event in (*finding.events, ref):
            if event not in reason.events:
                reason.events.append(event)
                reason.events_left_out += trim(reason.events)
                record.events += 1
                touch.evidence = True
        for payee, payment in finding.payments:
            touch.evidence |= self._attach_payment(id, record, payee, payment)
        for payee, request in finding.requests:
            touch.evidence |= self._attach_request(id, record, payee, request)
        for entity in finding.entities:
            named = (entity.kind, entity.id, entity.role)
            if not any((e.kind, e.id, e.role) == named for e in record.entities):
                record.entities.append(entity)
                record.entities_left_out += trim(record.entities)
        record.first, record.last = min(record.first, time), max(record.last, time)
        record.retroactive = record.retroactive and finding.retroactive
        record.models.update(finding.models)
        record.deadline = record.deadline or finding.deadline
        for held, new in (
            (record.ips, finding.ips),
            (record.wallets, finding.wallets),
            (record.keywords, finding.keywords),
        ):
            held.extend(x for x in new if x not in held and len(held) < FIRST_KEPT)
        self._index(id, record, cause)

    def _index(self, id: str, record: AlertRecord, cause: str) -> None:
        held = self._state.edit(SubjectRecord, f"{record.subject_kind}\n{record.subject_id}\n{record.family}")
        assert held is not None
        for at, (other, _, _, causes) in enumerate(held.open):
            if other == id:
                known = causes if not cause or cause in causes else [*causes, cause]
                held.open[at] = (id, record.first, record.last, known)

    def _attach_payment(self, id: str, record: AlertRecord, payee: str, payment: str) -> bool:
        row = find_row(self._state, payee, payment)
        if row is None:
            return False
        counted = row.alerts.get(id)
        if counted == row.value:
            return False
        count(record, row.currency, row.value if counted is None else subtract(row.value, counted), counted is None)
        row.alerts[id] = row.value
        if counted is None:
            record.payments.append(payment)
            record.payments_left_out += trim(record.payments)
            if self.named is not None and row.run_id is not None:
                self.named.append((id, f"{row.run_id}\n{row.id}"))
        return True

    def recount(self, row: PaymentRow, ref: str) -> None:
        """A further part of a split payment came in: alerts that hold the payment count it, and name its event."""
        for id, counted in list(row.alerts.items()):
            record = self._state.edit(AlertRecord, id)
            if record is None or record.closed is not None or counted == row.value:
                continue
            count(record, row.currency, subtract(row.value, counted), False)
            row.alerts[id] = row.value
            top = max(record.reasons, key=lambda r: r.score)
            if ref not in top.events:
                top.events.append(ref)
                top.events_left_out += trim(top.events)
                record.events += 1
            self.touched.setdefault(id, Touch(record)).evidence = True

    def _attach_request(self, id: str, record: AlertRecord, payee: str, ref: str) -> bool:
        held = self._state.edit(PayeeRecord, payee)
        row = next((r for r in held.requests if r.ref == ref), None) if held is not None else None
        if row is None or id in row.alerts:
            return False
        count(record, row.currency, row.value, True)
        row.alerts[id] = row.value
        return True

    # silence

    def _allowed(self, rule: Rule, finding: Finding, time: int) -> AllowEntry | None:
        pivots = dict.fromkeys((finding.subject, *((e.kind, e.id) for e in finding.entities)))
        entry = finding.entry
        for kind, value in pivots:
            held = self._state.get(AllowRecord, f"{rule.slug}\n{kind}\n{value}")
            for allow in held.entries if held is not None else ():
                if allow.starts <= time < allow.expires and (
                    entry is None or (allow.list_entry == entry.entry_id and entry.digest in allow.entry_digests)
                ):
                    return allow
        return None

    def _signal(self, rule: Rule, finding: Finding, ref: str, time: int, mode: str, allow: AllowEntry | None) -> None:
        id = alert_id(self._state.tenant, *finding.subject, rule.family, ref)
        self.signal(f"{id}-1-{rule.slug}", id, rule, finding, ref, time, mode, allow)

    def signal(
        self,
        name: str,
        alert: str,
        rule: Rule,
        finding: Finding,
        ref: str,
        time: int,
        mode: str = "live",
        allow: AllowEntry | None = None,
    ) -> None:
        """Put a finding on `signals` under an event id of that name, with a number where one event gives several."""
        body = signal_body(self._state.tenant, alert, rule, finding, ref, time, self._clock, mode, allow)
        body["versions"] |= {"lists": self._lists, "policy": self._policy.event_id}
        again = sum(other == name or other.startswith(f"{name}-") for other, _ in self.signals)
        self.signals.append((f"{name}-{again + 1}" if again else name, body))

    # closing

    def _withdraw(self, rule: Rule, finding: Finding, time: int) -> None:
        """A late explanation took a reason below alert level: the reason goes, and with the last one the alert."""
        id = self._find(rule, finding, time)
        record = self._state.get(AlertRecord, id) if id is not None else None
        cause = rule.cause(finding.cause)
        if id is None or record is None or all(r.cause != cause or r.rule != rule.slug for r in record.reasons):
            return
        self.taken.append((rule.slug, "withdrawn"))
        if len(record.reasons) == 1:
            self.close(id, "explained_by_late_change")
            return
        self._state.put(id, record)
        record.reasons = [r for r in record.reasons if r.cause != cause or r.rule != rule.slug]
        touch = self.touched.setdefault(id, Touch(record))
        touch.new_reason = True

    def due(self, id: str) -> None:
        """An alert's time is up: expired after 400 days without an event, forgotten 400 days after it closed."""
        record = self._state.edit(AlertRecord, id)
        assert record is not None
        if record.closed is not None:
            self._state.delete(AlertRecord, id)
        elif record.last + EXPIRES_AFTER > (record.due or 0):
            record.due = record.last + EXPIRES_AFTER
            self._state.schedule(AlertRecord.KIND, id, record.due)
        else:
            self.close(id, "expired")

    def close(self, id: str, reason: str) -> None:
        """Close an open alert with one last revision."""
        record = self._state.edit(AlertRecord, id)
        if record is None or record.closed is not None:
            return
        record.closed, record.due = reason, self._clock + EXPIRES_AFTER
        self._state.schedule(AlertRecord.KIND, id, record.due)
        self.touched.setdefault(id, Touch(record)).closed = True
        key = f"{record.subject_kind}\n{record.subject_id}\n{record.family}"
        held = self._state.edit(SubjectRecord, key)
        if held is not None:
            held.open = [row for row in held.open if row[0] != id]
            if not held.open:
                self._state.delete(SubjectRecord, key)

    # writing

    def _told_today(self, record: AlertRecord) -> bool:
        day = self._policy.calendar.local_date
        return record.family == QUALITY and record.revision > 0 and day(record.updated_at) == day(self._clock)

    def write(self, emit: Callable[[str, str, bytes], None]) -> None:
        """Give each revision and signal to `emit(topic, key, value)`, in the contract's order."""
        order = sorted(
            self.touched.items(),
            key=lambda item: (item[1].record.subject_kind, item[1].record.subject_id, item[1].record.family, item[0]),
        )
        tenant = self._state.tenant
        for id, touch in order:
            record = touch.record
            if not touch.closed:
                if record.due is None:
                    record.due = record.last + EXPIRES_AFTER
                    self._state.schedule(AlertRecord.KIND, id, record.due)
                if not _worth_a_revision(touch) or self._told_today(record):
                    continue
                record.lists, record.policy = self._lists, self._policy.event_id
                lacking = {f"{rule}: {field}" for rule, field in self.not_evaluable}
                record.not_evaluable = sorted(lacking.union(record.not_evaluable))[:MOST_KEPT]
            record.revision += 1
            record.updated_at = self._clock
            record.events_at_revision = record.events
            fit(record)
            key = f"{tenant}|{record.subject_kind}|{record.subject_id}"
            body = alert_body(tenant, id, record, self._policy.calendar)
            self.written.append((body["severity"], body["family"], body["activity"]))
            event = envelope("alert.v1", f"{id}-{record.revision}", id, tenant, key, record.updated_at, body)
            emit("alerts", key, self._chained(event))
        for event_id, body in self.signals:
            key = f"{tenant}|{body['subject']['kind']}|{body['subject']['id']}"
            event = envelope("signal.v1", event_id, body["alert_id"], tenant, key, self._clock, body)
            emit("signals", key, canonical(event))

    def _chained(self, event: dict[str, Any]) -> bytes:
        """The revision as the next link of the tenant's chain."""
        last = self._state.get(ChainRecord, "") or ChainRecord(0, origin(self._state.tenant))
        value, hash = seal(event, last.number + 1, last.hash)
        self._state.put("", ChainRecord(last.number + 1, hash))
        return value


def alert_id(tenant: str, kind: str, subject: str, family: str, ref: str) -> str:
    """The deterministic id of an alert; `ref` is source and id of the event that opens it, joined by a line feed.

    >>> alert_id("acme", "payee", "V3", "account", "/feeds/acme/vendor\\np04-00008")
    'al_084a4cb75606c5da14365bb8f5173bf9'
    """
    text = f"{tenant}\n{kind}\n{subject}\n{family}\n{ref}"
    return "al_" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _worth_a_revision(touch: Touch) -> bool:
    record = touch.record
    if touch.new_reason or touch.higher or record.revision == 0:
        return True
    if record.revision >= SPARSE_FROM:
        return record.events >= 2 * record.events_at_revision and touch.evidence
    return touch.evidence
