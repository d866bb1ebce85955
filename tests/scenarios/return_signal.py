"""A6: payments that come back."""

from tests.scenarios.build import DAY, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "a typo in a new account number": "no-account-30-days-after-a-change",
    "an account that its owner closed": "account-closed",
}

WINDOW = 30 * DAY


def _returned(t: Tale, code: str | None, status: str = "returned", **more: object) -> None:
    more |= {"code": code} if code is not None else {}
    t.status(t.pay("V1"), status, 2 * DAY, **more)


def _changed(t: Tale, code: str, after: int) -> None:
    """So long after a change to the account."""
    t.created("V1", "old")
    t.change("V1", "new", DAY)
    t.status(t.pay("V1", "new", at=2 * DAY), "returned", DAY + after, code=code)


@fires(65)
def questionable_r17(t: Tale) -> None:
    _returned(t, "R17", questionable=True)


@silent(noted=10)
def plain_r17(t: Tale) -> None:
    _returned(t, "R17")


@silent(noted=10)
def r17_said_not_to_be_questionable(t: Tale) -> None:
    _returned(t, "R17", questionable=False)


@fires(85)
def r90(t: Tale) -> None:
    _returned(t, "R90")


@fires(65)
def r16_rejected(t: Tale) -> None:
    _returned(t, "R16", "rejected")


@fires(25)
def account_closed(t: Tale) -> None:
    _returned(t, "R02")


@fires(25)
def refused_by_the_receiver(t: Tale) -> None:
    _returned(t, "R23")


@fires(25)
def non_transaction_account(t: Tale) -> None:
    _returned(t, "R20")


@silent(noted=10)
def insufficient_funds(t: Tale) -> None:
    _returned(t, "R01")


@silent(noted=10)
def no_code(t: Tale) -> None:
    _returned(t, None)


@fires(45)
def no_account_30_days_after_a_change(t: Tale) -> None:
    _changed(t, "R03", WINDOW)


@silent(noted=10)
def no_account_more_than_30_days_after_a_change(t: Tale) -> None:
    _changed(t, "R03", WINDOW + 1)


@fires(45)
def invalid_number_after_an_unannounced_change(t: Tale) -> None:
    t.pay("V1", "old")
    t.status(t.pay("V1", "new", at=DAY), "returned", 3 * DAY, code="R04")


@silent(noted=10)
def insufficient_funds_after_a_change(t: Tale) -> None:
    _changed(t, "R01", DAY)


@silent(noted=10)
def insufficient_funds_marked_questionable(t: Tale) -> None:
    _returned(t, "R01", questionable=True)


@silent(noted=10)
def no_account_without_a_change(t: Tale) -> None:
    _returned(t, "R04")


@silent(noted=10)
def no_account_and_a_change_to_another_one(t: Tale) -> None:
    payment = t.pay("V1", "old")
    t.change("V1", "new", DAY)
    t.status(payment, "returned", 2 * DAY, code="R03")


@silent()
def settled(t: Tale) -> None:
    _returned(t, "R90", "settled")


@silent()
def notice_of_change(t: Tale) -> None:
    _returned(t, "C01", "noc")


@fires(65)
def unknown_payment(t: Tale) -> None:
    payment = {"data": {"payment_id": "never-seen", "payee": {"payee_id": "V9"}}}
    t.status(payment, "returned", 0, code="R16", account_fp="fp-x")


@fires(45)
def account_that_the_status_names(t: Tale) -> None:
    t.created("V1", "old")
    t.change("V1", "new", DAY)
    payment = {"data": {"payment_id": "never-seen", "payee": {"payee_id": "V1"}}}
    t.status(payment, "returned", 2 * DAY, code="R03", account_fp="fp-new")
