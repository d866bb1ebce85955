"""C2: a pay run against what the roster lets expect."""

from typing import Any

from tests.scenarios.build import DAY, HOUR, Tale, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a raise for everybody": "a-tenth-more",
    "a merger of pay groups": "two-workers-of-another-pay-group",
    "a roster feed that lags behind": "hires-that-come-before-the-close",
}

DUE = 28 * DAY
PERIOD = {"period_start": "2026-01-26", "period_end": "2026-02-08"}


def _staff(t: Tale, count: int = 10, amount: str = "10000.00", *, runs: int = 2, **schedule: Any) -> None:
    """Hired workers, each paid in so many runs before."""
    t.policy(roster=True)
    for n in range(count):
        t.worker(f"E{n}", "hire", effective_date="2026-01-01")
    for run in range(runs):
        for n in range(count):
            t.pay(f"E{n}", amount=amount, at=run * 14 * DAY, run=f"H{run}", schedule=schedule)


def _run(t: Tale, *amounts: str, **schedule: Any) -> None:
    for n, amount in enumerate(amounts):
        t.pay(f"E{n}", amount=amount, at=DUE, run="R", schedule=PERIOD | schedule)


@fires(45)
def a_tenth_more_and_a_cent(t: Tale) -> None:
    """100,000 is expected."""
    _staff(t)
    _run(t, *["10000.00"] * 9, "20000.01")


@silent()
def a_tenth_more(t: Tale) -> None:
    _staff(t)
    _run(t, *["10000.00"] * 9, "20000.00")


@fires(45)
def five_thousand_and_a_cent_more(t: Tale) -> None:
    """10,000 is expected; a tenth is much less than the least difference."""
    _staff(t, amount="1000.00")
    _run(t, *["1000.00"] * 9, "6000.01")


@silent()
def five_thousand_more(t: Tale) -> None:
    _staff(t, amount="1000.00")
    _run(t, *["1000.00"] * 9, "6000.00")


@fires(45)
def two_workers_left_out(t: Tale) -> None:
    _staff(t)
    _run(t, *["10000.00"] * 8)


@silent()
def one_worker_left_out(t: Tale) -> None:
    """Exactly a tenth less."""
    _staff(t)
    _run(t, *["10000.00"] * 9)


@silent()
def two_workers_who_left(t: Tale) -> None:
    """Their last day is before the period."""
    _staff(t)
    for n in (8, 9):
        t.worker(f"E{n}", "terminate", at=20 * DAY, effective_date="2026-01-25")
    _run(t, *["10000.00"] * 8)


@fires(45)
def two_workers_who_left_on_the_first_day(t: Tale) -> None:
    _staff(t)
    for n in (8, 9):
        t.worker(f"E{n}", "terminate", at=20 * DAY, effective_date="2026-01-26")
    _run(t, *["10000.00"] * 8)


@silent()
def two_workers_of_another_pay_group(t: Tale) -> None:
    _staff(t, 8)
    for n in (8, 9):
        t.worker(f"E{n}", "hire", effective_date="2026-01-01")
        for run in range(2):
            t.pay(f"E{n}", amount="10000.00", at=run * 14 * DAY, run=f"G{run}", schedule={"pay_group": "weekly"})
    _run(t, *["10000.00"] * 8, pay_group="default")


@silent()
def new_hires_are_explained(t: Tale) -> None:
    _staff(t)
    for n in (10, 11):
        t.worker(f"E{n}", "hire", at=20 * DAY, effective_date="2026-01-26")
    _run(t, *["10000.00"] * 12)


@fires(45)
def contractor_who_is_not_on_the_roster(t: Tale) -> None:
    _staff(t)
    _run(t, *["10000.00"] * 10)
    t.pay("C1", amount="10000.01", at=DUE, run="R", schedule=PERIOD)


@silent()
def bonuses_do_not_shift_a_run(t: Tale) -> None:
    _staff(t)
    parts = [{"type": "regular", "amount": "10000.00"}, {"type": "bonus", "amount": "5000.00"}]
    for n in range(10):
        t.pay(f"E{n}", amount="15000.00", at=DUE, run="R", schedule=PERIOD, purpose={"components": parts})


@silent()
def off_cycle_run(t: Tale) -> None:
    _staff(t)
    _run(t, "90000.00", run_type="off_cycle")


@silent()
def workers_of_one_payment_are_not_mature(t: Tale) -> None:
    _staff(t, runs=1)
    _run(t, *["10000.00"] * 9, "90000.00")


@silent()
def without_a_roster(t: Tale) -> None:
    _staff(t)
    t.policy()
    _run(t, *["10000.00"] * 9, "90000.00")


@fires(45)
def two_unknown_employees(t: Tale) -> None:
    """Cheap ones: the sum does not tell."""
    _staff(t)
    _run(t, *["10000.00"] * 10)
    for n in (20, 21):
        t.pay(f"E{n}", amount="1.00", at=DUE, run="R", schedule=PERIOD)


@silent()
def one_unknown_employee(t: Tale) -> None:
    _staff(t)
    _run(t, *["10000.00"] * 10)
    t.pay("E20", amount="1.00", at=DUE, run="R", schedule=PERIOD)


def _share_unknown(t: Tale, known: int) -> None:
    t.policy(roster=True)
    for n in range(known):
        t.worker(f"E{n}", "hire", effective_date="2026-01-01")
    for n in range(known + 3):
        t.pay(f"E{n}", amount="1.00", run="R", schedule=PERIOD)


@fires(45)
def three_unknown_of_150(t: Tale) -> None:
    """Exactly 2 %."""
    _share_unknown(t, 147)


@silent()
def three_unknown_of_151(t: Tale) -> None:
    _share_unknown(t, 148)


@silent()
def hires_that_come_before_the_close(t: Tale) -> None:
    _staff(t)
    _run(t, *["10000.00"] * 10)
    for n in (20, 21):
        t.pay(f"E{n}", amount="1.00", at=DUE, run="R", schedule=PERIOD)
    for n in (20, 21):
        t.worker(f"E{n}", "hire", at=DUE + 6 * HOUR - 1, effective_date="2026-02-01")


@silent()
def unknown_contractors(t: Tale) -> None:
    _staff(t)
    _run(t, *["10000.00"] * 10)
    for n in (20, 21):
        t.pay(payee(f"C{n}"), amount="1.00", at=DUE, run="R", schedule=PERIOD)


def _euros(t: Tale, base: str | None) -> None:
    _staff(t, 1)
    for run in range(2):
        t.worker("E1", "hire", effective_date="2026-01-01")
        t.pay("E1", amount="10000.00", currency="EUR", at=run * 14 * DAY, run=f"H{run}")
    _run(t, "10000.00")
    more: Any = {} if base is None else {"amount_base": {"value": base, "currency": "USD"}}
    t.pay("E1", amount="20000.00", currency="EUR", at=DUE, run="R", schedule=PERIOD, **more)


@fires(45)
def run_in_two_currencies(t: Tale) -> None:
    """10,000 USD and 10,000 EUR at 1.1 are expected."""
    _euros(t, "22000.00")


@silent()
def amount_in_base_currency_not_known(t: Tale) -> None:
    _euros(t, None)
