"""Just below a limit, above all of a payee hardly known, or again and again."""

import math
from bisect import bisect_right

from sluicegate.signals.base import VENDOR, Explanation, Signal, X
from sluicegate.signals.words import number

NEAR = 0.10
"""Share of the limit below which an amount is near it."""
ROUND = (1000.0, 2500.0, 5000.0, 10_000.0, 25_000.0, 50_000.0, 100_000.0)
"""Where approval limits usually lie: stands in for limits that the policy does not give."""


class BelowLimit(Signal):
    """An amount just below an approval limit: ln(1 + a) / (n + 1) + k / (1 + sqrt n), 0 elsewhere.

    n is how many payments the payee had before, k how many of the last seven days' were just below a limit as well:
    a new payee paid 4,950, or one purchase in four parts of 4,950. Just below is within 10 % of it. Limits are the
    policy's, else round amounts. Range 0 to infinity, no unit. State: none. Cost: O(1), 1 us. Own measure, after the
    audit tests of payments below limits and of structured purchases.

    >>> x = {"limit_amount": 4950.0, "limits": (5000.0,), "payments": 0, "near_limit_week": 0, "currency": "USD"}
    >>> s = BelowLimit()
    >>> round(s.score_one(x), 3), s.score_one(x | {"limit_amount": 4400.0}), round(s.score_one(x | {"payments": 99}), 3)
    (8.507, 0.0, 0.085)
    """

    NAME = "below-limit"
    TITLE = "A payment just below a limit"
    VERSION = "1"
    LEARNS = False
    STREAMS = (VENDOR,)

    def score_one(self, x: X) -> float:
        if below(x["limit_amount"], x["limits"]) is None:
            return 0.0
        n: int = x["payments"]
        near: int = x["near_limit_week"]
        return math.log1p(x["limit_amount"]) / (n + 1) + near / (1 + math.sqrt(n))

    def learn_one(self, x: X) -> None:
        """Nothing: the payee's payments are known elsewhere."""

    def explain(self, x: X) -> Explanation:
        limit = below(x["limit_amount"], x["limits"]) or 0.0
        n, near = x["payments"], x["near_limit_week"]
        known = f"a payee of {number(n, 'earlier payment')}" if n else "a payee never paid before"
        more = f", after {number(near, 'more', 'more')} such within a week" if near else ""
        what = "the round sum of" if x["limits"] == ROUND else "the limit of"
        under = f"{1 - x['limit_amount'] / limit:.1%}" if limit else "just"
        return (
            f"{under} below {what} {limit:,.0f} {x['limit_currency']}, to {known}{more}",
            {"below_limit": limit, "near_limit_week": near, "earlier_payments": n},
            {},
        )


def below(amount: float, limits: tuple[float, ...]) -> float | None:
    """The limit that the amount is just below.

    >>> below(4600.0, (1000.0, 5000.0)), below(5000.0, (1000.0, 5000.0)), below(4400.0, (1000.0, 5000.0))
    (5000.0, None, None)
    """
    at = bisect_right(limits, amount)
    return limits[at] if at < len(limits) and amount > limits[at] * (1 - NEAR) else None
