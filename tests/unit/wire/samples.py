"""A full event of every type: every field of the contract is set, so that dropping or breaking one is a test."""

from __future__ import annotations

import json
from typing import Any

from sluicegate.wire.decode import Event, Reject, decode

Json = dict[str, Any]

NOON = 1_781_179_200_000  # 2026-06-11T12:00:00Z in milliseconds

MONEY = {"value": "1250.00", "currency": "USD"}
NAME_CHECK = {"status": "match", "source": "vop", "at": "2026-06-01T09:00:00Z"}
WALLET = {
    "address": "0x52908400098527886E0F7030069857D2E4169EE7",
    "tag": "7",
    "network": "eip155:1",
    "asset": "USDC",
    "hosted": "self",
    "provider": "Examplepay",
    "kyc_attested": True,
    "tags": ["exchange"],
}
PAYEE = {
    "payee_id": "E-1",
    "kind": "employee",
    "name": "Zoë Example",
    "legal_name": "Zoë M. Example",
    "entity_type": "person",
    "country": "US",
    "region": "US-CA",
    "residence_hash": "r1",
    "phone_hash": "p1",
    "tax_id_hash": "t1",
    "dob": "1990-02-28",
    "dob_verified": True,
    "ids": [{"scheme": "passport", "value": "X0000001"}],
    "lei": "5493001KJTIIGC8Y1R12",
    "group_id": "g1",
    "email_domain": "example.com",
    "remote": False,
    "start_date": "2024-02-29",
    "end_date": "2027-01-31",
    "flags": ["po_box"],
    "peer_group": "grade-4",
}
ACCOUNT = {
    "fp": "fp_1",
    "scheme": "us_aba",
    "country": "US",
    "region": "US-NY",
    "bank_id": "021000021",
    "bank_name": "Example Bank",
    "last4": "1234",
    "holder_name": "Zoë Example",
    "joint": False,
    "number_check": "valid",
    "name_check": NAME_CHECK,
}
WALLET_ACCOUNT = {"fp": "fp_2", "scheme": "wallet", "wallet": WALLET}
APPROVAL = {
    "requested_by": "u1",
    "created_by": "u2",
    "approved_by": ["u3", "u4"],
    "approved_at": "2026-06-10T09:00:00+02:00",
    "limit": "5000",
}
ACTOR = {
    "user_id": "u1",
    "role": "hr",
    "channel": "portal",
    "ip": "192.0.2.1",
    "ip_country": "US",
    "ip_country_new": False,
    "device_id": "d1",
    "device_known": True,
    "mfa": True,
    "mfa_changed_at": "2026-05-01T00:00:00.5Z",
    "ticket": "T-1",
}
VERIFICATION = {"method": "callback", "status": "passed", "at": "2026-06-02T09:00:00Z", "by": "u5"}

PAYMENT: Json = {
    "payment_id": "PM-1",
    "payee": PAYEE,
    "account": ACCOUNT,
    "amount": MONEY,
    "schedule": {
        "rail": "ach",
        "run_id": "R-1",
        "run_type": "regular",
        "pay_group": "monthly",
        "period_start": "2026-05-01",
        "period_end": "2026-05-31",
        "pay_date": "2026-06-11",
        "sec_code": "PPD",
        "entry_descriptor": "PAYROLL",
    },
    "amount_base": {"value": "1250.00", "currency": "USD", "fx_rate": "1"},
    "split": {"index": 1, "count": 2, "percent": "60.0"},
    "purpose": {
        "code": "SALA",
        "category_code": "SALA",
        "components": [{"type": "regular", "amount": "1300.00"}, {"type": "retro", "amount": "-50.00"}],
        "gross": "1300.00",
        "net": "1250.00",
        "deductions_total": "50.00",
        "hourly": True,
        "hours": "160",
        "leave_hours": "8.5",
        "remittance": "May",
    },
    "invoices": [
        {"number": "I-1", "date": "2026-05-20", "total": "-3.10", "po_number": "PO-1", "credit_note_of": "I-0"},
        {"number": "I-2", "total": "1253.10"},
    ],
    "approval": APPROVAL,
    "raw_ref": {"uri": "s3://bucket/key", "sha256": "ab" * 32},
    "request_id": "RQ-1",
    "batch": {"id": "B-1", "control": "ok"},
    "ledger": {"department": "sales", "category": "wages", "code": "6000"},
}

