"""D4: payouts cut into pieces under a threshold. Requests are by bank, so that no other rule has a say."""

from typing import Any

from tests.scenarios.build import DAY, HOUR, Tale, account, wallet
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "platform workers who cash out several times a day": "platform-worker-who-always-does",
    "several payees of one custodial wallet on pay day": "three-payees-to-one-wallet",
}


def _ask(t: Tale, *amounts: str, who: str = "C1", at: int = 0, every: int = HOUR, **more: Any) -> None:
    for n, amount in enumerate(amounts):
        t.request(who, amount=amount, at=at + n * every, method="bank", account=account("bank"), **more)


@fires(45)
def three_under_a_thousand(t: Tale) -> None:
    """Together exactly twice the threshold, the smallest exactly half of it."""
    _ask(t, "500.00", "750.00", "750.00")


@silent()
def sum_under_twice_the_threshold(t: Tale) -> None:
    _ask(t, "500.00", "750.00", "749.99")


@silent()
def one_of_three_under_half_the_threshold(t: Tale) -> None:
    _ask(t, "499.99", "999.00", "999.00")


@silent()
def one_of_three_at_the_threshold(t: Tale) -> None:
    _ask(t, "1000.00", "999.00", "999.00")


@fires(45)
def last_of_three_at_half_the_threshold(t: Tale) -> None:
    _ask(t, "750.00", "750.00", "500.00")


@silent()
def fourth_of_four_under_half_the_threshold(t: Tale) -> None:
    t.policy(rules={"structured-payouts": {"params": {"min_count": 4}}})
    _ask(t, "999.00", "999.00", "999.00", "499.99")


@silent()
def last_of_three_at_the_threshold(t: Tale) -> None:
    _ask(t, "999.00", "999.00", "1000.00")


@silent()
def two_of_nearly_a_thousand(t: Tale) -> None:
    _ask(t, "999.99", "999.99")


@silent()
def another_request_that_is_not_part_of_it(t: Tale) -> None:
    """The third one is above every threshold's half but one: the first two stay two."""
    _ask(t, "900.00", "900.00", "1200.00")


@fires(45)
def three_near_a_thousand(t: Tale) -> None:
    """The least threshold stays medium, however near the amounts are."""
    _ask(t, "999.00", "999.00", "999.00")


@fires(65)
def three_near_ten_thousand(t: Tale) -> None:
    _ask(t, "8500.00", "9000.00", "9999.99")


@fires(45)
def one_not_so_near_ten_thousand(t: Tale) -> None:
    _ask(t, "8499.99", "9000.00", "9999.99")


@fires(65)
def three_near_three_thousand(t: Tale) -> None:
    _ask(t, "2550.00", "2550.00", "2999.99")


@fires(45)
def third_request_in_the_last_moment_of_the_day(t: Tale) -> None:
    _ask(t, "900.00", "900.00")
    _ask(t, "900.00", at=DAY - 1)


@silent()
def third_request_after_a_day(t: Tale) -> None:
    _ask(t, "900.00", "900.00")
    _ask(t, "900.00", at=DAY)


def _in_euros(t: Tale) -> None:
    for event in t.events:
        event["data"]["amount"]["currency"] = "EUR"


@fires(45)
def foreign_currency_with_its_base_amount(t: Tale) -> None:
    _ask(t, "400.00", "400.00", "400.00", amount_base={"value": "900.00", "currency": "USD"})
    _in_euros(t)


@silent()
def foreign_currency_without_base_amount(t: Tale) -> None:
    _ask(t, "900.00", "900.00", "900.00")
    _in_euros(t)


@fires(45)
def three_payees_to_one_wallet(t: Tale) -> None:
    to = wallet(hosted="custodial")
    for n in range(3):
        t.request(f"C{n}", to, "900.00", at=n * HOUR)


@silent()
def three_payees_to_three_tags(t: Tale) -> None:
    for n in range(3):
        t.request(f"C{n}", wallet(hosted="custodial", tag=str(n)), "900.00", at=n * HOUR)


@silent()
def two_payees_to_one_wallet(t: Tale) -> None:
    for n in range(2):
        t.request(f"C{n}", wallet(hosted="custodial"), "900.00", at=n * HOUR)


def _usual(t: Tale, days: int, per_day: int) -> int:
    """Small requests, so many on each of so many days from the second day on; the time after the last day."""
    for day in range(days):
        _ask(t, *["100.00"] * per_day, at=(1 + day) * DAY)
    return (1 + days) * DAY


@silent()
def platform_worker_who_always_does(t: Tale) -> None:
    _ask(t, "900.00", "900.00", "900.00", at=_usual(t, 5, 3))


@fires(45)
def platform_worker_of_four_days(t: Tale) -> None:
    _ask(t, "900.00", "900.00", "900.00", at=_usual(t, 4, 3))


@fires(45)
def platform_worker_who_asks_twice_a_day(t: Tale) -> None:
    _ask(t, "900.00", "900.00", "900.00", at=_usual(t, 6, 2))


@silent()
def platform_worker_thirty_days_after_the_first_day(t: Tale) -> None:
    """Days of 6 to 10 January, requests on 5 February: the first is still within thirty dates."""
    _usual(t, 5, 3)
    _ask(t, "900.00", "900.00", "900.00", at=31 * DAY)


@fires(45)
def platform_worker_thirty_one_days_after_the_first_day(t: Tale) -> None:
    _usual(t, 5, 3)
    _ask(t, "900.00", "900.00", "900.00", at=32 * DAY)


@silent()
def platform_worker_with_more_requests_than_are_kept(t: Tale) -> None:
    """Twenty days of four requests count as days, though only 48 requests are kept; then come ten days of two."""
    at = _usual(t, 20, 4)
    for day in range(9):
        _ask(t, "100.00", "100.00", at=at + day * DAY)
    _ask(t, "900.00", "900.00", "900.00", at=at + 9 * DAY)
