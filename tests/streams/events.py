"""Events for stream tests: sound ones, small, with the fields a test is about."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

_numbers = itertools.count(1)
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=200)
DAY = 24 * 60


def event(type_: str, tenant: str, data: dict[str, Any], *, minutes: float = 0, id_: str = "") -> dict[str, Any]:
    """An event in structured mode, `minutes` after the tests' start of time."""
    return {
        "specversion": "1.0",
        "id": id_ or f"e{next(_numbers):08d}",
        "source": f"/feeds/{tenant}",
        "type": type_,
        "time": (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z"),
        "tenantid": tenant,
        "data": data,
    }


def payment(
    tenant: str = "acme",
    payee: str = "V1",
    *,
    fp: str = "fp_1",
    value: str = "100.00",
    kind: str = "vendor",
    **about: Any,
) -> dict[str, Any]:
    """A payment of `value` USD to a vendor's or an employee's account."""
    number = next(_numbers)
    return event(
        "vendor.payment.v1" if kind == "vendor" else "payroll.payment.v1",
        tenant,
        {
            "payment_id": f"PM-{number:08d}",
            "payee": {"payee_id": payee, "kind": kind},
            "account": {"fp": fp, "scheme": "us_aba", "country": "US"},
            "amount": {"value": value, "currency": "USD"},
            "schedule": {"rail": "ach"},
        },
        **about,
    )


def policy(tenant: str = "acme", *, minutes: float = 0, **fields: Any) -> dict[str, Any]:
    return event("policy.update.v1", tenant, fields, minutes=minutes)


def verdict(tenant: str, alert_id: str, what: str = "false_positive", *, minutes: float = 0) -> dict[str, Any]:
    at = (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    return event(
        "disposition.v1", tenant, {"alert_id": alert_id, "verdict": what, "by": "ana", "at": at}, minutes=minutes
    )


def list_part(part: int = 1, parts: int = 1, *, name: str = "SHADY TRADING LLC") -> dict[str, Any]:
    """A part of a sanctions list, which concerns all tenants."""
    data = {
        "list": "ofac-sdn",
        "version": "1",
        "published_at": START.isoformat().replace("+00:00", "Z"),
        "mode": "snapshot",
        "part": part,
        "parts": parts,
        "add": [
            {
                "entry_id": f"E{part}",
                "kind": "organisation",
                "names": [{"name": f"{name} {part}", "quality": "primary"}],
            }
        ],
    }
    return event("sanctions.update.v1", "*", data)
