"""C5: off the pay calendar, and released at night."""

from typing import Any

from tests.scenarios.build import DAY, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "corrections": "correction-at-night",
    "final pay": "final-pay-at-night",
    "approvers in other time zones": "approver-in-another-time-zone",
}

DUE = 42 * DAY
"""Monday, 16 February 2026."""
NIGHT = "2026-02-13T23:00:00Z"
NOON = "2026-02-13T12:00:00Z"
"""A Friday."""


def _pay(
    t: Tale, at: str | None, amount: str = "1000.00", *, by: tuple[str, ...] = ("ann",), past: int = 3, **more: Any
) -> None:
    t.history("E1", past)
    schedule = {"run_type": "off_cycle"} | {name: value for name, value in more.items() if value is not None}
    approval: dict[str, Any] = {"approved_by": list(by)} if at is None else {"approved_by": list(by), "approved_at": at}
    t.pay("E1", amount=amount, at=DUE, schedule=schedule, approval=approval)


@fires(30)
def off_cycle_just_after_eight(t: Tale) -> None:
    _pay(t, "2026-02-13T20:00:00.000001Z")


@silent(noted=10)
def off_cycle_at_eight(t: Tale) -> None:
    _pay(t, "2026-02-13T20:00:00Z")


@fires(30)
def off_cycle_just_before_six(t: Tale) -> None:
    _pay(t, "2026-02-13T05:59:59.999999Z")


@silent(noted=10)
def off_cycle_at_six(t: Tale) -> None:
    _pay(t, "2026-02-13T06:00:00Z")


@fires(30)
def off_cycle_on_a_sunday(t: Tale) -> None:
    _pay(t, "2026-02-15T12:00:00Z")


@fires(30)
def off_cycle_on_a_holiday(t: Tale) -> None:
    t.policy(holidays=["2026-02-13"])
    _pay(t, NOON)


@silent(noted=10)
def regular_run_at_night(t: Tale) -> None:
    _pay(t, NIGHT, run_type="regular")


@silent()
def regular_run_at_noon(t: Tale) -> None:
    _pay(t, NOON, run_type="regular")


@silent(noted=10)
def a_cent_under_the_median(t: Tale) -> None:
    _pay(t, NIGHT, "999.99")


@silent(noted=10)
def one_payment_is_no_history(t: Tale) -> None:
    _pay(t, NIGHT, past=1)


@fires(30)
def two_payments_are_history(t: Tale) -> None:
    _pay(t, NIGHT, past=2)


@silent()
def final_pay_at_night(t: Tale) -> None:
    _pay(t, NIGHT, run_type="final")


@silent()
def correction_at_night(t: Tale) -> None:
    _pay(t, NIGHT, run_type="correction")


@silent(noted=10)
def release_not_told(t: Tale) -> None:
    _pay(t, None)


@silent(noted=10)
def approver_in_another_time_zone(t: Tale) -> None:
    """23:00 in London is 15:00 in Los Angeles."""
    t.policy(approver_timezones={"ann": "America/Los_Angeles"})
    _pay(t, NIGHT)


@fires(30)
def approver_for_whom_it_is_night(t: Tale) -> None:
    """12:00 in London is 21:00 in Tokyo."""
    t.policy(approver_timezones={"ann": "Asia/Tokyo"})
    _pay(t, NOON)


@silent(noted=10)
def one_of_two_approvers_in_office_hours(t: Tale) -> None:
    t.policy(approver_timezones={"ann": "Asia/Tokyo"})
    _pay(t, NOON, by=("ann", "bob"))


@fires(30)
def night_of_the_tenant(t: Tale) -> None:
    """12:00 in London is 04:00 in Los Angeles."""
    t.policy(timezone="America/Los_Angeles")
    _pay(t, NOON)


def _calendar(t: Tale, pay_date: str | None, at: str = "2026-02-14T12:00:00Z") -> None:
    """Pay dates are 13 February (the 15th is a Sunday) and 13 March; approved on a Saturday."""
    t.policy(pay_days=[15])
    _pay(t, at, run_type="regular", pay_date=pay_date)


@fires(30)
def three_business_days_off_on_a_saturday(t: Tale) -> None:
    _calendar(t, "2026-02-18")


@silent(noted=10)
def two_business_days_off_at_night(t: Tale) -> None:
    _calendar(t, "2026-02-17", NIGHT)


@fires(30)
def three_business_days_before(t: Tale) -> None:
    _calendar(t, "2026-02-10")


@silent(noted=10)
def two_business_days_before(t: Tale) -> None:
    _calendar(t, "2026-02-11")


@silent(noted=10)
def pay_date_not_told(t: Tale) -> None:
    _calendar(t, None)


@silent(noted=10)
def explicit_pay_date(t: Tale) -> None:
    t.policy(pay_dates=["2026-02-18"])
    _pay(t, NIGHT, run_type="regular", pay_date="2026-02-18")
