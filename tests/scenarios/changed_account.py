"""A1: a known payee, a new account. What a tale adds up to stands in its docstring."""

from tests.scenarios.build import DAY, HOUR, Json, Tale, account, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "bank mergers": "bank-merger-of-the-policy",
    "payroll cards": "verified-payroll-card",
    "neobanks": "neobank-chosen-by-the-worker",
    "Verification": "verified-change",
    "a bank's notice of change": "bank-announced-the-account",
    "an announced migration": "bulk-migration",
    "the trusted account list or an allow entry": "account-that-an-analyst-allowed",
}

VERIFIED = {"method": "callback", "status": "passed", "by": "u-other"}
BY_EMAIL = {"channel": "email", "role": "self", "user_id": "u"}
UNKNOWN_DEVICE = {"channel": "portal", "role": "hr", "user_id": "u", "device_known": False}


def _known(t: Tale, who: str | Json = "V1") -> int:
    """Three settled payments to the account `old`; gives the time of the fourth: Monday, 16 February."""
    return t.history(who, 3, "old")


@fires(45)
def unannounced_account(t: Tale) -> None:
    """Change 20, unverified 25."""
    t.pay("V1", "new", at=_known(t))


@fires(80)
def diverted_before_pay_day(t: Tale) -> None:
    """Change 20, unverified 25, by e-mail 15, unknown device 10, three business days before pay day 10."""
    t.policy(pay_days=[19])
    t.change("E1", "new", _known(t, "E1"), actor=BY_EMAIL | {"device_known": False})


@fires(70)
def diverted_four_business_days_before_pay_day(t: Tale) -> None:
    t.policy(pay_days=[20])
    t.change("E1", "new", _known(t, "E1"), actor=BY_EMAIL | {"device_known": False})


@fires(60)
def change_by_email(t: Tale) -> None:
    """20 + 25 + 15: reported before any payment."""
    t.change("V1", "new", _known(t), actor=BY_EMAIL)


@silent()
def change_from_an_unknown_device(t: Tale) -> None:
    """20 + 25 + 10: not before a payment."""
    t.change("V1", "new", _known(t), actor=UNKNOWN_DEVICE)


@fires(55)
def payment_after_change_from_an_unknown_device(t: Tale) -> None:
    at = _known(t)
    t.change("V1", "new", at, actor=UNKNOWN_DEVICE)
    t.pay("V1", "new", at=at + DAY)


def _changed_then_paid(t: Tale, after: int) -> None:
    at = _known(t)
    t.change("V1", "new", at, actor={"channel": "portal"})
    t.pay("V1", "new", at=at + after)


@fires(45)
def payment_30_days_after_the_change(t: Tale) -> None:
    _changed_then_paid(t, 30 * DAY)


@fires(30)
def payment_more_than_30_days_after_the_change(t: Tale) -> None:
    """Old change 5, unverified 25."""
    _changed_then_paid(t, 30 * DAY + 1)


@fires(30)
def payment_180_days_after_the_change(t: Tale) -> None:
    _changed_then_paid(t, 180 * DAY)


@silent()
def payment_more_than_180_days_after_the_change(t: Tale) -> None:
    _changed_then_paid(t, 180 * DAY + 1)


@silent()
def verified_change(t: Tale) -> None:
    """Change 20, verified -30."""
    at = _known(t)
    t.change("V1", "new", at, actor=BY_EMAIL, verification=VERIFIED)
    t.pay("V1", "new", at=at + DAY)


@fires(60)
def change_verified_by_the_actor_himself(t: Tale) -> None:
    t.change("V1", "new", _known(t), actor=BY_EMAIL, verification=VERIFIED | {"by": "u"})


@fires(60)
def change_verified_by_document(t: Tale) -> None:
    t.change("V1", "new", _known(t), actor=BY_EMAIL, verification=VERIFIED | {"method": "document"})


def _notice(t: Tale, before: int) -> None:
    """The bank announces the account, so much before the first payment to it."""
    at = _known(t)
    t.status(t.events[0], "noc", at, corrected_account=account("new"))
    t.pay("V1", "new", at=at + before)


@silent()
def bank_announced_the_account(t: Tale) -> None:
    _notice(t, 60 * DAY)


@fires(45)
def bank_announced_the_account_long_ago(t: Tale) -> None:
    _notice(t, 60 * DAY + 1)


@silent(noted=10)
def name_check_matches(t: Tale) -> None:
    """Change 20, match -10."""
    t.pay("V1", account("new", name_check={"status": "match"}), at=_known(t))


