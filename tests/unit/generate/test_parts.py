"""The parts: calendars, amounts, names, accounts."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from random import Random

import pytest

from sluicegate.generate import accounts, money, names
from sluicegate.generate.days import (
    HOUR,
    PayCalendar,
    add_business_days,
    at_local,
    calendar_date,
    day_number,
    holidays,
    instant_text,
    is_business_day,
    local_day,
)

FIRST = day_number(date(2024, 1, 1))


@pytest.mark.parametrize("cadence", ["biweekly", "semimonthly", "monthly"])
def test_pay_days_are_business_days_and_periods_join(cadence: str) -> None:
    calendar = PayCalendar(cadence)
    pay_days = list(calendar.pay_days(FIRST, FIRST + 1_500))
    assert all(map(is_business_day, pay_days))
    periods = [calendar.period(day) for day in pay_days]
    assert all(before[1] + 1 == after[0] for before, after in pairwise(periods))
    assert all(abs(last - first + 1 - calendar.period_days) <= 2 for first, last in periods)


def test_pay_day_on_a_holiday_moves_to_the_day_before() -> None:
    christmas = day_number(date(2026, 12, 25))  # a Friday
    calendar = PayCalendar("biweekly", anchor=christmas % 14)
    assert calendar_date(calendar.next_pay_day(christmas - 5)) == date(2026, 12, 24)
    assert calendar_date(calendar.next_pay_day(christmas)) == date(2027, 1, 8)


def test_business_days_are_added_across_weekends_and_holidays() -> None:
    friday = day_number(date(2026, 6, 12))
    assert calendar_date(add_business_days(friday, 1)) == date(2026, 6, 15)
    assert calendar_date(add_business_days(friday + 3, -2)) == date(2026, 6, 11)
    assert holidays(friday, friday + 365) == ["2026-12-25", "2027-01-01"]


def test_local_times_know_summer_time() -> None:
    summer, winter = day_number(date(2026, 7, 1)), day_number(date(2026, 12, 1))
    assert instant_text(at_local("America/New_York", summer, 9 * HOUR)) == "2026-07-01T13:00:00.000Z"
    assert instant_text(at_local("America/New_York", winter, 9 * HOUR)) == "2026-12-01T14:00:00.000Z"
    assert local_day("Australia/Sydney", at_local("Australia/Sydney", summer, HOUR)) == summer


@pytest.mark.parametrize(
    ("minor", "currency", "base", "value"),
    [(10_000, "EUR", "EUR", "100.00"), (10_000, "JPY", "JPY", "10000"), (0, "USD", "EUR", "0.00")],
)
def test_amount_in_base(minor: int, currency: str, base: str, value: str) -> None:
    assert money.in_base(minor, currency, base, 20_000)["value"] == value


def test_rates_there_and_back_nearly_cancel() -> None:
    for currency in money.PER_USD:
        there, back = money.rate(currency, "USD", 20_000), money.rate("USD", currency, 20_000)
        assert there * back / 1e12 == pytest.approx(1, rel=0.01)


def test_routing_numbers_pass_their_check_digit() -> None:
    for number in accounts.COUNTRIES["US"].banks:
        d = [int(c) for c in number]
        assert (3 * (d[0] + d[3] + d[6]) + 7 * (d[1] + d[4] + d[7]) + d[2] + d[5] + d[8]) % 10 == 0


def test_people_and_firms_vary() -> None:
    rng = Random(1)
    assert len({names.person(rng) for _ in range(1_000)}) > 700
    assert Counter(names.firm(rng, "DE").stem for _ in range(1_000)).most_common(1)[0][1] <= 3
    assert {given.isalpha() for part in names.PEOPLE for side in part for given in side} == {True}
