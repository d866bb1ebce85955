"""Paid outside the usual course: an off-cycle run, or a day on which the tenant hardly ever pays."""

import math

from sluicegate.signals.base import PAYROLL, Explanation, Signal, X

MOST = 20_000.0
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


class OffCycle(Signal):
    """Payroll: 1 for a run that is not regular. Vendors: -ln of the share of payments on this day of the week.

    Range 0 to infinity (nats), or 0 and 1. State: seven counts a stream. Cost: O(1), 1 us. Audit tests for manual and
    weekend payments; how rare they are, calibration learns.

    >>> s = OffCycle()
    >>> x = {"stream": "vendor", "weekday": 1, "off_cycle": False}
    >>> for _ in range(100): s.learn_one(x)
    >>> round(s.score_one(x), 3), round(s.score_one(x | {"weekday": 6}), 3)
    (0.029, 5.333)
    """

    NAME = "off-cycle"
    TITLE = "A payment outside the usual course"
    VERSION = "1"

    def _share(self, weekday: int) -> float:
        counts = self.common.get("days")
        return (counts[weekday] + 0.5) / (sum(counts) + 3.5) if counts is not None else 1.0

    def score_one(self, x: X) -> float:
        if x["stream"] == PAYROLL:
            return 1.0 if x["off_cycle"] else 0.0
        return -math.log(self._share(x["weekday"]))

    def learn_one(self, x: X) -> None:
        counts = self.common.setdefault("days", [0.0] * len(DAYS))
        counts[x["weekday"]] += 1
        if sum(counts) > MOST:
            counts[:] = [count / 2 for count in counts]

    def explain(self, x: X) -> Explanation:
        if x["stream"] == PAYROLL:
            return "paid outside the regular run", {"run_type": x["run_type"]}, {"run_type": "regular"}
        share = self._share(x["weekday"])
        day = DAYS[x["weekday"]]
        return (
            f"paid on a {day[:-1]}, a day on which {share:.1%} of the stream's payments are made",
            {"weekday": day[:-1]},
            {"share_of_weekday": round(share, 5)},
        )
