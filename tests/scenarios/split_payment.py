"""B2: one purchase cut into payments under an approval limit."""

from typing import Any

from tests.scenarios.build import DAY, HOUR, Json, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "vendors who are paid several times a week anyway": "vendor-paid-twice-a-week",
    "instalments of one invoice": "instalments-of-one-invoice",
}

BY_B: Json = {"requested_by": "b"}


def _limits(t: Tale, *limits: str) -> None:
    t.policy(limits=list(limits or ("10000",)), timezone="America/New_York")


def _pay(t: Tale, *amounts: str, at: int = 0, every: int = DAY, **more: Any) -> None:
    """Payments to one vendor, by one requester unless said otherwise."""
    for n, amount in enumerate(amounts):
        t.pay("V1", amount=amount, at=at + n * every, **(Json(approval=BY_B) | more))


@fires(45)
def two_that_reach_the_limit(t: Tale) -> None:
    """The smaller one is exactly half the limit, the sum exactly the limit."""
    _limits(t)
    _pay(t, "5000.00", "5000.00")


@silent()
def sum_just_under_the_limit(t: Tale) -> None:
    _limits(t, "10000.01", "20000")
    _pay(t, "5000.00", "5000.00")


@silent()
def one_under_half_the_limit(t: Tale) -> None:
    _limits(t)
    _pay(t, "4999.99", "9999.99")


@silent()
def one_at_the_limit(t: Tale) -> None:
    _limits(t)
    _pay(t, "10000.00", "9999.99")


@fires(65)
def two_near_the_limit(t: Tale) -> None:
    _limits(t)
    _pay(t, "8500.00", "9999.99")


@fires(45)
def one_not_so_near_the_limit(t: Tale) -> None:
    _limits(t)
    _pay(t, "8499.99", "9999.99")


@fires(65)
def three_under_the_limit(t: Tale) -> None:
    _limits(t)
    _pay(t, "5000.00", "5000.00", "5000.00")


@fires(45)
def second_in_the_last_moment_of_a_week(t: Tale) -> None:
    _limits(t)
    _pay(t, "6000.00", "6000.00", every=7 * DAY - 1)


@silent()
def second_after_a_week(t: Tale) -> None:
    _limits(t)
    _pay(t, "6000.00", "6000.00", every=7 * DAY)


@fires(45)
def own_limit_of_the_approver(t: Tale) -> None:
    """The payment's own limit counts, not those of the policy."""
    _limits(t, "100000")
    _pay(t, "6000.00", "6000.00", approval=BY_B | {"limit": "10000"})


@silent()
def own_limit_in_place_of_the_policy(t: Tale) -> None:
    _limits(t)
    _pay(t, "6000.00", "6000.00", approval=BY_B | {"limit": "100000"})


@silent()
def payments_without_a_tie(t: Tale) -> None:
    """No requester, order or invoice series in common, and other local dates."""
    _limits(t)
    _pay(t, "6000.00", "6000.00", approval={})


@fires(45)
def same_order(t: Tale) -> None:
    _limits(t)
    for n in range(2):
        t.pay("V1", amount="6000.00", at=n * DAY, invoice={"number": f"{n}", "po_number": "PO-8"})


@fires(45)
def same_invoice_stem(t: Tale) -> None:
    _limits(t)
    for n in (3, 7):
        t.pay("V1", amount="6000.00", at=n * DAY, invoice=f"INV-ABC-00{n}")


@silent()
def stem_too_short(t: Tale) -> None:
    _limits(t)
    for n in (3, 7):
        t.pay("V1", amount="6000.00", at=n * DAY, invoice=f"INV-AB-00{n}")


@fires(45)
def same_local_date(t: Tale) -> None:
    """04:00 in New York and 23:59 on the same day, though the date in UTC is another."""
    _limits(t)
    _pay(t, "6000.00", "6000.00", every=20 * HOUR - HOUR // 60, approval={})


@silent()
def next_local_date(t: Tale) -> None:
    _limits(t)
    _pay(t, "6000.00", "6000.00", every=20 * HOUR, approval={})


@silent()
def first_one_failed(t: Tale) -> None:
    _limits(t)
    first = t.pay("V1", amount="6000.00", approval=BY_B)
    t.status(first, "returned", HOUR)
    _pay(t, "6000.00", at=DAY)


@silent()
def other_vendor(t: Tale) -> None:
    _limits(t)
    for n in range(2):
        t.pay(f"V{n}", amount="6000.00", at=n * DAY, approval=BY_B)


@silent()
def instalments_of_one_invoice(t: Tale) -> None:
    """The two are the whole invoice."""
    _limits(t)
    for n in range(2):
        t.pay("V1", amount="6000.00", at=n * DAY, approval=BY_B, invoice={"number": "417", "total": "12000.00"})


@fires(45)
def instalments_above_the_invoice(t: Tale) -> None:
    _limits(t)
    for n in range(2):
        t.pay("V1", amount="6000.00", at=n * DAY, approval=BY_B, invoice={"number": "417", "total": "11999.99"})


@fires(45)
def invoices_paid_in_full(t: Tale) -> None:
    """Each payment is the whole of its own invoice: these are no instalments."""
    _limits(t)
    for n in range(2):
        t.pay("V1", amount="6000.00", at=n * DAY, approval=BY_B, invoice={"number": f"{n + 1}", "total": "6000.00"})


def _weeks(t: Tale, busy: int) -> int:
    """Eight weeks with a payment each, of which so many have two; when the next window's second payment is due."""
    for week in range(8):
        for n in range(2 if week < busy else 1):
            t.pay("V1", amount="100.00", at=week * 7 * DAY + n * DAY)
    return 8 * 7 * DAY + 6 * DAY


@silent()
def vendor_paid_twice_a_week(t: Tale) -> None:
    _limits(t)
    _pay(t, "6000.00", "6000.00", at=_weeks(t, 5) - DAY)


@fires(45)
def vendor_paid_twice_in_four_of_eight_weeks(t: Tale) -> None:
    """The median is one and a half."""
    _limits(t)
    _pay(t, "6000.00", "6000.00", at=_weeks(t, 4) - DAY)


@fires(45)
def foreign_currency_with_its_base_amount(t: Tale) -> None:
    _limits(t)
    _pay(t, "5000.00", "5000.00", currency="EUR", amount_base={"value": "6000.00", "currency": "USD"})


@silent()
def foreign_currency_without_base_amount(t: Tale) -> None:
    _limits(t)
    _pay(t, "6000.00", "6000.00", currency="EUR")


@silent()
def no_limits(t: Tale) -> None:
    _pay(t, "9999.00", "9999.00")
