"""ADWIN: notices that the mean of a stream of numbers has changed (Bifet and Gavalda 2007).

As in River's `drift.ADWIN`, but over plain numbers, so that its state is stored with ours and restored to the bit:
River's is compiled and could only be pickled, which other versions of it do not read. And over the means of days:
payments of one hour or run resemble one another, so that each by itself is no witness of its own.
"""

import math
from typing import NamedTuple

Window = list[list[float]]
"""Level 0: first day, number and sum of the values not yet in a block. Level k holds buckets of 2^(k-1) blocks: sum of
their means, sum of squares, values, sum of their means ... the oldest first."""

PER_LEVEL = 5
DELTA = 2e-4
"""Chance of a false notice, for blocks that do not depend on one another."""
LEAST_VALUES = 100
"""Of a block: smaller days are taken together."""
LEAST = 5
"""Blocks on each side of a cut: a working week, for its days differ."""
MATERIAL = 0.1
"""Share by which the mean must have changed to be worth a notice."""
MOST_LEVELS = 12
_WIDTH = 3


class Drift(NamedTuple):
    before: float
    after: float
    payments: int
    """Values since the change."""


def observe(window: Window, value: float, day: int, span: int = 1) -> Drift | None:
    """Take in one value of a day; where the mean has changed, forget what was before and say so.

    A block ends after `span` days and 100 values. Where two parts of the window, of n and m blocks, have means that
    differ by more than sqrt(2 ln(2 ln(n + m) / delta) (1 / n + 1 / m) v), with v their variance within the parts, and
    by a tenth, the older part is dropped. Cost: under 1 us; a look at up to 5 buckets a level when a block ends.

    >>> window = []
    >>> [observe(window, 0.2 + day % 3 / 100, day) for day in range(30) for _ in range(100)].count(None)
    3000
    >>> found = [observe(window, 0.4 + day % 3 / 100, day) for day in range(30, 60) for _ in range(100)]
    >>> drift = next(drift for drift in found if drift)
    >>> round(drift.before, 3), round(drift.after, 3), drift.payments
    (0.21, 0.332, 500)
    """
    if not window:
        window.append([float(day), 0.0, 0.0])
    block = window[0]
    first, count, total = block
    drift = None
    if count >= LEAST_VALUES and day - first >= span:
        mean = total / count
        _push(window, 1, [mean, mean * mean, count])
        block[:] = [float(day), 0.0, 0.0]
        drift = _look(window)
    block[1] += 1
    block[2] += value
    return drift


def _push(window: Window, level: int, bucket: list[float]) -> None:
    while level > len(window) - 1:
        window.append([])
    held = window[level]
    held += bucket
    if len(held) > _WIDTH * PER_LEVEL:
        one, two = held[:_WIDTH], held[_WIDTH : 2 * _WIDTH]
        del held[: 2 * _WIDTH]
        if level < MOST_LEVELS:
            _push(window, level + 1, [a + b for a, b in zip(one, two, strict=True)])


def _look(window: Window) -> Drift | None:
    total = squares = values = 0.0
    count = 0
    for level, held in enumerate(window[1:]):
        total += sum(held[::_WIDTH])
        squares += sum(held[1::_WIDTH])
        values += sum(held[2::_WIDTH])
        count += len(held) // _WIDTH << level
    if count < 2 * LEAST:
        return None
    reach = 2 * math.log(2 * math.log(count) / DELTA)
    found: tuple[float, int, int, Drift] | None = None
    old, old_total, old_values = 0, 0.0, 0.0
    for level in range(len(window) - 1, 0, -1):
        held = window[level]
        for at in range(0, len(held), _WIDTH):
            old, old_total, old_values = old + (1 << level - 1), old_total + held[at], old_values + held[at + 2]
            new = count - old
            if old < LEAST or new < LEAST:
                continue
            before, after = old_total / old, (total - old_total) / new
            within = max(squares - old * before * before - new * after * after, 0.0) / (count - 2)
            over = abs(before - after) - math.sqrt(reach * within * (1 / old + 1 / new))
            material = abs(before - after) > MATERIAL * max(abs(before), abs(after))
            if over > 0 and material and (found is None or over > found[0]):
                found = (over, level, at, Drift(before, after, int(values - old_values)))
    if found is None:
        return None
    _, level, at, drift = found
    del window[level + 1 :]
    del window[level][: at + _WIDTH]
    return drift
