"""C7: a pay period paid twice."""

from typing import Any

from tests.scenarios.build import DAY, HOUR, Json, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "corrections": "correction-of-the-period",
    "payments that failed": "first-payment-failed",
}

JANUARY = {"period_start": "2026-01-01", "period_end": "2026-01-31"}


def _pay(t: Tale, at: int, amount: str = "1000.00", *, who: str = "E1", **more: Any) -> Json:
    return t.pay(who, amount=amount, at=at, **({"schedule": JANUARY} | more))


@fires(65)
def same_period_twice(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY)


@fires(65)
def one_percent_apart(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, "990.00")


@silent()
def just_over_one_percent_apart(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, "989.99")


@silent()
def next_period(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, schedule=JANUARY | {"period_end": "2026-02-01"})


@silent()
def other_first_day(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, schedule=JANUARY | {"period_start": "2026-01-02"})


@silent()
def correction_of_the_period(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, schedule=JANUARY | {"run_type": "correction"})


@silent()
def payment_after_a_correction(t: Tale) -> None:
    _pay(t, 0, schedule=JANUARY | {"run_type": "correction"})
    _pay(t, DAY)


@silent()
def first_payment_failed(t: Tale) -> None:
    t.status(_pay(t, 0), "returned", HOUR)
    _pay(t, DAY)


@silent()
def bonus_for_the_period(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, purpose={"components": [{"type": "bonus", "amount": "1000.00"}]})


@fires(65)
def regular_part_of_a_pay_with_bonus(t: Tale) -> None:
    _pay(t, 0)
    parts = [{"type": "regular", "amount": "1000.00"}, {"type": "bonus", "amount": "500.00"}]
    _pay(t, DAY, "1500.00", purpose={"components": parts})


@silent()
def other_currency(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, currency="EUR")


@silent()
def other_worker(t: Tale) -> None:
    _pay(t, 0)
    _pay(t, DAY, who="E2")


@silent()
def period_not_told(t: Tale) -> None:
    for at in (0, DAY):
        _pay(t, at, schedule={"period_start": "2026-01-01"})


@silent()
def same_payment_in_two_parts(t: Tale) -> None:
    for index in (1, 2):
        _pay(t, index * HOUR, "500.00", payment_id="P", split={"index": index, "count": 2})
