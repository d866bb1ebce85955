"""ADWIN over the means of days."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec

from sluicegate.signals.drift import LEAST, LEAST_VALUES, MOST_LEVELS, Drift, Window, observe

A_DAY = 120


def days(count: int, mean: float, seed: int = 1, *, first: int = 0) -> Iterator[tuple[float, int]]:
    """Values with the day of each; those of one day have more in common than chance would give them."""
    rng = random.Random(seed)
    for day in range(first, first + count):
        center = rng.gauss(mean, 0.03)
        yield from ((rng.gauss(center, 0.1), day) for _ in range(A_DAY))


def told(window: Window, values: Iterator[tuple[float, int]], span: int = 1) -> list[tuple[int, Drift]]:
    found = [(day, observe(window, value, day, span)) for value, day in values]
    return [(day, drift) for day, drift in found if drift is not None]


def test_days_that_differ_among_themselves_give_no_notice() -> None:
    assert not [drift for seed in range(10) for drift in told([], days(400, 0.3, seed))]


def test_hours_that_differ_give_no_notice() -> None:
    assert not told([], ((0.2 + n % A_DAY / A_DAY, n // A_DAY) for n in range(400 * A_DAY)))


def test_change_is_told_once_within_two_weeks_with_both_means() -> None:
    for seed in range(10):
        window: Window = []
        assert not told(window, days(60, 0.3, seed))
        ((day, drift),) = told(window, days(60, 0.45, seed + 100, first=60))
        assert 60 < day <= 60 + 2 * LEAST
        assert abs(drift.before - 0.3) < 0.02
        assert drift.after > 0.33
        assert LEAST * A_DAY <= drift.payments <= 3 * LEAST * A_DAY


def test_change_by_less_than_a_tenth_is_not_told() -> None:
    window: Window = []
    values = (0.5 + 0.02 * (day >= 50) + day % 2 * 1e-4 for day in range(200) for _ in range(A_DAY))
    assert not told(window, ((value, n // A_DAY) for n, value in enumerate(values)))


def test_higher_rate_of_rare_events_is_told() -> None:
    """Two reports a day of a thousand payments, then six."""
    rng = random.Random(5)
    rates = ((day, 0.002 if day < 60 else 0.006) for day in range(120) for _ in range(1000))
    found = told([], ((float(rng.random() < rate), day) for day, rate in rates))
    assert len(found) == 1
    assert 60 < found[0][0] < 90


def test_small_days_are_taken_together_and_a_block_spans_its_days() -> None:
    window: Window = []
    for day in range(30):
        for _ in range(LEAST_VALUES // 4):
            observe(window, 0.5, day)
    blocks = len(window[1]) // 3 + 2 * (len(window[2]) // 3)
    assert blocks == 7
    window = []
    assert not told(window, days(57, 0.3), span=28)
    assert len(window[1]) // 3 == 2


def test_restored_window_goes_on_to_the_bit() -> None:
    window: Window = []
    told(window, days(33, 0.3))
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(window), type=list[list[float]])
    later = list(days(50, 0.5, first=33))
    assert told(again, iter(later)) == told(window, iter(later)) != []
    assert msgspec.msgpack.encode(again) == msgspec.msgpack.encode(window)


def test_window_stays_small() -> None:
    window: Window = []
    for day in range(3000):
        for _ in range(LEAST_VALUES + 1):
            observe(window, 0.3, day)
    assert len(window) <= MOST_LEVELS + 1
    assert sum(map(len, window)) < 200
