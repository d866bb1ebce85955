"""Scores to p-values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.signals.calibration import MEMORY, MOST_BINS, learn, nearer, p_value

scores = st.floats(min_value=0, max_value=1e6, allow_nan=False)


def taught(values: list[float]) -> list[float]:
    bins: list[float] = []
    for value in values:
        learn(bins, value)
    return bins


@settings(deadline=None)
@given(st.lists(scores, max_size=200), scores, scores)
def test_p_value_is_a_probability_and_never_grows_with_the_score(past: list[float], one: float, other: float) -> None:
    bins = taught(past)
    low, high = sorted((one, other))
    assert 0 < p_value(bins, high) <= p_value(bins, low) <= 1


def test_nothing_is_unusual_before_anything_was_seen() -> None:
    assert p_value([], 1e6) == 1.0


def test_score_of_zero_is_as_usual_as_can_be() -> None:
    assert p_value(taught([1.0] * 100), 0.0) == 1.0


def test_p_value_is_the_share_of_scores_at_or_above() -> None:
    bins = taught([n / 100 * 10 for n in range(100)])
    assert p_value(bins, 5.0) == pytest.approx((50 + 1) / (100 + 1), abs=0.03)


def test_score_beyond_all_seen_gets_a_p_value_below_one_over_their_number() -> None:
    bins = taught([n % 10 * 0.1 for n in range(1000)])
    assert p_value(bins, 10.0) < 1e-6


def test_p_values_of_a_steady_stream_are_honest() -> None:
    """Of scores like those before, about a hundredth gets a p-value below a hundredth."""
    draws = [-math.log((n * 0.618033988749895) % 1 or 0.5) for n in range(1, 20_001)]
    bins = taught(draws[:10_000])
    for share in (0.1, 0.01, 0.001):
        assert sum(p_value(bins, one) <= share for one in draws[10_000:]) / 10_000 == pytest.approx(share, rel=0.5)


def test_suspect_score_is_counted_near_the_tail_and_does_not_hide_the_next() -> None:
    bins = taught([n % 100 * 0.01 for n in range(1000)])
    before = p_value(bins, 500.0)
    for _ in range(3):
        learn(bins, nearer(bins, 500.0, 8.0))
    assert bins[0] == 1003
    assert p_value(bins, 500.0) < 1e4 * before


def test_memory_is_bounded_and_newer_scores_weigh_more() -> None:
    bins = taught([0.0] * (2 * MEMORY) + [10.0] * MEMORY)
    assert bins[0] <= MEMORY
    assert sum(bins[1:]) == bins[0]
    assert len(bins) <= MOST_BINS + 1
    assert bins[-1] > bins[1]


def test_suspects_of_a_small_stream_do_not_make_its_tail() -> None:
    """Ten suspects among 300 scores: counted near the tail's start, the next one is as unusual as the first."""
    bins = taught([n % 100 * 0.01 for n in range(300)])
    first = p_value(bins, 20.0)
    for _ in range(10):
        learn(bins, nearer(bins, 20.0, 8.0, 0.1))
    assert p_value(bins, 20.0) < 0.001
    assert p_value(bins, 20.0) < 20 * first
    assert nearer(bins, 0.5, 8.0, 0.1) == 0.5
