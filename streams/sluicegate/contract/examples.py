"""A story in events, one of each type and all made up; and what detection says to it, by running it.

The AsyncAPI document shows them. Outputs are those of a replay, so they cannot differ from what the system does.
"""

import json
from functools import cache
from typing import Any

from sluicegate.replay import Replay

__all__ = ["Json", "inputs", "letter", "outputs", "story"]

Json = dict[str, Any]

_TENANT = "example-works"
_FP = "fp_3f6d2b1c9a8e7d6c5b4a3f2e"
_NEW_FP = "fp_91c0de55aa77bb33cc22dd11"
_PAYEE = {"payee_id": "E-1001", "kind": "employee", "name": "Ana Example", "country": "US", "region": "US-NY"}
_ACCOUNT = {"fp": _FP, "scheme": "us_aba", "country": "US", "bank_id": "021000021", "last4": "4321"}
_NEW_ACCOUNT = {"fp": _NEW_FP, "scheme": "prepaid", "country": "US", "last4": "8765", "number_check": "valid"}


def inputs() -> dict[str, Json]:
    """Type -> an event of it in structured mode, in the order of the story."""
    disposition = {
        "alert_id": outputs()["alert.v1"]["data"]["alert_id"],
        "verdict": "confirmed",
        "reason_code": "payee_denied_change",
        "note": "The payee did not ask for the change.",
        "by": "analyst-7",
        "at": "2026-06-15T15:30:00Z",
    }
    announced = {
        "run_id": "RUN-2026-06-15",
        "payments": 1,
        "totals": [{"value": "2450.00", "currency": "USD"}],
        "payment_ids": ["PAY-2026-06-15-0001"],
        "release_at": "2026-06-15T18:00:00Z",
    }
    return _told() | {
        "disposition.v1": _event("disposition.v1", "2026-06-15T15:30:00Z", "console", disposition),
        "run.announced.v1": _event("run.announced.v1", "2026-06-15T11:55:00Z", "payroll", announced),
    }


@cache
def outputs() -> dict[str, Json]:
    """Type -> the last output of it that the story brings about."""
    found: dict[str, Json] = {}

    def keep(output: Any) -> None:
        event = json.loads(output.value or b"{}")
        if event.get("tenantid") == _TENANT:
            found[event["type"]] = event

    replay = Replay(keep)
    replay.feed("story", [json.dumps(event).encode() for event in story()])
    replay.finish()
    return found


@cache
def letter() -> Json:
    """The dead letter of a payment whose amount is a number."""
    broken = _told()["payroll.payment.v1"]
    broken["data"]["amount"]["value"] = 2450.0
    found: list[Json] = []
    replay = Replay(lambda output: found.append(json.loads(output.value or b"")))
    replay.feed("payroll-payments", [json.dumps(broken).encode()])
    replay.finish()
    return found[0]


def _told() -> dict[str, Json]:
    status = {"payment_id": "PAY-2026-06-15-0001", "payee_id": "E-1001", "status": "returned", "code": "R03", "seq": 1}
    return {
        "policy.update.v1": _event("policy.update.v1", "2026-06-01T08:00:00Z", "policies", _policy()),
        "sanctions.update.v1": _event("sanctions.update.v1", "2026-06-01T09:00:00Z", "lists", _list())
        | {"tenantid": "*"},
        "worker.lifecycle.v1": _event(
            "worker.lifecycle.v1",
            "2026-06-02T09:00:00Z",
            "hr",
            {"action": "hire", "payee": _PAYEE, "effective_date": "2024-02-01"},
        ),
        "payee.change.v1": _event("payee.change.v1", "2026-06-12T22:14:00Z", "portal", _change()),
        "payroll.payment.v1": _event(
            "payroll.payment.v1", "2026-06-15T12:00:00Z", "payroll", _pay(6, 15, _NEW_ACCOUNT)
        ),
        "vendor.payment.v1": _event("vendor.payment.v1", "2026-06-15T12:05:00Z", "payables", _bill()),
        "payout.request.v1": _event("payout.request.v1", "2026-06-15T13:00:00Z", "wallet-app", _request()),
        "payment.status.v1": _event("payment.status.v1", "2026-06-17T06:00:00Z", "bank", status),
    }


