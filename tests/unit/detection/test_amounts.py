"""Exact sums, statistics and the parts of an amount."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sluicegate.detection.amounts import EXACT, add, median, regular_part, rounded, subtract, total, within
from sluicegate.detection.currencies import exponent


def test_sums_keep_the_larger_scale_and_every_digit() -> None:
    assert add("1250.125", "0.875") == "1251.000"
    assert add("100", "0.10") == "100.10"
    assert subtract("1", "0.1") == "0.9"
    assert add("9" * 36, "0.000000000000000001") == f"{'9' * 36}.000000000000000001"
    assert total(["1.10", "2.20", "3.30"]) == Decimal("6.60")
    assert total([]) == 0


@pytest.mark.parametrize(
    ("values", "middle"), [("3", "3"), ("1 4", "2.5"), ("9 1 4", "4"), ("1 4 2 3", "2.5"), ("5 1 3 2 4", "3")]
)
def test_median_is_the_middle_one_or_the_mean_of_two(values: str, middle: str) -> None:
    assert median([Decimal(value) for value in values.split()]) == Decimal(middle)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("100", "99.5", True), ("99.5", "100", True), ("100", "99.49", False), ("99.49", "100", False), ("7", "7", True)],
)
def test_amounts_are_compared_by_a_share_of_the_larger(one: str, other: str, near: bool) -> None:
    assert within(Decimal(one), Decimal(other), Decimal("0.005")) is near


@pytest.mark.parametrize(
    ("components", "regular"),
    [
        ([], "3000"),
        ([("regular", "2000"), ("bonus", "1000")], "2000"),
        ([("regular", "1000"), ("overtime", "500"), ("contract", "250"), ("other", "250"), ("bonus", "2000")], "1500"),
        ([("regular", "2000"), ("overtime", "1000")], "3000"),
        ([("bonus", "1000")], None),
        ([("regular", "0"), ("bonus", "0")], None),
        ([("regular", "1"), ("bonus", "-1")], None),
        ([("regular", "1"), ("bonus", "2")], "1000"),
        ([("regular", "2"), ("bonus", "5")], "857.142857142857142857"),
    ],
)
def test_regular_part_is_the_share_of_what_recurs(components: list[tuple[str, str]], regular: str | None) -> None:
    assert regular_part("3000", components) == regular


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        *(("BIF", 0), ("JPY", 0), ("XPF", 0), ("AED", 2), ("USD", 2), ("ZWL", 2), ("BHD", 3), ("TND", 3), ("CLF", 4)),
        *(("XAU", None), ("XX", None), ("usd", None)),
    ],
)
def test_currency_has_the_decimals_of_its_standard(currency: str, decimals: int | None) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize(
    ("value", "shown"),
    [("31.9", "31.9"), ("31", "31"), ("1E+3", "1000"), ("31.90", "31.90"), ("31.905", "31.90"), ("31.916", "31.92")],
)
def test_amount_for_people_has_at_most_two_decimals_and_no_more_than_it_had(value: str, shown: str) -> None:
    assert rounded(value) == shown


def test_amounts_are_computed_to_80_digits() -> None:
    assert EXACT.prec == 80
