"""Scores to p-values, online: how many of the stream's recent scores were at least as high (conformal p-value)."""

import math

WIDTH = 0.25
BINS = 160
"""Scores from 0 to 40 in steps of a quarter; higher ones stand in the last."""
MEMORY = 8192
"""Counts are halved beyond it, so that the stream's newer payments weigh more."""
TAIL_SHARE = 0.02
LEAST_RATE = 0.02


def p_value(bins: list[int], score: float) -> float:
    """Share of past scores at or above `score`, between 0 and 1; beyond what was seen an exponential tail goes on.

    Conformal p-value (Vovk, Gammerman, Shafer 2005) on a histogram.

    >>> p_value([90, 9, 1], 0.3), round(p_value([90, 9, 1], 5.0), 9)
    (0.10891089108910891, 0.0)
    """
    total = sum(bins)
    if not total:
        return 1.0
    at = min(int(score / WIDTH), BINS - 1)
    above = sum(bins[at:])
    if above > TAIL_SHARE * total or (not above and total < 1 / TAIL_SHARE):
        return (above + 1) / (total + 1)
    start, tail = _tail(bins, total)
    rate = 1 / max(
        sum((i - start + 0.5) * WIDTH * n for i, n in enumerate(bins) if i >= start) / max(tail, 1), LEAST_RATE
    )
    return max((tail + 1) / (total + 1) * math.exp(-rate * max(score - start * WIDTH, 0.0)), 1e-300)


def _tail(bins: list[int], total: int) -> tuple[int, int]:
    """First bin of the tail, and how many scores stand in it."""
    tail = 0
    for at in range(len(bins) - 1, -1, -1):
        tail += bins[at]
        if tail > TAIL_SHARE * total:
            return at, tail
    return 0, tail


def learn(bins: list[int], score: float) -> None:
    """Count a score."""
    at = min(int(score / WIDTH), BINS - 1)
    bins.extend([0] * (at + 1 - len(bins)))
    bins[at] += 1
    if sum(bins) > MEMORY:
        bins[:] = [n // 2 for n in bins]
