"""Holds the share of findings: a threshold that follows the stream, caps, and an allowance for a pay run."""

import math

STEP = 0.05
"""How far the threshold moves after each payment, in units of the score (nats)."""
RUN_SLACK = 2.0
"""A run may use twice its share, for anomalies come in clusters; findings of medium severity are always made."""
MAX_PERIODS = 32


def first_threshold(share: float) -> float:
    """The threshold of a score -ln p whose p is honest.

    >>> round(first_threshold(0.002), 3), first_threshold(0.0)
    (6.215, 690.0)
    """
    return -math.log(share) if share > 0 else 690.0


def moved(threshold: float, score: float, share: float) -> float:
    """The threshold after a payment: up by the step where the score is over it, else down by a `share` of that.

    In balance, `share` of the scores are over it, whatever their distribution (stochastic gradient of the quantile
    loss, as in adaptive conformal inference, Gibbs and Candes 2021).

    >>> round(moved(6.0, 7.0, 0.002), 4), round(moved(6.0, 1.0, 0.002), 4)
    (6.0499, 5.9999)
    """
    return max(0.0, threshold + STEP * ((score > threshold) - share))


def count(periods: dict[str, int], period: str) -> None:
    """Count one in a day or run; the oldest beyond 32 is forgotten."""
    periods[period] = periods.get(period, 0) + 1
    while len(periods) > MAX_PERIODS:
        del periods[next(iter(periods))]


def run_allowance(sizes: dict[str, int], share: float) -> float:
    """Findings that a pay run may have: twice the share of the largest run remembered, at least one.

    >>> run_allowance({"r1": 1500, "r1-off": 2}, 0.002), run_allowance({}, 0.002)
    (6.0, 1.0)
    """
    return max(1.0, RUN_SLACK * share * max(sizes.values(), default=0))
