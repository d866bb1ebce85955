"""Local dates, business days, pay dates."""

from datetime import date

import pytest

from sluicegate.detection.calendar import Calendar
from sluicegate.wire.scalars import parse_time

FRIDAY, MONDAY = date(2026, 8, 14), date(2026, 8, 17)


def time(text: str) -> int:
    us = parse_time(text)
    assert us is not None
    return us


@pytest.mark.parametrize(
    ("zone", "text", "day"),
    [
        ("UTC", "2026-03-08T23:59:59.999999Z", date(2026, 3, 8)),
        ("America/New_York", "2026-03-09T03:59:59Z", date(2026, 3, 8)),  # clocks went forward that day
        ("America/New_York", "2026-03-09T04:00:00Z", date(2026, 3, 9)),
        ("America/New_York", "2026-01-09T04:00:00Z", date(2026, 1, 8)),
        ("Asia/Tokyo", "2026-12-31T15:00:00Z", date(2027, 1, 1)),
        ("Pacific/Kiritimati", "2099-12-31T23:59:59Z", date(2100, 1, 1)),
    ],
)
def test_local_date_follows_the_zone_and_its_summer_time(zone: str, text: str, day: date) -> None:
    assert Calendar(zone).local_date(time(text)) == day


def test_business_days_count_neither_start_nor_weekends_nor_holidays() -> None:
    plain, holiday = Calendar(), Calendar(holidays=[MONDAY])
    assert plain.business_days(FRIDAY, MONDAY) == 1
    assert holiday.business_days(FRIDAY, MONDAY) == 0
    assert plain.business_days(FRIDAY, FRIDAY) == 0
    assert plain.business_days(MONDAY, FRIDAY) == 0  # backwards


def test_adding_business_days_skips_weekends_and_holidays() -> None:
    assert Calendar().add_business_days(FRIDAY, 10) == date(2026, 8, 28)
    assert Calendar(holidays=[MONDAY]).add_business_days(FRIDAY, 10) == date(2026, 8, 31)
    assert Calendar().add_business_days(date(2026, 8, 15), 0) == date(2026, 8, 15)


@pytest.mark.parametrize(
    ("pay_days", "day", "pay"),
    [
        ((15,), date(2026, 8, 1), FRIDAY),  # the 15th is a Saturday
        ((15,), FRIDAY, FRIDAY),
        ((15,), date(2026, 8, 15), date(2026, 9, 15)),
        ((1,), date(2026, 7, 31), date(2026, 7, 31)),  # 1 August is a Saturday: paid in July
        ((31,), date(2026, 2, 1), date(2026, 2, 27)),  # the 28th is a Saturday
        (("last_business_day",), date(2026, 12, 31), date(2026, 12, 31)),
        ((15, "last_business_day"), date(2026, 8, 15), date(2026, 8, 31)),
        ((), date(2026, 8, 15), None),
    ],
)
def test_next_pay_date_by_pay_days(pay_days: tuple[int | str, ...], day: date, pay: date | None) -> None:
    assert Calendar(pay_days=pay_days).next_pay_date(day) == pay


def test_explicit_pay_date_counts_where_it_comes_first_even_on_a_weekend() -> None:
    calendar = Calendar(pay_days=(20,), pay_dates=[date(2026, 8, 15), date(2030, 1, 1)])
    assert calendar.next_pay_date(MONDAY) == date(2026, 8, 20)
    assert calendar.next_pay_date(date(2026, 8, 10)) == date(2026, 8, 15)
    assert Calendar(pay_dates=[date(2030, 1, 1)]).next_pay_date(MONDAY) == date(2030, 1, 1)


def test_pay_day_on_a_row_of_holidays_moves_before_all_of_them() -> None:
    holidays = [date(2026, 8, day) for day in (10, 11, 12, 13, 14)]
    assert Calendar(holidays=holidays, pay_days=(15,)).next_pay_date(date(2026, 8, 1)) == date(2026, 8, 7)
