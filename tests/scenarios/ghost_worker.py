"""C3: pay to somebody who does not work here."""

from typing import Any

from tests.scenarios.build import DAY, HOUR, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "an HR feed that lags behind": "hire-that-comes-after-the-payment",
    "leaves groups of workers out": "second-run-without-a-hire",
    "a rehire that is not announced": "rehire-that-comes-too-late",
}

HIRED = "2025-01-01"


def _leaver(t: Tale, *, at: int = 0, end: str = "2026-01-05") -> None:
    """A worker whose last day is, by default, that of `START`."""
    t.policy(roster=True)
    t.worker("E1", "hire", at=-DAY, effective_date=HIRED)
    t.worker("E1", "terminate", at=at, effective_date=end)


def _pay(t: Tale, at: int, first_day: str | None, component: str | None = None, **more: Any) -> None:
    schedule = {} if first_day is None else {"period_start": first_day}
    if component is not None:
        more["purpose"] = {"components": [{"type": component, "amount": "1000.00"}]}
    t.pay("E1", at=at, run="R", schedule=schedule, **more)


@fires(65)
def period_after_the_last_day(t: Tale) -> None:
    _leaver(t)
    _pay(t, 14 * DAY, "2026-01-06")


@silent()
def period_from_the_last_day(t: Tale) -> None:
    _leaver(t)
    _pay(t, 14 * DAY, "2026-01-05")


@fires(65)
def forty_six_days_after_leaving(t: Tale) -> None:
    _leaver(t)
    _pay(t, 46 * DAY, "2026-01-01")


@silent()
def forty_five_days_after_leaving(t: Tale) -> None:
    _leaver(t)
    _pay(t, 45 * DAY, "2026-01-01")


@fires(65)
def forty_six_days_after_leaving_without_a_period(t: Tale) -> None:
    _leaver(t)
    _pay(t, 46 * DAY, None)


@silent()
def commission_half_a_year_after_leaving(t: Tale) -> None:
    _leaver(t)
    _pay(t, 180 * DAY, "2026-01-06", "commission")


@fires(65)
def commission_after_half_a_year(t: Tale) -> None:
    _leaver(t)
    _pay(t, 181 * DAY, "2026-01-06", "commission")


@silent()
def severance(t: Tale) -> None:
    _leaver(t)
    _pay(t, 60 * DAY, "2026-02-01", "severance")


@fires(65)
def bonus_is_no_pay_on_leaving(t: Tale) -> None:
    _leaver(t)
    _pay(t, 60 * DAY, "2026-02-01", "bonus")


@silent()
def rehired(t: Tale) -> None:
    _leaver(t)
    t.worker("E1", "rehire", at=DAY, effective_date="2026-01-06")
    _pay(t, 14 * DAY, "2026-01-06")


@silent()
def rehire_that_comes_after_the_payment(t: Tale) -> None:
    _leaver(t)
    _pay(t, 14 * DAY, "2026-01-06")
    t.worker("E1", "rehire", at=16 * DAY - 1, effective_date="2026-01-06")


@fires(65)
def rehire_that_comes_too_late(t: Tale) -> None:
    _leaver(t)
    _pay(t, 14 * DAY, "2026-01-06")
    t.worker("E1", "rehire", at=16 * DAY, effective_date="2026-01-06")


@fires(65)
def termination_that_comes_after_the_payment(t: Tale) -> None:
    t.worker("E1", "hire", effective_date=HIRED)
    _pay(t, DAY, "2026-01-06")
    t.worker("E1", "terminate", at=3 * DAY - 1, effective_date="2026-01-05")


@silent()
def termination_that_comes_after_48_hours(t: Tale) -> None:
    t.worker("E1", "hire", effective_date=HIRED)
    _pay(t, DAY, "2026-01-06")
    t.worker("E1", "terminate", at=3 * DAY, effective_date="2026-01-05")


@fires(65)
def second_run_without_a_hire(t: Tale) -> None:
    t.policy(roster=True)
    t.pay("E1", run="R1")
    t.pay("E1", at=14 * DAY, run="R2")


@silent()
def first_run_without_a_hire(t: Tale) -> None:
    """Two payments, but of one run."""
    t.policy(roster=True)
    t.pay("E1", run="R1")
    t.pay("E1", at=HOUR, run="R1")


@silent()
def second_run_of_a_contractor(t: Tale) -> None:
    t.policy(roster=True)
    t.pay("C1", run="R1")
    t.pay("C1", at=14 * DAY, run="R2")


@silent()
def second_run_where_there_is_no_roster(t: Tale) -> None:
    t.pay("E1", run="R1")
    t.pay("E1", at=14 * DAY, run="R2")


@silent()
def hire_that_comes_after_the_payment(t: Tale) -> None:
    t.policy(roster=True)
    t.worker("E1", "hire", at=-DAY, effective_date=HIRED)
    t.pay("E1", run="R1")
    t.pay("E2", run="R1")
    t.pay("E2", at=14 * DAY, run="R2")
    t.worker("E2", "hire", at=16 * DAY - 1, effective_date=HIRED)


@fires(65)
def unknown_with_others_in_their_first_run(t: Tale) -> None:
    t.policy(roster=True)
    t.pay("E1", run="R1")
    t.pay("E2", run="R1")


@fires(65)
def run_that_closes_after_48_hours(t: Tale) -> None:
    """The last payment keeps the run open; the others are decided at its close."""
    t.policy(roster=True)
    t.pay("E1", run="R1")
    for n in range(1, 12):
        t.pay("C1", amount="1.00", at=n * 5 * HOUR, run="R1")
    t.pay("E2", at=55 * HOUR, run="R1")


@silent()
def unknown_with_others_where_the_run_rule_is_in_shadow(t: Tale) -> None:
    t.policy(roster=True, rules={"run-shift": {"mode": "shadow"}})
    t.pay("E1", run="R1")
    t.pay("E2", run="R1")
