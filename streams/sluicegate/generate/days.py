"""Days, local times and pay calendars. A day is a number counted from 1 January 1970; instants are microseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_HOLIDAYS = ((1, 1), (12, 25), (12, 26))  # closed everywhere


@lru_cache(maxsize=4096)
def calendar_date(day: int) -> date:
    """The date of a day number.

    >>> calendar_date(20_000)
    datetime.date(2024, 10, 4)
    """
    return date.fromordinal(day + _EPOCH_ORDINAL)


@lru_cache(maxsize=4096)
def day_text(day: int) -> str:
    """`YYYY-MM-DD` of a day number."""
    return calendar_date(day).isoformat()


def day_number(when: date) -> int:
    """The inverse of `calendar_date`."""
    return when.toordinal() - _EPOCH_ORDINAL


def instant_text(us: int) -> str:
    """RFC 3339 in UTC, cut to milliseconds.

    >>> instant_text(1_781_161_200_250_999)
    '2026-06-11T07:00:00.250Z'
    """
    day, rest = divmod(us, DAY)
    seconds, fraction = divmod(rest, SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{day_text(day)}T{hour:02}:{minute:02}:{second:02}.{fraction // 1000:03}Z"


@lru_cache(maxsize=16384)
def _offset(zone: str, day: int) -> int:
    noon = datetime.combine(calendar_date(day), datetime.min.time(), ZoneInfo(zone)) + timedelta(hours=12)
    shift = noon.utcoffset()
    assert shift is not None
    return int(shift.total_seconds()) * SECOND


def at_local(zone: str, day: int, since_midnight: int) -> int:
    """The instant at which clocks in `zone` show `since_midnight` (µs) on `day`; the offset is the one of noon.

    >>> instant_text(at_local("Asia/Tokyo", 20_000, 9 * HOUR))
    '2024-10-04T00:00:00.000Z'
    """
    return day * DAY + since_midnight - _offset(zone, day)


def local_day(zone: str, us: int) -> int:
    """The day that clocks in `zone` show at an instant."""
    return (us + _offset(zone, us // DAY)) // DAY


@lru_cache(maxsize=4096)
def is_business_day(day: int) -> bool:
    """Monday to Friday and no holiday.

    >>> [is_business_day(day_number(date(2026, 12, d))) for d in (24, 25, 27, 28)]
    [True, False, False, True]
    """
    when = calendar_date(day)
    return when.weekday() < 5 and (when.month, when.day) not in _HOLIDAYS


def holidays(first: int, last: int) -> list[str]:
    """The holidays between two days that fall on a weekday, as texts."""
    years = range(calendar_date(first).year, calendar_date(last).year + 1)
    found = [date(year, month, day) for year in years for month, day in _HOLIDAYS]
    return [when.isoformat() for when in sorted(found) if first <= day_number(when) <= last and when.weekday() < 5]


def business_day(day: int, step: int) -> int:
    """`day` when it is a business day, else the next one in the direction of `step` (1 or -1)."""
    while not is_business_day(day):
        day += step
    return day


def add_business_days(day: int, count: int) -> int:
    """The business day `count` business days after (before, when negative) `day`."""
    step = 1 if count > 0 else -1
    for _ in range(abs(count)):
        day = business_day(day + step, step)
    return day


@dataclass(frozen=True)
class PayCalendar:
    """When a pay group is paid: `biweekly` on Fridays, `semimonthly` on the 15th and last day, `monthly` on the last.

    A pay day that is no business day moves to the business day before.

    >>> dates = PayCalendar("semimonthly")
    >>> calendar_date(dates.next_pay_day(day_number(date(2026, 8, 3))))
    datetime.date(2026, 8, 14)
    """

    cadence: str
    anchor: int = 1  # a Friday: 2 January 1970 was day 1

    @property
    def period_days(self) -> int:
        """Usual length of a pay period."""
        return {"biweekly": 14, "semimonthly": 15}.get(self.cadence, 30)

    def next_pay_day(self, day: int) -> int:
        """The first pay day on or after `day`."""
        return _next_pay_day(self, day)

    def period(self, pay_day: int) -> tuple[int, int]:
        """First and last day of the period that is paid on `pay_day`."""
        if self.cadence == "biweekly":
            nominal = next(n for n in self._nominal(pay_day) if business_day(n, -1) >= pay_day)
            return nominal - 18, nominal - 5
        when = calendar_date(pay_day)
        first = day_number(when.replace(day=1))
        if self.cadence == "monthly":
            return first, _month_end(when)
        return (first, first + 14) if when.day <= 15 else (first + 15, _month_end(when))

    def pay_days(self, first: int, last: int) -> Iterator[int]:
        """All pay days between two days."""
        day = self.next_pay_day(first)
        while day <= last:
            yield day
            day = self.next_pay_day(day + 1)

    def _nominal(self, day: int) -> Iterator[int]:
        if self.cadence == "biweekly":
            nominal = day + (self.anchor - day) % 14
            while True:
                yield nominal
                nominal += 14
        when = calendar_date(day)
        while True:
            if self.cadence == "semimonthly":
                yield day_number(when.replace(day=15))
            yield _month_end(when)
            when = calendar_date(_month_end(when) + 1)


@lru_cache(maxsize=16384)
def _next_pay_day(dates: PayCalendar, day: int) -> int:
    return next(found for n in dates._nominal(day) if (found := business_day(n, -1)) >= day)


def _month_end(when: date) -> int:
    following = (when.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day_number(following) - 1


def instant(when: datetime) -> int:
    """Microseconds of an aware datetime.

    >>> instant(datetime(2026, 6, 11, 7, tzinfo=UTC))
    1781161200000000
    """
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
