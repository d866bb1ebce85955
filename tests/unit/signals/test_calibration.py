"""Scores to p-values."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.signals.calibration import BINS, MEMORY, learn, p_value

scores = st.floats(min_value=0, max_value=1e6, allow_nan=False)


def taught(values: list[float]) -> list[int]:
    bins: list[int] = []
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


def test_p_value_is_the_share_of_scores_at_or_above() -> None:
    bins = taught([n / 100 * 10 for n in range(100)])
    assert p_value(bins, 5.0) == (50 + 1) / (100 + 1)


def test_score_beyond_all_seen_gets_a_p_value_below_one_over_their_number() -> None:
    bins = taught([n % 10 * 0.1 for n in range(1000)])
    assert p_value(bins, 10.0) < 1e-6


def test_memory_is_bounded_and_newer_scores_weigh_more() -> None:
    bins = taught([0.0] * (2 * MEMORY) + [10.0] * MEMORY)
    assert sum(bins) <= MEMORY
    assert len(bins) <= BINS
    assert bins[40] > bins[0]
