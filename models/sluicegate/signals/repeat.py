"""The same amount again, against how often this payee's payments repeat one another."""

import math
from struct import Struct

from sluicegate.signals.base import VENDOR, Explanation, Signal, X
from sluicegate.signals.words import money, number

WINDOW = 45.0
"""Days."""
BORROWED = 4
LAGS = 8
MOST = 20_000.0
MOST_OWN_COUNT = 60_000

_OWN = Struct("<HH")


class RepeatedAmount(Signal):
    """Surprise at an amount that the payee was paid within 45 days before, in nats; 0 where there is none.

    -ln r - ln(k / (k + 1)) - ln(share of repeats after so many days): r is the payee's own share of repeats, with 4
    pseudo-observations of the stream's; k how often the amount stands among the payee's latest payments (a rent is
    no surprise); days in powers of two. Real vendors repeat an amount in a fifth of their payments. Returned payments
    do not count. Range 0 to infinity. State: 4 bytes a payee; ten counts a stream. Cost: O(1), 2 us. Shrunk
    binomial rates.

    >>> s = RepeatedAmount()
    >>> x = {"same_amount": 0, "same_days": None, "currency": "USD", "value": "80.00"}
    >>> for _ in range(50): s.learn_one(x)
    >>> s.score_one(x), round(s.score_one(x | {"same_amount": 1, "same_days": 3.0}), 2)
    (0.0, 9.55)
    """

    NAME = "repeat"
    TITLE = "The same amount again"
    VERSION = "1"
    STREAMS = (VENDOR,)
    MOST_OWN = _OWN.size

    def _rate(self) -> tuple[float, int, int]:
        n, repeats = _OWN.unpack(self.own) if self.own else (0, 0)
        share = (self.common.get("repeats", 0.0) + 1) / (self.common.get("payments", 0.0) + 2)
        return (repeats + BORROWED * share) / (n + BORROWED), n, repeats

    def _lag(self, days: float) -> float:
        """Share of repeats that come after about so many days."""
        lags = self.common.get("lags")
        return (lags[_bucket(days)] + 0.5) / (sum(lags) + 5) if lags is not None else 0.1

    def score_one(self, x: X) -> float:
        days = x["same_days"]
        if days is None or days > WINDOW:
            return 0.0
        lag = self._lag(days)
        k = x["same_amount"]
        return -math.log(min(self._rate()[0] * k / (k + 1) * lag, 1.0))

    def learn_one(self, x: X) -> None:
        common, days = self.common, x["same_days"]
        n, repeats = _OWN.unpack(self.own) if self.own else (0, 0)
        if n >= MOST_OWN_COUNT:
            n, repeats = n // 2, repeats // 2
        again = days is not None and days <= WINDOW
        self.own = _OWN.pack(n + 1, repeats + again)
        if not common:
            common.update(payments=0.0, repeats=0.0, lags=[0.0] * LAGS)
        elif common["payments"] >= MOST:
            common.update(
                payments=common["payments"] / 2, repeats=common["repeats"] / 2, lags=[c / 2 for c in common["lags"]]
            )
        common["payments"] += 1
        if again:
            common["repeats"] += 1
            common["lags"][_bucket(days)] += 1

    def explain(self, x: X) -> Explanation:
        _, n, repeats = self._rate()
        days = x["same_days"] or 0.0
        lag = self._lag(min(days, WINDOW))
        when = "less than a day" if days < 1 else number(round(days), "day")
        return (
            f"the same {money(x['value'], x['currency'])} was paid {when} before; {repeats:,} of "
            f"{number(n, 'payment')} to this payee repeated an amount within {WINDOW:.0f} days, and {lag:.1%} of all "
            f"repeats come after about as long",
            {"days_since_same_amount": round(days, 2)},
            {"repeats": repeats, "payments": n},
        )


def _bucket(days: float) -> int:
    return 0 if days < 1 else 1 + int(math.log2(days))
