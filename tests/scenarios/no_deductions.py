"""C4: gross for net, payment after payment."""

from typing import Any

from tests.scenarios.build import DAY, Json, Tale
from tests.scenarios.register import fires, silent

FALSE_POSITIVES = {
    "apprentices under the tax threshold, cross-border workers, tax treaties": "listed-in-the-policy",
}

BARE: Json = {"gross": "1000.00", "net": "1000.00", "deductions_total": "0", "hourly": False}


def _pays(t: Tale, *slips: Json, who: str = "E1", **more: Any) -> None:
    for n, slip in enumerate(slips):
        purpose = {name: value for name, value in (BARE | slip).items() if value is not None}
        t.pay(who, at=n * 14 * DAY, purpose=purpose, **more)


@fires(45)
def three_payments_without_deductions(t: Tale) -> None:
    _pays(t, {}, {"net": "1000.000"}, {"deductions_total": "0.00"})


@silent()
def two_payments_without_deductions(t: Tale) -> None:
    _pays(t, {}, {})


@silent()
def a_cent_of_deductions(t: Tale) -> None:
    _pays(t, {}, {"deductions_total": "0.01"}, {})


@silent()
def net_a_cent_below_gross(t: Tale) -> None:
    _pays(t, {}, {}, {"net": "999.99"})


@fires(45)
def deductions_four_payments_ago(t: Tale) -> None:
    _pays(t, {"deductions_total": "200.00"}, {}, {}, {})


@fires(45)
def hourly_worker_without_hours(t: Tale) -> None:
    _pays(t, {"hourly": True}, {"hourly": True, "hours": "0"}, {"hourly": True, "hours": "0.00"})


@silent()
def hourly_worker_with_hours(t: Tale) -> None:
    _pays(t, {}, {}, {"hourly": True, "hours": "0.5"})


@fires(45)
def hours_of_a_salaried_worker_do_not_count(t: Tale) -> None:
    _pays(t, {}, {}, {"hours": "80"})


@silent()
def on_leave(t: Tale) -> None:
    _pays(t, {}, {"leave_hours": "0.25"}, {})


@silent()
def contractor(t: Tale) -> None:
    _pays(t, {}, {}, {}, who="C1")


@silent()
def listed_in_the_policy(t: Tale) -> None:
    t.policy(no_deduction_payees=["E1"])
    _pays(t, {}, {}, {})


@silent()
def gross_not_told_once(t: Tale) -> None:
    _pays(t, {"gross": None}, {}, {})


@silent()
def hourly_not_told(t: Tale) -> None:
    _pays(t, {}, {}, {"hourly": None})


@fires(45)
def two_where_the_policy_says_two(t: Tale) -> None:
    t.policy(rules={"no-deductions": {"params": {"runs": 2}}})
    _pays(t, {}, {})
