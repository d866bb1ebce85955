"""Many payments to one payee within a day."""

from sluicegate.signals.base import VENDOR, Explanation, Signal, X


class Burst(Signal):
    """How many payments the payee had before in the 24 hours before.

    Range 0 to 24 (the payments kept at hand). State: none. Cost: O(1), under 1 us. A count; what is usual is learned
    by its calibration.

    >>> Burst().score_one({"day": 3})
    3.0
    """

    NAME = "burst"
    TITLE = "Many payments to one payee in a day"
    VERSION = "1"
    LEARNS = False
    STREAMS = (VENDOR,)

    def score_one(self, x: X) -> float:
        return float(x["day"])

    def learn_one(self, x: X) -> None:
        """Nothing: the payee's payments are known elsewhere."""

    def explain(self, x: X) -> Explanation:
        n = x["day"]
        return f"payment {n + 1} to this payee within 24 hours", {"earlier_in_24_hours": n}, {}
