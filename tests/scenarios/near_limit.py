"""B3: most payments of a vendor lie just under an approval limit."""

from tests.scenarios.build import DAY, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "fixed prices": "series-just-under-the-limit",
    "retainers just under a limit": "retainer-just-under-the-limit",
}


def _pay(t: Tale, *amounts: str, last_at: int = 70 * DAY) -> None:
    """Payments at an uneven rhythm, the last one at a given time, under a limit of 10,000."""
    t.policy(limits=["10000"])
    for n, amount in enumerate(amounts[:-1]):
        t.pay("V1", amount=amount, at=n * (n + 1) * DAY)
    t.pay("V1", amount=amounts[-1], at=last_at)


@fires(45)
def four_of_four_at_nine_tenths(t: Tale) -> None:
    _pay(t, "9000.00", "9100.00", "9700.00", "9999.99")


@silent()
def one_of_four_under_nine_tenths(t: Tale) -> None:
    _pay(t, "8999.99", "9100.00", "9700.00", "9999.99")


@silent()
def three_near_the_limit(t: Tale) -> None:
    _pay(t, "9100.00", "9700.00", "9999.99")


@silent()
def one_at_the_limit(t: Tale) -> None:
    _pay(t, "10000.00", "9000.00", "9100.00", "9700.00", "9999.99")


@fires(45)
def three_fifths_of_the_payments(t: Tale) -> None:
    """Six of ten."""
    _pay(t, "10.00", "20.00", "30.00", "40.00", "9000.00", "9100.00", "9200.00", "9300.00", "9400.00", last_at=89 * DAY)
    t.pay("V1", amount="9500.00", at=89 * DAY + 1)


@silent()
def less_than_three_fifths(t: Tale) -> None:
    """Four of seven."""
    _pay(t, "10.00", "20.00", "30.00", "9000.00", "9100.00", "9700.00", "9999.99")


@fires(45)
def fourth_in_the_last_moment_of_90_days(t: Tale) -> None:
    _pay(t, "9000.00", "9100.00", "9700.00", "9999.99", last_at=90 * DAY - 1)


@silent()
def fourth_after_90_days(t: Tale) -> None:
    _pay(t, "9000.00", "9100.00", "9700.00", "9999.99", last_at=90 * DAY)


@silent()
def one_of_four_failed(t: Tale) -> None:
    t.policy(limits=["10000"])
    first = t.pay("V1", amount="9000.00")
    t.status(first, "rejected", 1)
    for n, amount in enumerate(("9100.00", "9700.00", "9999.99")):
        t.pay("V1", amount=amount, at=(n + 1) * 17 * DAY)


@silent()
def retainer_just_under_the_limit(t: Tale) -> None:
    """A contract that the policy knows."""
    t.policy(
        limits=["10000"],
        recurring_contracts=[{"payee_id": "V1", "amount": {"value": "9500.00", "currency": "USD"}, "every_days": 7}],
    )
    for n in range(5):
        t.pay("V1", amount="9500.00", at=n * n * DAY)


@silent()
def series_just_under_the_limit(t: Tale) -> None:
    t.policy(limits=["10000"])
    t.history("V1", 6, amount="9500.00", every=14 * DAY)


@fires(45)
def series_out_of_rhythm(t: Tale) -> None:
    """Gaps of 14, 14 and 18 days: one is four days off the median."""
    t.policy(limits=["10000"])
    t.history("V1", 3, amount="9500.00", every=14 * DAY)
    t.pay("V1", amount="9500.00", at=46 * DAY)


@silent()
def foreign_currency_without_base_amount(t: Tale) -> None:
    _pay(t, "9000.00", "9100.00", "9700.00", "9999.99")
    for event in t.events[1:]:
        event["data"]["amount"]["currency"] = "EUR"


@silent()
def no_limits(t: Tale) -> None:
    for n in range(4):
        t.pay("V1", amount=f"9{n}00.00", at=n * n * DAY)
