"""Paid to an account that the payee never was paid to."""

from sluicegate.signals.base import Explanation, Signal, X
from sluicegate.signals.words import number


class AccountChange(Signal):
    """1 for a payee's first payment to another account than those of before, 0 else.

    A change that was verified independently counts as none. Range 0 or 1. State: none, accounts are known elsewhere.
    Cost: O(1), under 1 us. Audit test for redirected payments; how rare a change is, calibration learns.

    >>> AccountChange().score_one({"account_new": True})
    1.0
    """

    NAME = "account-change"
    TITLE = "A payment to an account never used before"
    VERSION = "1"
    LEARNS = False
    WEIGHT = 0.1

    def score_one(self, x: X) -> float:
        return 1.0 if x["account_new"] else 0.0

    def learn_one(self, x: X) -> None:
        """Nothing: the payee's accounts are known elsewhere."""

    def explain(self, x: X) -> Explanation:
        others = f", after {number(x['payments'], 'payment')} to others" if x["payments"] else ""
        return f"the first payment to this account{others}", {"account_new": True}, {}
