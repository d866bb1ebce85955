"""pacs.008 files as payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sluicegate.connectors.base import Faulty, Run
from sluicegate.connectors.pacs008 import CONNECTOR
from tests.unit.connectors.iso_files import CONTEXT, ids, sample, taken, transactions

BULK, FEDNOW, ABROAD = (sample(f"pacs008/{name}.xml") for name in ("sepa-02", "fednow-08", "cross-border-10"))


def test_bulk_of_several_messages() -> None:
    first, second, third = transactions(CONNECTOR, BULK)
    assert [str(one.place) for one in (first, second, third)] == [
        "line 14: /Bulk/FIToFICstmrCdtTrf/CdtTrfTxInf[1]",
        "line 26: /Bulk/FIToFICstmrCdtTrf/CdtTrfTxInf[2]",
        "line 47: /Bulk/FIToFICstmrCdtTrf[2]/CdtTrfTxInf[1]",
    ]
    assert first.data == {
        "payment_id": "BULK-1/I1/1",
        "payee": {
            "payee_id": CONTEXT.keys.payee("erika beispiel"),
            "kind": "employee",
            "name": "Erika Beispiel",
            "entity_type": "person",
        },
        "account": {
            "fp": CONTEXT.keys.account("iban", "DE", "", "DE12500105170648489890"),
            "scheme": "iban",
            "country": "DE",
            "number_check": "valid",
            "bank_id": "INGDDEFFXXX",
            "last4": "9890",
        },
        "amount": {"value": "100.50", "currency": "EUR"},
        "schedule": {"rail": "sepa_ct", "run_id": "BULK-1", "pay_date": "2026-06-29"},
        "batch": {"id": "BULK-1", "control": "ok"},
        "purpose": {"category_code": "SALA", "remittance": "Gehalt"},
    }
    assert (third.type, third.data["schedule"]) == (
        "vendor.payment.v1",
        {"rail": "sepa_inst", "run_id": "BULK-2", "pay_date": "2026-06-30"},
    )
    assert third.time - first.time == 5_000_002
    survey = taken(CONNECTOR, BULK).survey
    assert survey.runs == (
        Run("BULK-1", 2, {"EUR": Decimal("350.50")}, "2026-06-29"),
        Run("BULK-2", 1, {"EUR": Decimal("20.00")}, "2026-06-30"),
    )
    assert [(c.what, c.ok) for c in survey.controls] == [("transactions", True), ("settlement total", True)] * 2


def test_header_of_the_application_and_the_clearing_system() -> None:
    (one,) = transactions(CONNECTOR, FEDNOW)
    assert str(one.place) == "line 16: /Envelope/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]"
    assert one.data["payment_id"] == "6a9fcfb6-6f2a-4d0c-b9cf-3d5a9c2c1f10"
    assert one.data["schedule"]["rail"] == "fednow"
    assert one.data["account"]["number_check"] == "valid"


def test_settled_amount_counts_and_the_date_is_that_of_the_transaction() -> None:
    first, second = transactions(CONNECTOR, ABROAD)
    assert first.data["amount"] == {"value": "1960.00", "currency": "USD"}
    assert [one.data["schedule"]["pay_date"] for one in (first, second)] == ["2026-11-04", "2026-11-05"]
    assert (first.data["payee"]["payee_id"], first.data["account"]["scheme"]) == ("P-MX-991", "clabe")
    assert second.data["account"]["fp"] == CONTEXT.keys.account("other_bank", "SG", "DBSSSGSG", "0729912345")


PLACE = "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]"
FAULTS: list[tuple[str, Any, Any, str, str, int]] = [
    ("amount absent", b'<IntrBkSttlmAmt Ccy="USD">2000.00</IntrBkSttlmAmt>', b"", "bad_amount", "/IntrBkSttlmAmt", 27),
    ("amount negative", b">2000.00<", b">-2000.00<", "bad_amount", "/IntrBkSttlmAmt", 29),
    ("currency absent", b' Ccy="USD">2000', b">2000", "schema_violation", "/IntrBkSttlmAmt/@Ccy", 29),
    ("date malformed", b">2026-11-05<", b">2026-11-31<", "schema_violation", "/IntrBkSttlmDt", 30),
    ("account absent", b"<Othr><Id>0729912345</Id></Othr>", b"", "schema_violation", "/CdtrAcct", 27),
]


@pytest.mark.parametrize(("why", "old", "new", "reason", "path", "line"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_malformed_transaction_is_one_fault_with_its_place(
    why: str, old: bytes, new: bytes, reason: str, path: str, line: int
) -> None:
    assert ABROAD.count(old) == 1, why
    items = taken(CONNECTOR, ABROAD.replace(old, new)).items
    (fault,) = (item for item in items if isinstance(item, Faulty))
    assert (fault.position, fault.reason, fault.place.path, fault.place.line) == (2, reason, PLACE + path, line)
    assert len(items) == 2


def test_date_that_neither_transaction_nor_head_has_is_a_fault_of_the_head() -> None:
    items = taken(CONNECTOR, ABROAD.replace(b"<IntrBkSttlmDt>2026-11-05</IntrBkSttlmDt>", b"")).items
    assert isinstance(items[1], Faulty)
    assert str(items[1].place) == "line 4: /Document/FIToFICstmrCdtTrf/GrpHdr/IntrBkSttlmDt"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<m:NbOfTxs>2<", b"<m:NbOfTxs>3<"),
        (b">350.50<", b">350.51<"),
        (b'<m:TtlIntrBkSttlmAmt Ccy="EUR">350', b'<m:TtlIntrBkSttlmAmt Ccy="USD">350'),
    ],
)
def test_sums_that_differ_mark_the_payments(old: bytes, new: bytes) -> None:
    found = transactions(CONNECTOR, BULK.replace(old, new))
    assert {one.data["batch"]["control"] for one in found} == {"mismatch"}


def test_ids_are_of_message_position_and_content() -> None:
    before = ids(CONNECTOR, BULK)
    assert len(set(before)) == 3
    after = ids(CONNECTOR, BULK.replace(b">100.50<", b">100.51<"))
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, True]


def test_transactions_without_a_head_are_refused() -> None:
    outcome = taken(CONNECTOR, ABROAD.replace(b"GrpHdr>", b"Hdr>"))
    assert outcome.items == []
    assert outcome.error is not None
    assert outcome.error.startswith("line 12: ")
