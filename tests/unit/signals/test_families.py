"""What each family of signals finds unusual, and what not."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.signals.base import PAYROLL, VENDOR
from sluicegate.signals.cost_centre import KNOWN, CostCentre
from sluicegate.signals.dormancy import Dormancy
from sluicegate.signals.limit import ROUND, BelowLimit
from sluicegate.signals.off_cycle import OffCycle
from sluicegate.signals.overtime import Overtime
from sluicegate.signals.repeat import RepeatedAmount
from sluicegate.signals.shared_account import SharedAccount


def place(department: str | None, category: str | None = "Seeds") -> dict[str, Any]:
    return {"department": department, "category": category}


def test_new_department_surprises_more_where_there_was_only_one() -> None:
    steady, roaming = CostCentre(), CostCentre()
    for n in range(30):
        steady.learn_one(place("Parks"))
        roaming.learn_one(place(f"D{n % 10}"))
    assert steady.score_one(place("Housing")) > roaming.score_one(place("Housing")) > 0
    assert steady.score_one(place("Parks")) == 0
    assert steady.score_one(place(None, None)) == 0


def test_first_payment_of_a_payee_says_nothing_about_cost_centres() -> None:
    assert CostCentre().score_one(place("Parks")) == 0


def test_cost_centres_used_last_are_remembered() -> None:
    signal = CostCentre()
    for n in range(KNOWN + 1):
        signal.learn_one(place(f"D{n}"))
    assert signal.score_one(place("D1")) == 0
    assert signal.score_one(place("D0")) > 0


def test_cost_centre_is_explained_with_counts() -> None:
    signal = CostCentre()
    signal.learn_one(place("Parks"))
    text, observed, _ = signal.explain(place("Housing"))
    assert text == (
        "the first payment to this payee booked to department Housing, "
        "its only earlier payment was booked to 1 department"
    )
    assert observed == {"department": "Housing"}


@pytest.mark.parametrize(("days", "unusual"), [(14.0, False), (42.0, True)])
def test_missed_pay_day_is_unusual_in_payroll(days: float, unusual: bool) -> None:
    signal = Dormancy()
    for _ in range(12):
        signal.learn_one({"stream": PAYROLL, "gap": 14.0, "payments": 12})
    assert (signal.score_one({"stream": PAYROLL, "gap": days, "payments": 12}) > 2) is unusual


def test_vendor_is_silent_only_after_a_quarter_and_some_payments() -> None:
    for gap, payments, unusual in ((80.0, 9, False), (200.0, 4, False), (200.0, 5, True)):
        assert (Dormancy().score_one({"stream": VENDOR, "gap": gap, "payments": payments}) > 0) is unusual


def test_repeat_is_no_surprise_where_all_is_repeated() -> None:
    common: dict[Any, Any] = {}
    rent, builder = RepeatedAmount(common=common), RepeatedAmount(common=common)
    again, fresh = {"same_amount": 5, "same_days": 30.0}, {"same_amount": 0, "same_days": None}
    for _ in range(20):
        rent.learn_one(again)
        builder.learn_one(fresh)
    assert builder.score_one(again | {"same_amount": 1}) > 2.5 + rent.score_one(again)
    assert builder.score_one({"same_amount": 1, "same_days": 60.0}) == 0


def test_repeat_is_explained_with_its_own_rate_and_how_soon_it_came() -> None:
    signal = RepeatedAmount()
    for _ in range(9):
        signal.learn_one({"same_amount": 0, "same_days": None})
    signal.learn_one({"same_amount": 1, "same_days": 30.0})
    text, _, usual = signal.explain({"same_amount": 1, "same_days": 3.0, "value": "1590.00", "currency": "GBP"})
    assert text == (
        "the same 1,590.00 GBP was paid 3 days before; 1 of 10 payments to this payee repeated an amount "
        "within 45 days, and 8.3% of all repeats come after about as long"
    )
    assert usual == {"repeats": 1, "payments": 10}


def test_silence_is_explained_with_the_gaps_behind_the_usual_one() -> None:
    signal = Dormancy()
    for _ in range(40):
        signal.learn_one({"gap": 14.0})
    text, _, _ = signal.explain({"gap": 200.0, "stream": VENDOR, "payments": 40})
    assert text == "the first payment in 200 days, where 14 days would be usual for this payee, by 40 earlier gaps"


def test_limit_is_explained_as_the_policys_or_as_a_round_sum() -> None:
    x = {"limit_amount": 4950.0, "limit_currency": "EUR", "payments": 1, "near_limit_week": 2}
    texts = [BelowLimit().explain(x | {"limits": limits})[0] for limits in (ROUND, (5000.0,))]
    to = "to a payee of 1 earlier payment, after 2 more such within a week"
    assert texts == [f"1.0% below {what} of 5,000 EUR, {to}" for what in ("the round sum", "the limit")]


def test_just_below_a_limit_matters_for_a_new_payee_and_in_series() -> None:
    def score(n: int, week: int = 0, amount: float = 4950.0) -> float:
        x = {"limit_amount": amount, "limits": (5000.0,), "payments": n, "near_limit_week": week}
        return BelowLimit().score_one(x)

    assert score(0) > score(50, 3) > score(50)
    assert score(0, amount=5000.0) == 0
    assert score(0, amount=50_000.0) == 0


def test_day_that_is_hardly_ever_paid_on_is_unusual() -> None:
    signal = OffCycle()
    for n in range(1000):
        signal.learn_one({"weekday": n % 2})
    scores = [signal.score_one({"stream": VENDOR, "weekday": day, "off_cycle": False}) for day in (0, 6)]
    assert scores[0] < 1 < 5 < scores[1]
    assert signal.score_one({"stream": PAYROLL, "weekday": 6, "off_cycle": False}) == 0


def test_overtime_learns_one_case_of_much_only_in_part() -> None:
    signal = Overtime()
    for n in range(200):
        signal.learn_one({"overtime": n % 10 / 100})
    before = signal.score_one({"overtime": 0.75})
    signal.learn_one({"overtime": 75.0})
    assert signal.score_one({"overtime": 0.75}) > 0.8 * before > 8


def test_sharing_an_account_for_long_surprises_less() -> None:
    scores = [SharedAccount().score_one({"account_others": 1, "account_paid": n}) for n in (0, 3, 24)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < 0.05
