"""X2: amounts unlike what is usual."""

from tests.scenarios.build import HOUR, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "new services, price changes, one-off projects": "amount-twenty-times-the-usual",
    "an allow entry for the payee, or a verdict": "payee-that-an-analyst-allowed",
}

WARM_UP = 500


def _stream(t: Tale, count: int) -> int:
    """Ten vendors, paid about 1000 in turn; no two amounts are equal. Gives the time of the next payment."""
    for n in range(count):
        t.pay(f"V{n % 10}", amount=f"{950 + n * 37 % 101}.{n % 100:02d}", at=n * HOUR, invoice=f"N{n}")
    return count * HOUR


@fires(45)
def amount_twenty_times_the_usual(t: Tale) -> None:
    t.pay("V1", amount="20000.00", at=_stream(t, WARM_UP), invoice="N")


@fires(30)
def amount_a_twentieth_above_all_others(t: Tale) -> None:
    t.pay("V1", amount="1100.00", at=_stream(t, WARM_UP), invoice="N")


@silent()
def amount_a_hundredth_above_all_others(t: Tale) -> None:
    t.pay("V1", amount="1060.00", at=_stream(t, WARM_UP), invoice="N")


@silent()
def one_payment_short_of_the_warm_up(t: Tale) -> None:
    t.pay("V1", amount="20000.00", at=_stream(t, WARM_UP - 1), invoice="N")


@silent()
def steady_amounts(t: Tale) -> None:
    _stream(t, WARM_UP + 100)


@silent(noted=45)
def payee_that_an_analyst_allowed(t: Tale) -> None:
    t.allow("unusual-payment", "payee", "V1")
    amount_twenty_times_the_usual(t)
