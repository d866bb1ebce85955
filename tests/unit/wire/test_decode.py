"""Decoding: what is accepted and becomes what, what is refused, for which reason and at which place."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from sluicegate.wire.canonical import canonical
from sluicegate.wire.decode import MAX_DEPTH, Reject, decode
from sluicegate.wire.events import TYPES, Disposition, Payment, PolicyUpdate
from sluicegate.wire.scalars import dec_hook, parse_time
from tests.unit.wire.samples import DATA, NOON, PAYMENT, accepted, drop, encoded, event, put, refused


@pytest.mark.parametrize("name", DATA)
def test_full_event_of_every_type_is_accepted_and_round_trips(name: str) -> None:
    found = accepted(encoded(name), topic=TYPES[name].topic, arrival_ms=NOON)
    assert (found.id, found.source, found.type, found.tenant) == ("e1", "/feeds/acme", name, "acme")
    assert (found.time, found.ref) == (parse_time("2026-06-11T09:00:00Z"), "/feeds/acme#e1")
    again = msgspec.json.decode(canonical(found.data), type=TYPES[name].struct, dec_hook=dec_hook)
    assert again == found.data


@pytest.mark.parametrize("name", DATA)
def test_every_field_of_the_contract_has_a_place_in_its_struct(name: str) -> None:
    sent = json.loads(encoded(name))["data"]
    kept = json.loads(canonical(accepted(encoded(name)).data))
    defaults = {"max": None}
    assert _instants(kept) == _instants(_without(sent, defaults))


def _without(value: Any, absent: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {k: _without(v, absent) for k, v in value.items() if k not in absent or v != absent[k]}
    return [_without(one, absent) for one in value] if isinstance(value, list) else value


def _instants(value: Any) -> Any:
    """Timestamps compared as points in time."""
    if isinstance(value, dict):
        return {k: _instants(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_instants(one) for one in value]
    us = parse_time(value) if isinstance(value, str) else None
    return value if us is None else us


def test_values_have_their_types() -> None:
    payment = accepted(encoded()).data
    assert isinstance(payment, Payment)
    assert (payment.amount.value, payment.amount.amount) == ("1250.00", Decimal("1250.00"))
    assert payment.payee.dob == date(1990, 2, 28)
    assert payment.approval is not None
    assert payment.approval.approved_at == parse_time("2026-06-10T07:00:00Z")
    assert payment.approval.approved_by == ("u3", "u4")


def test_absent_optional_fields_are_none_or_empty() -> None:
    lean = {name: PAYMENT[name] for name in ("payment_id", "payee", "account", "amount", "schedule")}
    payment = accepted(encoded(data=lean)).data
    assert isinstance(payment, Payment)
    assert (payment.purpose, payment.invoices, payment.request_id) == (None, (), None)


def test_empty_policy_has_the_contracts_defaults() -> None:
    policy = accepted(encoded("policy.update.v1", data={})).data
    assert isinstance(policy, PolicyUpdate)
    assert (policy.base_currency, policy.timezone, policy.crypto.allowed, policy.crypto.max) == (
        "USD",
        "UTC",
        False,
        None,
    )
    assert (policy.household_check, policy.screen_dob, policy.roster, policy.rules) == (True, True, False, {})


def test_unknown_fields_and_names_that_are_only_shown_are_accepted() -> None:
    open_content = event()
    open_content["data"]["new_block"] = {"x": [1]}
    open_content["data"]["schedule"]["run_type"] = "bonus_run"
    open_content["data"]["account"]["name_check"]["status"] = "partial"
    accepted(json.dumps(open_content).encode())


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("1.0", 1), ("2e0", 2), ("9223372036854775807", 2**63 - 1)])
def test_whole_numbers_are_whole_however_written(text: str, number: int) -> None:
    value = encoded("payment.status.v1").replace(b'"seq": -1', f'"seq": {text}'.encode())
    assert accepted(value).data.seq == number  # type: ignore[union-attr]


def test_last_of_equal_keys_wins() -> None:
    doubled = encoded().replace(b'"tenantid": "acme"', b'"tenantid": 5, "tenantid": "acme"')
    assert accepted(doubled).tenant == "acme"


# What is no JSON object in UTF-8
@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"   ",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        encoded()[:-1],
        encoded() + b"x",
        encoded() + b"\0",
        b"\xef\xbb\xbf" + encoded(),  # byte order mark
        encoded().decode().encode("utf-16"),
        encoded().replace(b'"acme"', b'"ac\xffme"'),
        encoded().replace(b"unknown_extension", b"unknown_\xc3(extension"),  # in a skipped key
        encoded().replace("é".encode(), b"\xe9"),  # in a skipped text
        encoded().replace("é".encode(), rb"\ud800"),  # half a surrogate pair
        encoded().replace("Zoë".encode(), rb"\udc00"),
        encoded().replace("é".encode(), b"\0"),
        encoded().replace(b"2.5", b"NaN"),
        encoded().replace(b"2.5", b"-Infinity"),
        encoded().replace(b"2.5", b"02"),
        encoded().replace(b"2.5", b"[" * 100_000),
        encoded().replace(b"2.5", b"[" * 100_000 + b"]" * 100_000),
        encoded().replace(b"2.5", b'{"a":' * 5000 + b"1" + b"}" * 5000),
    ],
)
def test_what_is_no_json_object_is_not_json(value: bytes | None) -> None:
    assert refused(value) == ("not_json", "")


def test_nesting_is_bounded_at_a_fixed_depth() -> None:
    def nested(levels: int) -> bytes:
        return encoded().replace(b"2.5", b"[" * levels + b"]" * levels)

    accepted(nested(MAX_DEPTH - 3))
    assert refused(nested(MAX_DEPTH - 2)) == ("not_json", "")
    many_but_flat = event("policy.update.v1", data={"limits": ["1"], "x": [[]] * 500 + ['"[[[', "\\"]})
    accepted(json.dumps(many_but_flat).encode())


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" * 5000, "1" * 400 + ".5", "1e-999"])
def test_numbers_beyond_range_are_skipped_where_nobody_reads_and_refused_elsewhere(number: str) -> None:
    accepted(encoded().replace(b"2.5", number.encode()))
    assert refused(encoded().replace(b'"value": "1250.00"', b'"value": ' + number.encode(), 1)) == (
        "bad_amount",
        "/data/amount/value",
    )
    if number != "1e-999":
        in_params = encoded("policy.update.v1").replace(b"1.5", number.encode())
        assert refused(in_params) == ("schema_violation", "/data/rules/pay-spike/params/levels")


# The data
VIOLATIONS: list[tuple[str, str, Any]] = [
    ("payroll.payment.v1", "", None),
    ("payroll.payment.v1", "", []),
    ("payroll.payment.v1", "/payment_id", None),
    ("payroll.payment.v1", "/payment_id", ""),
    ("payroll.payment.v1", "/payment_id", "x" * 129),
    ("payroll.payment.v1", "/payee", "E-1"),
    ("payroll.payment.v1", "/payee/kind", "alien"),
    ("payroll.payment.v1", "/payee/country", "us"),
    ("payroll.payment.v1", "/payee/country", "US\n"),
    ("payroll.payment.v1", "/payee/dob", "1990-02-29"),
    ("payroll.payment.v1", "/payee/dob", "1990-2-28"),
    ("payroll.payment.v1", "/payee/dob_verified", 1),
    ("payroll.payment.v1", "/payee/flags/0", 5),
    ("payroll.payment.v1", "/payee/ids/0/scheme", None),
    ("payroll.payment.v1", "/amount", "12.50"),
    ("payroll.payment.v1", "/amount/currency", "usd"),
    ("payroll.payment.v1", "/split/index", 0),
    ("payroll.payment.v1", "/split/count", 1),
    ("payroll.payment.v1", "/split/count", True),
    ("payroll.payment.v1", "/split/count", 2.5),
    ("payroll.payment.v1", "/invoices", {}),
    ("payroll.payment.v1", "/invoices/1/number", 7),
    ("payroll.payment.v1", "/invoices/1", "I-2"),
    ("payroll.payment.v1", "/approval/approved_by/1", None),
    ("payroll.payment.v1", "/approval/approved_at", "2026-06-10T09:00:00"),
    ("payroll.payment.v1", "/raw_ref/sha256", "AB" * 32),
    ("payroll.payment.v1", "/schedule/rail", "pigeon"),
    ("payroll.payment.v1", "/account/last4", "1"),
    ("vendor.payment.v1", "/account/wallet/network", "solana"),
    ("payout.request.v1", "/destination/hosted", "perhaps"),
    ("payment.status.v1", "/seq", 2**63),
    ("policy.update.v1", "/pay_days/0", 32),
    ("policy.update.v1", "/pay_days/1", "first_business_day"),
    ("policy.update.v1", "/crypto/allowed", "yes"),
    ("policy.update.v1", "/migrations/0/from", "2026"),
    ("policy.update.v1", "/rules/pay-spike/mode", "on"),
    ("policy.update.v1", "/rules/pay-spike/params", []),
    ("policy.update.v1", "/rules/no-such-rule", {}),
    ("policy.update.v1", "/approver_timezones/u1", 5),
    ("sanctions.update.v1", "/add/0/names", []),
    ("sanctions.update.v1", "/add/0/names/1/name", ""),
    ("sanctions.update.v1", "/add/0/dob/2", "1960-05-6"),
    ("sanctions.update.v1", "/parts", 10_001),
    ("disposition.v1", "/alert_id", "al_1"),
    ("disposition.v1", "/allow/rule", "no-such-rule"),
    ("disposition.v1", "/allow/pivot/value", ""),
]


@pytest.mark.parametrize(("name", "place", "value"), VIOLATIONS)
def test_what_does_not_fit_is_refused_at_its_place(name: str, place: str, value: Any) -> None:
    faulty = event(name)
    put(faulty, "/data" + place, value)
    assert refused(faulty) == ("schema_violation", "/data" + place)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("payroll.payment.v1", "/payee"),
        ("payroll.payment.v1", "/payee/payee_id"),
        ("payroll.payment.v1", "/amount/value"),
        ("payroll.payment.v1", "/account/country"),
        ("payroll.payment.v1", "/purpose/components/1/amount"),
        ("vendor.payment.v1", "/account/wallet"),
        ("payee.change.v1", "/new_account"),
        ("payee.change.v1", "/new_account/country"),
        ("payout.request.v1", "/destination"),
        ("payout.request.v1", "/destination/network"),
        ("payout.request.v1", "/destination/asset"),
        ("worker.lifecycle.v1", "/effective_date"),
        ("sanctions.update.v1", "/add"),
        ("disposition.v1", "/allow/list_entry"),
    ],
)
def test_missing_field_is_named(name: str, place: str) -> None:
    assert refused(drop(event(name), "/data" + place)) == ("schema_violation", "/data" + place)


def test_crypto_payout_needs_an_address_or_a_provider() -> None:
    one = drop(event("payout.request.v1"), "/data/destination/address")
    accepted(json.dumps(one).encode())
    assert refused(drop(one, "/data/destination/provider")) == ("schema_violation", "/data/destination/address")
    accepted(json.dumps(put(one, "/data/method", "bank")).encode())


@pytest.mark.parametrize(
    "place",
    [
        "/amount/value",
        "/amount_base/fx_rate",
        "/purpose/gross",
        "/purpose/components/1/amount",
        "/invoices/1/total",
        "/approval/limit",
        "/split/percent",
    ],
)
@pytest.mark.parametrize(
    "value", [1250, 12.5, True, None, [], "", "1,250", "1e3", "+1", ".5", "1.", "1" * 19, "1\n", "١"]
)
def test_what_is_no_decimal_text_is_bad_amount(place: str, value: Any) -> None:
    assert refused(put(event(), "/data" + place, value)) == ("bad_amount", "/data" + place)


def test_payments_are_not_negative_but_their_parts_may_be() -> None:
    assert refused(put(event(), "/data/amount/value", "-1")) == ("bad_amount", "/data/amount/value")
    assert refused(put(event(), "/data/approval/limit", "-1")) == ("bad_amount", "/data/approval/limit")
    accepted(json.dumps(put(event(), "/data/purpose/net", "-1")).encode())
    assert refused(put(event("policy.update.v1"), "/data/limits/1", -5)) == ("bad_amount", "/data/limits/1")
    assert refused(put(event("policy.update.v1"), "/data/crypto/max", 5)) == ("bad_amount", "/data/crypto/max")


def test_other_violation_goes_before_bad_amount() -> None:
    both = put(put(event(), "/data/amount/value", 5), "/data/ledger/code", 5)
    assert refused(both) == ("schema_violation", "/data/ledger/code")


@pytest.mark.parametrize(
    ("name", "place", "value"), [case for case in VIOLATIONS if isinstance(case[2], str) and len(case[2]) > 5]
)
def test_message_never_repeats_a_value(name: str, place: str, value: str) -> None:
    result = decode(json.dumps(put(event(name), "/data" + place, value)).encode())
    assert isinstance(result, Reject)
    assert value not in result.message
    assert "expected" in result.message


def test_pointer_escapes_the_names_it_passes() -> None:
    zones = put(event("policy.update.v1"), "/data/approver_timezones", {"a/b~c": 5})
    assert refused(zones) == ("schema_violation", "/data/approver_timezones/a~1b~0c")


def test_long_unknown_name_stays_out_of_the_pointer() -> None:
    long = put(event("policy.update.v1"), "/data/rules/" + "x" * 65, {})
    assert refused(long) == ("schema_violation", "/data/rules")


def test_allowance_of_other_rules_needs_no_list_entry() -> None:
    allowed = drop(put(event("disposition.v1"), "/data/allow/rule", "pay-spike"), "/data/allow/list_entry")
    assert isinstance(accepted(json.dumps(allowed).encode()).data, Disposition)
