"""Amount against history: what is unusual, and for whom."""

from __future__ import annotations

import math

import pytest

from sluicegate.signals.amount import AmountHistory


def taught(*amounts: float) -> AmountHistory:
    signal = AmountHistory()
    for amount in amounts:
        signal.learn_one({"amount": amount})
    return signal


def score(signal: AmountHistory, amount: float) -> float:
    return signal.score_one({"amount": amount})


def test_first_payment_of_all_is_not_unusual() -> None:
    assert score(AmountHistory(), 1e12) == 0.0


def test_usual_amount_scores_near_zero_and_more_scores_higher() -> None:
    signal = taught(*[1000.0] * 12)
    scores = [score(signal, amount) for amount in (1000.0, 1100.0, 2000.0, 20000.0)]
    assert scores[0] == pytest.approx(0, abs=1e-6)
    assert scores == sorted(scores)


def test_less_than_usual_counts_half() -> None:
    signal = taught(*[1000.0] * 12)
    assert score(signal, 500.0) == pytest.approx(score(signal, 2000.0) / 2)


def test_constant_history_does_not_make_a_few_percent_unusual() -> None:
    assert score(taught(*[1000.0] * 50), 1050.0) < 1


def test_new_payee_is_judged_by_the_peers() -> None:
    peers = taught(*[900.0, 1000.0, 1100.0] * 20).peers
    newcomer = AmountHistory(peers=peers)
    assert score(newcomer, 1000.0) < 1 < score(newcomer, 100_000.0)


def test_one_outlier_does_not_become_the_norm() -> None:
    signal = taught(*[1000.0] * 20, 1e9)
    assert score(signal, 1e9) > 10


def test_zero_amounts_are_neither_scored_nor_learned() -> None:
    signal = taught(1000.0, 1000.0)
    before = signal.own, signal.peers
    signal.learn_one({"amount": 0.0})
    assert (signal.own, signal.peers) == before
    assert score(signal, 0.0) == 0.0


def test_explanation_names_the_usual_amount_and_the_number_of_payments() -> None:
    text, observed, expected = taught(*[1000.0] * 12).explain({"amount": 2000.0, "currency": "USD", "value": "2000.00"})
    assert text == "2.00 times the usual 1,000.00 USD over 12 payments"
    assert observed["amount"] == "2000.00"
    assert math.isclose(observed["ratio"], 2)
    assert expected == {"amount": 1000.0, "payments": 12}
