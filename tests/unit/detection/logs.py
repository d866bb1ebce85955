"""Logs for the laws: short, dense, and odd. Few tenants, payees and accounts, so that everything meets everything."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from sluicegate.detection.alerts import alert_id
from sluicegate.detection.partition import LogRecord
from sluicegate.wire.scalars import format_time
from tests.scenarios.build import ADDRESS, DAY, HOUR, START, Tale, account, entry, payee, wallet

Json = dict[str, Any]

TENANTS = ("acme", "beta", "gamma")
PAYEES = ("E1", "E1", "E1", "C1", "V1", "V1", "V|3\nx")
ACCOUNTS = ("A", "A", "A", "B", "C")
FAMILIES = ("account", "payables", "payroll", "crypto", "sanctions", "pattern", "anomaly", "quality")
RULE_PARAMS: tuple[tuple[str, Json], ...] = (
    ("unusual-payment", {"warm_up": 1, "budget_share": 0.5}),
    ("pay-spike", {"min_history": 1, "min_z": 1}),
    ("changed-account", {"emit_at_change": 0, "trust_payments": 1}),
    ("change-burst", {"min_payees": 1, "roster_min": 1, "window_hours": 1}),
    ("account-churn", {"min_changes": 1}),
    ("shared-account", {"no_such_parameter": 1}),
    ("split-payment", {"lower_ratio": 0.1}),
    ("near-limit", {"min_count": 1, "min_share": 0, "near_ratio": 0.1}),
    ("new-vendor-large", {"min_amount": "0", "max_age_days": 400}),
    ("dormant-vendor", {"gap_days": 1}),
    ("many-employers", {"min_tenants": 1, "contractor_tenants": 1, "min_amount": "0"}),
    ("it-worker-pattern", {"high": 20, "critical": 40, "zero_days": 30, "attest_days": 1}),
    ("shell-vendor", {"min_payments": 1, "medium_signals": 1}),
    ("run-shift", {"share": 0, "min_difference": "0", "unknown_min": 1}),
    ("no-deductions", {"runs": 1}),
    ("repeated-advance", {"short_count": 1}),
)
STEPS = (0, 1, HOUR, 24 * HOUR, 24 * HOUR + 1, 73 * HOUR, 73 * HOUR, 14 * DAY, 14 * DAY, 40 * DAY, 200 * DAY)
LATE = (0, 0, 0, 0, 0, 0, HOUR, 25 * HOUR, 30 * DAY)
AMOUNTS = (
    *("1000.00", "1000.00", "1000.00", "1004.5", "2500", "2500.00", "250000.123", "0"),
    "99999999999999999.999999999999999999",
)

_payees = st.sampled_from(PAYEES)
_accounts = st.sampled_from(ACCOUNTS)
_amounts = st.sampled_from(AMOUNTS)


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


_traits: st.SearchStrategy[Json] = st.sampled_from(
    [
        {},
        {"country": "GB"},
        {"joint": True},
        {"scheme": "emi"},
        {"bank_id": "1"},
        {"name_check": {"status": "no_match"}},
    ]
)


@st.composite
def _payment(draw: st.DrawFn, tale: Tale, at: int) -> None:
    who = draw(_payees)
    person = payee(who) | draw(_details)
    more: Json = {}
    split = draw(
        st.sampled_from([None, None, None, None, None, None, None, None, (1, 2), (2, 2), (1, 3), (3, 3), (7, 2)])
    )
    if split is not None:
        more |= {"split": {"index": split[0], "count": split[1]}, "payment_id": draw(st.sampled_from(["S1", "S2"]))}
    elif draw(st.integers(0, 9)) == 0:
        more["payment_id"] = draw(st.sampled_from(["S1", *(f"P{n:05d}" for n in range(6))]))
    if draw(st.booleans()):
        kind = draw(st.sampled_from(["regular", "severance", "advance"]))
        more["purpose"] = {
            "components": [{"type": kind, "amount": "800"}, {"type": "bonus", "amount": "200"}],
            "remittance": f"pay {ADDRESS}",
        } | draw(st.sampled_from([{}, UNTAXED]))
    if draw(st.booleans()):
        more["schedule"] = draw(st.sampled_from(SCHEDULES))
    if draw(st.booleans()):
        more["approval"] = {"requested_by": "u", "approved_by": draw(st.sampled_from([["u"], ["v", "w"], []]))}
        more["approval"] |= draw(st.sampled_from([{}, {"approved_at": "2026-02-01T23:00:00Z"}]))
    tale.pay(
        person,
        account(draw(_accounts)) | draw(_traits),
        draw(_amounts),
        at,
        currency=draw(st.sampled_from(["USD", "USD", "EUR"])),
        rail=draw(st.sampled_from(["ach", "wire"])),
        run=draw(_maybe(st.sampled_from(["R1", "R2"]))) if who[0] != "V" else None,
        invoice=draw(_maybe(st.sampled_from(["INV-417", "417", "0417-A", ""]))),
        **more,
    )


CLEARANCE: tuple[Json, ...] = ({}, {"clearance": {}}, {"clearance": {"hold_from": 45, "review_from": 30}})
UNTAXED: Json = {"gross": "1", "net": "1", "deductions_total": "0", "hourly": False}
SCHEDULES: tuple[Json, ...] = (
    {"period_start": "2026-02-02", "period_end": "2026-02-15", "pay_date": "2026-02-20"},
    {"run_type": "off_cycle", "pay_group": "weekly"},
    {"run_type": "correction", "period_start": "2026-01-01"},
)


_details: st.SearchStrategy[Json] = st.sampled_from(
    (
        *({}, {}, {"name": "Vitaly Andreyev"}, {"name": "Acme Trading Ltd", "tax_id_hash": "t1"}),
        *({"residence_hash": "r"}, {"remote": True, "start_date": "2026-01-01"}),
        {"ids": [{"scheme": "passport", "value": "AB 1-2"}]},
        {"phone_hash": "p", "name": "Acme Tradings Ltd", "email_domain": "a-b.example", "flags": ["services_only"]},
        {"phone_hash": "q", "email_domain": "ab.example"},
    )
)


@st.composite
def _change(draw: st.DrawFn, tale: Tale, at: int) -> None:
    who = payee(draw(_payees)) | draw(_details)
    kind = draw(st.sampled_from(["created", "account", "account", "contact", "closed"]))
    more: Json = {"change": kind}
    if draw(st.booleans()):
        channel = draw(st.sampled_from(["portal", "email", "bulk_import", "bank_noc"]))
        more["actor"] = {"user_id": "u", "role": "self", "channel": channel, "ticket": "T", "device_known": False}
        more["actor"] |= {"device_id": draw(st.sampled_from(["d1", "d2"]))}
    if draw(st.booleans()):
        more["verification"] = {"method": "callback", "status": "passed", "by": "other"}
    if draw(st.booleans()):
        more["bootstrap"] = True
    new = draw(st.sampled_from([account(name) for name in ACCOUNTS] + [WALLET_ACCOUNT]))
    tale.change(who, new, at, **more)


WALLET_ACCOUNT = {"fp": "fp-W", "scheme": "wallet", "wallet": wallet()}


@st.composite
def _request(draw: st.DrawFn, tale: Tale, at: int) -> None:
    hop = wallet("other", network="eip155:10", asset="XMR")
    to = draw(st.sampled_from([wallet(), wallet(tag="7"), wallet(hosted="custodial", provider="p"), hop]))
    more: Json = {"method": "bank", "account": account("bank", country="IR")} if draw(st.booleans()) else {}
    more |= draw(st.sampled_from([{}, {"purpose": "advance"}]))
    tale.request(payee(draw(_payees)) | draw(_details), to, draw(_amounts), at, **more)


@st.composite
def _status(draw: st.DrawFn, tale: Tale, at: int) -> None:
    status = draw(st.sampled_from(["settled", "returned", "accepted", "noc", "name_check"]))
    payment = {"data": {"payment_id": draw(st.sampled_from(["S1", "P00001", "P00004"])), "payee": payee(draw(_payees))}}
    more: Json = {"corrected_account": account("B")} if status == "noc" else {}
    if status == "returned":
        more = draw(st.sampled_from([{}, {"code": "R03"}, {"code": "R17", "questionable": True}, {"account_fp": "B"}]))
    tale.status(payment, status, at, **more)


@st.composite
def _worker(draw: st.DrawFn, tale: Tale, at: int) -> None:
    action = draw(st.sampled_from(["hire", "hire", "terminate", "rehire", "session", "session", "flag", "attest"]))
    more: Json = {"effective_date": "2026-02-01", "scope": "location"}
    more |= draw(st.sampled_from([{}, {"flag": "document_mismatch"}, {"flag": "background_check"}]))
    country = draw(_maybe(st.sampled_from(["US", "LA", "TH"])))
    more["session"] = {"device_id": "d"} | ({"ip_country": country} if country is not None else {})
    tale.worker(payee(draw(_payees)) | draw(_details), action, at, **more)


@st.composite
def _count(draw: st.DrawFn, tale: Tale, at: int) -> None:
    """A count across tenants, of a payment or of something else that is known or not."""
    about = draw(st.sampled_from(tale.events)) if tale.events else {}
    pivot = draw(st.sampled_from(["account:fp-A", "account:fp-B", "tax_id:t1", "A", ""]))
    data: Json = {"rule": draw(st.sampled_from(["many-employers", "shared-wallet"])), "pivot": pivot}
    data |= {"count": draw(st.integers(0, 6)), "source": about.get("source", "/s"), "id": about.get("id", "e")}
    time = about.get("time", format_time(START + at))
    event = tale.add("shared.count.v1", at, data | {"time": time})
    event["time"] = time


@st.composite
def _policy(draw: st.DrawFn, tale: Tale, at: int) -> None:
    rules = {
        slug: {"mode": draw(st.sampled_from(["live", "live", "shadow", "off"])), "params": draw(_maybe_params(params))}
        for slug, params in draw(st.lists(st.sampled_from(RULE_PARAMS), unique_by=lambda r: r[0]))
    }
    tale.policy(
        at,
        timezone=draw(st.sampled_from(["UTC", "Asia/Tokyo", "Nowhere/At_All"])),
        pay_days=[15, "last_business_day"],
        roster=draw(st.booleans()),
        cross_tenant_counts=draw(st.booleans()),
        approver_timezones=draw(st.sampled_from([{}, {"v": "Asia/Tokyo"}, {"v": "Nowhere/At_All"}])),
        limits=draw(st.sampled_from([[], ["3000"], ["3000.0", "2501", "0"]])),
        crypto={"allowed": draw(st.booleans()), "providers": ["p"], "max": "2000"},
        **draw(st.sampled_from(CLEARANCE)),
        trusted_accounts=draw(st.sampled_from([[], [{"fp": "fp-A"}]])),
        rules=rules,
    )


def _maybe_params(params: Json) -> st.SearchStrategy[Json]:
    return st.sampled_from([params, {}])


ENTRIES = (
    entry("L1", "ANDREYEV, Vitaliy", countries=["US"]),
    entry("L2", "Acme Trading Limited", "organisation"),
    entry("L3", "Somebody Else", wallets=[ADDRESS], ids=[{"scheme": "passport", "value": "ab12"}]),
    entry("L1", "ANDREYEV, Vitaliy Sergeyevich", dob=["1976"]),
)


@st.composite
def _listed(draw: st.DrawFn, tale: Tale, at: int, tenant: str) -> None:
    entries = draw(st.lists(st.sampled_from(ENTRIES), unique_by=lambda e: e["entry_id"]))
    more: Json = {"list": "own-list" if tenant != "*" else "test-list"}
    more |= draw(
        st.sampled_from([{}, {"part": 1, "parts": 2}, {"part": 2, "parts": 2}])
        | st.just({"mode": "delta", "remove": ["L1"]})
    )
    tale.listed(*entries, version=draw(st.sampled_from(["1", "2"])), at=at, tenant=tenant, **more)


@st.composite
def _verdict(draw: st.DrawFn, tale: Tale, at: int) -> None:
    named = [event for event in tale.events if "payee" in event["data"]]
    about = draw(st.sampled_from(named)) if named else tale.pay("E1", at=at)
    to = about["data"].get("account") or about["data"].get("new_account") or {"fp": "none"}
    subject = draw(st.sampled_from([("payee", about["data"]["payee"]["payee_id"]), ("account", to["fp"])]))
    kind, name = subject
    id = alert_id(tale.tenant, kind, name, draw(st.sampled_from(FAMILIES)), f"{about['source']}\n{about['id']}")
    verdict = draw(st.sampled_from(["confirmed", "false_positive", "benign", "escalated"]))
    more: Json = {}
    if draw(st.booleans()):
        rule = draw(st.sampled_from(["shared-account", "changed-account", "sanctioned-name", "crypto-request"]))
        pivot = {"kind": kind, "value": name}
        more["allow"] = {
            "rule": rule,
            "pivot": pivot,
            "list_entry": "L1",
            "expires": format_time(START + at + draw(st.sampled_from([0, 1, 30 * DAY]))),
        }
    tale.verdict(id, verdict, at, **more)


MAKERS = (*[_payment] * 12, _change, _change, _request, _status, _worker, _worker, _count, _policy, _verdict)
GARBAGE = (b"", b"{", b"null", b"[1]", b"\xff\xfe", b'{"specversion":"1.0"}', b'{"a":"\xed\xa0\x80"}', b"[" * 5000)


@st.composite
def logs(draw: st.DrawFn, max_size: int = 50, *, cleared: bool = False) -> list[LogRecord]:
    """Records of one log partition, in its order: events of all tenants, lists, ticks, duplicates, damaged bytes.

    `cleared`: every tenant's payments are decided from the first one on, by one policy.
    """
    tales = {tenant: Tale(tenant) for tenant in (*TENANTS[: draw(st.sampled_from([1, 1, 2, 3]))], "*")}
    names = tuple(tales)[:-1]
    now = 0
    values: list[bytes] = []
    records: list[LogRecord] = []
    for tenant in names if cleared or draw(st.booleans()) else ():
        tales[tenant].policy(
            roster=True,
            cross_tenant_counts=True,
            clearance={},
            rules={slug: {"params": params} for slug, params in RULE_PARAMS[:-1]},
        )
        values += tales[tenant].lines
        records.append(LogRecord(len(records), START // 1000, b"k", values[-1], ()))
    for offset in range(len(records), len(records) + draw(st.integers(1, max_size))):
        now += draw(st.sampled_from(STEPS))
        at = max(0, now - draw(st.sampled_from(LATE)))
        choice = draw(st.integers(0, 24))
        if choice == 0 and values:
            value = draw(st.sampled_from(values))
        elif choice == 1:
            value = draw(st.sampled_from(GARBAGE) | st.binary(max_size=30))
        elif choice == 2 and values:
            value = _damaged(draw, draw(st.sampled_from(values)))
        elif choice == 3:
            tale = tales["*"]
            tale.add("clock.tick.v1", now, {"at": format_time(START + now)})
            value = tale.lines[-1]
        elif choice in (4, 5):
            tale = tales[draw(st.sampled_from([*names, "*"]))]
            draw(_listed(tale, at, tale.tenant))
            value = tale.lines[-1]
        else:
            tale = tales[draw(st.sampled_from(names))]
            draw(draw(st.sampled_from([make for make in MAKERS if not cleared or make is not _policy]))(tale, at))
            value = tale.lines[-1]
        values.append(value)
        records.append(LogRecord(offset, (START + now) // 1000, b"k", value, ()))
    return records


def _damaged(draw: st.DrawFn, value: bytes) -> bytes:
    """A valid event, cut, or with one value replaced."""
    if draw(st.booleans()):
        return value[: draw(st.integers(0, len(value)))]
    try:
        event = json.loads(value)
        keys = sorted(event["data"]) if isinstance(event, dict) else []
    except (ValueError, KeyError, TypeError, RecursionError):
        return value + b"}"
    for key in keys[: draw(st.integers(0, 2))]:
        event["data"][key] = draw(st.sampled_from([None, 1, -1, 1e300, "", "x" * 200, [], {}, True]))
    return json.dumps(event).encode()
