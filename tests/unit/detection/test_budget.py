"""The share of findings: where the threshold begins, how it follows the stream, and what a run may have."""

from __future__ import annotations

import math

import pytest

from sluicegate.detection.budget import MAX_PERIODS, STEP, count, first_threshold, moved, run_allowance


def test_threshold_begins_where_the_share_of_honest_scores_is_over_it() -> None:
    assert first_threshold(math.exp(-5)) == pytest.approx(5)
    assert first_threshold(1.0) == 0
    assert first_threshold(0.0) == 690.0


def test_threshold_rises_by_a_step_after_a_score_over_it_and_falls_by_a_share_of_one_after_others() -> None:
    assert moved(6.0, 7.0, 0.002) == pytest.approx(6.0 + STEP * 0.998)
    assert moved(6.0, 1.0, 0.002) == pytest.approx(6.0 - STEP * 0.002)
    assert moved(6.0, 6.0, 0.002) < 6.0
    assert moved(0.0, 0.0, 1.0) == 0.0


def test_share_of_scores_over_the_threshold_comes_near_the_budget() -> None:
    threshold, over = first_threshold(0.05), 0
    for n in range(20_000):
        score = (n * 7919 % 1000) / 100  # evenly from 0 to 10: the 5 % over 9.5
        over += n >= 10_000 and score > threshold
        threshold = moved(threshold, score, 0.05)
    assert threshold == pytest.approx(9.5, abs=0.2)
    assert over / 10_000 == pytest.approx(0.05, abs=0.005)


def test_findings_are_counted_by_day_or_run_and_the_oldest_are_forgotten() -> None:
    periods: dict[str, int] = {}
    for n in range(MAX_PERIODS):
        count(periods, str(n))
    count(periods, "0")
    assert (len(periods), periods["0"], periods["1"]) == (MAX_PERIODS, 2, 1)
    count(periods, "new")
    assert len(periods) == MAX_PERIODS
    assert "0" not in periods
    assert periods["new"] == 1


def test_run_may_have_twice_its_share_and_at_least_one_finding() -> None:
    assert run_allowance({"a": 1500, "b": 2}, 0.002) == 6.0
    assert run_allowance({"a": 2, "b": 1500}, 0.002) == 6.0
    assert run_allowance({"a": 100}, 0.002) == 1.0
    assert run_allowance({}, 0.002) == 1.0
