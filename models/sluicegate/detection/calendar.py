"""Local dates, business days and pay dates of a tenant."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

US_PER_SECOND = 1_000_000
HOUR = 3600 * US_PER_SECOND
DAY = 24 * HOUR
"""Durations in microseconds."""

MOST_CACHED = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Calendar:
    """A tenant's time zone, holidays and pay days.

    >>> c = Calendar("UTC", pay_days=(15, "last_business_day"))
    >>> c.next_pay_date(date(2026, 8, 1)), c.next_pay_date(date(2026, 8, 15))
    (datetime.date(2026, 8, 14), datetime.date(2026, 8, 31))
    >>> c.business_days(date(2026, 8, 14), date(2026, 8, 18))
    2
    """

    def __init__(
        self,
        timezone: str = "UTC",
        holidays: Iterable[date] = (),
        pay_days: Sequence[int | str] = (),
        pay_dates: Iterable[date] = (),
    ) -> None:
        self._zone = ZoneInfo(timezone)
        self._holidays = frozenset(holidays)
        self._pay_days = tuple(pay_days)
        self._pay_dates = sorted(pay_dates)
        self.has_pay_dates = bool(self._pay_days or self._pay_dates)
        self._near: dict[tuple[date, int], bool] = {}

    def local(self, time: int, zone: ZoneInfo | None = None) -> datetime:
        """An event time (µs) by the clocks of the tenant's time zone, or of another one."""
        return (_EPOCH + timedelta(microseconds=time)).astimezone(zone or self._zone)

    def local_date(self, time: int) -> date:
        """The date of an event time (µs) in the tenant's time zone."""
        return datetime.fromtimestamp(time // US_PER_SECOND, self._zone).date()

    def is_business_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self._holidays

    def business_days(self, after: date, until: date) -> int:
        """Business days d with after < d <= until."""
        return sum(self.is_business_day(after + timedelta(n)) for n in range(1, (until - after).days + 1))

    def add_business_days(self, day: date, count: int) -> date:
        """The date `count` business days after `day`."""
        while count:
            day += timedelta(1)
            count -= self.is_business_day(day)
        return day

    def next_pay_date(self, day: date) -> date | None:
        """The earliest pay date on or after `day`; None if the policy names none."""
        found = [d for d in self._pay_dates if d >= day][:1]
        year, month = day.year, day.month
        for _ in range(3):
            found += [d for d in self._month(year, month) if d >= day]
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return min(found, default=None)

    def near_pay_date(self, day: date, most: int) -> bool:
        """Whether a pay date is at most so many business days before or after `day`.

        >>> c = Calendar("UTC", pay_days=(15,))
        >>> [c.near_pay_date(date(2026, 7, n), 2) for n in (10, 13, 17, 18, 20)]
        [False, True, True, True, False]
        """
        near = self._near.get((day, most))
        if near is None:
            after, before = self.next_pay_date(day), self._pay_date_before(day)
            near = (after is not None and self._within(day, after, most)) or (
                before is not None and self._within(before, day, most)
            )
            if len(self._near) >= MOST_CACHED:
                self._near.clear()
            self._near[day, most] = near
        return near

    def _within(self, after: date, until: date, most: int) -> bool:
        """Whether `business_days` is at most so many; stops at one more."""
        count = 0
        while after < until and count <= most:
            after += timedelta(1)
            count += self.is_business_day(after)
        return count <= most

    def _pay_date_before(self, day: date) -> date | None:
        """The latest pay date before `day`; a month's first ones may lie in the month before."""
        found = [d for d in self._pay_dates if d < day][-1:]
        year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
        for _ in range(3):
            found += [d for d in self._month(year, month) if d < day]
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        return max(found, default=None)

    def _month(self, year: int, month: int) -> list[date]:
        last = monthrange(year, month)[1]
        out = []
        for number in self._pay_days:
            pay = date(year, month, last if isinstance(number, str) else min(number, last))
            while not self.is_business_day(pay):
                pay -= timedelta(1)
            out.append(pay)
        return out
