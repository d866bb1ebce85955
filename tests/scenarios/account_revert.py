"""A2: there and back again."""

from tests.scenarios.build import DAY, HOUR, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a typo that was corrected after the payment came back": "typo-corrected-after-a-return",
}

VERIFIED = {"method": "callback", "status": "passed", "by": "u-other"}
WINDOW = 35 * DAY


def _away(t: Tale, *, paid: bool = True, **more: object) -> int:
    """A known payee's account `old` is changed to `new`, which is paid a day later; gives the time of the change."""
    at = t.history("E1", 3, "old")
    t.change("E1", "new", at, **more)
    if paid:
        t.pay("E1", "new", at=at + DAY)
    return at


@fires(85)
def changed_back_on_the_35th_day(t: Tale) -> None:
    t.change("E1", "old", _away(t) + WINDOW)


@silent()
def changed_back_after_35_days(t: Tale) -> None:
    t.change("E1", "old", _away(t) + WINDOW + 1)


@fires(85)
def paid_to_the_old_account_again(t: Tale) -> None:
    t.pay("E1", "old", at=_away(t) + WINDOW)


@silent()
def paid_to_the_old_account_after_35_days(t: Tale) -> None:
    t.pay("E1", "old", at=_away(t) + WINDOW + 1)


@fires(85)
def unannounced_account_and_back(t: Tale) -> None:
    at = t.history("E1", 3, "old")
    t.pay("E1", "new", at=at)
    t.pay("E1", "old", at=at + 14 * DAY)


@fires(65)
def verified_change_taken_back(t: Tale) -> None:
    t.change("E1", "old", _away(t, verification=VERIFIED) + 10 * DAY)


@silent()
def changed_back_before_any_payment(t: Tale) -> None:
    t.change("E1", "old", _away(t, paid=False) + DAY)


@silent()
def payment_in_the_moment_of_the_way_back(t: Tale) -> None:
    at = _away(t, paid=False)
    t.pay("E1", "new", at=at + DAY)
    t.change("E1", "old", at + DAY)


@fires(30)
def typo_corrected_after_a_return(t: Tale) -> None:
    """Every payment to the second account came back."""
    at = _away(t, paid=False)
    for n, code in enumerate(("R03", "R04")):
        t.status(t.pay("E1", "new", at=at + DAY + n), "returned", at + 3 * DAY, code=code)
    t.change("E1", "old", at + 4 * DAY)


@fires(85)
def one_of_two_payments_came_back(t: Tale) -> None:
    at = _away(t)
    t.status(t.pay("E1", "new", at=at + 2 * DAY), "returned", at + 3 * DAY, code="R03")
    t.change("E1", "old", at + 4 * DAY)


@fires(85)
def payment_came_back_for_another_reason(t: Tale) -> None:
    at = _away(t, paid=False)
    t.status(t.pay("E1", "new", at=at + DAY), "returned", at + 3 * DAY, code="R02")
    t.change("E1", "old", at + 4 * DAY)


@silent()
def parts_of_one_payment(t: Tale) -> None:
    """Two accounts that one payment is split over, then the first alone."""
    at = t.history("E1", 3, "old")
    for index, to in enumerate(("old", "new"), 1):
        t.pay("E1", to, "500.00", at + index, payment_id="S", split={"index": index, "count": 2})
    t.pay("E1", "new", at=at + DAY)
    t.pay("E1", "old", at=at + 14 * DAY)


@silent()
def back_and_forth_between_trusted_accounts(t: Tale) -> None:
    """Both accounts were in use before the payee was mature."""
    t.pay("E1", "one")
    t.pay("E1", "two", at=HOUR)
    t.change("E1", "one", 20 * DAY)
    t.pay("E1", "one", at=21 * DAY)
    t.change("E1", "two", 22 * DAY)
    t.pay("E1", "two", at=23 * DAY)
    t.change("E1", "one", 24 * DAY)


@silent()
def payee_not_mature_at_the_change(t: Tale) -> None:
    t.pay("E1", "old")
    t.pay("E1", "old", at=14 * DAY)
    t.change("E1", "new", 14 * DAY + 72 * HOUR - 1)
    t.pay("E1", "new", at=18 * DAY)
    t.change("E1", "old", 20 * DAY)


@silent()
def second_account_on_the_trusted_list(t: Tale) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-new"}])
    t.change("E1", "old", _away(t) + DAY)


@silent()
def first_account_on_the_trusted_list(t: Tale) -> None:
    """Neither way is looked at, also where the second account is not trusted."""
    t.policy(trusted_accounts=[{"fp": "fp-old"}])
    t.change("E1", "old", _away(t) + DAY)


@fires(85)
def second_account_registered_long_before(t: Tale) -> None:
    """What counts is the last change to it: an old one, never paid, opens no window and closes none."""
    at = t.history("E1", 3, "old")
    t.change("E1", "new", at)
    t.change("E1", "new", at + 100 * DAY)
    t.pay("E1", "new", at=at + 101 * DAY)
    t.change("E1", "old", at + 102 * DAY)


@silent()
def on_to_a_third_account(t: Tale) -> None:
    t.change("E1", "third", _away(t) + 10 * DAY)


@fires(85)
def imported_payee_whose_first_account_was_never_paid(t: Tale) -> None:
    t.created("E1", "old", bootstrap=True)
    t.change("E1", "new", DAY)
    t.pay("E1", "new", at=2 * DAY)
    t.change("E1", "old", 3 * DAY)
