"""D7: what comes in goes out within a day."""

from typing import Any

from tests.scenarios.build import DAY, HOUR, Tale, account, wallet
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "people who live from one pay to the next and move each to their own bank at once": "account-registered-long-ago",
    "platforms that hold pay in a wallet by default and do not mark their sweeps": "third-pay-drained",
}

WEEK = 7 * DAY


def _out(t: Tale, at: int, amount: str = "950.00", to: str = "own", **more: Any) -> None:
    t.request("C1", amount=amount, at=at, method="bank", account=account(to), **more)


def _drains(t: Tale, count: int, *, start: int = 0, every: int = WEEK, after: int = 3 * HOUR, **more: Any) -> int:
    """Pay of 1000 and a request for 950; gives the time of the next pay. The destination was known long before."""
    for n in range(count):
        t.pay("C1", "platform", at=start + n * every)
        _out(t, start + n * every + after, **more)
    return start + count * every


def _old_destination(t: Tale) -> int:
    """A small request; the time from which on its destination is an old one, 30 days later."""
    _out(t, 0, "1.00")
    return 30 * DAY


@fires(45)
def third_pay_drained(t: Tale) -> None:
    _drains(t, 3, start=_old_destination(t))


@fires(45)
def pay_and_request_at_the_same_moment(t: Tale) -> None:
    _drains(t, 3, start=_old_destination(t), after=0)


@silent()
def payments_of_nothing(t: Tale) -> None:
    start = _old_destination(t)
    t.pay("C1", "platform", "0.00", at=start)
    _drains(t, 2, start=start + DAY)


@silent()
def late_request_before_the_rest(t: Tale) -> None:
    """At its own time 500 of 1000 are out; what was asked for later does not count yet."""
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    _out(t, at + 3 * HOUR, "450.00")
    _out(t, at + HOUR, "500.00")


@silent()
def second_pay_drained(t: Tale) -> None:
    _drains(t, 2, start=_old_destination(t))


@fires(45)
def nine_tenths_in_the_last_moment(t: Tale) -> None:
    """900 of 1000, 24 hours later to the moment."""
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    _out(t, at + DAY, "900.00")


@silent()
def just_under_nine_tenths(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    _out(t, at + DAY, "899.99")


@silent()
def drained_after_a_day(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    _out(t, at + DAY + 1)


@fires(45)
def drained_in_two_steps(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    _out(t, at + HOUR, "500.00")
    _out(t, at + 2 * HOUR, "400.00")


@fires(45)
def drained_by_two_requests_at_the_same_moment(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    _out(t, at + HOUR, "500.00")
    _out(t, at + HOUR, "400.00")


@fires(45)
def first_of_three_at_the_edge_of_the_period(t: Tale) -> None:
    """The first pay is 30 days old but for a moment when the third is drained."""
    start = _old_destination(t)
    _drains(t, 2, start=start)
    t.pay("C1", "platform", at=start + 30 * DAY - HOUR)
    _out(t, start + 30 * DAY - 1)


@silent()
def first_of_three_out_of_the_period(t: Tale) -> None:
    start = _old_destination(t)
    _drains(t, 2, start=start)
    t.pay("C1", "platform", at=start + 30 * DAY - HOUR)
    _out(t, start + 30 * DAY)


@fires(65)
def third_pay_to_a_new_account(t: Tale) -> None:
    """Two pays are settled by then, so that the payee is mature."""
    at = _drains(t, 2, start=_old_destination(t))
    _drains(t, 1, start=at, to="new")


@fires(65)
def destination_first_seen_within_thirty_days(t: Tale) -> None:
    """First asked for 30 days before the third request but for a moment."""
    _out(t, 0, "1.00")
    _drains(t, 3, start=30 * DAY - 1 - 2 * WEEK - 3 * HOUR)


@fires(45)
def destination_first_seen_thirty_days_ago(t: Tale) -> None:
    _out(t, 0, "1.00")
    _drains(t, 3, start=30 * DAY - 2 * WEEK - 3 * HOUR)


@fires(45)
def new_account_of_a_new_payee(t: Tale) -> None:
    """Three pays in three days: none is settled, so the payee is not mature."""
    _drains(t, 3, every=DAY)


@fires(45)
def account_registered_long_ago(t: Tale) -> None:
    t.created("C1", "own")
    _drains(t, 3, start=30 * DAY)


@fires(65)
def third_pay_to_a_new_wallet(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    t.request("C1", wallet(), "950.00", at=at + HOUR)


@silent()
def standing_order(t: Tale) -> None:
    _drains(t, 4, start=_old_destination(t), auto_sweep=True)


@silent()
def request_in_another_currency(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    _out(t, at + HOUR)
    t.events[-1]["data"]["amount"]["currency"] = "EUR"


@silent()
def requests_of_another_payee(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    t.pay("C1", "platform", at=at)
    t.request("C2", amount="950.00", at=at + HOUR, method="bank", account=account("theirs"))


@silent()
def request_before_the_pay(t: Tale) -> None:
    at = _drains(t, 2, start=_old_destination(t))
    _out(t, at - 1)
    t.pay("C1", "platform", at=at)
