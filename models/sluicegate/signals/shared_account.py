"""An account that other payees are paid to as well, while that is new."""

import math

from sluicegate.signals.base import Explanation, Signal, X
from sluicegate.signals.words import number

FADES = 6.0
"""Payments to the account after which sharing it surprises a third as much."""


class SharedAccount(Signal):
    """Other payees linked to the account, fading with the payee's own payments to it: k exp(-n / 6).

    Households, custodial wallets and trusted accounts do not count. Range 0 to 255. State: none, links are known
    elsewhere. Cost: O(1), 1 us. Audit test for mule accounts and ghost payees.

    >>> s = SharedAccount()
    >>> s.score_one({"account_others": 2, "account_paid": 0}), round(
    ...     s.score_one({"account_others": 2, "account_paid": 6}), 3)
    (2.0, 0.736)
    """

    NAME = "shared-account"
    TITLE = "A payment to an account that others share"
    VERSION = "1"
    LEARNS = False

    def score_one(self, x: X) -> float:
        others: int = x["account_others"]
        return others * math.exp(-x["account_paid"] / FADES) if others else 0.0

    def learn_one(self, x: X) -> None:
        """Nothing: links to accounts are known elsewhere."""

    def explain(self, x: X) -> Explanation:
        others, paid = x["account_others"], x["account_paid"]
        before = (
            f"{number(paid, 'earlier payment')} to this payee went there" if paid else "none to this payee went there"
        )
        return (
            f"the account is used by {number(others, 'other payee')} too, and {before}",
            {"other_payees": others, "earlier_payments_to_account": paid},
            {"other_payees": 0},
        )
