"""Alerts made by the real core from a few events, as the topic would hold them."""

from functools import cache
from typing import Any

from sluicegate.console.store.alerts import Revision, decode
from sluicegate.detection.log import Output
from sluicegate.replay import Replay
from sluicegate.wire.canonical import canonical

TIME = "2026-06-11T09:{minute:02}:00Z"


def payment(
    number: int, tenant: str = "acme", payee: str = "V3", invoice: str = "INV-1", name: str = "Fernhill Supplies"
) -> dict[str, Any]:
    """A vendor payment; two with one invoice raise duplicate-invoice, high."""
    return {
        "specversion": "1.0",
        "id": f"p-{number}",
        "source": f"/feeds/{tenant}",
        "type": "vendor.payment.v1",
        "time": TIME.format(minute=number % 60),
        "tenantid": tenant,
        "data": {
            "payment_id": f"PM-{number}",
            "payee": {"payee_id": payee, "kind": "vendor", "name": name, "country": "US"},
            "account": {"fp": f"fp-{payee}", "scheme": "us_aba", "country": "US", "last4": "3927"},
            "amount": {"value": "2200.00", "currency": "USD"},
            "schedule": {"rail": "ach"},
            "invoices": [{"number": invoice, "total": "2200.00"}],
        },
    }


def request(
    number: int, tenant: str = "acme", payee: str = "C1", wallet: str = "0x00000000000000000000000000000000000000a1"
) -> dict[str, Any]:
    """A crypto request of a contractor; raises crypto-request."""
    return {
        "specversion": "1.0",
        "id": f"r-{number}",
        "source": f"/feeds/{tenant}",
        "type": "payout.request.v1",
        "time": TIME.format(minute=number % 60),
        "tenantid": tenant,
        "data": {
            "request_id": f"R-{number}",
            "payee": {"payee_id": payee, "kind": "contractor", "name": "Ann Carter"},
            "method": "crypto",
            "amount": {"value": "900.00", "currency": "USD"},
            "share_of_pay": "1",
            "destination": {"address": wallet, "network": "eip155:1", "asset": "USDT", "hosted": "self"},
        },
    }


def alerts(*events: dict[str, Any]) -> list[bytes]:
    """Records of the topic `alerts` that the core writes for these events."""
    found: list[Output] = []
    replay = Replay(found.append)
    replay.feed("events.jsonl", [canonical(event) for event in events])
    return [output.value for output in found if output.topic == "alerts"]


@cache
def duplicate(tenant: str = "acme", payee: str = "V3", number: int = 1) -> bytes:
    """The first revision of a duplicate-invoice alert."""
    pair = [payment(number * 2 + at, tenant, payee, f"INV-{number}") for at in range(2)]
    return alerts(*pair)[0]


def revision(value: bytes, arrived_at: int = 1) -> Revision:
    found = decode(value, arrived_at)
    assert found is not None
    return found
