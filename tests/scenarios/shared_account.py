"""A5: several payees, one account."""

from tests.scenarios.build import DAY, Tale, account, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "court-ordered payments": "court-ordered-account",
    "employers of record": "account-of-an-employer-of-record",
    "staffing firms": "account-of-a-staffing-firm",
    "factoring banks": "account-of-a-factoring-bank",
    "couples": "couple-of-one-residence",
}


@fires(30)
def two_payees_one_account(t: Tale) -> None:
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=DAY)


@fires(85)
def three_contractors_one_account(t: Tale) -> None:
    for n, who in enumerate(("C1", "C2", "C3")):
        t.pay(who, "shared", at=n * DAY)


@fires(65)
def two_contractors_and_an_employee_on_one_account(t: Tale) -> None:
    for n, who in enumerate(("C1", "C2", "E3")):
        t.pay(who, "shared", at=n * DAY)


@fires(85)
def three_remote_employees_on_one_account(t: Tale) -> None:
    for n, who in enumerate(("E1", "E2", "E3")):
        t.pay(payee(who, remote=True), "shared", at=n * DAY)


@fires(30)
def account_registered_not_paid(t: Tale) -> None:
    t.created("V1", "shared")
    t.change("V2", "shared", at=DAY)


@fires(30)
def second_payee_in_the_last_moment_of_400_days(t: Tale) -> None:
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=400 * DAY - 1)


@silent()
def second_payee_after_400_days(t: Tale) -> None:
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=400 * DAY)


@silent()
def court_ordered_account(t: Tale) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-court", "kind": "court_order"}])
    for n, who in enumerate(("E1", "E2", "E3")):
        t.pay(who, "court", at=n * DAY)


@silent()
def one_payee_twice(t: Tale) -> None:
    t.pay("V1", "own")
    t.pay("V1", "own", at=DAY)


@silent()
def successor_of_one_who_left(t: Tale) -> None:
    t.pay("E1", "shared")
    t.worker("E1", "terminate", DAY, effective_date="2026-01-06")
    t.pay("E2", "shared", at=2 * DAY)


@silent(noted=15)
def couple_of_one_residence(t: Tale) -> None:
    t.pay(payee("E1", residence_hash="r"), "shared")
    t.pay(payee("E2", residence_hash="r"), "shared", at=DAY)


@silent(noted=15)
def couple_with_a_joint_account(t: Tale) -> None:
    for n, who in enumerate(("E1", "E2")):
        t.pay(who, account("shared", joint=True), at=n * DAY)


@fires(30)
def couple_where_the_policy_does_not_look_at_households(t: Tale) -> None:
    t.policy(household_check=False)
    couple_of_one_residence(t)


@fires(65)
def three_of_one_residence(t: Tale) -> None:
    for n, who in enumerate(("E1", "E2", "E3")):
        t.pay(payee(who, residence_hash="r"), "shared", at=n * DAY)


def _three_on_a_trusted_account(t: Tale, kind: str) -> None:
    t.policy(trusted_accounts=[{"fp": "fp-trusted", "kind": kind}])
    for n, who in enumerate(("C1", "C2", "C3")):
        t.pay(who, "trusted", at=n * DAY)


@silent()
def account_of_an_employer_of_record(t: Tale) -> None:
    _three_on_a_trusted_account(t, "eor")


@silent()
def account_of_a_staffing_firm(t: Tale) -> None:
    _three_on_a_trusted_account(t, "staffing")


@silent()
def account_of_a_factoring_bank(t: Tale) -> None:
    _three_on_a_trusted_account(t, "factoring")
