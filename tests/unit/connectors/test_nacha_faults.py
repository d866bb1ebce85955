"""Broken ACH files: a dead letter for an entry, mismatches for controls, a refusal for a file that is none."""

from __future__ import annotations

import re
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pytest

from sluicegate.connectors.base import Survey, Transaction
from sluicegate.connectors.nacha import CONNECTOR
from sluicegate.errors import FileRefusedError
from tests.unit.connectors.nacha_build import (
    BAD,
    BANK,
    SAMPLES,
    AchFile,
    edit,
    international,
    payroll,
    returned,
    returns,
)
from tests.unit.connectors.nacha_read import CONTEXT, data, faulty, items, sound, survey


def survey_of(source: BinaryIO) -> Survey:
    return CONNECTOR.survey(source, CONTEXT)


@pytest.mark.parametrize("name", BAD)
def test_faulty_entry_is_one_dead_letter_with_its_place(name: str) -> None:
    make, reason, place = BAD[name]
    content = (SAMPLES / "bad" / name).read_bytes()
    assert content == make()
    (fault,) = faulty(content)
    assert (str(fault.place), fault.reason) == (place, reason)
    assert fault.message
    assert len(items(content)) == survey(content).transactions


def test_faulty_entry_leaves_the_others_and_says_nothing_of_its_values() -> None:
    content = payroll().bytes().replace(b"0000198050", b"00001980A0")
    found = items(content)
    assert [isinstance(one, Transaction) for one in found] == [True, False, True, True]
    (fault,) = faulty(content)
    assert "ORTEGA" not in fault.message
    assert b"77120045530" in fault.raw


@pytest.mark.parametrize(
    ("at", "text", "where"),
    [
        (41, " " * 10, "positions 41-50 (company identification)"),
        (51, "XXX", "positions 51-53 (standard entry class code)"),
        (70, "260230", "positions 70-75 (effective entry date)"),
        (88, "00X0001", "positions 88-94 (batch number)"),
    ],
)
def test_broken_batch_header_makes_its_entries_faulty_and_not_the_file(at: int, text: str, where: str) -> None:
    file = payroll()
    file.batch("CCD", descriptor="VENDORS").entry("22", BANK, "12345678", 100, "V-1", "MILL FLOUR CO")
    found = items(edit(file.bytes(), 2, at, text))
    assert [isinstance(one, Transaction) for one in found] == [False] * 4 + [True]
    for fault in found[:4]:
        assert not isinstance(fault, Transaction)
        assert f"line 2: batch header, {where}" in fault.message


def test_entries_without_batch_header_are_faulty() -> None:
    lines = payroll().bytes().split(b"\n")
    found = faulty(b"\n".join(lines[:1] + lines[2:]))
    assert [fault.message for fault in found] == ["no batch header record before it"] * 4


def test_addenda_without_entry_are_one_fault() -> None:
    lines = international().bytes().split(b"\n")
    (fault,) = faulty(b"\n".join(lines[:2] + lines[3:]))
    assert str(fault.place) == "line 3: addenda"


def test_return_code_without_addenda_is_faulty() -> None:
    lines = returns().bytes().split(b"\n")
    (fault,) = faulty(b"\n".join(lines[:3] + lines[4:]))
    assert "without addenda 99 or 98" in fault.message


@pytest.mark.parametrize(
    ("line", "at", "text", "what"),
    [
        (9, 5, "000009", "entries and addenda"),
        (9, 11, "0067771609", "entry hash"),
        (9, 21, "000000905567", "debit total"),
        (9, 33, "00000090556X", "credit total"),
    ],
)
def test_batch_control_that_differs_marks_the_batch(line: int, at: int, text: str, what: str) -> None:
    content = edit(payroll().bytes(), line, at, text)
    seen = survey(content)
    assert [(one.scope, one.what) for one in seen.controls if not one.ok] == [("1234567892/2026-03-20/0000001", what)]
    assert {one["batch"]["control"] for one in data(content)} == {"mismatch"}


