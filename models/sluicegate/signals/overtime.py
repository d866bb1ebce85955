"""Overtime out of proportion to the regular pay."""

import math

from sluicegate.signals.base import PAYROLL, Explanation, Signal, X
from sluicegate.signals.moments import add

MOST = 20_000
CLIP, SLACK = 4.0, 0.05
LEAST_VARIANCE = 1e-4


class Overtime(Signal):
    """Distance of overtime / other pay above the stream's mean, in the stream's deviations.

    Learned winsorised (4 deviations and 0.05). Range 0 to infinity, no unit; 0 where the payment names no overtime.
    State: three numbers a stream. Cost: O(1), 1 us. Moments by Welford (1962).

    >>> s = Overtime()
    >>> for share in (0.0, 0.1, 0.2): s.learn_one({"overtime": share})
    >>> s.score_one({"overtime": 0.05}), round(s.score_one({"overtime": 0.75}), 2)
    (0.0, 7.99)
    """

    NAME = "overtime"
    TITLE = "Overtime out of proportion"
    VERSION = "1"
    STREAMS = (PAYROLL,)

    def _held(self) -> tuple[int, float, float]:
        n, mean, m2 = self.common.get("share", (0, 0.0, 0.0))
        return n, mean, m2

    def _usual(self) -> tuple[float, float]:
        n, mean, m2 = self._held()
        return mean, math.sqrt(max(m2 / n, LEAST_VARIANCE)) if n else 1.0

    def score_one(self, x: X) -> float:
        if not x["overtime"]:
            return 0.0
        mean, deviation = self._usual()
        above: float = (x["overtime"] - mean) / deviation
        return max(0.0, above)

    def learn_one(self, x: X) -> None:
        n, center, m2 = self._held()
        mean, deviation = self._usual()
        value = min(x["overtime"], mean + CLIP * deviation + SLACK) if n else x["overtime"]
        self.common["share"] = [*add(n, center, m2, value, MOST)]

    def explain(self, x: X) -> Explanation:
        mean, _ = self._usual()
        return (
            f"overtime is {x['overtime']:.0%} of the other pay, where {mean:.0%} is the average of all",
            {"overtime_share": round(x["overtime"], 4)},
            {"overtime_share": round(mean, 4)},
        )
