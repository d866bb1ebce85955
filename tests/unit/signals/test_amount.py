"""Amount against history: what is unusual, and for whom."""

from __future__ import annotations

import math
from copy import copy
from typing import Any

import pytest

from sluicegate.signals.amount import RUNS, AmountHistory
from sluicegate.signals.base import PAYROLL, VENDOR, X


def payment(amount: float, **more: Any) -> X:
    return {
        "stream": VENDOR,
        "amount": amount,
        "regular": amount,
        "value": f"{amount:.2f}",
        "currency": "USD",
        "group": 1,
        "currency_group": 0,
        "run": None,
    } | more


def taught(*amounts: float) -> AmountHistory:
    signal = AmountHistory()
    for amount in amounts:
        signal.learn_one(payment(amount))
    return signal


def score(signal: AmountHistory, amount: float, **more: Any) -> float:
    return signal.score_one(payment(amount, **more))


def test_first_payment_of_all_is_not_unusual() -> None:
    assert score(AmountHistory(), 1e12) == 0.0


def test_usual_amount_scores_near_zero_and_more_scores_higher() -> None:
    signal = taught(*[1000.0] * 12)
    scores = [score(signal, amount) for amount in (1000.0, 1100.0, 2000.0, 20000.0)]
    assert scores[0] == pytest.approx(0, abs=1e-6)
    assert scores == sorted(scores)


def test_less_than_usual_is_not_unusual() -> None:
    assert score(taught(*[1000.0] * 12), 500.0) == 0


def test_constant_history_does_not_make_a_few_percent_unusual() -> None:
    assert score(taught(*[1000.0] * 50), 1050.0) < 1


def test_new_payee_is_judged_by_the_peers() -> None:
    newcomer = AmountHistory(common=taught(*[900.0, 1000.0, 1100.0] * 20).common)
    assert score(newcomer, 1000.0) < 1 < score(newcomer, 100_000.0)


def test_small_peer_group_borrows_from_all_of_the_currency() -> None:
    common = taught(*[900.0, 1000.0, 1100.0] * 20).common
    assert score(AmountHistory(common=common), 1000.0, group=7) == score(AmountHistory(common=common), 1000.0)


def test_what_a_run_has_in_common_surprises_less_and_less() -> None:
    """A bonus month: everybody gets half as much again."""
    common: dict[Any, Any] = {}
    people = [AmountHistory(common=common) for _ in range(60)]
    for run in range(6):
        for number, person in enumerate(people):
            person.learn_one(payment(1000.0 + number + run, stream=PAYROLL, run=f"R{run}"))
    first = score(people[0], 1500.0, run="R6", stream=PAYROLL)
    for person in people[:50]:
        person.learn_one(payment(1500.0, stream=PAYROLL, run="R6"))
    assert score(people[59], 1500.0, run="R6", stream=PAYROLL) < first / 2
    assert len([key for key in common if isinstance(key, str)]) <= RUNS


def test_one_outlier_does_not_become_the_norm() -> None:
    signal = taught(*[1000.0] * 20, 1e9)
    assert score(signal, 1e9) > 10


def test_zero_amounts_are_neither_scored_nor_learned() -> None:
    signal = taught(1000.0, 1000.0)
    before = signal.own, copy(signal.common)
    signal.learn_one(payment(0.0))
    assert (signal.own, signal.common) == before
    assert score(signal, 0.0) == 0.0


def test_explanation_names_the_usual_amount_and_the_number_of_payments() -> None:
    text, observed, expected = taught(*[1000.0] * 12).explain(payment(2000.0))
    assert text == "2.0 times the usual 1,000.00 USD over 12 payments"
    assert observed["amount"] == "2000.00"
    assert math.isclose(observed["ratio"], 2)
    assert expected == {"amount": 1000.0, "payments": 12}


@pytest.mark.parametrize("run", [None, "R9"])
def test_learning_after_scoring_equals_learning_without(run: str | None) -> None:
    signals = [taught(*[900.0, 1000.0, 1100.0] * 20), taught(*[900.0, 1000.0, 1100.0] * 20)]
    for amount in (1000.0, 5000.0, 1e6, 1200.0):
        for signal, scored in zip(signals, (True, False), strict=True):
            x = payment(amount, run=run, stream=PAYROLL)
            if scored:
                assert signal.score_one(x) > 0
            signal.learn_one(x)
        assert signals[0].own == signals[1].own
        assert signals[0].common == signals[1].common


def test_what_one_payment_was_expected_to_be_is_not_used_for_another() -> None:
    """Not of other peers, nor for one that is learned twice."""
    signals = [taught(*[900.0, 1000.0, 1100.0] * 20), taught(*[900.0, 1000.0, 1100.0] * 20)]
    for number, signal in enumerate(signals):
        signal.common[7] = [40, 1.0, 20.0]
        scored = payment(50_000.0, run="R1", stream=PAYROLL)
        if not number:
            signal.score_one(scored)
        for x in (payment(1e6, group=7, run="R2"), scored, scored):
            signal.learn_one(x)
    assert signals[0].own == signals[1].own
    assert signals[0].common == signals[1].common
