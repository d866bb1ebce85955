"""Scores to p-values, online: how many of the stream's recent scores were at least as high (conformal p-value)."""

import math

Bins = list[float]
"""Counts of past scores: their number, those that were 0, then by steps of log(1 + score)."""

STEPS = 24
"""To a factor of e: scores are told apart to 4 %."""
MOST_BINS = 600
MEMORY = 16_384
"""Counts are halved beyond it, so that the stream's newer payments weigh more."""
TAIL_SHARE = 0.02
LEAST_TAIL = 5
LEAST_COUNT = 20
"""Scores to have seen before anything is unusual."""
LEAST_EXCESS = 1e-3
SHAPE = 0.2
"""Heavier than an exponential tail: a p-value that small must not rest on the shape alone."""
SMALLEST = 1e-300


def p_value(bins: Bins, score: float) -> float:
    """Share of past scores at or above `score`, between 0 and 1; among the highest 2 % by a fitted tail.

    Conformal p-value (Vovk, Gammerman, Shafer 2005) on a histogram. The tail is a generalised Pareto of shape 0.2 over
    the threshold that 2 % exceed, scaled by their mean excess (peaks over threshold, Pickands 1975): it goes on beyond
    all that was seen, yet slower than exponentially. A score of 0 has p = 1. Cost: 1 us, 5 us in the tail.

    >>> bins = []
    >>> for score in (0.0, 1.0, 2.0, 3.0, 4.0) * 20: learn(bins, score)
    >>> p_value(bins, 0.0), round(p_value(bins, 3.0), 3), p_value(bins, 9.0) < 0.001
    (1.0, 0.406, True)
    """
    if score <= 0 or not bins or bins[0] < LEAST_COUNT:
        return 1.0
    total = bins[0]
    above = sum(bins[min(2 + int(STEPS * math.log1p(score)), MOST_BINS) :])
    most = max(TAIL_SHARE * total, LEAST_TAIL)
    if above < most:
        start, excess = _tail(bins, most)
        if score > start:
            beyond: float = (1 + SHAPE * (score - start) / (excess * (1 - SHAPE))) ** (-1 / SHAPE)
            return max(most / (total + 1) * beyond, SMALLEST)
    return (above + 1) / (total + 1)


def _tail(bins: Bins, most: float) -> tuple[float, float]:
    """Where the highest `most` scores begin, and how far they lie above it on average."""
    found = weighed = 0.0
    for at in range(len(bins) - 1, 0, -1):
        count = bins[at]
        if count:
            if found + count >= most:
                start = math.expm1((at - 2) / STEPS) if at > 1 else 0.0
                middle = math.expm1((at - 1.5) / STEPS) if at > 1 else 0.0
                mean = (weighed + (most - found) * middle) / most
                return start, max(mean - start, LEAST_EXCESS)
            found += count
            weighed += count * math.expm1((at - 1.5) / STEPS)
    return 0.0, LEAST_EXCESS


def nearer(bins: Bins, score: float, far: float, pull: float = math.inf) -> float:
    """The score to count for a suspect payment: at most `far` mean excesses into the tail.

    It must neither hide the next one nor go unnoticed: were such payments left out, a stream that changes for good
    would be reported for ever. `pull` bounds what it adds to the mean excess, as a share of that.

    >>> bins = []
    >>> for score in (0.0, 1.0, 2.0, 3.0, 4.0) * 20: learn(bins, score)
    >>> round(nearer(bins, 99.0, 8.0), 3), round(nearer(bins, 99.0, 8.0, 0.1), 3)
    (4.692, 3.922)
    """
    if not bins or bins[0] < LEAST_COUNT:
        return score
    most = max(TAIL_SHARE * bins[0], LEAST_TAIL)
    start, excess = _tail(bins, most)
    return min(score, start + min(far, pull * most) * excess)


def learn(bins: Bins, score: float) -> None:
    """Count a score."""
    at = min(2 + int(STEPS * math.log1p(score)), MOST_BINS) if score > 0 else 1
    if at >= len(bins):
        bins.extend([0.0] * (at + 1 - len(bins)))
    bins[at] += 1
    bins[0] += 1
    if bins[0] > MEMORY:
        bins[:] = [count / 2 for count in bins]
