"""A3: changes of account, one after the other."""

from tests.scenarios.build import DAY, Tale, account, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a change that the bank announced": "second-change-announced-by-the-bank",
    "that was verified": "verified-second-change",
    "that follows a failed payment": "second-change-after-a-return",
    "bulk imports with a ticket": "second-change-by-import-with-a-ticket",
    "the accounts of a split payment": "split-deposit",
}

VERIFIED = {"method": "callback", "status": "passed", "by": "u-other"}
LONG_HERE = payee("E1", start_date="2020-01-01")


def _known(t: Tale) -> int:
    """Three settled payments to the account `a`, the last 14 days before the time given."""
    return t.history(LONG_HERE, 3, "a")


def _two(t: Tale, apart: int, **more: object) -> None:
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.change(LONG_HERE, "c", at + apart, **more)


@fires(45)
def two_changes_in_30_days(t: Tale) -> None:
    """And three accounts. The window is open at its old end."""
    _two(t, 30 * DAY - 1)


@silent()
def second_change_after_30_days(t: Tale) -> None:
    """To an account that is known: two accounts."""
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.pay(LONG_HERE, "b", at=at + DAY)
    t.change(LONG_HERE, "a", at + 30 * DAY)


@fires(45)
def second_change_in_the_last_moment_of_30_days(t: Tale) -> None:
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.change(LONG_HERE, "a", at + 30 * DAY - 1)


@fires(45)
def three_accounts_in_180_days(t: Tale) -> None:
    t.created(LONG_HERE, "a0")
    t.history(LONG_HERE, 2, "a0", every=DAY)
    t.change(LONG_HERE, "a1", 90 * DAY)
    t.change(LONG_HERE, "a2", 180 * DAY)


@silent()
def third_account_after_180_days(t: Tale) -> None:
    t.created(LONG_HERE, "a0")
    t.history(LONG_HERE, 2, "a0", every=DAY)
    t.change(LONG_HERE, "a1", 90 * DAY)
    t.change(LONG_HERE, "a2", 181 * DAY)


@fires(65)
def four_accounts(t: Tale) -> None:
    t.history(LONG_HERE, 2, "a0", every=DAY)
    for n in (1, 2, 3):
        t.change(LONG_HERE, f"a{n}", n * 50 * DAY)


@fires(65)
def new_contractor(t: Tale) -> None:
    """45, and 20 in the first two pay cycles."""
    t.created("C1", "a")
    t.change("C1", "b", DAY)
    t.change("C1", "c", 2 * DAY)


@fires(85)
def new_contractor_with_four_accounts(t: Tale) -> None:
    t.created("C1", "a")
    for n, to in enumerate("bcd", 1):
        t.change("C1", to, n * DAY)


@fires(45)
def new_vendor(t: Tale) -> None:
    """Pay cycles are those of workers."""
    t.created("V1", "a")
    t.change("V1", "b", DAY)
    t.change("V1", "c", 2 * DAY)


@fires(65)
def worker_on_the_35th_day(t: Tale) -> None:
    _starting(t, "2025-12-30")


@fires(45)
def worker_on_the_36th_day(t: Tale) -> None:
    _starting(t, "2025-12-29")


def _starting(t: Tale, day: str) -> None:
    """The second change comes on 3 February, when exactly two payments are settled."""
    who = payee("E1", start_date=day)
    at = t.history(who, 2, "a")
    t.change(who, "b", at)
    t.change(who, "a", at + DAY)


@silent()
def verified_second_change(t: Tale) -> None:
    _two(t, DAY, verification=VERIFIED)


@silent()
def second_change_by_import_with_a_ticket(t: Tale) -> None:
    _two(t, DAY, actor={"channel": "bulk_import", "ticket": "T1"})


@fires(45)
def second_change_by_import_without_a_ticket(t: Tale) -> None:
    _two(t, DAY, actor={"channel": "bulk_import"})


@fires(45)
def second_change_with_a_ticket_but_no_import(t: Tale) -> None:
    _two(t, DAY, actor={"channel": "api", "ticket": "T1"})


@silent()
def second_change_announced_by_the_bank(t: Tale) -> None:
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.status(t.events[0], "noc", at + DAY, corrected_account=account("c"))
    t.pay(LONG_HERE, "c", at=at + 2 * DAY)


def _after_a_return(t: Tale, code: str, later: int) -> None:
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.status(t.pay(LONG_HERE, "b", at=at + 1), "returned", at + DAY, code=code)
    t.change(LONG_HERE, "c", at + DAY + later)


@silent()
def second_change_after_a_return(t: Tale) -> None:
    _after_a_return(t, "R03", 28 * DAY)


@fires(45)
def second_change_after_a_return_for_another_reason(t: Tale) -> None:
    _after_a_return(t, "R01", 28 * DAY)


@fires(45)
def second_change_after_a_return_from_the_account_before(t: Tale) -> None:
    """The account that is left is not the one that a payment came back from."""
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.pay(LONG_HERE, "b", at=at + 1)
    t.status(t.events[2], "returned", at + DAY, code="R03")
    t.change(LONG_HERE, "c", at + 2 * DAY)


def _return_then_two_changes(t: Tale, later: int) -> None:
    """The first of two changes comes so long after a return; the account itself is never paid."""
    at = _known(t)
    t.status(t.pay(LONG_HERE, "a", at=at), "returned", at + DAY, code="R02")
    t.change(LONG_HERE, "b", at + DAY + later)
    t.change(LONG_HERE, "c", at + 33 * DAY)


@silent()
def first_of_two_changes_30_days_after_a_return(t: Tale) -> None:
    _return_then_two_changes(t, 30 * DAY)


@fires(45)
def first_of_two_changes_more_than_30_days_after_a_return(t: Tale) -> None:
    _return_then_two_changes(t, 30 * DAY + 1)


@fires(45)
def change_and_first_payment_count_once(t: Tale) -> None:
    """Three accounts; the payments to the new ones are no further changes."""
    at = _known(t)
    for n, to in enumerate("bc"):
        t.change(LONG_HERE, to, at + n * DAY)
        t.pay(LONG_HERE, to, at=at + n * DAY + 1)


@silent()
def announced_and_paid(t: Tale) -> None:
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.pay(LONG_HERE, "b", at=at + DAY)


@silent()
def paid_and_announced_later(t: Tale) -> None:
    at = _known(t)
    t.pay(LONG_HERE, "b", at=at)
    t.change(LONG_HERE, "b", at + DAY)


@silent()
def registered_twice(t: Tale) -> None:
    at = _known(t)
    t.change(LONG_HERE, "b", at)
    t.change(LONG_HERE, "b", at + DAY)


@silent()
def split_deposit(t: Tale) -> None:
    """Two new accounts by one payment: one change, and one account more."""
    at = _known(t)
    for index, to in enumerate(("b", "c"), 1):
        t.pay(LONG_HERE, to, "500.00", at, payment_id="S", split={"index": index, "count": 2})


@fires(45)
def split_deposit_and_a_change(t: Tale) -> None:
    """Two changes."""
    split_deposit(t)
    t.change(LONG_HERE, "d", 43 * DAY)


@silent()
def savings_account_beside_the_known_one(t: Tale) -> None:
    """Parts of two payments go to new accounts, beside one that is known."""
    at = _known(t)
    for n, to in enumerate("bc"):
        for index, part in enumerate(("a", to), 1):
            t.pay(LONG_HERE, part, "500.00", at + n * DAY, payment_id=f"S{n}", split={"index": index, "count": 2})


@silent()
def second_account_on_the_trusted_list(t: Tale) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-c"}])
    _two(t, DAY)