@fires(40)
def prepaid_account_abroad(t: Tale) -> None:
    """Change 20, match -10, other country 15, from a bank to a prepaid account 15."""
    to = account("new", name_check={"status": "match"}) | {"country": "GB", "scheme": "prepaid"}
    t.pay("V1", to, at=_known(t))


@fires(65)
def name_check_fails(t: Tale) -> None:
    """Change 20, unverified 25, no match 20."""
    t.pay("V1", account("new", name_check={"status": "no_match"}), at=_known(t))


@fires(60)
def one_and_a_half_times_the_usual_amount(t: Tale) -> None:
    """20 + 25 + 15."""
    t.pay("V1", "new", "1500.00", at=_known(t))


@fires(45)
def just_under_one_and_a_half_times_the_usual_amount(t: Tale) -> None:
    t.pay("V1", "new", "1499.99", at=_known(t))


@fires(60)
def wire_where_ach_is_usual(t: Tale) -> None:
    t.pay("V1", "new", at=_known(t), rail="wire")


@fires(70)
def account_of_another_payee(t: Tale) -> None:
    """20 + 25 + 25."""
    at = _known(t)
    t.pay("V2", "new", at=at - DAY)
    t.pay("V1", "new", at=at)


def _contact_changed(t: Tale, before: int) -> None:
    at = _known(t)
    t.add("payee.change.v1", at - before, {"change": "contact", "payee": payee("V1"), "contact_fields": ["email"]})
    t.change("V1", "new", at, actor=UNKNOWN_DEVICE)


@fires(65)
def contact_changed_seven_days_before(t: Tale) -> None:
    """20 + 25 + 10 + 10."""
    _contact_changed(t, 7 * DAY)


@silent()
def contact_changed_earlier(t: Tale) -> None:
    _contact_changed(t, 7 * DAY + 1)


def _migration(t: Tale, payees: int) -> None:
    for n in range(payees):
        t.created(f"V{n}", f"old{n}", bootstrap=True)
    for n in range(payees):
        t.change(f"V{n}", f"new{n}", DAY, actor={"channel": "bulk_import", "ticket": "T-1"})
    t.pay("V0", "new0", at=2 * DAY)


@silent(noted=0)
def bulk_migration(t: Tale) -> None:
    _migration(t, 20)


@fires(45)
def ticket_of_19_payees(t: Tale) -> None:
    _migration(t, 19)


@silent(noted=0)
def bank_merger_of_the_policy(t: Tale) -> None:
    t.policy(migrations=[{"from_bank": "OLD", "to_bank": "NEW", "from": "2026-02-16", "until": "2026-02-16"}])
    at = t.history("V1", 3, account("old", bank_id="OLD"))
    t.pay("V1", account("new", bank_id="NEW"), at=at)


@silent()
def account_on_the_trusted_list(t: Tale) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-new"}])
    t.pay("V1", "new", at=_known(t), rail="wire", amount="5000.00")


@silent()
def payee_not_mature(t: Tale) -> None:
    """One settled payment only: the second account is an initial one."""
    t.pay("V1", "old")
    t.pay("V1", "new", at=14 * DAY)


@silent()
def second_payment_not_settled(t: Tale) -> None:
    t.pay("V1", "old")
    t.pay("V1", "old", at=14 * DAY)
    t.pay("V1", "new", at=14 * DAY + 72 * HOUR - 1)


@fires(45)
def second_payment_just_settled(t: Tale) -> None:
    t.pay("V1", "old")
    t.pay("V1", "old", at=14 * DAY)
    t.pay("V1", "new", at=14 * DAY + 72 * HOUR)


@fires(45)
def imported_payee(t: Tale) -> None:
    t.created("V1", "old", bootstrap=True)
    t.pay("V1", "new", at=DAY)


@silent()
def verified_payroll_card(t: Tale) -> None:
    """Change 20, verified -30, from a bank to a prepaid card 15."""
    at = _known(t, "E1")
    t.change("E1", account("card", scheme="prepaid"), at, verification=VERIFIED)
    t.pay("E1", account("card", scheme="prepaid"), at=at + DAY)


@silent()
def neobank_chosen_by_the_worker(t: Tale) -> None:
    """Change 20, name check -10, from a bank to e-money 15, self-service -10."""
    at = _known(t, "E1")
    to = account("neobank", scheme="emi", name_check={"status": "match"})
    t.change("E1", to, at, actor={"channel": "portal", "role": "self", "device_known": True, "mfa": True})
    t.pay("E1", to, at=at + 7 * DAY)


@silent(noted=45)
def account_that_an_analyst_allowed(t: Tale) -> None:
    t.allow("changed-account", "account", "fp-new")
    t.pay("V1", "new", at=_known(t))
