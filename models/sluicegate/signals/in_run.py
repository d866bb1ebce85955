"""A second payment in one pay run."""

from sluicegate.signals.base import PAYROLL, Explanation, Signal, X


class RepeatInRun(Signal):
    """How many payments the payee had before in the same run.

    Range 0 to 24. State: none, the payee's payments are known elsewhere. Cost: O(1), under 1 us. Audit test for
    duplicate pay.

    >>> RepeatInRun().score_one({"in_run": 1})
    1.0
    """

    NAME = "repeat-in-run"
    TITLE = "A second payment in one run"
    VERSION = "1"
    LEARNS = False
    STREAMS = (PAYROLL,)

    def score_one(self, x: X) -> float:
        return float(x["in_run"])

    def learn_one(self, x: X) -> None:
        """Nothing: the payee's payments are known elsewhere."""

    def explain(self, x: X) -> Explanation:
        n = x["in_run"]
        return f"payment {n + 1} to this payee in the run", {"earlier_in_run": n}, {"earlier_in_run": 0}
