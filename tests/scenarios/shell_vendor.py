"""B7: signs of a shell company."""

from typing import Any

from tests.scenarios.build import DAY, Json, Tale, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "small consultancies that bill round fees to few clients": "small-consultancy-with-orders",
    "landlords": "landlord",
}

SERVICES: Json = {"flags": ["services_only"]}
BOTH_FLAGS: Json = {"flags": ["services_only", "po_box"]}


def _pay(t: Tale, *amounts: str, every: int = 20 * DAY, start: int = 1, po: str | None = None, **vendor: Any) -> None:
    """Payments with invoice numbers from `start` upwards in steps of one (or of seven, if it is negative)."""
    for n, amount in enumerate(amounts):
        number = n + start if start > 0 else 7 * n
        invoice: Json = {"number": f"INV-{number}"} | ({"po_number": po} if po else {})
        t.pay(payee("V1", **vendor), amount=amount, at=n * every, invoice=invoice)


ROUND = ("500.00", "1000.00", "1500.00", "2000.00", "2500.00")
UNEVEN = ("501.00", "1001.00", "1501.00", "2001.00", "2501.00")


@fires(45)
def three_signs(t: Tale) -> None:
    """Round amounts, no order, services only; the numbers have gaps."""
    _pay(t, *ROUND, start=-1, **SERVICES)


@silent()
def two_signs(t: Tale) -> None:
    _pay(t, *ROUND, start=-1)


@silent()
def three_signs_in_four_payments(t: Tale) -> None:
    _pay(t, *ROUND[:4], start=-1, **SERVICES)


@fires(45)
def four_of_five_amounts_round(t: Tale) -> None:
    _pay(t, *ROUND[:4], "2501.00", start=-1, **SERVICES)


@silent()
def three_of_five_amounts_round(t: Tale) -> None:
    _pay(t, *ROUND[:3], "2001.00", "2501.00", start=-1, **SERVICES)


@fires(65)
def five_signs(t: Tale) -> None:
    """With consecutive numbers and both flags."""
    _pay(t, *ROUND, **BOTH_FLAGS)


@fires(45)
def four_signs(t: Tale) -> None:
    _pay(t, *ROUND, **SERVICES)


@fires(45)
def consecutive_numbers_over_60_days(t: Tale) -> None:
    """Four numbers, 60 days from the first to the last of them; the fifth payment has an older one."""
    t.pay(payee("V1", **SERVICES), amount="501.00", at=0, invoice="INV-900")
    for n in range(4):
        t.pay(payee("V1", **SERVICES), amount=UNEVEN[n], at=(n + 1) * 20 * DAY, invoice=f"INV-{n + 7}")


@silent()
def consecutive_numbers_over_less_than_60_days(t: Tale) -> None:
    t.pay(payee("V1", **SERVICES), amount="501.00", at=0, invoice="INV-900")
    for n in range(4):
        t.pay(payee("V1", **SERVICES), amount=UNEVEN[n], at=(n + 1) * 20 * DAY - n, invoice=f"INV-{n + 7}")


@silent()
def purchase_orders(t: Tale) -> None:
    _pay(t, *ROUND, start=-1, po="PO-8", **SERVICES)


@silent()
def first_payment_left_the_year(t: Tale) -> None:
    _pay(t, *ROUND[:4], start=-1, **SERVICES)
    t.pay(payee("V1", **SERVICES), amount="2500.00", at=365 * DAY)


@fires(45)
def first_payment_in_the_last_moment_of_the_year(t: Tale) -> None:
    _pay(t, *ROUND[:4], start=-1, **SERVICES)
    t.pay(payee("V1", **SERVICES), amount="2500.00", at=365 * DAY - 1)


@fires(45)
def half_just_under_a_limit(t: Tale) -> None:
    """Three of six; no order, services only."""
    t.policy(limits=["10000"])
    _pay(t, "1.00", "9000.00", "2.00", "9600.00", "3.00", "9999.99", start=-1, **SERVICES)


@silent()
def less_than_half_just_under_a_limit(t: Tale) -> None:
    t.policy(limits=["10000"])
    _pay(t, "1.00", "8999.99", "2.00", "9600.00", "3.00", "9999.99", start=-1, **SERVICES)


@fires(45)
def creator_approves(t: Tale) -> None:
    """No order, services only, approved by the creator once."""
    vendor = payee("V1", **SERVICES)
    t.created(vendor, "V1", actor={"user_id": "k"})
    t.pay(vendor, amount="501.00", at=DAY, approval={"approved_by": ["m", "k"]})
    for n in range(1, 5):
        t.pay(vendor, amount=UNEVEN[n], at=n * 20 * DAY, approval={"approved_by": ["m"]})


@silent()
def small_consultancy_with_orders(t: Tale) -> None:
    """Round fees and consecutive numbers alone."""
    _pay(t, *ROUND, po="PO-8")


@silent()
def landlord(t: Tale) -> None:
    """A round rent without invoice numbers."""
    t.history("V1", 6, amount="1500.00", every=30 * DAY)


@fires(45)
def signs_in_older_payments_than_the_newest(t: Tale) -> None:
    """Forty payments, of which the oldest are stored apart; one of five is not round."""
    amounts = ["1000.00", "1500.00", "2000.00", "2500.00", "2501.00"] * 8
    _pay(t, *amounts, every=5 * DAY, start=-1, **SERVICES)


@silent()
def order_in_an_older_payment(t: Tale) -> None:
    _pay(t, "1000.00", every=5 * DAY, start=-1, po="PO-1", **SERVICES)
    for n in range(1, 40):
        t.pay(payee("V1", **SERVICES), amount="1000.00", at=n * 5 * DAY, invoice=f"INV-{7 * n}")
