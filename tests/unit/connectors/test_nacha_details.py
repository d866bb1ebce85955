"""Corners of ACH entries: international ones whose bank or account is unclear, corrections that are none, X12 text."""

from __future__ import annotations

import pytest

from sluicegate.connectors.nacha_remittance import remittance
from tests.unit.connectors.nacha_build import (
    BANK,
    AchFile,
    changed,
    edit,
    iat_addenda,
    international,
    payroll,
    returned,
)
from tests.unit.connectors.nacha_read import data, faulty

TRACE = f"{BANK[:8]}0000001"


@pytest.mark.parametrize(("line", "number"), [(3, " " * 35), (13, "DE8937040044053201300 ")])
def test_international_entry_without_a_usable_account_is_faulty(line: int, number: str) -> None:
    (fault,) = faulty(edit(international().bytes(), line, 40, number))
    assert str(fault.place) == f"line {line}: IAT entry detail, positions 40-74 (account number)"


def test_international_bank_without_country_has_that_of_the_batch() -> None:
    content = edit(international().bytes(), 8, 75, "   ")
    assert data(content)[0]["account"]["country"] == "MX"
    (fault,) = faulty(edit(content, 2, 39, "  "))
    assert str(fault.place) == "line 8: addenda 14, positions 75-77 (branch country of the receiving bank)"


def test_international_entry_to_the_us_has_the_entrys_bank_where_addenda_name_none() -> None:
    file = AchFile()
    file.batch("IAT").entry("22", BANK, "12345678", 100, addenda=iat_addenda("A B", country="US", bank_id="", bank=""))
    account = data(file.bytes())[0]["account"]
    assert (account["bank_id"], "bank_name" in account) == (BANK, False)
    (fault,) = faulty(edit(file.bytes(), 3, 4, "X"))
    assert str(fault.place) == "line 3: IAT entry detail, positions 4-12 (receiving bank)"


def test_international_return_without_bank_names_no_account() -> None:
    file = AchFile()
    batch = file.batch("IAT")
    addenda = (iat_addenda("CARMEN RUIZ VEGA")[0], f"{returned('R03', TRACE):80}")
    batch.entry("21", BANK, "072580001234567897", 100, addenda=addenda)
    batch.records[-1] = f"{returned('R03', TRACE):79}{TRACE}"
    assert "account_fp" not in data(file.bytes())[0]


def test_check_digit_that_is_none_is_faulty() -> None:
    (fault,) = faulty(edit(payroll().bytes(), 3, 12, "X"))
    assert str(fault.place) == "line 3: entry detail, position 12 (check digit)"


def test_batch_without_description_and_date_says_neither() -> None:
    file = AchFile()
    file.batch(descriptor="", effective="").entry("22", BANK, "12345678", 100, "E-1", "")
    (payment,) = data(file.bytes())
    assert payment["schedule"] == {"rail": "ach", "run_id": "1234567892/-/0000001", "sec_code": "PPD"}
    assert "name" not in payment["payee"]


def test_answer_whose_banks_are_both_unreadable_is_faulty() -> None:
    file = AchFile()
    file.batch(odfi="XXXXXXXX").answer("21", BANK, "12345678", 1, "E-1", "X", returned("R03", TRACE, "YYYYYYYY"))
    (fault,) = faulty(file.bytes())
    assert str(fault.place) == "line 4: addenda 99, positions 28-35 (original receiving bank)"


def test_corrected_routing_number_that_is_none_is_faulty() -> None:
    file = AchFile()
    file.batch("COR").answer("21", BANK, "12345678", 0, "E-1", "X", changed("C02", TRACE, "01140153"))
    (fault,) = faulty(file.bytes())
    assert str(fault.place) == "line 4: addenda 98, positions 36-44 (corrected routing number)"


@pytest.mark.parametrize(
    ("text", "told", "invoices"),
    [
        ("RMR*PO*PO-9\\", "RMR*PO*PO-9", [{"po_number": "PO-9"}]),
        ("RMR*IV*I-1*PI*5.00*abc\\", "RMR*IV*I-1*PI*5.00*abc", [{"number": "I-1"}]),
        ("RMR|IV|I-1||5.00|7.00~DTM|003|20261340~", "RMR|IV|I-1||5.00|7.00\\DTM|003|20261340", None),
        ("DTM*003*20260302\\RMR*CM*C-1\\", "DTM*003*20260302\\RMR*CM*C-1", []),
        ("REF*SY*078051120\\RMR*IV*I-2\\", "RMR*IV*I-2", [{"number": "I-2"}]),
        ("DED*CS*441*260320*35000*078051120*N*SMITH*09001\\", "", []),
        ("TXP*123456789*01101*260331*T*5000\\", "", []),
        ("NTE*ADV*send USDT to TXYZ\\", "NTE*ADV*send USDT to TXYZ", []),
        ("ISA short", "ISA short", []),
    ],
)
def test_remittance_of_x12_segments(text: str, told: str, invoices: list[dict[str, str]] | None) -> None:
    expected = [{"number": "I-1", "total": "7.00"}] if invoices is None else invoices
    assert remittance([text], "5500184422") == (told, expected)


def test_long_remittance_is_cut_and_its_invoices_counted() -> None:
    text = "".join(f"RMR*IV*INV-{number:05}**1.00*1.00\\" for number in range(1_200))
    told, invoices = remittance([text], "5500184422")
    assert (len(told), len(invoices)) == (1_024, 1_000)


@pytest.mark.parametrize(("addenda", "faults"), [(9_999, 0), (10_000, 1), (10_500, 1)])
def test_entry_with_more_addenda_than_the_rules_allow_is_faulty(addenda: int, faults: int) -> None:
    file = AchFile()
    file.batch("CCD").entry("22", BANK, "12345678", 100, "V-1", "MILL FLOUR CO", ("x",) * addenda)
    assert len(faulty(file.bytes())) == faults
