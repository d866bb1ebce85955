"""B8: a vendor shares something with an employee or contractor."""

from tests.scenarios.build import ADDRESS, DAY, Tale, account, payee, wallet
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "vendors kept to reimburse employees": "vendor-that-reimburses",
    "trusted accounts": "trusted-account",
    "a spouse's firm": "shared-residence",
}

PHONE = {"phone_hash": "p"}


@fires(65)
def shared_account(t: Tale) -> None:
    t.pay("E1", "shared")
    t.pay("V1", "shared", at=DAY)


@fires(65)
def shared_account_vendor_first(t: Tale) -> None:
    """The subject is the vendor, whoever is paid."""
    t.pay("V1", "shared")
    t.pay("C1", "shared", at=DAY)


@fires(65)
def shared_account_by_a_change(t: Tale) -> None:
    t.pay("E1", "shared")
    t.pay("V1")
    t.change("V1", "shared", at=DAY)


@fires(65)
def shared_account_in_the_last_moment_of_400_days(t: Tale) -> None:
    t.pay("E1", "shared")
    t.pay("V1", "shared", at=400 * DAY - 1)


@silent()
def shared_account_after_400_days(t: Tale) -> None:
    t.pay("E1", "shared")
    t.pay("V1", "shared", at=400 * DAY)


@fires(65)
def shared_wallet(t: Tale) -> None:
    """The same address, written differently, behind two fingerprints."""
    t.pay("C1", account("a", scheme="wallet", wallet=wallet()))
    t.pay("V1", account("b", scheme="wallet", wallet=wallet(ADDRESS.lower())), at=DAY)


@silent()
def wallets_of_one_exchange(t: Tale) -> None:
    t.pay("C1", account("a", scheme="wallet", wallet=wallet(tag="1")))
    t.pay("V1", account("b", scheme="wallet", wallet=wallet(tag="2")), at=DAY)


@fires(30)
def shared_phone(t: Tale) -> None:
    t.pay(payee("E1", **PHONE))
    t.pay(payee("V1", **PHONE), at=DAY)


@fires(30)
def shared_residence(t: Tale) -> None:
    """A spouse's firm at home: low, for somebody to look at once."""
    t.pay(payee("V1", residence_hash="r"))
    t.created(payee("E1", residence_hash="r"), at=DAY)


@silent()
def phone_changed_since(t: Tale) -> None:
    t.pay(payee("E1", **PHONE))
    t.pay(payee("E1", phone_hash="q"), at=DAY)
    t.pay(payee("V1", **PHONE), at=2 * DAY)


@silent()
def phone_of_one_and_residence_of_the_other(t: Tale) -> None:
    t.pay(payee("E1", phone_hash="x"))
    t.pay(payee("V1", residence_hash="x"), at=DAY)


@silent()
def vendor_that_reimburses(t: Tale) -> None:
    t.pay(payee("E1", **PHONE), "shared")
    t.pay(payee("V1", flags=["employee_reimbursement"], **PHONE), "shared", at=DAY)
    t.pay(payee("E1", **PHONE), "shared", at=14 * DAY)


@silent()
def trusted_account(t: Tale) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-shared", "kind": "staffing"}])
    t.pay("E1", "shared")
    t.pay("V1", "shared", at=DAY)


@silent()
def two_vendors_of_one_phone(t: Tale) -> None:
    t.pay(payee("V1", **PHONE), "shared")
    t.pay(payee("V2", **PHONE), "shared", at=DAY)


@silent()
def two_employees_of_one_phone(t: Tale) -> None:
    t.pay(payee("E1", **PHONE), "shared")
    t.pay(payee("E2", **PHONE), "shared", at=DAY)


@silent()
def payee_of_another_kind(t: Tale) -> None:
    t.pay(payee("O1", **PHONE), "shared")
    t.pay(payee("V1", **PHONE), "shared", at=DAY)
