"""C1: a worker's pay against their own baseline."""

from tests.scenarios.build import DAY, Json, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "promotions": "pay-just-under-half-as-much-again",
    "back pay that is not declared as such": "bonus-that-is-not-declared",
    "a change of hours": "pay-doubled",
}


def _parts(regular: str, bonus: str) -> Json:
    return {"components": [{"type": "regular", "amount": regular}, {"type": "bonus", "amount": bonus}]}


@fires(30)
def pay_almost_doubled(t: Tale) -> None:
    """z = ln(1.99) / 0.05 = 14."""
    t.pay("E1", amount="1999.99", at=t.history("E1", 4), run="R")


@fires(30)
def pay_half_as_much_again(t: Tale) -> None:
    t.pay("E1", amount="1500.00", at=t.history("E1", 4), run="R")


@silent()
def pay_just_under_half_as_much_again(t: Tale) -> None:
    t.pay("E1", amount="1499.99", at=t.history("E1", 4), run="R")


@fires(45)
def pay_doubled(t: Tale) -> None:
    t.pay("E1", amount="2000.00", at=t.history("E1", 4), run="R")


@fires(65)
def decimal_slip(t: Tale) -> None:
    t.pay("E1", amount="10000.00", at=t.history("E1", 4), run="R")


@fires(65)
def pay_without_run_is_judged_at_once(t: Tale) -> None:
    t.pay("E1", amount="4000.00", at=t.history("E1", 4))


@fires(30)
def difference_of_250(t: Tale) -> None:
    t.pay("E1", amount="749.98", at=t.history("E1", 4, amount="499.98"), run="R")


@silent()
def difference_just_under_250(t: Tale) -> None:
    t.pay("E1", amount="749.97", at=t.history("E1", 4, amount="499.98"), run="R")


@silent()
def three_payments_are_no_history(t: Tale) -> None:
    t.pay("E1", amount="4000.00", at=t.history("E1", 3), run="R")


@silent()
def last_payment_not_settled_yet(t: Tale) -> None:
    """Four payments, but the fourth is a microsecond short of 72 hours old."""
    due = t.history("E1", 4)
    t.pay("E1", amount="4000.00", at=due - 11 * DAY - 1, run="R")


@fires(65)
def last_payment_just_settled(t: Tale) -> None:
    due = t.history("E1", 4)
    t.pay("E1", amount="4000.00", at=due - 11 * DAY, run="R")


@silent()
def bonus_month(t: Tale) -> None:
    """The bonus is declared: the regular part is 1000 as ever."""
    t.pay("E1", amount="4000.00", at=t.history("E1", 4), run="R", purpose=_parts("1000.00", "3000.00"))


@fires(65)
def bonus_that_is_not_declared(t: Tale) -> None:
    t.pay("E1", amount="4000.00", at=t.history("E1", 4), run="R")


@silent()
def bonus_only(t: Tale) -> None:
    t.pay("E1", amount="4000.00", at=t.history("E1", 4), run="R", purpose=_parts("0", "4000.00"))


@silent()
def overtime(t: Tale) -> None:
    """Pay that always varies: z = ln(1800 / 1183) / (1.4826 x 0.168) = 1.7."""
    for n, amount in enumerate(("1000.00", "1400.00", "1000.00", "1400.00")):
        t.pay("E1", amount=amount, at=n * 14 * DAY)
    t.pay("E1", amount="1800.00", at=56 * DAY, run="R")


def _run(t: Tale, doubled: int, of: int) -> None:
    for n in range(of):
        t.history(f"E{n}", 4)
    for n in range(of):
        t.pay(f"E{n}", amount="2000.00" if n < doubled else "1000.00", at=56 * DAY, run="R")


@silent(noted=15)
def two_of_five_doubled(t: Tale) -> None:
    """40 % of the run moved alike: it is the run that changed."""
    _run(t, 2, 5)


@fires(45)
def one_of_five_doubled(t: Tale) -> None:
    _run(t, 1, 5)


@silent(noted=15)
def three_of_ten_doubled(t: Tale) -> None:
    _run(t, 3, 10)


@fires(45)
def three_of_eleven_doubled(t: Tale) -> None:
    _run(t, 3, 11)


@fires(45)
def run_of_four_is_no_cohort(t: Tale) -> None:
    _run(t, 4, 4)


def _euros(t: Tale, base: str) -> None:
    for n in range(4):
        t.pay("E1", amount="200.00", currency="EUR", at=n * 14 * DAY)
    t.pay("E1", amount="400.00", currency="EUR", at=56 * DAY, run="R", amount_base={"value": base, "currency": "USD"})


@fires(45)
def difference_of_250_in_base_currency(t: Tale) -> None:
    """200 EUR more, at 1.25 USD."""
    _euros(t, "500.00")


@silent()
def difference_just_under_250_in_base_currency(t: Tale) -> None:
    _euros(t, "499.98")


@silent()
def vendors_have_no_pay(t: Tale) -> None:
    t.pay("V1", amount="4000.00", at=t.history("V1", 4))
