"""Alerts and signals as they stand on the wire (contract section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sluicegate.rules.base import ALERT_LEVEL, Entity, Finding, Rule, level
from sluicegate.version import RULESET
from sluicegate.wire.canonical import canonical
from sluicegate.wire.scalars import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sluicegate.detection.alert_records import AlertRecord, AllowEntry
    from sluicegate.detection.calendar import Calendar

ACTIONS = ("block_per_policy", "hold", "verify_callback", "review", "none")
"""From the strongest down: an alert recommends the strongest of its reasons."""


def envelope(
    kind: str, id: str, subject: str, tenant: str, key: str, time: int, data: dict[str, Any]
) -> dict[str, Any]:
    """A CloudEvent of ours; `time` in µs."""
    return {
        "specversion": "1.0", "id": id, "source": "/sluicegate", "type": kind, "time": format_time(time),
        "subject": subject, "tenantid": tenant, "partitionkey": key, "datacontenttype": "application/json",
        "data": data,
    }  # fmt: skip


def shown(ref: str) -> str:
    """An event's name as readers see it: `source#id`."""
    return ref.replace("\n", "#", 1)


def alert_body(tenant: str, id: str, record: AlertRecord, calendar: Calendar) -> dict[str, Any]:
    """`data` of an alert revision; every revision is complete."""
    reasons = sorted(record.reasons, key=lambda r: (-r.score, r.rule, r.cause))
    money = [{"value": m.value, "currency": c, "count": m.count} for c, m in sorted(record.money.items())]
    left_out = {"entities": record.entities_left_out, "payment_ids": record.payments_left_out}
    left_out["reasons.event_ids"] = sum(r.events_left_out for r in reasons)
    subject = {"kind": record.subject_kind, "id": record.subject_id}
    if record.display:
        subject["display"] = record.display
    body: dict[str, Any] = {
        "alert_id": id,
        "revision": record.revision,
        "activity": "close" if record.closed else "create" if record.revision == 1 else "update",
        "tenant_id": tenant,
        "family": record.family,
        "severity": level(record.score),
        "score": record.score,
        "title": reasons[0].title,
        "subject": subject,
        "entities": _entities(record.entities),
        "reasons": [
            {
                "rule": r.rule, "version": r.version, "score": r.score, "text": r.text,
                "observed": msgspec.Raw(r.observed), "expected": msgspec.Raw(r.expected),
                "event_ids": [shown(ref) for ref in r.events], "sources": r.sources,
            }
            for r in reasons
        ],
        "payment_ids": sorted(set(record.payments)),
        "money": money,
        "recommended_action": min((r.action for r in reasons), key=ACTIONS.index),
        "not_evaluable": record.not_evaluable,
        "counterfactual": " And: ".join(dict.fromkeys(r.counterfactual for r in reasons if r.counterfactual)),
        "retroactive": record.retroactive,
        "suppression": None,
        "versions": {"ruleset": RULESET, "models": record.models, "lists": record.lists, "policy": record.policy},
        "report_hints": {
            "activity_from": calendar.local_date(record.first).strftime("%Y%m%d"),
            "activity_to": calendar.local_date(record.last).strftime("%Y%m%d"),
            "total": money, "ips": sorted(record.ips), "wallets": sorted(record.wallets),
            "keywords": sorted(record.keywords), "deadline": record.deadline,
        },
        "first_event_at": format_time(record.first),
        "last_event_at": format_time(record.last),
        "created_at": format_time(record.created_at),
        "updated_at": format_time(record.updated_at),
    }  # fmt: skip
    if record.closed:
        body["close_reason"] = record.closed
    if any(left_out.values()):
        body["truncated"] = {field: count for field, count in left_out.items() if count}
    return body


def signal_body(
    tenant: str,
    id: str,
    rule: Rule,
    finding: Finding,
    ref: str,
    time: int,
    clock: int,
    mode: str,
    allow: AllowEntry | None,
) -> dict[str, Any]:
    """`data` of a signal: one finding that did not become an alert, and why."""
    kind, subject = finding.subject
    body: dict[str, Any] = {
        "alert_id": id, "revision": 1, "activity": "create", "tenant_id": tenant, "family": rule.family,
        "severity": level(finding.score), "score": finding.score, "title": finding.title[:300],
        "subject": {"kind": kind, "id": subject},
        "entities": _entities(finding.entities),
        "reasons": [
            {
                "rule": rule.slug, "version": rule.version, "score": finding.score, "text": finding.text,
                "observed": msgspec.Raw(canonical(finding.observed)),
                "expected": msgspec.Raw(canonical(finding.expected)),
                "event_ids": [shown(e) for e in dict.fromkeys((*finding.events, ref))], "sources": list(rule.sources),
            }
        ],
        "payment_ids": sorted({payment for _, payment in finding.payments}),
        "mode": "live" if mode == "live" else "shadow",
        "notice": finding.notice,
        "counterfactual": finding.counterfactual if finding.score >= ALERT_LEVEL else "",
        "retroactive": finding.retroactive,
        "suppression": None,
        "versions": {"ruleset": RULESET, "models": finding.models},
        "first_event_at": format_time(time), "last_event_at": format_time(time),
        "created_at": format_time(clock), "updated_at": format_time(clock),
    }  # fmt: skip
    if finding.cleared_by is not None:
        body["cleared_by"] = finding.cleared_by
    if allow is not None:
        body["suppression"] = {
            "rule": rule.slug,
            "pivot": {"kind": allow.pivot_kind, "value": allow.pivot_value},
            "expires": format_time(allow.expires),
            "disposition_event": shown(allow.event),
        }
    return body


def _entities(entities: Iterable[Entity]) -> list[dict[str, Any]]:
    """Sorted by kind and id; what is not known is left out."""
    ordered = sorted(entities, key=lambda e: (e.kind, e.id, e.role or ""))
    return [{name: value for name, value in msgspec.structs.asdict(e).items() if value} for e in ordered]