DATA: dict[str, Json] = {
    "payroll.payment.v1": PAYMENT,
    "vendor.payment.v1": PAYMENT | {"account": WALLET_ACCOUNT},
    "payee.change.v1": {
        "change": "account",
        "payee": PAYEE,
        "new_account": ACCOUNT,
        "old_account": WALLET_ACCOUNT,
        "bootstrap": False,
        "actor": ACTOR,
        "verification": VERIFICATION,
        "approval": APPROVAL,
        "contact_fields": ["email"],
    },
    "payout.request.v1": {
        "request_id": "RQ-1",
        "payee": PAYEE,
        "method": "crypto",
        "amount": MONEY,
        "amount_base": MONEY,
        "crypto_amount": {"value": "0.5", "asset": "ETH", "network": "eip155:1"},
        "destination": WALLET,
        "account": ACCOUNT,
        "purpose": "salary",
        "share_of_pay": "0.25",
        "provider": "Examplepay",
        "auto_sweep": False,
        "actor": ACTOR,
    },
    "payment.status.v1": {
        "payment_id": "PM-1",
        "payee_id": "E-1",
        "status": "noc",
        "code": "C01",
        "questionable": False,
        "corrected_account": ACCOUNT,
        "name_check": NAME_CHECK,
        "account_fp": "fp_1",
        "seq": -1,
    },
    "worker.lifecycle.v1": {
        "action": "hire",
        "payee": PAYEE,
        "effective_date": "2026-06-01",
        "scope": "location",
        "session": {"ip": "192.0.2.1", "ip_country": "US", "device_id": "d1"},
        "flag": "background_check",
        "flag_value": "missing",
    },
    "policy.update.v1": {
        "base_currency": "EUR",
        "timezone": "Europe/Berlin",
        "limits": ["5000", "10000.00"],
        "pay_days": [15, "last_business_day"],
        "pay_dates": ["2026-06-30"],
        "holidays": ["2026-12-25"],
        "crypto": {
            "allowed": True,
            "providers": ["Examplepay"],
            "assets": ["USDC"],
            "networks": ["eip155:1"],
            "max": None,
        },
        "trusted_accounts": [{"fp": "fp_9", "kind": "court_order", "note": "order 7"}],
        "recurring_contracts": [{"payee_id": "V-1", "amount": MONEY, "every_days": 30}],
        "migrations": [{"from_bank": "a", "to_bank": "b", "from": "2026-01-01", "until": "2026-03-01"}],
        "roster": True,
        "household_check": False,
        "screen_dob": False,
        "vasp_banks": ["x"],
        "ewa_providers": ["y"],
        "no_deduction_payees": ["E-9"],
        "approver_timezones": {"u1": "Asia/Tokyo"},
        "cross_tenant_counts": True,
        "clearance": {"hold_from": 80, "review_from": 40, "unscored": "release", "wait_minutes": 5},
        "rules": {"pay-spike": {"mode": "shadow", "params": {"factor": 3, "levels": [1.5, {"x": None}]}}},
    },
    "sanctions.update.v1": {
        "list": "ofac-sdn",
        "version": "2026-06-01",
        "published_at": "2026-06-01T00:00:00Z",
        "mode": "snapshot",
        "add": [
            {
                "entry_id": "1",
                "kind": "person",
                "names": [{"name": "A Example", "quality": "primary"}, {"name": "Example, A"}],
                "dob": ["1960", "1960-05", "1960-05-06"],
                "countries": ["US"],
                "programs": ["P"],
                "wallets": ["w1"],
                "ids": [{"scheme": "passport", "value": "1"}],
                "listed_on": "2020-01-01",
                "remarks": "-",
            }
        ],
        "remove": ["2"],
        "part": 1,
        "parts": 2,
    },
    "disposition.v1": {
        "alert_id": "al_" + "0" * 32,
        "verdict": "benign",
        "by": "analyst",
        "at": "2026-06-12T09:00:00Z",
        "reason_code": "known",
        "note": "seen",
        "allow": {
            "rule": "sanctioned-name",
            "pivot": {"kind": "payee", "value": "E-1"},
            "expires": "2026-12-31T00:00:00Z",
            "list_entry": "1",
        },
    },
}
INTERNAL: dict[str, Json] = {
    "clock.tick.v1": {"at": "2026-06-11T09:00:00Z"},
    "shared.count.v1": {
        "rule": "many-employers",
        "pivot": "t1",
        "count": 3,
        "source": "/feeds/acme",
        "id": "e1",
        "time": "2026-06-11T09:00:00Z",
    },
}


def event(name: str = "payroll.payment.v1", **envelope: Any) -> Json:
    """A sound event of the type; keyword arguments replace or add attributes. The caller owns the copy."""
    root = {
        "specversion": "1.0",
        "id": "e1",
        "source": "/feeds/acme",
        "type": name,
        "time": "2026-06-11T09:00:00Z",
        "tenantid": "acme",
        "subject": "s",
        "datacontenttype": "application/json",
        "dataschema": "urn:x",
        "traceparent": "00-0",
        "partitionkey": "acme",
        "data": (DATA | INTERNAL).get(name, {}),
        "unknown_extension": {"deep": [1, 2.5, None, "é"]},
    }
    own: Json = json.loads(json.dumps(root | envelope))
    return own


def encoded(name: str = "payroll.payment.v1", **envelope: Any) -> bytes:
    """The same as UTF-8 JSON."""
    return json.dumps(event(name, **envelope), ensure_ascii=False).encode()


def accepted(value: bytes, **circumstances: Any) -> Event:
    result = decode(value, **circumstances)
    assert isinstance(result, Event), result
    return result


def refused(value: bytes | dict[str, Any] | None, **circumstances: Any) -> tuple[str, str]:
    result = decode(json.dumps(value).encode() if isinstance(value, dict) else value, **circumstances)
    assert isinstance(result, Reject), result
    return result.reason, result.path


def put(root: Json, pointer: str, value: Any) -> Json:
    """Set what a JSON Pointer names, in place."""
    parent, last = _parent(root, pointer)
    parent[last] = value
    return root


def drop(root: Json, pointer: str) -> Json:
    """Remove what a JSON Pointer names, in place."""
    parent, last = _parent(root, pointer)
    del parent[last]
    return root


def _parent(root: Any, pointer: str) -> tuple[Any, Any]:
    *outer, last = pointer.split("/")[1:]
    for name in outer:
        root = root[int(name) if isinstance(root, list) else name]
    return root, int(last) if isinstance(root, list) else last
