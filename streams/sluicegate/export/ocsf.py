"""Alerts as OCSF Detection Findings (class 2004 of version 1.8.0 of the Open Cybersecurity Schema Framework).

Every revision is one event: create, update, close. `metadata.uid` is the id of the alert's event, so a repeated one is
known as such; `finding_info.uid` is the alert's. What OCSF has no place for, money above all, stands in `unmapped`.

Source: https://schema.ocsf.io/1.8.0/classes/detection_finding
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sluicegate.wire.scalars import parse_time

__all__ = ["CLASS_UID", "OCSF_VERSION", "finding"]

Json = Mapping[str, Any]

OCSF_VERSION = "1.8.0"
CLASS_UID = 2004


class Value(NamedTuple):
    """An enumeration's number and caption."""

    id: int
    name: str


_UNKNOWN_ACTIVITY = Value(99, "Other")
_ACTIVITIES = {"create": Value(1, "Create"), "update": Value(2, "Update"), "close": Value(3, "Close")}
_SEVERITIES = {
    "low": Value(2, "Low"),
    "medium": Value(3, "Medium"),
    "high": Value(4, "High"),
    "critical": Value(5, "Critical"),
}
_NEW, _RESOLVED, _ARCHIVED = Value(1, "New"), Value(4, "Resolved"), Value(5, "Archived")
_RULE, _STATISTICAL, _EXACT = Value(1, "Rule"), Value(3, "Statistical"), Value(9, "Exact Data Match")
_ANALYTICS = {"unusual-payment": _STATISTICAL, "sanctioned-identifier": _EXACT}
_OBSERVABLES = {
    "payee": Value(31, "User Object: uid"),
    "user": Value(31, "User Object: uid"),
    "ip": Value(2, "IP Address"),
    "device": Value(47, "Device Object: uid"),
    "account": Value(35, "Account Object: uid"),
    "wallet": Value(99, "Wallet Address"),
}
_RESOURCE = Value(10, "Resource UID")
_ACTIONS = {
    "hold": "Hold the payment until the finding is cleared.",
    "verify_callback": "Call the payee back on a number known from before.",
    "review": "Have an analyst review it.",
    "block_per_policy": "Block the payment, as the policy says.",
}
_UNMAPPED = (
    *("money", "payment_ids", "recommended_action", "counterfactual", "not_evaluable", "retroactive", "suppression"),
    *("versions", "report_hints", "truncated", "close_reason", "family"),
)


def finding(event: Json) -> dict[str, Any]:
    """The Detection Finding of one revision: an `alert.v1` event as it stands in the topic, with or without names.

    Raises KeyError, TypeError where the event is none of the contract.
    """
    data: Json = event["data"]
    activity = _ACTIVITIES.get(data["activity"], _UNKNOWN_ACTIVITY)
    severity = _SEVERITIES.get(data["severity"], Value(99, data["severity"]))
    status = _status(data)
    resources = list(_resources(data))
    return {
        "metadata": _metadata(event, data),
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS_UID,
        "class_name": "Detection Finding",
        "activity_id": activity.id,
        "activity_name": activity.name,
        "type_uid": CLASS_UID * 100 + activity.id,
        "type_name": f"Detection Finding: {activity.name}",
        "severity_id": severity.id,
        "severity": severity.name,
        "status_id": status.id,
        "status": status.name,
        "is_alert": True,
        "risk_score": round(data["score"]),
        "time": _millis(data["updated_at"]),
        "start_time": _millis(data["first_event_at"]),
        "end_time": _millis(data["last_event_at"]),
        "message": data["title"],
        "finding_info": _info(data),
        "evidences": [_evidence(data, reason) for reason in data["reasons"]],
        "resources": resources,
        "observables": [_observable(resource) for resource in resources],
        "unmapped": {name: data[name] for name in _UNMAPPED if data.get(name) is not None},
    } | _advice(data)


def _metadata(event: Json, data: Json) -> dict[str, Any]:
    return {
        "version": OCSF_VERSION,
        "uid": event["id"],
        "correlation_uid": data["alert_id"],
        "sequence": data["revision"],
        "tenant_uid": data["tenant_id"],
        "product": {"name": "Sluicegate", "vendor_name": "Sluicegate", "version": data["versions"]["ruleset"]},
        "log_name": "alerts",
        "log_version": event["type"],
        "original_time": data["updated_at"],
        "is_truncated": bool(data.get("truncated")),
    }


def _status(data: Json) -> Value:
    """New until it is closed: who works on an alert is not known here."""
    if data["activity"] != "close":
        return _NEW
    return _ARCHIVED if data.get("close_reason") == "expired" else _RESOLVED


def _info(data: Json) -> dict[str, Any]:
    first, *others = [_analytic(data, reason) for reason in data["reasons"]]
    event_ids = list(dict.fromkeys(one for reason in data["reasons"] for one in reason["event_ids"]))
    info = {
        "uid": data["alert_id"],
        "title": data["title"],
        "desc": " ".join(reason["text"] for reason in data["reasons"]),
        "types": [data["family"]],
        "analytic": first,
        "related_events": [{"uid": one} for one in event_ids],
        "related_events_count": len(event_ids),
        "created_time": _millis(data["created_at"]),
        "modified_time": _millis(data["updated_at"]),
        "first_seen_time": _millis(data["first_event_at"]),
        "last_seen_time": _millis(data["last_event_at"]),
    }
    return info | ({"related_analytics": others} if others else {})


def _analytic(data: Json, reason: Json) -> dict[str, Any]:
    kind = _ANALYTICS.get(reason["rule"], _RULE)
    return {
        "uid": reason["rule"],
        "name": reason["rule"],
        "version": reason["version"],
        "category": data["family"],
        "type_id": kind.id,
        "type": kind.name,
    }


def _evidence(data: Json, reason: Json) -> dict[str, Any]:
    kept = ("text", "score", "observed", "expected", "event_ids", "sources")
    return {
        "uid": f"{data['alert_id']}/{reason['rule']}",
        "name": reason["rule"],
        "data": {name: reason[name] for name in kept},
    }


def _resources(data: Json) -> Iterable[dict[str, Any]]:
    """The subject, then what takes part; each once."""
    seen = set()
    for one in (data["subject"], *data["entities"]):
        if (place := (one["kind"], one["id"])) in seen:
            continue
        seen.add(place)
        resource = {"uid": one["id"], "type": one["kind"]}
        if name := one.get("display") or one.get("label"):
            resource["name"] = name
        if role := one.get("role"):
            resource["labels"] = [f"role:{role}"]
        yield resource


def _observable(resource: Json) -> dict[str, Any]:
    kind = _OBSERVABLES.get(resource["type"], _RESOURCE)
    return {"name": "resources.uid", "type_id": kind.id, "type": kind.name, "value": resource["uid"]}


def _advice(data: Json) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if action := _ACTIONS.get(data["recommended_action"]):
        found["remediation"] = {"desc": action}
    if reason := data.get("close_reason"):
        found["status_detail"] = reason
    return found


def _millis(text: str) -> int:
    us = parse_time(text)
    if us is None:
        raise TypeError("not a timestamp")
    return us // 1000
