"""A verdict as the event that tells the stream of it."""

from __future__ import annotations

import uuid
from typing import Any, Literal

import msgspec

from sluicegate.wire.canonical import canonical
from sluicegate.wire.decode import Reject, decode
from sluicegate.wire.scalars import format_time

__all__ = ["SOURCE", "Allowance", "Decision", "Verdict", "disposition"]

SOURCE = "/sluicegate/console"
Verdict = Literal["confirmed", "false_positive", "error_not_fraud", "benign", "escalated"]


class Allowance(msgspec.Struct, frozen=True):
    """Findings of `rule` about this pivot become signals until `expires` (µs)."""

    rule: str
    kind: str
    value: str
    expires: int
    list_entry: str | None = None


class Decision(msgspec.Struct, frozen=True):
    """What somebody says of an alert."""

    verdict: Verdict
    reason_code: str
    note: str = ""
    allow: Allowance | None = None


def disposition(tenant: str, alert_id: str, decision: Decision, by: str, now: int) -> bytes | str:
    """The `disposition.v1` event of a verdict given at `now` (µs); in words, why the contract would refuse it."""
    at = format_time(now)
    data: dict[str, Any] = {
        "alert_id": alert_id,
        "verdict": decision.verdict,
        "reason_code": decision.reason_code,
        "by": by,
        "at": at,
    }
    if decision.note:
        data["note"] = decision.note
    allow = decision.allow
    if allow is not None:
        data["allow"] = {
            "rule": allow.rule,
            "pivot": {"kind": allow.kind, "value": allow.value},
            "expires": format_time(allow.expires),
        } | ({"list_entry": allow.list_entry} if allow.list_entry is not None else {})
    value = canonical(
        {
            "specversion": "1.0",
            # never the same again: a database made anew would else repeat the ids of the one before it
            "id": f"verdict-{uuid.uuid4()}",
            "source": SOURCE,
            "type": "disposition.v1",
            "time": at,
            "tenantid": tenant,
            "data": data,
        }
    )
    checked = decode(value)
    return f"{checked.path}: {checked.message}" if isinstance(checked, Reject) else value