def story() -> list[Json]:
    """Events in order of time, from earlier pay on."""
    return [*_before(), *_told().values()]


def _before() -> list[Json]:
    """Earlier pay to the account that the payee had until then."""
    return [
        _event("payroll.payment.v1", f"2026-{month:02}-{day}T12:00:00Z", "payroll", _pay(month, day, _ACCOUNT))
        for month in (3, 4, 5)
        for day in (15, 29)
    ]


def _event(type_: str, time: str, feed: str, data: Json) -> Json:
    return {
        "specversion": "1.0",
        "id": f"{feed}-{time}",
        "source": f"/{_TENANT}/{feed}",
        "type": type_,
        "time": time,
        "tenantid": _TENANT,
        "datacontenttype": "application/json",
        "data": data,
    }


def _policy() -> Json:
    return {
        "base_currency": "USD",
        "timezone": "America/New_York",
        "limits": ["5000.00", "25000.00"],
        "pay_days": [15, "last_business_day"],
        "crypto": {"allowed": False},
        "clearance": {"hold_from": 65, "review_from": 25, "unscored": "hold", "wait_minutes": 60},
        "trusted_accounts": [{"fp": "fp_00112233445566778899aabb", "kind": "union", "note": "dues"}],
        "rules": {"crypto-request": {"mode": "shadow", "params": {}}},
    }


def _list() -> Json:
    entry = {
        "entry_id": "IW-1",
        "kind": "organisation",
        "names": [{"name": "EXAMPLE SHELL TRADING LLC", "quality": "primary"}],
        "countries": ["PA"],
        "programs": ["INTERNAL"],
    }
    own = {
        "list": "internal-watch",
        "version": "2026-06-01",
        "published_at": "2026-06-01T09:00:00Z",
        "mode": "snapshot",
    }
    return own | {"add": [entry]}


def _change() -> Json:
    return {
        "change": "account",
        "payee": _PAYEE,
        "new_account": _NEW_ACCOUNT,
        "old_account": _ACCOUNT,
        "actor": {"user_id": "E-1001", "role": "self", "channel": "portal", "ip_country": "US", "device_known": False},
        "verification": {"method": "none", "status": "pending"},
    }


def _pay(month: int, day: int, account: Json) -> Json:
    return {
        "payment_id": f"PAY-2026-{month:02}-{day}-0001",
        "payee": _PAYEE,
        "account": account,
        "amount": {"value": "2450.00", "currency": "USD"},
        "schedule": {
            "rail": "ach",
            "run_id": f"RUN-2026-{month:02}-{day}",
            "run_type": "regular",
            "pay_date": f"2026-{month:02}-{day}",
            "sec_code": "PPD",
            "entry_descriptor": "PAYROLL",
        },
        "purpose": {"gross": "3200.00", "deductions_total": "750.00", "net": "2450.00", "hourly": False},
    }


def _bill() -> Json:
    return {
        "payment_id": "BILL-2026-00417",
        "payee": {"payee_id": "V-77", "kind": "vendor", "name": "Example Paper Supply", "country": "US"},
        "account": {
            "fp": "fp_77aa66bb55cc44dd33ee22ff",
            "scheme": "iban",
            "country": "DE",
            "bank_id": "COBADEFFXXX",
            "last4": "3000",
        },
        "amount": {"value": "12480.50", "currency": "EUR"},
        "amount_base": {"value": "13478.94", "currency": "USD", "fx_rate": "1.08"},
        "schedule": {"rail": "sepa_ct"},
        "invoices": [{"number": "INV-4417", "date": "2026-05-20", "total": "12480.50", "po_number": "PO-1188"}],
        "approval": {"created_by": "ap-3", "approved_by": ["ap-9"], "approved_at": "2026-06-14T16:00:00Z"},
    }


def _request() -> Json:
    return {
        "request_id": "REQ-5",
        "payee": _PAYEE,
        "method": "crypto",
        "amount": {"value": "900.00", "currency": "USD"},
        "crypto_amount": {"value": "900.00", "asset": "USDC", "network": "eip155:8453"},
        "destination": {
            "address": "0x52908400098527886E0F7030069857D2E4169EE7",
            "network": "eip155:8453",
            "asset": "USDC",
            "hosted": "self",
        },
        "purpose": "salary",
        "share_of_pay": "0.37",
    }
