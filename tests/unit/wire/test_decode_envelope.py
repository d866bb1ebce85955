"""Decoding: the attributes around `data`, circumstances of a record, and the order of checks."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.wire.events import SanctionsUpdate
from tests.unit.wire.samples import DATA, INTERNAL, NOON, accepted, encoded, event, put, refused

ENVELOPE = [
    *[("bad_envelope", name, None) for name in ("specversion", "id", "source", "type", "data")],
    *[("bad_envelope", name, 7) for name in ("specversion", "id", "source", "type", "subject", "traceparent")],
    ("bad_envelope", "specversion", "0.3"),
    ("bad_envelope", "id", ""),
    ("bad_envelope", "id", "x" * 129),
    ("bad_envelope", "source", ""),
    ("bad_envelope", "source", "x" * 513),
    ("bad_envelope", "datacontenttype", "application/xml"),
    ("bad_envelope", "partitionkey", ""),
    ("bad_envelope", "partitionkey", "x" * 257),
    ("missing_tenant", "tenantid", None),
    *[("missing_tenant", "tenantid", bad) for bad in (7, "", "Acme", "-a", "a" * 64, "acme\n", "a.b", "**", "ä")],
    ("bad_time", "time", None),
    *[
        ("bad_time", "time", bad)
        for bad in (
            1781179200,
            "",
            "yesterday",
            "2026-06-11",
            "2026-06-11T09:00:00",
            "2026-06-11 09:00:00Z",
            "2026-06-11t09:00:00z",
            "2026-02-30T09:00:00Z",
            "2026-06-11T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-06-11T09:00:00+2500",
            "2026-06-11T09:00:00+24:00",
            "2026-06-11T09:00:00.1234567890Z",
            "2026-06-11T09:00:00Z\n",
            "٢٠٢٦-06-11T09:00:00Z",
            "1999-12-31T23:59:59.999999Z",
            "2000-01-01T00:00:00+00:01",
            "2100-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
        )
    ],
    *[
        ("unknown_type", "type", name)
        for name in ("", "vendor.payment.v2", "alert.v1", "decision.v1", "log.export.v1", *INTERNAL)
    ],
]


@pytest.mark.parametrize(("reason", "attribute", "value"), ENVELOPE)
def test_faulty_attribute_is_refused_at_its_place(reason: str, attribute: str, value: Any) -> None:
    faulty = event() | {attribute: value}
    if value is None:
        del faulty[attribute]
    assert refused(faulty) == (reason, f"/{attribute}")


def test_null_attribute_is_malformed() -> None:
    assert refused(event(subject=None)) == ("bad_envelope", "/subject")
    assert refused(event(tenantid=None)) == ("missing_tenant", "/tenantid")


@pytest.mark.parametrize(
    "time", ["2000-01-01T00:00:00Z", "2099-12-31T23:59:59.999999999Z", "2100-01-01T00:30:00+01:00"]
)
def test_event_time_at_its_bounds_is_accepted(time: str) -> None:
    accepted(encoded(time=time))


def test_event_time_is_at_most_a_day_after_arrival() -> None:
    accepted(encoded(time="2026-06-12T12:00:00Z"), arrival_ms=NOON)
    assert refused(event(time="2026-06-12T12:00:00.000001Z"), arrival_ms=NOON) == ("bad_time", "/time")
    accepted(encoded(time="2030-01-01T00:00:00Z"))  # in replay there is no arrival


def test_known_type_on_another_topic_is_wrong_topic() -> None:
    assert refused(event(), topic="vendor-payments") == ("wrong_topic", "/type")
    assert refused(event("nonsense"), topic="vendor-payments") == ("unknown_type", "/type")


def test_internal_types_are_accepted_in_the_log_only() -> None:
    for name in INTERNAL:
        tenant = "*" if name == "clock.tick.v1" else "acme"
        assert accepted(encoded(name, tenantid=tenant), internal=True).type == name
        assert refused(event(name, tenantid=tenant)) == ("unknown_type", "/type")


def test_all_tenants_is_for_lists_only() -> None:
    assert isinstance(accepted(encoded("sanctions.update.v1", tenantid="*")).data, SanctionsUpdate)
    for name in DATA.keys() - {"sanctions.update.v1"}:
        assert refused(event(name, tenantid="*")) == ("schema_violation", "/tenantid")


def test_the_first_failing_check_gives_the_reason() -> None:
    faults = [
        ("bad_amount", "/data/amount/value", -1),
        ("schema_violation", "/data/invoices/1/number", 5),
        ("unknown_type", "/type", "vendor.payment.v9"),
        ("bad_time", "/time", "now"),
        ("missing_tenant", "/tenantid", "ACME"),
        ("bad_envelope", "/traceparent", 1),
    ]
    broken = event()
    for reason, place, value in faults:
        put(broken, place, value)
        assert refused(broken, topic="payroll-payments") == (reason, place)
        if reason == "schema_violation":
            assert refused(broken, topic="policies") == ("wrong_topic", "/type")
