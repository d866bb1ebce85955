"""Amount against the payee's own history, which borrows from its peers while it is short."""

import math
from typing import Any

from sluicegate.signals.base import Signal

Moments = tuple[int, float, float]
"""Count, mean and sum of squared deviations (Welford) of log amounts."""

EMPTY: Moments = (0, 0.0, 0.0)
BORROWED = 4
"""Pseudo-observations lent by the peers: a payee of few payments is judged mostly by what is usual for all."""
CLIP = 6.0
"""Usual deviations beyond which an amount moves the history no further: one outlier must not become the norm."""
LEAST_DEVIATION = 0.05
"""About 5 %: smaller differences are never unusual, however constant the history."""


class AmountHistory(Signal):
    """Distance of log(amount) from the payee's usual one, in usual deviations; less than usual counts half.

    z = |ln a - m| / s; m and s^2 are mean and variance of the payee's history, shrunk by 4 pseudo-observations to
    those of the peers (payments of the same stream and currency). Range 0 to infinity, no unit; 0 at first.
    State: three numbers a payee. Cost: O(1). Empirical-Bayes shrinkage; moments by Welford (1962).

    >>> s = AmountHistory()
    >>> for amount in (3000.0, 3100.0, 2900.0): s.learn_one({"amount": amount})
    >>> round(s.score_one({"amount": 3000.0}), 3), round(s.score_one({"amount": 30000.0}), 1)
    (0.007, 46.1)
    """

    VERSION = "1"

    def __init__(self, own: Moments = EMPTY, peers: Moments = EMPTY) -> None:
        self.own = own
        self.peers = peers

    def usual(self) -> tuple[float, float] | None:
        """Mean and deviation of the log amount to expect; None before any payment."""
        (n, mean, m2), (peers_n, peers_mean, peers_m2) = self.own, self.peers
        if not n and not peers_n:
            return None
        lent = BORROWED if peers_n else 0
        weight = n + lent
        center = (n * mean + lent * peers_mean) / weight
        spread = peers_m2 / peers_n if peers_n else 0.0
        drift = n * lent / weight * (mean - peers_mean) ** 2 if n and lent and n < BORROWED else 0.0
        variance = (m2 + lent * min(spread, _cap(n, m2)) + drift) / weight
        return center if n < BORROWED else mean, max(math.sqrt(max(variance, 0.0)), LEAST_DEVIATION)

    def score_one(self, x: dict[str, Any]) -> float:
        usual = self.usual()
        if usual is None or x["amount"] <= 0:
            return 0.0
        z = (math.log(x["amount"]) - usual[0]) / usual[1]
        return z if z >= 0 else -z / 2

    def learn_one(self, x: dict[str, Any]) -> None:
        if x["amount"] <= 0:
            return
        value = math.log(x["amount"])
        usual = self.usual()
        if usual is not None:
            reach = CLIP * usual[1]
            value = min(max(value, usual[0] - reach), usual[0] + reach)
        self.own = _welford(self.own, value)
        self.peers = _welford(self.peers, value)

    def explain(self, x: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        usual = self.usual()
        center = math.exp(usual[0]) if usual is not None else 0.0
        ratio = x["amount"] / center if center else 0.0
        n = self.own[0]
        over = f"over {n} payments" if n else "for new payees"
        return (
            f"{ratio:,.2f} times the usual {center:,.2f} {x.get('currency', '')} {over}",
            {
                "amount": x.get("value", x["amount"]),
                "ratio": round(ratio, 4),
                "deviations": round(self.score_one(x), 3),
            },
            {"amount": round(center, 2), "payments": n},
        )


def _cap(n: int, m2: float) -> float:
    """With a history of its own, a steady payee does not take over the spread between all payees."""
    return math.inf if n < BORROWED else max(m2 / n, LEAST_DEVIATION**2) * 4


def _welford(moments: Moments, value: float) -> Moments:
    n, mean, m2 = moments
    n += 1
    delta = value - mean
    mean += delta / n
    return n, mean, m2 + delta * (value - mean)
