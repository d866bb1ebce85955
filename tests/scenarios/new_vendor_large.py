"""B4: a large first payment to a new vendor."""

from typing import Any

from tests.scenarios.build import DAY, Json, Tale, account
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "deposits": "deposit-with-an-order",
    "urgent one-off projects": "large-first-payment-to-a-verified-account",
    "two approvers, none of whom created the vendor, keep it silent": "two-other-approvers",
}

CREATOR: Json = {"user_id": "k"}
CALLED_BACK: Json = {"method": "callback", "status": "passed", "by": "m"}


def _tell(t: Tale, amount: str = "10000.00", at: int = DAY, created: Json | None = None, **more: Any) -> None:
    """A vendor is created, and paid for the first time."""
    t.created("V1", "V1", **(Json(actor=CREATOR) | (created or {})))
    t.pay("V1", amount=amount, at=at, **more)


@fires(65)
def large_first_payment(t: Tale) -> None:
    _tell(t)


@silent()
def first_payment_just_under_the_amount(t: Tale) -> None:
    _tell(t, "9999.99")


@fires(65)
def first_payment_at_the_end_of_five_days(t: Tale) -> None:
    _tell(t, at=5 * DAY)


@silent()
def first_payment_after_five_days(t: Tale) -> None:
    _tell(t, at=5 * DAY + 1)


@fires(45)
def large_first_payment_to_a_verified_account(t: Tale) -> None:
    _tell(t, created={"verification": CALLED_BACK})


@fires(65)
def verified_by_the_creator(t: Tale) -> None:
    _tell(t, created={"verification": CALLED_BACK | {"by": "k"}})


@fires(65)
def verified_by_a_document(t: Tale) -> None:
    _tell(t, created={"verification": CALLED_BACK | {"method": "document"}})


@fires(45)
def name_of_the_account_matches(t: Tale) -> None:
    t.created("V1", account("V1", name_check={"status": "match"}))
    t.pay("V1", amount="10000.00", at=DAY)


@fires(65)
def name_of_the_account_is_close(t: Tale) -> None:
    t.created("V1", account("V1", name_check={"status": "close"}))
    t.pay("V1", amount="10000.00", at=DAY)


@silent()
def second_payment(t: Tale) -> None:
    t.created("V1", "V1")
    t.pay("V1", amount="10.00", at=DAY)
    t.pay("V1", amount="10000.00", at=2 * DAY)


@silent()
def deposit_with_an_order(t: Tale) -> None:
    _tell(t, invoice={"number": "417", "po_number": "PO-8"})


@fires(65)
def invoice_without_an_order(t: Tale) -> None:
    _tell(t, invoice="417")


@silent()
def two_other_approvers(t: Tale) -> None:
    _tell(t, approval={"approved_by": ["a", "b"]})


@fires(65)
def creator_is_one_of_three_approvers(t: Tale) -> None:
    _tell(t, approval={"approved_by": ["a", "b", "k"]})


@fires(65)
def one_approver_twice(t: Tale) -> None:
    _tell(t, approval={"approved_by": ["a", "a"]})


@silent()
def imported_vendor(t: Tale) -> None:
    _tell(t, created={"bootstrap": True})


@silent()
def vendor_of_unknown_age(t: Tale) -> None:
    t.pay("V1", amount="10000.00")


def _first_payments(t: Tale, small: int, large: int) -> None:
    """What other vendors were paid first."""
    for n in range(small + large):
        t.pay(f"V1{n:02}", amount="100.00" if n < small else "20000.00", at=n)


@fires(65)
def as_large_as_nineteen_of_twenty(t: Tale) -> None:
    """The 19th of 20 amounts is 20,000."""
    _first_payments(t, 18, 2)
    _tell(t, "20000.00")


@silent()
def smaller_than_nineteen_of_twenty(t: Tale) -> None:
    _first_payments(t, 18, 2)
    _tell(t, "19999.99")


@fires(65)
def too_few_first_payments_known(t: Tale) -> None:
    _first_payments(t, 17, 2)
    _tell(t, "10000.00")


@fires(65)
def foreign_currency_with_its_base_amount(t: Tale) -> None:
    _tell(t, "9000.00", currency="EUR", amount_base={"value": "10000.00", "currency": "USD"})


@silent()
def foreign_currency_without_base_amount(t: Tale) -> None:
    _tell(t, "90000.00", currency="EUR")
