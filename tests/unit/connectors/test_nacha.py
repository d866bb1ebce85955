"""ACH files: what of an entry stands in the event, and what is no event at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from achkit import validate  # type: ignore[import-untyped]

from sluicegate.connectors.base import Run, Stream
from sluicegate.connectors.nacha import CONNECTOR
from tests.unit.connectors.nacha_build import (
    BANK,
    GOOD,
    PEOPLE,
    SAMPLES,
    AchFile,
    exchange,
    iat_addenda,
    international,
    mixed,
    payroll,
    vendors,
)
from tests.unit.connectors.nacha_read import CONTEXT, KEYS, data, ids, sound, survey

READ_BY_ACHKIT = (
    "ccd-vendors.ach",
    "ctx-invoices.ach",
    "iat.ach",
    "mixed.ach",
    "notices-of-change.ach",
    "ppd-payroll.ach",
)


@pytest.mark.parametrize("name", GOOD)
def test_sample_is_what_the_builder_writes(name: str) -> None:
    assert (SAMPLES / name).read_bytes() == GOOD[name]()


@pytest.mark.parametrize("name", READ_BY_ACHKIT)
def test_sample_is_sound_to_an_independent_reader(name: str) -> None:
    assert validate((SAMPLES / name).read_bytes().decode()) == {"ok": True, "errors": []}


def test_payroll_entry_is_a_payroll_payment_field_by_field() -> None:
    first = sound(payroll().bytes())[0]
    assert (first.type, first.place.line, first.position) == ("payroll.payment.v1", 3, 1)
    assert first.data == {
        "payment_id": "1234567892/2026-03-20/091000010000001",
        "payee": {"payee_id": "E-1001", "kind": "employee", "name": "ANNA SCHMIDT", "entity_type": "person"},
        "account": {
            "fp": KEYS.account("us_aba", "US", "011401533", "004417820915"),
            "scheme": "us_aba",
            "country": "US",
            "bank_id": "011401533",
            "number_check": "valid",
            "last4": "0915",
        },
        "amount": {"value": "2450.17", "currency": "USD"},
        "schedule": {
            "rail": "ach",
            "run_id": "1234567892/2026-03-20/0000001",
            "sec_code": "PPD",
            "entry_descriptor": "PAYROLL",
            "pay_date": "2026-03-20",
        },
        "batch": {"id": "1234567892/2026-03-20/0000001", "control": "ok"},
    }


def test_debit_and_prenotification_are_counted_and_no_events() -> None:
    seen = survey(payroll().bytes())
    assert seen.skipped == {"prenotifications": 1, "debits": 1}
    assert seen.transactions == 4
    assert seen.runs == (Run("1234567892/2026-03-20/0000001", 4, {"USD": Decimal("9055.66")}, "2026-03-20"),)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("27", "debits"), ("37", "debits"), ("47", "debits"), ("55", "debits"), ("26", "returned debits"),
     ("23", "prenotifications"), ("53", "prenotifications"), ("38", "prenotifications"),
     ("24", "zero-dollar entries"), ("39", "zero-dollar entries")],
)  # fmt: skip
def test_code_that_pays_nobody_is_skipped_by_its_kind(code: str, kind: str) -> None:
    file = AchFile()
    file.batch().entry(code, BANK, "12345678", 0, "E-1", "ANNA SCHMIDT")
    assert survey(file.bytes()).skipped == {kind: 1}
    assert sound(file.bytes()) == []


@pytest.mark.parametrize("code", ["22", "32", "42", "52"])
def test_live_credit_to_any_kind_of_account_is_a_payment(code: str) -> None:
    file = AchFile()
    file.batch().entry(code, BANK, "12345678", 12, "E-1", "ANNA SCHMIDT")
    assert [one["amount"]["value"] for one in data(file.bytes())] == ["0.12"]


def test_largest_amount_is_exact() -> None:
    file = AchFile()
    file.batch().entry("22", BANK, "12345678", 9_999_999_999, "E-1", "ANNA SCHMIDT")
    assert data(file.bytes())[0]["amount"] == {"value": "99999999.99", "currency": "USD"}


def test_social_security_number_is_hashed_and_names_the_payee() -> None:
    chen = data(payroll().bytes())[2]["payee"]
    assert chen["tax_id_hash"] == KEYS.tax_id("078051120")
    assert chen["payee_id"].startswith("py_")
    dashed = AchFile()
    dashed.batch().entry("22", BANK, "12345678", 100, "078-05-1120", "M L CHEN")
    assert data(dashed.bytes())[0]["payee"]["payee_id"] == chen["payee_id"]


def test_payee_without_number_is_named_by_the_folded_name_and_not_by_the_account() -> None:
    payees = []
    for number, name in (("5500184422", "Priya  Nair"), ("777777777777", "PRIYA NAIR")):
        file = AchFile()
        file.batch().entry("22", BANK, number, 100, "", name)
        payees.append(data(file.bytes())[0]["payee"]["payee_id"])
    assert payees[0] == payees[1] == data(payroll().bytes())[3]["payee"]["payee_id"]


@pytest.mark.parametrize("id", ["12345678", "1234-5678", "A12345678"])
def test_identification_that_shows_the_account_number_is_not_taken(id: str) -> None:
    file = AchFile()
    file.batch().entry("22", BANK, "12345678", 100, id, "PRIYA NAIR")
    assert data(file.bytes())[0]["payee"]["payee_id"].startswith("py_")


@pytest.mark.parametrize(("number", "last4"), [("123", None), ("1234567", "67"), ("12345678", "5678")])
def test_short_account_number_shows_less(number: str, last4: str | None) -> None:
    file = AchFile()
    file.batch().entry("22", BANK, number, 100, "E-1", "PRIYA NAIR")
    assert data(file.bytes())[0]["account"].get("last4") == last4


def test_wrong_check_digit_is_said_and_the_account_stays_the_same() -> None:
    right, wrong = (AchFile() for _ in range(2))
    right.batch().entry("22", "091000019", "12345678", 100, "E-1", "PRIYA NAIR")
    wrong.batch().entry("22", "091000018", "12345678", 100, "E-1", "PRIYA NAIR")
    one, other = (data(file.bytes())[0]["account"] for file in (right, wrong))
    assert (one["number_check"], other["number_check"], other["bank_id"]) == ("valid", "invalid", "091000018")
    assert one["fp"] == other["fp"]


def test_same_day_batch_of_vendors_with_invoice_and_text() -> None:
    first, second, third = data(vendors().bytes())
    assert {one["schedule"]["rail"] for one in (first, second, third)} == {"same_day_ach"}
    assert first["invoices"] == [{"number": "INV-2026-0071", "total": "1300.00", "date": "2026-03-02"}]
    assert second["purpose"] == {"remittance": "Order 4471 final"}
    assert "purpose" not in third
    assert [one.type for one in sound(vendors().bytes())] == ["vendor.payment.v1"] * 3


def test_ctx_820_gives_its_invoices_and_keeps_its_account_numbers_back() -> None:
    (payment,) = data(exchange().bytes())
    assert payment["payee"]["name"] == "MILL FLOUR CO"
    assert payment["invoices"] == [
        {"number": "INV-2026-0074", "total": "2000.00", "date": "2026-03-04", "po_number": "PO-881"},
        {"number": "INV-2026-0075", "total": "1800.25"},
        {"number": "INV-2026-0076"},
    ]
    told = payment["purpose"]["remittance"]
    assert told.startswith("RMR*IV*INV-2026-0074")
    assert "100200300400" not in told
    assert "BPR" not in told


def test_international_entry_names_receiver_bank_and_country() -> None:
    wages, supply = sound(international().bytes())
    assert (wages.type, supply.type) == ("payroll.payment.v1", "vendor.payment.v1")
    assert wages.data["payee"] == {
        "payee_id": "E-1010", "kind": "employee", "name": "CARMEN RUIZ VEGA", "entity_type": "person", "country": "MX",
    }  # fmt: skip
    assert wages.data["amount"] == {"value": "1800.00", "currency": "USD"}
    account = wages.data["account"]
    assert (account["scheme"], account["country"], account["bank_name"]) == ("clabe", "MX", "BANCO DEL NORTE")
    account = supply.data["account"]
    assert (account["scheme"], account["bank_id"], account["number_check"]) == ("iban", "COBADEFFXXX", "valid")
    assert account["fp"] == KEYS.account("iban", "DE", "", "DE89370400440532013000")
    assert supply.data["purpose"] == {"remittance": "Invoice 2026-118 spare parts"}
    assert "CALLE" not in str(wages.data)


def test_international_entry_to_the_us_has_a_routing_number() -> None:
    file = AchFile()
    addenda = iat_addenda("ANNA SCHMIDT", country="US", bank_id="011401533", bank="HOME BANK")
    file.batch("IAT").entry("22", BANK, "004417820915", 100, addenda=addenda)
    account = data(file.bytes())[0]["account"]
    assert account["fp"] == data(payroll().bytes())[0]["account"]["fp"]
    assert account["bank_name"] == "HOME BANK"


def test_classes_in_one_file_and_where_their_names_stand() -> None:
    found = sound(mixed().bytes())
    assert [one.data["schedule"]["sec_code"] for one in found] == ["PPD"] * 4 + ["CCD"] * 3 + [
        "CTX", "IAT", "IAT", "WEB", "CIE",
    ]  # fmt: skip
    web, cie = (one.data["payee"] for one in found[-2:])
    assert web["name"] == "RUTH ADLER"  # its identification is the sender
    assert web["payee_id"].startswith("py_")
    assert (cie["payee_id"], cie["name"]) == ("CUST-9917", "ANNA SCHMIDT")


@pytest.mark.parametrize(("stream", "type"), [("payroll", "payroll.payment.v1"), ("vendor", "vendor.payment.v1")])
def test_stream_that_is_asked_for_wins(stream: Stream, type: str) -> None:
    context = replace(CONTEXT, stream=stream)
    assert {one.type for one in sound(mixed().bytes(), context)} == {type}


def test_corporate_credits_described_as_payroll_are_payroll() -> None:
    file = AchFile()
    file.batch("CCD", descriptor="PAYROLL 03").entry("22", BANK, "12345678", 100, "C-1", "ADA LOVELACE LLC")
    assert sound(file.bytes())[0].type == "payroll.payment.v1"


def test_event_time_is_creation_in_the_zone_and_a_microsecond_each() -> None:
    zone = ZoneInfo("America/New_York")
    created = datetime(2026, 3, 18, 8, 30, tzinfo=zone).astimezone(UTC)
    times = [one.time for one in sound(payroll().bytes(), replace(CONTEXT, zone=zone))]
    start = int(created.timestamp()) * 1_000_000
    assert times == [start + 1, start + 2, start + 3, start + 4]


def test_blank_creation_time_is_midnight() -> None:
    file = AchFile(created="260318    ")
    file.batch().entry("22", BANK, "12345678", 100, "E-1", "ANNA SCHMIDT")
    assert sound(file.bytes())[0].time == int(datetime(2026, 3, 18, tzinfo=UTC).timestamp()) * 1_000_000 + 1


@pytest.mark.parametrize("name", ["blocked.ach", "edited.ach"])
def test_line_ends_and_lost_blanks_change_no_event(name: str) -> None:
    like = {"blocked.ach": "ppd-payroll.ach", "edited.ach": "mixed.ach"}[name]
    one, other = (SAMPLES / name).read_bytes(), (SAMPLES / like).read_bytes()
    assert ids(one) == ids(other)
    assert data(one) == data(other)
    assert survey(one).skipped == survey(other).skipped
    assert all(control.ok for control in survey(one).controls)


def test_crlf_blocks_and_a_byte_order_mark_change_no_event() -> None:
    once = ids(payroll().bytes())
    blocks = b"".join(payroll().bytes("")[at : at + 940] + b"\r\n" for at in range(0, len(payroll().bytes("")), 940))
    for again in (payroll().bytes("\r\n"), b"\xef\xbb\xbf" + payroll().bytes(), blocks, payroll().bytes() + b"\x1a\0"):
        assert ids(again) == once


def test_small_letters_are_read_as_capitals_where_they_are_codes() -> None:
    small = payroll().bytes().replace(b"PPDPAYROLL", b"ppdpayroll")
    assert [one["schedule"]["sec_code"] for one in data(small)] == ["PPD"] * 4


@pytest.mark.parametrize("name", ["JOSÉ NÚÑEZ", "JOSÉ NÚÑEZ".ljust(22)])
def test_letters_outside_ascii_are_kept(name: str) -> None:
    file = AchFile()
    file.batch().entry("22", BANK, "12345678", 100, "E-1", name)
    text = file.bytes().decode()
    padded_by_bytes = text.replace("JOSÉ NÚÑEZ   ", "JOSÉ NÚÑEZ").encode()
    for content in (text.encode(), text.encode("latin-1"), padded_by_bytes):
        assert data(content)[0]["payee"]["name"] == "JOSÉ NÚÑEZ"


def test_other_file_or_batch_gives_other_events() -> None:
    again = payroll()
    again.head = AchFile(modifier="B").head
    assert not set(ids(payroll().bytes())) & set(ids(again.bytes()))
    later = payroll()
    later.batches[0].head = later.batches[0].head.replace("260320", "260327")
    assert not set(ids(payroll().bytes())) & set(ids(later.bytes()))


@pytest.mark.parametrize("name", [*GOOD, "<?xml version='1.0'?><Document/>", "payee;amount\n101;094\n", "101 094", ""])
def test_file_is_told_from_others_by_its_first_bytes(name: str) -> None:
    head = GOOD[name]()[:4096] if name in GOOD else name.encode()
    assert CONNECTOR.sniff(head) is (name in GOOD)
    assert CONNECTOR.sniff(b"\xef\xbb\xbf" + head) is (name in GOOD)


def test_people_have_distinct_accounts() -> None:
    assert len({one["account"]["fp"] for one in data(payroll().bytes())}) == len(PEOPLE)
