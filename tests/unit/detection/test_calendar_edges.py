"""Pay dates near a day: on either side, over weekends and the turn of a year."""

from __future__ import annotations

from datetime import date

import pytest

from sluicegate.detection.calendar import DAY, HOUR, MOST_CACHED, Calendar


def test_durations_are_microseconds() -> None:
    assert (HOUR, DAY) == (3_600_000_000, 86_400_000_000)


@pytest.mark.parametrize(
    ("day", "most", "near"),
    [
        (date(2026, 7, 10), 2, False),
        (date(2026, 7, 13), 2, True),
        (date(2026, 7, 15), 0, True),
        (date(2026, 7, 14), 0, False),
        (date(2026, 7, 17), 2, True),
        (date(2026, 7, 18), 2, True),  # a Saturday adds none
        (date(2026, 7, 20), 2, False),
        (date(2026, 7, 20), 3, True),
    ],
)
def test_pay_date_is_near_by_business_days_on_either_side(day: date, most: int, near: bool) -> None:
    calendar = Calendar(pay_days=(15,))
    assert calendar.near_pay_date(day, most) is near
    assert calendar.near_pay_date(day, most) is near  # as remembered


@pytest.mark.parametrize(("day", "near"), [(date(2027, 1, 1), True), (date(2027, 1, 5), False)])
def test_last_business_day_of_december_is_near_in_january(day: date, near: bool) -> None:
    assert Calendar(pay_days=("last_business_day",)).near_pay_date(day, 1) is near


def test_first_of_january_is_next_after_december() -> None:
    calendar = Calendar(pay_days=(1,))
    assert calendar.next_pay_date(date(2026, 12, 2)) == date(2027, 1, 1)
    assert calendar.next_pay_date(date(2026, 1, 2)) == date(2026, 1, 30)  # 1 February is a Sunday


def test_pay_day_that_a_month_lacks_is_its_last_one_and_moves_before_a_holiday() -> None:
    assert Calendar(pay_days=(31,)).next_pay_date(date(2026, 4, 2)) == date(2026, 4, 30)
    assert Calendar(pay_days=(15,), holidays=[date(2026, 7, 15)]).next_pay_date(date(2026, 7, 1)) == date(2026, 7, 14)


def test_single_pay_dates_count_beside_days() -> None:
    calendar = Calendar(pay_days=(15,), pay_dates=(date(2026, 7, 8), date(2026, 7, 6)))
    assert calendar.next_pay_date(date(2026, 7, 7)) == date(2026, 7, 8)
    assert calendar.near_pay_date(date(2026, 7, 9), 1)
    assert calendar.near_pay_date(date(2026, 7, 8), 0)
    assert not calendar.near_pay_date(date(2026, 7, 10), 1)
    only = Calendar(pay_dates=(date(2026, 7, 8),))
    assert only.has_pay_dates
    assert only.next_pay_date(date(2026, 7, 9)) is None
    assert only.near_pay_date(date(2026, 7, 9), 1)
    assert not Calendar().has_pay_dates
    assert not Calendar().near_pay_date(date(2026, 7, 9), 1)


def test_business_days_are_added_over_weekends_and_holidays() -> None:
    calendar = Calendar(holidays=[date(2026, 7, 20)])
    assert calendar.add_business_days(date(2026, 7, 17), 0) == date(2026, 7, 17)
    assert calendar.add_business_days(date(2026, 7, 17), 1) == date(2026, 7, 21)
    assert calendar.add_business_days(date(2026, 7, 16), 3) == date(2026, 7, 22)


def test_what_is_remembered_of_days_is_bounded() -> None:
    calendar = Calendar(pay_days=(15,))
    found = [calendar.near_pay_date(date(2026, 7, 15), most) for most in range(MOST_CACHED + 2)]
    assert all(found)
    assert len(calendar._near) <= MOST_CACHED


@pytest.mark.parametrize("month", range(1, 13))
def test_pay_date_of_the_month_before_is_near_on_the_first_days_of_any_month(month: int) -> None:
    calendar = Calendar(pay_days=("last_business_day",))
    assert calendar.near_pay_date(date(2026, month, 1), 1)
    assert not calendar.near_pay_date(date(2026, month, 8), 2)