@pytest.mark.parametrize(
    ("at", "text", "what"),
    [
        (2, "000002", "batches"),
        (8, "000002", "blocks"),
        (14, "00000009", "entries and addenda"),
        (22, "0067771609", "entry hash"),
        (32, "000000905567", "debit total"),
        (44, "000000905567", "credit total"),
    ],
)
def test_file_control_that_differs_marks_every_payment(at: int, text: str, what: str) -> None:
    content = edit(payroll().bytes(), 10, at, text)
    seen = survey(content)
    (control,) = (one for one in seen.controls if not one.ok)
    assert (control.scope, control.what, control.place.line) == ("file", what, 10)
    assert {one["batch"]["control"] for one in data(content)} == {"mismatch"}


def test_only_the_batch_that_differs_is_marked() -> None:
    file = payroll()
    file.batch("CCD", descriptor="VENDORS").entry("22", BANK, "12345678", 100, "V-1", "MILL FLOUR CO")
    content = edit(file.bytes(), 12, 5, "000009")
    assert [one["batch"]["control"] for one in data(content)] == ["ok"] * 4 + ["mismatch"]


def test_batch_without_control_record_is_marked() -> None:
    lines = payroll().bytes().split(b"\n")
    content = b"\n".join(lines[:8] + lines[9:])
    assert "batch control record" in [one.what for one in survey(content).controls if not one.ok]
    assert {one["batch"]["control"] for one in data(content)} == {"mismatch"}


def test_entry_hash_keeps_its_last_ten_digits() -> None:
    file = AchFile()
    batch = file.batch()
    for number in range(150):
        batch.entry("22", "999999992", f"{number:08}", 1, f"E-{number}", "ANNA SCHMIDT")
    assert batch.hash > 10**10
    assert all(one.ok for one in survey(file.bytes()).controls)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", r"line 1: the file is empty"),
        (b"<Document/>", r"line 1: no file header record"),
        (payroll().bytes()[95:], r"line 1: no file header record"),
        (payroll().bytes()[:800], r"line 9: the file ends without a file control record"),
        (edit(payroll().bytes(), 1, 24, "261332"), r"line 1: file header, positions 24-29"),
        (edit(payroll().bytes(), 1, 30, "2460"), r"line 1: file header, positions 30-33"),
        (payroll().bytes() + payroll().bytes(), r"line 11: a record after the file control record"),
    ],
)
def test_file_that_is_none_or_not_whole_is_refused_with_its_line(content: bytes, said: str) -> None:
    for reading in (survey, sound):
        with pytest.raises(FileRefusedError, match=re.escape(said)):
            reading(content)


def test_faulty_entry_counts_in_its_run_which_cannot_look_complete() -> None:
    (run,) = survey(payroll().bytes().replace(b"0000198050", b"00001980A0")).runs
    assert (run.payments, run.totals) == (4, {"USD": Decimal("7075.16")})
    assert survey(returns().bytes()).runs == ()


def test_blocks_without_line_ends_are_read_in_constant_memory(tmp_path: Path) -> None:
    peaks = []
    for entries in (1_000, 20_000):
        file = AchFile()
        batch = file.batch()
        for number in range(entries):
            batch.entry("22", BANK, f"{number:012}", 100, f"E-{number}", "ANNA SCHMIDT")
        path = tmp_path / f"{entries}.ach"
        path.write_bytes(file.bytes(""))
        del file, batch
        with path.open("rb") as source:
            tracemalloc.start()
            assert survey_of(source).transactions == entries
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000  # the larger file has 1.9 MB


def test_return_of_a_debit_is_no_payment_of_ours() -> None:
    file = AchFile()
    file.batch().answer("26", BANK, "12345678", 100, "C-1", "CUSTOMER", returned("R01", f"{BANK[:8]}0000001"))
    assert survey(file.bytes()).skipped == {"returned debits": 1}


def test_advices_are_skipped_and_their_totals_not_compared() -> None:
    file = AchFile()
    file.batch("ADV").entry("81", BANK, "12345678", 100)
    seen = survey(file.bytes())
    assert (seen.transactions, seen.skipped) == (0, {"accounting advices": 1})
    assert {one.what for one in seen.controls} == {"batches", "blocks", "entries and addenda", "entry hash"}
