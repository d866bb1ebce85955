"""B1: the same invoice twice."""

from tests.scenarios.build import DAY, HOUR, Tale, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "instalments of one invoice": "instalments",
    "recurring contracts": "monthly-retainer",
    "a credit note in between": "credit-note-in-between",
}

INSTALMENT = {"number": "417", "total": "3000.00"}


@fires(65)
def same_invoice_other_spelling(t: Tale) -> None:
    """Both are 417; 995 is exactly 0.5 % below 1000."""
    t.pay("V1", invoice="Inv. No. 0417")
    t.pay("V1", invoice="417", amount="995.00", at=30 * DAY)


@silent()
def same_invoice_amount_just_too_far_off(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417", amount="994.99", at=30 * DAY)


@fires(65)
def same_invoice_in_the_last_moment_of_90_days(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417", at=90 * DAY - 1)


@silent()
def same_invoice_after_90_days(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417", at=90 * DAY + 1)


@fires(65)
def same_invoice_from_another_payee_of_the_account(t: Tale) -> None:
    t.pay("V1", "shared", invoice="417")
    t.pay("V2", "shared", invoice="INV-417", at=DAY)


@fires(65)
def same_invoice_from_another_payee_of_the_tax_id(t: Tale) -> None:
    t.pay(payee("V1", tax_id_hash="t"), invoice="417")
    t.pay(payee("V2", tax_id_hash="t"), invoice="417", at=DAY)


@silent()
def same_number_from_a_stranger(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V2", invoice="417", at=DAY)


@fires(45)
def number_longer_by_one_character(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417A", at=30 * DAY)


@silent()
def number_longer_by_two_characters(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417-AB", at=30 * DAY)


@fires(45)
def two_characters_swapped(t: Tale) -> None:
    t.pay("V1", invoice="4172")
    t.pay("V1", invoice="4127", at=30 * DAY)


@silent()
def similar_number_other_amount(t: Tale) -> None:
    """High allows for 0.5 %, medium does not."""
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417A", amount="1000.01", at=30 * DAY)


@fires(30)
def equal_amounts_without_number(t: Tale) -> None:
    t.pay("V1")
    t.pay("V1", at=7 * DAY)


@silent()
def equal_amounts_without_number_after_a_week(t: Tale) -> None:
    t.pay("V1")
    t.pay("V1", at=7 * DAY + 1)


@silent()
def instalments(t: Tale) -> None:
    """Three times 1000 is the invoice's total."""
    for n in range(3):
        t.pay("V1", invoice=INSTALMENT, at=n * 20 * DAY)


@fires(65)
def one_instalment_too_many(t: Tale) -> None:
    for n in range(4):
        t.pay("V1", invoice=INSTALMENT, at=n * 20 * DAY)


@silent()
def credit_note_in_between(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V1", invoice={"number": "CN-1", "credit_note_of": "INV 417"}, amount="10.00", at=10 * DAY)
    t.pay("V1", invoice="417", at=20 * DAY)


@silent()
def paid_again_after_a_return(t: Tale) -> None:
    first = t.pay("V1", invoice="417")
    t.status(first, "returned", DAY)
    t.pay("V1", invoice="417", at=2 * DAY)


@silent()
def other_currency(t: Tale) -> None:
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417", currency="EUR", at=DAY)


@silent()
def monthly_retainer(t: Tale) -> None:
    """December's R12 and January's R1 are similar, but the contract is known."""
    t.policy(recurring_contracts=[{"payee_id": "V1", "amount": {"value": "1000.00", "currency": "USD"}}])
    t.pay("V1", invoice="R12")
    t.pay("V1", invoice="R1", at=31 * DAY)


def _months(t: Tale, last_gap: int) -> None:
    for month in range(9, 13):
        t.pay("V1", invoice=f"R{month}", at=(month - 9) * 30 * DAY)
    t.pay("V1", invoice="R1", at=90 * DAY + last_gap)


@silent()
def monthly_rhythm_three_days_late(t: Tale) -> None:
    """Gaps of 30, 30 and 33 days: all within 3 days of their median."""
    _months(t, 33 * DAY)


@fires(45)
def monthly_rhythm_broken(t: Tale) -> None:
    _months(t, 33 * DAY + HOUR)


@silent()
def payroll_knows_no_invoices(t: Tale) -> None:
    t.pay("E1")
    t.pay("E1", at=DAY)
