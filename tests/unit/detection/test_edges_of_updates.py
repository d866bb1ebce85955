"""Exact bounds of what an event adds to a payee's record, and the forms in which invoice numbers are compared."""

from __future__ import annotations

import pytest

from sluicegate.detection.invoices import nearly_equal, normal_form
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.detection.records import MAX_ACCOUNTS, PayeeRecord
from sluicegate.detection.update import KEEP_NOCS
from tests.scenarios.build import HOUR, Tale, account


def record_after(t: Tale) -> PayeeRecord:
    run = Partition().begin()
    for offset, line in enumerate(t.lines):
        run.apply(LogRecord(offset, 0, None, line))
    record = run.state("acme").get(PayeeRecord, "E1")
    assert record is not None
    return record


def paid_to_many(count: int) -> Tale:
    t = Tale()
    for n in range(count):
        t.pay("E1", f"{n:02d}", at=(n + 1) * HOUR)
    return t


def test_as_many_accounts_as_fit_are_all_kept() -> None:
    assert len(record_after(paid_to_many(MAX_ACCOUNTS)).accounts) == MAX_ACCOUNTS


def test_one_account_too_many_makes_the_longest_unused_one_go() -> None:
    fps = [use.fp for use in record_after(paid_to_many(MAX_ACCOUNTS + 1)).accounts]
    assert fps == [f"fp-{n:02d}" for n in range(1, MAX_ACCOUNTS + 1)]


def test_new_account_of_a_late_payment_stays_though_it_is_the_oldest() -> None:
    t = paid_to_many(MAX_ACCOUNTS)
    t.pay("E1", "late", at=0)
    fps = [use.fp for use in record_after(t).accounts]
    assert "fp-late" in fps
    assert "fp-00" not in fps


@pytest.mark.parametrize(("later", "kept"), [(0, ["fp-B", "fp-C"]), (1, ["fp-C"])])
def test_notice_of_a_corrected_account_is_kept_for_sixty_days_to_the_microsecond(later: int, kept: list[str]) -> None:
    t = Tale()
    payment = t.pay("E1")
    t.status(payment, "noc", HOUR, corrected_account=account("B"))
    t.status(payment, "noc", HOUR + KEEP_NOCS + later, corrected_account=account("C"))
    assert [fp for _, fp in record_after(t).nocs] == kept


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (None, ""),
        ("", ""),
        ("Invoice 7", "7"),
        ("Invoice invoice 7", "7"),
        ("No. 7", "7"),
        ("Invoice", "INVOICE"),
    ],
)
def test_words_before_an_invoice_number_do_not_count(number: str | None, form: str) -> None:
    assert normal_form(number) == form


def test_numbers_are_nearly_equal_by_one_swap_of_neighbours_only() -> None:
    assert nearly_equal("4172", "4127")
    assert not nearly_equal("4172", "2174")
    assert not nearly_equal("4172", "4172")
