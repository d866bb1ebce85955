"""The exported schemas: sound, complete, and of one mind with decoding."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sluicegate.wire.decode import Event, decode
from sluicegate.wire.schema import alert_schema, events_schema
from tests.unit.wire.samples import DATA, drop, event, put

EVENTS = Draft202012Validator(events_schema())
ALERTS = Draft202012Validator(alert_schema())

ALERT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "al_" + "0" * 32 + "-1",
    "source": "/sluicegate",
    "type": "alert.v1",
    "time": "2026-06-11T09:00:00Z",
    "subject": "al_" + "0" * 32,
    "tenantid": "acme",
    "partitionkey": "acme|payee|V3",
    "data": {
        "alert_id": "al_" + "0" * 32,
        "revision": 1,
        "activity": "create",
        "tenant_id": "acme",
        "family": "account",
        "severity": "medium",
        "score": 45,
        "title": "t",
        "subject": {"kind": "payee", "id": "V3"},
        "entities": [{"kind": "account", "id": "fp_1", "role": "new", "last4": "3927", "country": "US"}],
        "reasons": [
            {
                "rule": "changed-account",
                "version": "1.0.0",
                "score": 45,
                "text": "x",
                "observed": {"verified": False},
                "expected": {"verified": True},
                "event_ids": ["/s#e1"],
                "sources": ["FinCEN FIN-2019-A005"],
            }
        ],
        "payment_ids": ["PM-1"],
        "money": [{"value": "2200.00", "currency": "USD", "count": 1}],
        "recommended_action": "verify_callback",
        "not_evaluable": ["changed-account: actor"],
        "counterfactual": "",
        "retroactive": False,
        "suppression": None,
        "versions": {"ruleset": "1.0.0", "models": {}, "lists": {}, "policy": None},
        "report_hints": {"activity_from": "20260611", "total": [], "deadline": None},
        "first_event_at": "2026-06-11T09:00:00Z",
        "last_event_at": "2026-06-11T09:00:00Z",
        "created_at": "2026-06-11T09:00:00Z",
        "updated_at": "2026-06-11T09:00:00Z",
    },
}
SIGNAL = {name: ALERT["data"][name] for name in ("tenant_id", "family", "score", "subject", "reasons")}


def test_exported_schemas_are_schemas_and_serialisable() -> None:
    for schema in (events_schema(), alert_schema()):
        Draft202012Validator.check_schema(schema)
        assert json.loads(json.dumps(schema)) == schema


def test_schema_says_no_python_only_anchor_and_no_dangling_reference() -> None:
    for schema in (events_schema(), alert_schema()):
        text = json.dumps(schema)
        assert r"\\Z" not in text
        for part in text.split('"$ref": "#/$defs/')[1:]:
            assert part.partition('"')[0] in schema["$defs"]


@pytest.mark.parametrize("name", DATA)
def test_full_event_of_every_type_fits_the_schema(name: str) -> None:
    EVENTS.validate(event(name))


@pytest.mark.parametrize("name", DATA)
def test_schema_and_decoding_agree_on_every_dropped_field_and_every_wrong_type(name: str) -> None:
    for place in _pointers(event(name)):
        for broken in (drop(event(name), place), put(event(name), place, None), put(event(name), place, {"x": [1]})):
            accepted = isinstance(decode(json.dumps(broken).encode()), Event)
            assert accepted == EVENTS.is_valid(broken), (place, broken)


def _pointers(value: Any, path: str = "") -> list[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [one for key, inner in items for one in (f"{path}/{key}", *_pointers(inner, f"{path}/{key}"))]


def test_all_tenants_is_for_lists_only() -> None:
    assert EVENTS.is_valid(event("sanctions.update.v1", tenantid="*"))
    assert not EVENTS.is_valid(event(tenantid="*"))


def test_alert_and_signal_fit_their_schema() -> None:
    ALERTS.validate(ALERT)
    ALERTS.validate(ALERT | {"type": "signal.v1", "data": SIGNAL | {"mode": "shadow", "notice": True}})


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/source", "/other"),
        ("/type", "alert.v2"),
        ("/data/title", ""),
        ("/data/score", 24.9),
        ("/data/activity", "close"),  # without a close_reason
        ("/data/reasons", []),
        ("/data/reasons/0/rule", "no-such-rule"),
        ("/data/payment_ids", ["PM-1", "PM-1"]),
        ("/data/money/0/count", -1),
        ("/data/truncated", {"entities": 0}),
    ],
)
def test_faulty_alert_does_not_fit(place: str, value: Any) -> None:
    assert not ALERTS.is_valid(put(json.loads(json.dumps(ALERT)), place, value))
