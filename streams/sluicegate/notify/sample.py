"""An alert that nobody's payment caused: templates are tried with it, and `notify test` sends it."""

from __future__ import annotations

from typing import Any

from sluicegate.wire.scalars import format_time

__all__ = ["sample"]

_ID = "al_00000000000000000000000000000000"


def sample(at: int = 0) -> dict[str, Any]:
    """A CloudEvent `alert.v1` of the tenant `sluicegate-test`, as of `at` (µs since 1970)."""
    time = format_time(at)
    money = [{"value": "2200.00", "currency": "USD", "count": 1}]
    data = {
        "alert_id": _ID,
        "revision": 1,
        "activity": "create",
        "tenant_id": "sluicegate-test",
        "family": "account",
        "severity": "low",
        "score": 25.0,
        "title": "A test of the notifications: nothing happened",
        "subject": {"kind": "payee", "id": "TEST", "display": "Test Payee"},
        "entities": [{"kind": "account", "id": "fp_test", "role": "new", "last4": "0000", "country": "US"}],
        "reasons": [
            {
                "rule": "changed-account",
                "version": "1.0.0",
                "score": 25.0,
                "text": "Sent by `sluicegate notify test`; there is no payment, and nothing is to be done.",
                "observed": {"verified": False},
                "expected": {"verified": True},
                "event_ids": ["/sluicegate/test#1"],
                "sources": [],
            }
        ],
        "payment_ids": ["TEST"],
        "money": money,
        "recommended_action": "none",
        "not_evaluable": [],
        "counterfactual": "",
        "retroactive": False,
        "suppression": None,
        "versions": {"ruleset": "0", "models": {}, "lists": {}, "policy": None},
        "report_hints": {"total": money, "ips": [], "wallets": [], "keywords": [], "deadline": None},
        "first_event_at": time,
        "last_event_at": time,
        "created_at": time,
        "updated_at": time,
    }
    return {
        "specversion": "1.0",
        "id": f"{_ID}-1",
        "source": "/sluicegate",
        "type": "alert.v1",
        "time": time,
        "subject": _ID,
        "tenantid": "sluicegate-test",
        "partitionkey": "sluicegate-test|payee|TEST",
        "datacontenttype": "application/json",
        "data": data,
    }
