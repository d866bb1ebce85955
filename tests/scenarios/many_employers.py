"""C8: several tenants pay one account, or one tax id."""

from typing import Any

from tests.scenarios.build import DAY, Json, Tale, payee
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "people with two or three honest jobs": "two-employers",
    "wages collected by an agency or a court": "account-that-one-of-three-trusts",
}


def _employers(t: Tale, *at: int, who: str = "E", amount: str = "1500.00", to: str = "one", **more: Any) -> None:
    """A payment by another tenant at each time, each to a payee of its own; all tenants have opted in."""
    for n, time in enumerate(at):
        opt_in(t, n)
        of(t.pay(payee(f"{who}{n}"), to, amount, time, **more), n)


def opt_in(t: Tale, tenant: int, **policy: Any) -> None:
    """The tenant of that number lets itself be counted."""
    of(t.policy(**{"cross_tenant_counts": True} | policy), tenant)


def of(event: Json, tenant: int) -> Json:
    """The event as one of the tenant of that number."""
    event["tenantid"] = f"tenant{tenant}"
    return event


@fires(65)
def three_employers(t: Tale) -> None:
    _employers(t, 0, DAY, 2 * DAY)


@silent(noted=20)
def two_employers(t: Tale) -> None:
    _employers(t, 0, DAY)


@silent()
def one_employer_three_times(t: Tale) -> None:
    opt_in(t, 0)
    for n in range(3):
        of(t.pay(f"E{n}", "one", "1500", n * DAY), 0)


@fires(65)
def five_employers_of_contractors(t: Tale) -> None:
    _employers(t, *range(5), who="C")


@silent(noted=20)
def four_employers_of_contractors(t: Tale) -> None:
    """Freelancers have several clients."""
    _employers(t, *range(4), who="C")


@fires(65)
def two_employers_of_contractors_and_one_of_an_employee(t: Tale) -> None:
    _employers(t, 0, DAY, who="C")
    opt_in(t, 2)
    of(t.pay("E2", "one", "1500", 2 * DAY), 2)


@fires(65)
def third_employer_in_the_last_moment_of_45_days(t: Tale) -> None:
    _employers(t, 0, DAY, 45 * DAY - 1)


@silent(noted=20)
def third_employer_after_45_days(t: Tale) -> None:
    _employers(t, 0, DAY, 45 * DAY)


@fires(65)
def third_payment_comes_late(t: Tale) -> None:
    _employers(t, 40 * DAY, 20 * DAY, 0)


@silent()
def a_cent_too_little(t: Tale) -> None:
    _employers(t, 0, DAY, 2 * DAY, amount="1499.99")


@silent()
def part_that_is_regular_too_little(t: Tale) -> None:
    parts = [{"type": "regular", "amount": "1499"}, {"type": "bonus", "amount": "501"}]
    _employers(t, 0, DAY, 2 * DAY, amount="2000", purpose={"components": parts})


@fires(65)
def amount_in_base_currency(t: Tale) -> None:
    base = {"value": "1500.00", "currency": "USD"}
    _employers(t, 0, DAY, 2 * DAY, amount="150000", currency="JPY", amount_base=base)


@silent()
def amount_in_base_currency_unknown(t: Tale) -> None:
    _employers(t, 0, DAY, 2 * DAY, amount="150000", currency="JPY")


@silent()
def corrections(t: Tale) -> None:
    _employers(t, 0, DAY, 2 * DAY, schedule={"run_type": "correction"})


@silent()
def vendor_of_three_clients(t: Tale) -> None:
    _employers(t, 0, DAY, 2 * DAY, who="V")


@fires(65)
def one_tax_id_with_three_accounts(t: Tale) -> None:
    for n in range(3):
        opt_in(t, n)
        of(t.pay(payee(f"E{n}", tax_id_hash="tax"), amount="1500", at=n * DAY), n)


@silent(noted=20)
def one_of_three_has_not_opted_in(t: Tale) -> None:
    _employers(t, 0, DAY)
    of(t.pay("E2", "one", "1500", 2 * DAY), 2)


@silent(noted=20)
def account_that_one_of_three_trusts(t: Tale) -> None:
    """A court, or an agency that collects wages."""
    _employers(t, 0, DAY)
    opt_in(t, 2, trusted_accounts=[{"fp": "fp-one", "kind": "court_order"}])
    of(t.pay("E2", "one", "1500", 2 * DAY), 2)


@silent(noted=20)
def employer_that_has_opted_out_since(t: Tale) -> None:
    """Nothing is counted for it any more, and nothing told."""
    _employers(t, 0, DAY)
    opt_in(t, 0, cross_tenant_counts=False)
    of(t.pay("E0", "one", "1500", 2 * DAY), 0)


@fires(65)
def parts_that_together_are_enough(t: Tale) -> None:
    _employers(t, 0, DAY)
    opt_in(t, 2)
    for index in (1, 2):
        split = {"index": index, "count": 2}
        of(t.pay("E2", "one", "750", 2 * DAY, split=split, payment_id="S"), 2)


@fires(65)
def policy_that_needs_two(t: Tale) -> None:
    for n in range(2):
        opt_in(t, n, rules={"many-employers": {"params": {"min_tenants": 2}}})
        of(t.pay(f"E{n}", "one", "1500", n * DAY), n)
