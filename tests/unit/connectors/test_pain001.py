"""pain.001 files as payments: what is read, what is refused and where, and which ids come out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sluicegate.connectors.base import Faulty, Run, Transaction
from sluicegate.connectors.pain001 import CONNECTOR
from sluicegate.errors import FileRefusedError
from tests.unit.connectors.iso_files import CONTEXT, event, ids, sample, taken, transactions

PAYROLL, VENDORS, US, UK = (
    sample(f"pain001/{name}.xml") for name in ("sepa-payroll-03", "vendors-09", "us-09", "uk-03")
)


def data(content: bytes, position: int) -> dict[str, Any]:
    return transactions(CONNECTOR, content)[position - 1].data


def test_payroll_of_03_becomes_payroll_payments() -> None:
    first, second, third, fourth = transactions(CONNECTOR, PAYROLL)
    assert {one.type for one in (first, second, third, fourth)} == {"payroll.payment.v1"}
    assert (str(first.place), first.position) == (
        "line 45: /Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]",
        1,
    )
    assert str(fourth.place) == "line 164: /Document/CstmrCdtTrfInitn/PmtInf[2]/CdtTrfTxInf[1]"
    assert first.data == {
        "payment_id": "PAY-2026-06/PAY-2026-06-A/L-0001/1",
        "payee": {
            "payee_id": CONTEXT.keys.payee("jurgen muller ludenscheid\n1985-03-09"),
            "kind": "employee",
            "name": "Jürgen Müller-Lüdenscheid",
            "entity_type": "person",
            "country": "DE",
            "dob": "1985-03-09",
        },
        "account": {
            "fp": CONTEXT.keys.account("iban", "DE", "", "DE12500105170648489890"),
            "scheme": "iban",
            "country": "DE",
            "number_check": "valid",
            "bank_id": "INGDDEFFXXX",
            "last4": "9890",
        },
        "amount": {"value": "2850.25", "currency": "EUR"},
        "schedule": {"rail": "sepa_ct", "run_id": "PAY-2026-06/PAY-2026-06-A", "pay_date": "2026-06-29"},
        "batch": {"id": "PAY-2026-06-A", "control": "ok"},
        "purpose": {"category_code": "SALA", "remittance": "Gehalt Juni 2026 Personal 4711"},
    }
    assert second.data["payee"]["payee_id"] == "4712"
    assert second.data["payee"]["tax_id_hash"] == CONTEXT.keys.tax_id("65929970489")
    assert second.data["amount"]["value"] == "3100.5"
    assert third.data["payment_id"] == "PAY-2026-06/PAY-2026-06-A/NOTPROVIDED/3"
    assert (fourth.data["schedule"]["rail"], fourth.data["purpose"]["category_code"]) == ("sepa_inst", "BONU")


def test_event_time_is_creation_and_position_in_the_zone() -> None:
    at = int(datetime(2026, 6, 24, 10, 15, tzinfo=UTC).timestamp()) * 1_000_000
    assert [one.time for one in transactions(CONNECTOR, PAYROLL)] == [at + 1, at + 2, at + 3, at + 4]
    berlin = replace(CONTEXT, zone=ZoneInfo("Europe/Berlin"))
    assert transactions(CONNECTOR, PAYROLL, berlin)[0].time == at - 2 * 3600 * 1_000_000 + 1
    with_offset = transactions(CONNECTOR, VENDORS, berlin)[0].time
    assert with_offset == transactions(CONNECTOR, VENDORS)[0].time
    assert with_offset % 1_000_000 == 120_001


def test_vendor_of_09_with_structured_remittance() -> None:
    first = event(CONNECTOR, transactions(CONNECTOR, VENDORS)[0]).data
    assert data(VENDORS, 1)["payment_id"] == "8a562c67-ca16-48ba-b074-65581be6f001"
    assert data(VENDORS, 1)["payee"] == {
        "payee_id": "V-20455",
        "kind": "vendor",
        "name": "Tulip Tooling B.V.",
        "legal_name": "Tulip Holding B.V.",
        "entity_type": "organisation",
        "country": "NL",
        "lei": "529900T8BM49AURSDO55",
        "email_domain": "tulip-tooling.example",
        "ids": [{"scheme": "registration", "value": "30112233"}],
    }
    assert data(VENDORS, 1)["invoices"] == [
        {"number": "2026-90017", "date": "2026-05-28", "total": "11900.00", "po_number": "PO-5521"}
    ]
    assert str(first.schedule.pay_date) == "2026-06-15"  # type: ignore[union-attr]
    assert data(VENDORS, 2)["invoices"] == [{"number": "RF18539007547034"}]
    assert data(VENDORS, 2)["purpose"] == {"category_code": "SUPP", "remittance": "RF18539007547034 Customer 77"}


def test_equivalent_amounts_and_proxies_are_read() -> None:
    third = data(VENDORS, 3)
    assert third["amount"] == {"value": "8000.00", "currency": "EUR"}
    assert third["account"]["fp"] == CONTEXT.keys.account("other_bank", "SG", "DBSSSGSG", "MBNO:+6581234567")
    wallet = data(sample("pain001/proxies-13.xml"), 1)
    assert wallet["account"]["scheme"] == "emi"
    assert "last4" not in wallet["account"]


def test_version_13_tells_dates_and_amounts_of_documents_elsewhere() -> None:
    second = data(sample("pain001/proxies-13.xml"), 2)
    assert second["invoices"] == [{"number": "LPW-8", "date": "2026-11-02", "total": "240.00"}]
    assert second["account"]["bank_id"] == "HDFC0000001"
    assert transactions(CONNECTOR, sample("pain001/proxies-13.xml"))[0].type == "payroll.payment.v1"


def test_us_rails_ids_and_routing_numbers() -> None:
    wire, salary, nine_digits, check = (one.data for one in transactions(CONNECTOR, US))
    assert wire["account"] == {
        "fp": CONTEXT.keys.account("us_aba", "US", "121000248", "0098765432"),
        "scheme": "us_aba",
        "country": "US",
        "number_check": "valid",
        "bank_id": "121000248",
        "bank_name": "Wells Fargo",
        "last4": "5432",
    }
    assert wire["purpose"]["remittance"] == "Invoice 4418 to acct ...5432"
    assert wire["payee"]["region"] == "US-MI"
    assert [one["schedule"]["rail"] for one in (wire, salary, nine_digits, check)] == ["wire", "ach", "ach", "check"]
    assert salary["schedule"]["sec_code"] == "PPD"
    assert salary["payee"]["tax_id_hash"] == CONTEXT.keys.tax_id("219099999")
    assert nine_digits["payee"]["payee_id"].startswith("py_")
    assert (nine_digits["account"]["number_check"], nine_digits["account"]["last4"]) == ("invalid", "12")
    assert "last4" not in check["account"]
    assert check["account"]["country"] == "US"


def test_uk_file_in_an_envelope_with_a_namespace_of_its_own() -> None:
    bacs, fast, chaps = transactions(CONNECTOR, UK)
    assert str(bacs.place) == "line 21: /Upload/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]"
    assert bacs.data["payee"]["name"] == "Sinéad O'Hara"
    assert [one.data["schedule"]["rail"] for one in (bacs, fast, chaps)] == ["bacs", "fps", "wire"]
    assert bacs.data["account"]["fp"] == CONTEXT.keys.account("uk_sort", "GB", "20-00-00", "55779911")
    assert chaps.data["account"]["number_check"] == "invalid"


def test_stream_of_the_context_wins() -> None:
    found = transactions(CONNECTOR, PAYROLL, replace(CONTEXT, stream="vendor"))
    assert {(one.type, one.data["payee"]["kind"]) for one in found} == {("vendor.payment.v1", "vendor")}
    found = transactions(CONNECTOR, VENDORS, replace(CONTEXT, stream="payroll"))
    assert {(one.type, one.data["payee"]["kind"]) for one in found} == {("payroll.payment.v1", "employee")}


def test_purpose_tells_the_stream_where_no_category_does() -> None:
    plain = PAYROLL.replace(b"<Cd>BONU</Cd>", b"<Prtry>X</Prtry>")
    assert transactions(CONNECTOR, plain)[3].type == "vendor.payment.v1"
    paid = plain.replace(b"<Ustrd>Bonus", b"<!-- -->\n<Ustrd>Bonus").replace(
        b"AT611904300234573201</IBAN>\n          </Id>\n        </CdtrAcct>",
        b"AT611904300234573201</IBAN></Id></CdtrAcct><Purp><Cd>PAYR</Cd></Purp>",
    )
    assert transactions(CONNECTOR, paid)[3].type == "payroll.payment.v1"


SECOND = "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]"
FAULTS = [
    ("amount absent", b'<InstdAmt Ccy="EUR">3100.5</InstdAmt>', b"", "bad_amount", "/Amt/InstdAmt", 84),
    ("amount empty", b">3100.5<", b"><", "bad_amount", "/Amt/InstdAmt", 89),
    ("amount negative", b">3100.5<", b">-3100.5<", "bad_amount", "/Amt/InstdAmt", 89),
    ("amount with comma", b">3100.5<", b">3100,5<", "bad_amount", "/Amt/InstdAmt", 89),
    ("amount of words", b">3100.5<", b">NaN<", "bad_amount", "/Amt/InstdAmt", 89),
    ("amount too long", b">3100.5<", b">1234567890123456789<", "bad_amount", "/Amt/InstdAmt", 89),
    ("currency absent", b' Ccy="EUR">3100', b">3100", "schema_violation", "/Amt/InstdAmt/@Ccy", 89),
    ("currency small", b' Ccy="EUR">3100', b' Ccy="eur">3100', "schema_violation", "/Amt/InstdAmt/@Ccy", 89),
    ("account absent", b"<IBAN>FR1420041010050500013M02606</IBAN>", b"", "schema_violation", "/CdtrAcct", 84),
    ("IBAN short", b">FR1420041010050500013M02606<", b">FR1420041010<", "schema_violation", "/CdtrAcct/Id/IBAN", 112),
    ("IBAN long", b"3M02606<", b"3M026060<", "schema_violation", "/CdtrAcct/Id/IBAN", 112),
    ("IBAN of signs", b"3M02606<", b"3M026?6<", "schema_violation", "/CdtrAcct/Id/IBAN", 112),
]


@pytest.mark.parametrize(("why", "old", "new", "reason", "path", "line"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_malformed_transaction_is_one_fault_with_its_place(
    why: str, old: bytes, new: bytes, reason: str, path: str, line: int
) -> None:
    assert PAYROLL.count(old) == 1, why
    outcome = taken(CONNECTOR, PAYROLL.replace(old, new))
    (fault,) = (item for item in outcome.items if isinstance(item, Faulty))
    assert (fault.position, fault.reason, fault.place.path, fault.place.line) == (2, reason, SECOND + path, line)
    assert [item.position for item in outcome.items] == [1, 2, 3, 4]
    assert outcome.survey.transactions == 4
    assert "FR14" not in fault.message
    assert fault.raw


def test_group_without_a_day_of_the_calendar_makes_each_of_its_transactions_a_fault() -> None:
    for new in (b"<ReqdExctnDt>2026-06-31</ReqdExctnDt>", b""):
        outcome = taken(CONNECTOR, PAYROLL.replace(b"<ReqdExctnDt>2026-06-29</ReqdExctnDt>", new))
        faults = [item for item in outcome.items if isinstance(item, Faulty)]
        assert [fault.position for fault in faults] == [1, 2, 3]
        assert {fault.place.path for fault in faults} == {"/Document/CstmrCdtTrfInitn/PmtInf[1]/ReqdExctnDt"}
        assert {fault.place.line for fault in faults} == {27 if new else 13}


def test_creditor_without_name_and_id_is_a_fault() -> None:
    (fault,) = (
        i for i in taken(CONNECTOR, PAYROLL.replace(b"<Nm>J. van Dijk</Nm>", b"")).items if isinstance(i, Faulty)
    )
    assert (fault.position, fault.place.path) == (3, SECOND.replace("[2]", "[3]") + "/Cdtr/Nm")


def test_account_whose_country_nothing_tells_is_a_fault() -> None:
    bare = sample("pain001/us-09.xml").replace(b"USABA", b"?").replace(b"<Ctry>US</Ctry>", b"")
    faults = [item for item in taken(CONNECTOR, bare).items if isinstance(item, Faulty)]
    assert [fault.position for fault in faults] == [1, 2, 3, 4]
    assert {fault.place.path.rpartition("/")[2] for fault in faults} == {"CdtrAgt"}


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (b"<MsgId>PAY-2026-06</MsgId>", b"", 4, "MsgId is missing"),
        (b"<CreDtTm>2026-06-24T10:15:00</CreDtTm>", b"", 4, "CreDtTm is no time"),
        (b"2026-06-24T10:15:00", b"2026-06-24", 6, "CreDtTm is no time"),
        (b"2026-06-24T10:15:00", b"1999-06-24T10:15:00", 6, "CreDtTm is no time"),
        (b"GrpHdr>", b"GroupHeader>", 13, "comes before a GrpHdr"),
    ],
)
def test_message_without_a_usable_head_is_refused(old: bytes, new: bytes, line: int, words: str) -> None:
    outcome = taken(CONNECTOR, PAYROLL.replace(old, new))
    assert outcome.items == []
    assert outcome.error is not None
    assert outcome.error.startswith(f"line {line}: ")
    assert words in outcome.error


def test_controls_say_what_was_announced_and_found() -> None:
    survey = taken(CONNECTOR, PAYROLL).survey
    assert [(c.scope, c.what, c.announced, c.found, c.ok) for c in survey.controls] == [
        ("PAY-2026-06-A", "transactions", 3, 3, True),
        ("PAY-2026-06-A", "total", Decimal("8350.75"), Decimal("8350.75"), True),
        ("file", "transactions", 4, 4, True),
        ("file", "total", Decimal("9850.75"), Decimal("9850.75"), True),
    ]
    assert survey.runs == (
        Run("PAY-2026-06/PAY-2026-06-A", 3, {"EUR": Decimal("8350.75")}, "2026-06-29"),
        Run("PAY-2026-06/PAY-2026-06-B", 1, {"EUR": Decimal(1500)}, "2026-06-30"),
    )


@pytest.mark.parametrize(
    ("old", "new", "differing", "marked"),
    [
        (b"<NbOfTxs>3<", b"<NbOfTxs>2<", ["PAY-2026-06-A"], [1, 2, 3]),
        (b"<CtrlSum>8350.75<", b"<CtrlSum>8350.74<", ["PAY-2026-06-A"], [1, 2, 3]),
        (b"<CtrlSum>8350.75<", b"<CtrlSum>much<", ["PAY-2026-06-A"], [1, 2, 3]),
        (b"<NbOfTxs>4<", b"<NbOfTxs>5<", ["file"], [1, 2, 3, 4]),
        (b"<CtrlSum>9850.75<", b"<CtrlSum>9850.750<", [], []),
    ],
)
def test_payments_say_whether_the_sums_agree(old: bytes, new: bytes, differing: list[str], marked: list[int]) -> None:
    content = PAYROLL.replace(old, new)
    assert [c.scope for c in taken(CONNECTOR, content).survey.controls if not c.ok] == differing
    found = transactions(CONNECTOR, content)
    assert [one.position for one in found if one.data["batch"]["control"] == "mismatch"] == marked


def test_corrected_transaction_is_another_one_and_the_others_stay() -> None:
    before = ids(CONNECTOR, PAYROLL)
    assert len(set(before)) == 4
    for old, new in ((b"3100.5<", b"3100.6<"), (b"FR1420041010050500013M02606", b"FR7630006000011234567890189")):
        after = ids(CONNECTOR, PAYROLL.replace(old, new))
        assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True, True]
    after = ids(CONNECTOR, PAYROLL.replace(b"2026-06-30<", b"2026-07-01<"))
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, True, False]
    assert not set(before) & set(ids(CONNECTOR, PAYROLL.replace(b"<MsgId>PAY-2026-06<", b"<MsgId>PAY-2026-07<")))
    assert ids(CONNECTOR, PAYROLL.replace(b"<BtchBookg>true", b"<BtchBookg>false")) == before


def test_same_transactions_twice_in_a_file_are_two() -> None:
    start, end = PAYROLL.index(b"      <CdtTrfTxInf>"), PAYROLL.index(b"      </CdtTrfTxInf>") + 21
    doubled = PAYROLL[:end] + b"\n" + PAYROLL[start:end] + PAYROLL[end:]
    found = transactions(CONNECTOR, doubled)
    assert len(found) == len(set(ids(CONNECTOR, doubled))) == 5
    assert found[0].data["payee"] == found[1].data["payee"]
    assert found[0].data["payment_id"] != found[1].data["payment_id"]


def test_payment_id_is_hashed_where_it_is_too_long_or_holds_the_account() -> None:
    long = PAYROLL.replace(b"L-0001", b"L" * 120)
    assert data(long, 1)["payment_id"].startswith("iso-")
    telling = PAYROLL.replace(b"L-0001", b"DE12-5001-0517-0648-4898-90")
    assert data(telling, 1)["payment_id"].startswith("iso-")
    assert len(data(telling, 1)["payment_id"]) == 36


def test_many_groups_are_refused_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluicegate.connectors.pain001.MOST_GROUPS", 1)
    with pytest.raises(FileRefusedError, match=r"^line 136: more than 1 groups"):
        taken(CONNECTOR, PAYROLL)


def test_groups_of_one_id_are_one_run() -> None:
    content = PAYROLL.replace(b"PAY-2026-06-B", b"PAY-2026-06-A")
    (run,) = taken(CONNECTOR, content).survey.runs
    assert (run.payments, run.totals) == (4, {"EUR": Decimal("9850.75")})


def test_group_without_id_goes_by_its_number() -> None:
    found = transactions(CONNECTOR, PAYROLL.replace(b"<PmtInfId>PAY-2026-06-B</PmtInfId>", b""))
    assert found[3].data["schedule"]["run_id"] == "PAY-2026-06/2"


def test_every_transaction_type_is_announced() -> None:
    found = {one.type for content in (PAYROLL, VENDORS) for one in transactions(CONNECTOR, content)}
    assert found == set(CONNECTOR.emits)
    assert all(isinstance(one, Transaction) for one in transactions(CONNECTOR, PAYROLL))
