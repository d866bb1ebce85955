"""Evidence for the yearly review of fraud monitoring that Nacha's rules ask of originators and their service providers.

The rules that came into force in 2026 ask for risk-based processes that are reasonably
intended to identify entries initiated by fraud, False Pretenses among it, and for a review of these processes at least
once a year. This report holds what such a review looks at: what was watched, by which rules, what was changed, found
and decided, and on which lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any

import msgspec

from sluicegate.detection.policy import Policy
from sluicegate.report.document import Document, Section, Table
from sluicegate.report.evidence import Evidence, Opened, PolicyChange
from sluicegate.rules.base import CLAUSES
from sluicegate.rules.registry import RULES
from sluicegate.version import __version__
from sluicegate.wire.events import PolicyUpdate

__all__ = ["document"]

_SEVERITIES = ("critical", "high", "medium", "low")
_VERDICTS = ("confirmed", "escalated", "false_positive", "error_not_fraud", "benign")
_FOUND_BY_FRAUD = ("confirmed", "escalated")
_HOUR = 3_600_000_000


def document(evidence: Evidence, sources: tuple[tuple[str, str], ...], made_at: int) -> Document:
    """The report. `sources`: what it was made from, as (label, words); times in µs since 1970 UTC."""
    begin, end = _day(evidence.begin), _day(evidence.end - 1)
    return Document(
        title="Fraud monitoring: evidence for the yearly review",
        facts=(
            ("Tenant", evidence.tenant),
            ("Period", f"{begin} to {end}, both included (UTC)"),
            *sources,
            ("Made", f"{_minute(made_at)} by Sluicegate {__version__}"),
        ),
        sections=(
            _volume(evidence),
            _rules(evidence),
            _changes(evidence),
            _alerts(evidence),
            _decisions(evidence),
            _lists(evidence),
            _gaps(evidence),
            _signature(),
        ),
    )


def _volume(evidence: Evidence) -> Section:
    rows = [
        (
            kind,
            rail,
            sec or "-",
            f"{volume.payments:,}",
            ", ".join(f"{value:,} {c}" for c, value in _sorted(volume.sums)),
        )
        for (kind, rail, sec), volume in sorted(evidence.volumes.items())
    ]
    statuses = [(status, code or "-", f"{count:,}") for (status, code), count in sorted(evidence.statuses.items())]
    changes = [(change, f"{count:,}") for change, count in sorted(evidence.changes.items())]
    return Section(
        "1. What was monitored",
        ("Every payment that reached the log was looked at by every rule in force; each event is counted once.",),
        (
            Table(
                ("Payments", "Rail", "SEC code", "Number", "Sum"),
                tuple(rows),
                "Payments by kind and rail",
                widths=(14, 16, 12, 12, 46),
            ),
            Table(("Status", "Code", "Number"), tuple(statuses), "Returns, corrections and other statuses"),
            Table(("Change", "Number"), tuple(changes), "Changes of payees' master data"),
        ),
    )


def _rules(evidence: Evidence) -> Section:
    before, after = (_policy(evidence.policy_at(time)) for time in (evidence.begin, evidence.end))
    rows = []
    for slug, rule in RULES.items():
        modes = tuple(dict.fromkeys((before.mode(slug), after.mode(slug))))
        own = after.update.rules.get(slug)
        clauses = "".join(f"({CLAUSES[clause][1]})" for clause in rule.clauses)
        params = ", ".join(f"{name} {value}" for name, value in _sorted(own.params)) if own is not None else ""
        rows.append((rule.letter, slug, rule.version, clauses or "-", " to ".join(modes), params or "as shipped"))
    shown = "; ".join(CLAUSES.values())
    return Section(
        "2. Rules in force",
        (
            f"Clauses name the False Pretenses that a rule shows signs of: {shown}.",
            "Mode at the beginning of the period, and at its end where it differs: live raises alerts, shadow only "
            "records findings, off does neither.",
        ),
        (
            Table(
                ("", "Rule", "Version", "Clauses", "Mode", "Parameters"),
                tuple(rows),
                widths=(6, 24, 10, 12, 16, 32),
            ),
        ),
    )


def _changes(evidence: Evidence) -> Section:
    rows = []
    former = evidence.policy_at(evidence.begin)
    for change in evidence.policies:
        if change.time > evidence.begin:
            old = former.update if former is not None else PolicyUpdate()
            rows.append(
                (_minute(change.time), change.event_id, "; ".join(_differences(old, change.update)) or "nothing")
            )
            former = change
    notices = tuple((_minute(one.time), one.rule, one.text) for one in evidence.notices)
    return Section(
        "3. Changes to the monitoring",
        ("An alert names the policy event it was judged by.",),
        (
            Table(("Time (UTC)", "Policy event", "What changed"), tuple(rows), "Policy", widths=(16, 24, 60)),
            Table(
                ("Time (UTC)", "Rule", "Notice"),
                notices,
                "Notices: circuits that were broken, and what was still being learned",
                widths=(16, 24, 60),
            ),
        ),
    )


def _alerts(evidence: Evidence) -> Section:
    opened = evidence.opened
    by_rule: Counter[tuple[str, str]] = Counter((rule, alert.severity) for alert in opened for rule in alert.rules)
    rows = [
        (slug, *(f"{by_rule[slug, severity]:,}" for severity in _SEVERITIES))
        for slug in RULES
        if any(by_rule[slug, severity] for severity in _SEVERITIES)
    ]
    payments = sum(volume.payments for volume in evidence.volumes.values())
    rate = f", {1000 * len(opened) / payments:.2f} for 1,000 payments" if payments else ""
    ended = Counter("open" if alert.closed is None else alert.closed for alert in opened)
    return Section(
        "4. Alerts",
        (f"{len(opened):,} alerts were opened{rate}; an alert with several reasons counts under each rule below.",),
        (
            Table(("Rule", *(name.capitalize() for name in _SEVERITIES)), tuple(rows), "Opened, by rule and severity"),
            Table(
                ("At the end of the period", "Alerts"),
                tuple((name.replace("_", " "), f"{count:,}") for name, count in sorted(ended.items())),
                "What became of them",
            ),
        ),
    )


def _decisions(evidence: Evidence) -> Section:
    verdicts = evidence.last_verdicts
    by_rule: Counter[tuple[str, str]] = Counter(
        (rule, decision.verdict)
        for id, decision in verdicts.items()
        if id in evidence.alerts
        for rule in evidence.alerts[id].rules
    )
    rows = []
    for slug in RULES:
        counts = [by_rule[slug, verdict] for verdict in _VERDICTS]
        if sum(counts):
            right = sum(by_rule[slug, verdict] for verdict in _FOUND_BY_FRAUD)
            rows.append((slug, *(f"{count:,}" for count in counts), f"{100 * right / sum(counts):.0f} %"))
    return Section(
        "5. Decisions",
        tuple(_told(evidence)),
        (
            Table(
                ("Rule", *(verdict.replace("_", " ") for verdict in _VERDICTS), "precision"),
                tuple(rows),
                "Last verdict on each alert, by rule (precision: confirmed or escalated, of those decided)",
                widths=(24, 12, 12, 15, 15, 10, 12),
            ),
            Table(
                ("Alert", "Opened (UTC)", "Severity", "Rules"),
                tuple(_undecided(evidence.opened, verdicts)),
                "Critical and high alerts of the period that nobody has decided on",
                widths=(36, 16, 10, 38),
            ),
        ),
    )


def _told(evidence: Evidence) -> Iterator[str]:
    people = len({decision.by for decision in evidence.decisions})
    yield f"{len(evidence.decisions):,} verdicts were given, by {people} {'person' if people == 1 else 'people'}."
    hours = sorted(
        (decision.at - evidence.alerts[id].created_at) / _HOUR
        for id, decision in evidence.last_verdicts.items()
        if id in evidence.alerts
    )
    if hours:
        slow = hours[min(len(hours) - 1, int(0.9 * len(hours)))]
        yield f"From alert to last verdict: {median(hours):.1f} hours in the median, {slow:.1f} for the slowest tenth."


def _undecided(opened: list[Opened], verdicts: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for alert in opened:
        if alert.severity in ("critical", "high") and alert.closed is None and alert.alert_id not in verdicts:
            yield alert.alert_id, _minute(alert.created_at), alert.severity, ", ".join(alert.rules)


def _lists(evidence: Evidence) -> Section:
    held = tuple(
        (name, update.version, _minute(update.published_at), str((evidence.end - update.time) // (24 * _HOUR)))
        for name, update in sorted(evidence.lists_at(evidence.end).items())
    )
    updates = tuple(
        (_minute(one.time), one.list, one.version, one.mode, f"{one.added:,}", f"{one.removed:,}")
        for one in evidence.lists_within()
    )
    return Section(
        "6. Sanctions lists",
        ("A new or changed entry is screened against everybody who was paid in the 400 days before.",),
        (
            Table(("List", "Version", "Published (UTC)", "Age in days"), held, "Held at the end", "No list was held."),
            Table(("Time (UTC)", "List", "Version", "Mode", "Entries", "Removed"), updates, "Updates in the period"),
        ),
    )


def _gaps(evidence: Evidence) -> Section:
    words = []
    if not evidence.lists_at(evidence.end):
        words.append("No sanctions list was loaded: names and wallets were not screened.")
    shadow = [slug for slug in RULES if _policy(evidence.policy_at(evidence.end)).mode(slug) != "live"]
    if shadow:
        words.append(f"Not live at the end of the period: {', '.join(shadow)}.")
    if evidence.refused:
        words.append(f"{evidence.refused:,} records of the log were no sound events; each is a dead letter.")
    if not evidence.volumes:
        words.append("No payment of the period is in what this report was made from.")
    words.append(
        "Records that never reached the log (dead letters of intake) are not in these figures: "
        "`sluicegate dead-letters list` shows them."
    )
    return Section("7. What this report does not show", tuple(words))


def _signature() -> Section:
    lines = tuple((label, "") for label in ("Reviewed by", "Date", "Findings", "Changes decided on", "Signature"))
    return Section(
        "8. Review",
        ("To be filled in by the person who reviews the processes.",),
        (Table(("", ""), lines, widths=(30, 70)),),
    )


def _differences(old: PolicyUpdate, new: PolicyUpdate) -> Iterator[str]:
    """In words, what differs; lists of accounts and payees by their numbers only.

    >>> list(_differences(PolicyUpdate(), PolicyUpdate(roster=True, limits=("5000",))))
    ['limits: none to 5000', 'roster: False to True']
    """
    was, now = (_flat(msgspec.to_builtins(msgspec.structs.asdict(update))) for update in (old, new))
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            before, after = _shown(name, was.get(name)), _shown(name, now.get(name))
            yield f"{name}: {before} to {after}" if before != after else f"{name}: {after}, changed"


_BY_NUMBER = ("trusted_accounts", "recurring_contracts", "no_deduction_payees", "holidays", "pay_dates")
_PERSONAL = ("approver_timezones",)


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, one in value.items():
        path = f"{prefix}{name}"
        if path in _PERSONAL:
            found[path] = (*one,)
        elif isinstance(one, Mapping) and one:
            found.update(_flat(one, f"{path}."))
        else:
            found[path] = one
    return found


def _shown(name: str, value: Any) -> str:
    if value is None or value == [] or value == () or value == {}:
        return "none"
    if isinstance(value, list | tuple):
        return f"{len(value):,} entries" if name in (*_BY_NUMBER, *_PERSONAL) else ", ".join(map(str, value))
    return str(value)


def _policy(change: PolicyChange | None) -> Policy:
    return Policy(PolicyUpdate(), None) if change is None else Policy(change.update, change.event_id)


def _sorted(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(values.items())


def _minute(time: int) -> str:
    """
    >>> _minute(1_790_000_000_000_000)
    '2026-09-21 14:13'
    """
    return datetime.fromtimestamp(time // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M")


def _day(time: int) -> str:
    return _minute(time)[:10]
