"""B6: a dormant vendor is paid again."""

from tests.scenarios.build import DAY, HOUR, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "seasonal work": "seasonal-vendor",
    "one-off repairs at a larger scale": "twice-the-median-after-180-days",
}

LAST = 14 * DAY
"""When the second of two payments is made."""


def _wake(t: Tale, gap: int, to: str = "V1", amount: str = "1000.00") -> None:
    t.history("V1", 2)
    t.pay("V1", to, amount, LAST + gap)


@fires(65)
def new_account_after_180_days(t: Tale) -> None:
    _wake(t, 180 * DAY, "new")


@silent()
def new_account_before_180_days(t: Tale) -> None:
    _wake(t, 180 * DAY - 1, "new")


@fires(65)
def account_changed_since(t: Tale) -> None:
    t.history("V1", 2)
    t.change("V1", "new", at=LAST + 1)
    t.pay("V1", "new", at=LAST + 200 * DAY)


@silent()
def account_changed_before(t: Tale) -> None:
    t.pay("V1")
    t.change("V1", "new", at=LAST - 1)
    t.pay("V1", at=LAST)
    t.pay("V1", "new", at=LAST + 200 * DAY)


@fires(45)
def twice_the_median_after_180_days(t: Tale) -> None:
    _wake(t, 180 * DAY, amount="2000.00")


@silent()
def less_than_twice_the_median(t: Tale) -> None:
    """A repair at no larger scale."""
    _wake(t, 180 * DAY, amount="1999.99")


@silent()
def twice_the_median_before_180_days(t: Tale) -> None:
    _wake(t, 180 * DAY - 1, amount="2000.00")


@silent()
def one_payment_before(t: Tale) -> None:
    t.pay("V1")
    t.pay("V1", "new", "5000.00", at=200 * DAY)


@silent()
def one_of_two_before_failed(t: Tale) -> None:
    t.pay("V1")
    second = t.pay("V1", at=LAST)
    t.status(second, "returned", LAST + HOUR)
    t.pay("V1", "new", at=LAST + 200 * DAY)


@fires(65)
def failed_attempt_in_between(t: Tale) -> None:
    """Only settled payments show that a vendor is awake."""
    t.history("V1", 2)
    attempt = t.pay("V1", at=LAST + 150 * DAY)
    t.status(attempt, "rejected", LAST + 150 * DAY + 1)
    t.pay("V1", "new", at=LAST + 200 * DAY)


def _seasons(t: Tale, first_gap: int, second_gap: int, to: str = "V1") -> None:
    """A payment, another after the first gap, twice as much after the second."""
    t.pay("V1")
    t.pay("V1", at=first_gap)
    t.pay("V1", to, "2000.00", first_gap + second_gap)


@silent()
def seasonal_vendor(t: Tale) -> None:
    _seasons(t, 345 * DAY, 385 * DAY)


@fires(45)
def season_a_moment_too_late(t: Tale) -> None:
    _seasons(t, 345 * DAY, 385 * DAY + 1)


@fires(45)
def earlier_season_a_moment_too_early(t: Tale) -> None:
    _seasons(t, 345 * DAY - 1, 385 * DAY)


@fires(65)
def seasonal_vendor_with_a_new_account(t: Tale) -> None:
    _seasons(t, 345 * DAY, 385 * DAY, "new")


@silent()
def other_currency(t: Tale) -> None:
    """There is no history in that currency to compare with."""
    t.history("V1", 2)
    t.pay("V1", amount="9000.00", currency="EUR", at=LAST + 200 * DAY)
