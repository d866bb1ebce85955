"""ADWIN: notices that the mean of a stream of numbers has changed (Bifet and Gavalda 2007).

As in River's `drift.ADWIN`, but over plain numbers, so that its state is stored with ours and restored to the bit:
River's is compiled and could only be pickled, which other versions of it do not read.
"""

import math
from typing import NamedTuple

Window = list[list[float]]
"""Level k holds buckets of 2^k values: sum, sum of squares, sum, sum of squares ... the oldest first."""

PER_LEVEL = 5
EVERY = 32
"""Values between two looks."""
DELTA = 1e-5
"""Chance of a false notice, for values that do not depend on one another; payments of a day do."""
LEAST = 1500
"""Values on each side of a cut: several days or runs, for one differs from the next by what it holds."""
MOST_LEVELS = 16


class Drift(NamedTuple):
    before: float
    after: float
    payments: int
    """Values since the change."""


def observe(window: Window, value: float) -> Drift | None:
    """Take in one value between 0 and 1; where the mean has changed, forget what was before and say so.

    Cost: 1 us; every 32 values a look at up to 5 buckets a level.

    >>> window = []
    >>> [observe(window, 0.0) for _ in range(3000)].count(None)
    3000
    >>> next(drift for drift in (observe(window, 1.0) for _ in range(4000)) if drift)
    Drift(before=0.0, after=0.046875, payments=1536)
    """
    if not window:
        window.append([0.0])
    window[0][0] += 1
    _push(window, 1, [value, value * value])
    return _look(window) if window[0][0] % EVERY == 0 else None


def _push(window: Window, level: int, bucket: list[float]) -> None:
    """Level 1 of the window holds single values: level 0 is the count of values ever seen."""
    while level > len(window) - 1:
        window.append([])
    held = window[level]
    held += bucket
    if len(held) > 2 * PER_LEVEL:
        one, two, three, four = held[:4]
        del held[:4]
        if level < MOST_LEVELS:
            _push(window, level + 1, [one + three, two + four])


def _look(window: Window) -> Drift | None:
    total = squares = count = 0.0
    for level in range(1, len(window)):
        held = window[level]
        total += sum(held[::2])
        squares += sum(held[1::2])
        count += (len(held) // 2) << (level - 1)
    if count < 2 * LEAST:
        return None
    variance = max(squares / count - (total / count) ** 2, 0.0)
    log = math.log(2 * math.log(count) / DELTA)
    found: tuple[float, int, int, Drift] | None = None
    old_total = old_count = 0.0
    for level in range(len(window) - 1, 0, -1):
        held = window[level]
        for at in range(0, len(held), 2):
            old_total += held[at]
            old_count += 1 << (level - 1)
            new_count = count - old_count
            if old_count < LEAST or new_count < LEAST:
                continue
            before, after = old_total / old_count, (total - old_total) / new_count
            harmonic = 1 / (1 / old_count + 1 / new_count)
            over = abs(before - after) - math.sqrt(2 / harmonic * variance * log) - 2 / (3 * harmonic) * log
            if over > 0 and (found is None or over > found[0]):
                found = (over, level, at, Drift(before, after, int(new_count)))
    if found is None:
        return None
    _, level, at, drift = found
    del window[level + 1 :]
    del window[level][: at + 2]
    return drift
