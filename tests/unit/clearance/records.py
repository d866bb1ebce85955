"""Records as the topics `decisions`, `runs` and `policies` have them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sluicegate.clearance.taking import Announced, Decided, read_announcement, read_decision
from sluicegate.wire.scalars import format_time

Json = dict[str, Any]

MINUTE = 60_000_000
HOUR = 60 * MINUTE
T0 = 1_767_600_000_000_000
"""µs; when the first record of a test came."""
TENANT, RUN = "acme", "R1"


class Record(NamedTuple):
    """What Kafka's client gives."""

    value: bytes | None
    timestamp: int = T0 // 1000
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = "t"
    partition: int = 0
    offset: int = 0


def decision_value(payment: str, decision: str = "release", revision: int = 1, **more: Any) -> bytes:
    data = {
        "run_id": more.pop("run", RUN),
        "payment_id": payment,
        "revision": revision,
        "decision": decision,
        "score": {"release": 0, "review": 30, "hold": 70}[decision],
        "alert_ids": [] if decision == "release" else ["al_" + "0" * 32],
        "rules": [] if decision == "release" else ["changed-account"],
        "later": [{"rule": rule, "until": format_time(until)} for rule, until in more.pop("later", {}).items()],
        "amount": {"value": more.pop("value", "10.00"), "currency": more.pop("currency", "USD")},
        "event": "/feeds/acme#e1",
        "policy": "p1",
        "versions": {"ruleset": "1.0.0", "lists": {}},
    }
    return _event("decision.v1", more.pop("tenant", TENANT), data | more)


def decided(payment: str, decision: str = "release", revision: int = 1, at: int = T0, **more: Any) -> Decided:
    return read_decision(decision_value(payment, decision, revision, **more), at)


def announced_value(payments: int, *totals: str, **more: Any) -> bytes:
    """Totals as "30.00 USD"."""
    money = [dict(zip(("value", "currency"), total.split(), strict=True)) for total in totals]
    data = {"run_id": more.pop("run", RUN), "payments": payments, "totals": money}
    return _event("run.announced.v1", more.pop("tenant", TENANT), data | more)


def announced(payments: int, *totals: str, at: int = T0, **more: Any) -> Announced:
    return read_announcement(announced_value(payments, *totals, **more), at)


def policy_record(at: int = T0, tenant: str = TENANT, **fields: Any) -> Record:
    return Record(_event("policy.update.v1", tenant, fields), at // 1000)


def _event(kind: str, tenant: str, data: Json) -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": "e1",
            "source": "/s",
            "type": kind,
            "time": format_time(T0),
            "tenantid": tenant,
            "data": data,
        }
    ).encode()
