"""B5: a new vendor that looks like a known one."""

from tests.scenarios.build import DAY, HOUR, Json, Tale, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "branches": "branch-of-one-group",
    "sister companies": "same-lei",
    "unrelated firms of one trade with similar names": "unrelated-firms-of-one-trade",
    "names that a source withholds": "names-withheld",
}

KNOWN = "Northwind Tooling Ltd"
ALIKE = "Northwind Toolling LLC"
PAID = 5 * DAY
"""When the known vendor's payment has settled."""


def _known(t: Tale, name: str = KNOWN, **more: str) -> None:
    t.pay(payee("V1", name=name, **more))


def _new(name: str = ALIKE, **more: str) -> Json:
    return payee("V2", name=name, **more)


@fires(45)
def similar_name_at_creation(t: Tale) -> None:
    _known(t)
    t.created(_new(), "V2", at=PAID)


@fires(65)
def similar_name_at_first_payment(t: Tale) -> None:
    _known(t)
    t.created(_new(), "V2", at=PAID)
    t.pay(_new(), at=PAID + DAY)


@silent()
def similar_name_at_second_payment(t: Tale) -> None:
    """The name changes after the first payment: neither a creation nor a first payment looks like the known one."""
    _known(t)
    t.pay(_new("Halvorsen Freight"), at=PAID)
    t.pay(_new(), at=PAID + DAY)


@fires(45)
def just_similar_enough(t: Tale) -> None:
    """Of 20 letters 17 are equal, two of them in front: Jaro 0.9, Jaro-Winkler 0.92."""
    _known(t, "abcdefghijklmnopqrst")
    t.created(_new("ab1defghijk2mnopqr3t"), "V2", at=PAID)


@fires(45)
def just_similar_enough_without_a_common_prefix(t: Tale) -> None:
    """Of 25 letters 22 are equal, not the first: Jaro 0.92."""
    _known(t, "abcdefghijklmnopqrstuvwxy")
    t.created(_new("1bcdefghijk2mnopqrstuvw3y"), "V2", at=PAID)


@silent()
def name_less_similar(t: Tale) -> None:
    """Of 19 letters 16 are equal, two of them in front: Jaro-Winkler 0.916."""
    _known(t, "abcdefghijklmnopqrs")
    t.created(_new("ab1defghijk2mnopq3s"), "V2", at=PAID)


@silent()
def names_withheld(t: Tale) -> None:
    _known(t, "REDACTED PERSONAL DATA")
    t.created(_new("Redacted, personal details"), "V2", at=PAID)


@fires(45)
def name_that_tells_of_redaction(t: Tale) -> None:
    """One word more than what stands for a name that was withheld: a firm."""
    _known(t, "Redacted Data Recovery")
    t.created(_new("Redacted Data Recovry"), "V2", at=PAID)


@fires(45)
def letters_swapped(t: Tale) -> None:
    _known(t, "Martha")
    t.created(_new("Marhta"), "V2", at=PAID)


@silent()
def known_vendor_not_settled(t: Tale) -> None:
    _known(t)
    t.created(_new(), "V2", at=72 * HOUR - 1)


@fires(45)
def known_vendor_just_settled(t: Tale) -> None:
    _known(t)
    t.created(_new(), "V2", at=72 * HOUR)


@fires(45)
def known_vendor_paid_in_the_last_moment_of_400_days(t: Tale) -> None:
    _known(t)
    t.created(_new(), "V2", at=400 * DAY - 1)


@silent()
def known_vendor_not_paid_for_400_days(t: Tale) -> None:
    _known(t)
    t.created(_new(), "V2", at=400 * DAY)


@silent()
def same_tax_id(t: Tale) -> None:
    """One firm, entered twice."""
    _known(t, tax_id_hash="t")
    t.created(_new(tax_id_hash="t"), "V2", at=PAID)


@fires(45)
def other_tax_id(t: Tale) -> None:
    _known(t, tax_id_hash="t")
    t.created(_new(tax_id_hash="u"), "V2", at=PAID)


@silent()
def branch_of_one_group(t: Tale) -> None:
    _known(t, group_id="g")
    t.created(_new(group_id="g"), "V2", at=PAID)


@silent()
def same_lei(t: Tale) -> None:
    _known(t, lei="5493001KJTIIGC8Y1R12")
    t.created(_new(lei="5493001KJTIIGC8Y1R12"), "V2", at=PAID)


@silent()
def same_account(t: Tale) -> None:
    _known(t)
    t.created(_new(), "V1", at=PAID)


@fires(45)
def similar_domain(t: Tale) -> None:
    _known(t, email_domain="n0rth-wind.com")
    t.created(_new("Halvorsen Freight", email_domain="northvvind.com"), "V2", at=PAID)


@silent()
def one_domain_for_both(t: Tale) -> None:
    _known(t, email_domain="mail.example")
    t.created(_new("Halvorsen Freight", email_domain="Mail.example"), "V2", at=PAID)


@silent()
def other_kind_of_payee(t: Tale) -> None:
    _known(t)
    t.created(payee("C2", name=ALIKE), "C2", at=PAID)


@fires(45)
def known_vendor_was_renamed(t: Tale) -> None:
    _known(t, "Halvorsen Freight")
    t.pay(payee("V1", name=KNOWN), at=DAY)
    t.created(_new(), "V2", at=PAID)


@silent()
def old_name_of_the_known_vendor(t: Tale) -> None:
    _known(t)
    t.pay(payee("V1", name="Halvorsen Freight"), at=DAY)
    t.created(_new(), "V2", at=PAID)


@fires(65)
def unrelated_firms_of_one_trade(t: Tale) -> None:
    _known(t, "Bristol Harbour Plumbing Ltd")
    t.pay(_new("Bristol Harbour Planning Ltd"), at=PAID)
