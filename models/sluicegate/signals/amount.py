"""Amount against the payee's own history, which borrows from its peers while it is short."""

import math
from struct import Struct

from sluicegate.signals.base import PAYROLL, Explanation, Signal, X
from sluicegate.signals.moments import add, clipped
from sluicegate.signals.words import money, number, times

BORROWED = 4
"""Pseudo-observations lent by the peers: a payee of few payments is judged mostly by what is usual for all."""
CLIP = {PAYROLL: 3.0}
CLIP_ELSE = 7.0
"""Usual deviations beyond which an amount moves the history no further: one outlier must not become the norm."""
CLIP_PEERS = 5.0
LEAST_DEVIATION = 0.05
"""About 5 %: smaller differences are never unusual, however constant the history."""
PEERS_NEEDED = 30
"""Payments from which on a peer group speaks for itself; before, all payments of the currency do."""
MOST_GROUPS = 512
MOST_OWN_COUNT, MOST_COUNT = 1000, 20_000
RUNS = 6
"""Runs whose common shift is remembered: several pay groups may be paid in turn."""
STEADY = 20
"""Pseudo-observations of no shift: a run moves together only once many payees have."""
SHIFT_CLIP = 0.6
SHIFT_HISTORY = 2

_OWN = Struct("<Hdd")


class AmountHistory(Signal):
    """Distance of log(amount) above the payee's usual one, in usual deviations.

    z = max(0, (ln a - shift - m) / s); m and s^2 are mean and variance of the payee's history with 4
    pseudo-observations of the peers' mixed in (peer group or cost centre, else all payments of stream and currency):
    s^2 = (M2 + 4 v + n 4 / (n + 4) (own mean - peers' mean)^2) / (n + 4). For payroll `a` is the pay without overtime,
    and `shift` what the run's payees have had in common so far (a bonus month, a raise). Amounts are winsorised before
    they are learned. Range 0 to infinity, no unit; 0 at first. State: 18 bytes a payee; three numbers a peer group,
    two a run. Cost: O(1), 3 us. Empirical-Bayes shrinkage as in the normal-inverse-gamma posterior (Murphy 2007);
    moments by Welford (1962).

    >>> s = AmountHistory()
    >>> def pay(amount): return {"amount": amount, "regular": amount, "group": 1, "currency_group": 0, "run": None,
    ...     "stream": "vendor", "currency": "USD", "value": str(amount)}
    >>> for amount in (3000.0, 3100.0, 2900.0): s.learn_one(pay(amount))
    >>> round(s.score_one(pay(3000.0)), 3), round(s.score_one(pay(30000.0)), 1)
    (0.007, 46.1)
    """

    NAME = "amount-history"
    TITLE = "An amount above the usual one for this payee"
    VERSION = "2"
    MOST_OWN = _OWN.size

    _judged: tuple[X, tuple[int, float, float], tuple[float, float, int] | None, float] | None = None
    """A payment scored, with the history, what was expected and the run's shift: for it to be learned with as it is."""

    def history(self) -> tuple[int, float, float]:
        """Count, mean and sum of squared deviations of the payee's log amounts."""
        return _OWN.unpack(self.own) if self.own else (0, 0.0, 0.0)

    def _peers(self, x: X) -> list[float] | None:
        groups = self.common
        peers = groups.get(x["group"])
        if peers is None or peers[0] < PEERS_NEEDED:
            peers = groups.get(x["currency_group"])
        return peers

    def _usual(self, x: X, history: tuple[int, float, float]) -> tuple[float, float, int] | None:
        """Mean and deviation of the log amount to expect, and the number of own payments; None before any."""
        peers = self._peers(x)
        if peers is None:
            return None
        n, mean, m2 = history
        peers_n, peers_mean, peers_m2 = peers
        weight = n + BORROWED
        spread = BORROWED * peers_m2 / peers_n + n * BORROWED / weight * (mean - peers_mean) ** 2
        center = (n * mean + BORROWED * peers_mean) / weight
        return center, max(math.sqrt((m2 + spread) / weight), LEAST_DEVIATION), n

    def _shift(self, x: X) -> float:
        run = self.common.get(x["run"])
        return run[0] * run[1] / (run[0] + STEADY) if run is not None else 0.0

    def score_one(self, x: X) -> float:
        history = self.history()
        usual, shift = self._usual(x, history), self._shift(x)
        self._judged = x, history, usual, shift
        if usual is None or x["regular"] <= 0:
            return 0.0
        return max(0.0, (math.log(x["regular"]) - shift - usual[0]) / usual[1])

    def learn_one(self, x: X) -> None:
        if x["regular"] <= 0:
            return
        value = seen = math.log(x["regular"])
        judged, self._judged = self._judged, None
        if judged is not None and judged[0] is x:
            _, history, usual, shift = judged
        else:
            history = self.history()
            usual, shift = self._usual(x, history), self._shift(x)
        n, mean, m2 = history
        if usual is not None:
            value = clipped(seen - shift, usual[0], CLIP.get(x["stream"], CLIP_ELSE) * usual[1])
        if x["run"] is not None and n >= SHIFT_HISTORY:
            self._learn_shift(x["run"], clipped(seen - mean, 0.0, SHIFT_CLIP))
        self.own = _OWN.pack(*add(n, mean, m2, value, MOST_OWN_COUNT))
        common, group, all_of_currency = self.common, x["group"], x["currency_group"]
        for key in (group, all_of_currency) if group != all_of_currency else (group,):
            count, center, spread = common.get(key, (0, 0.0, 0.0))
            if not count and len(common) >= MOST_GROUPS and key != all_of_currency:
                continue
            reach = CLIP_PEERS * math.sqrt(spread / count) + LEAST_DEVIATION if count >= PEERS_NEEDED else math.inf
            common[key] = [*add(count, center, spread, clipped(seen, center, reach), MOST_COUNT)]

    def _learn_shift(self, run: str, shift: float) -> None:
        held = self.common.get(run)
        if held is None:
            runs = [key for key in self.common if isinstance(key, str)]
            for old in runs[: max(len(runs) + 1 - RUNS, 0)]:
                del self.common[old]
            held = self.common[run] = [0, 0.0]
        held[0] += 1
        held[1] += (shift - held[1]) / held[0]

    def _of_peers(self, x: X) -> str:
        peers = self._peers(x)
        over = f"over {_payments(int(peers[0]), MOST_COUNT)} " if peers is not None else ""
        return f"{over}to payees like this one, which was never paid before"

    def explain(self, x: X) -> Explanation:
        usual = self._usual(x, self.history())
        shift = self._shift(x)
        center, n = (math.exp(usual[0] + shift), usual[2]) if usual is not None else (0.0, 0)
        ratio = x["regular"] / center if center else 0.0
        over = f"over {_payments(n, MOST_OWN_COUNT)}" if n else self._of_peers(x)
        what = " without overtime" if x["regular"] != x["amount"] else ""
        common = f", {math.expm1(shift):+.0%} in this run for all" if abs(shift) >= 0.02 else ""
        return (
            f"{times(ratio)} the usual {money(center, x['currency'])}{what} {over}{common}",
            {"amount": x["value"], "ratio": round(ratio, 4), "deviations": round(self.score_one(x), 3)},
            {"amount": round(center, 2), "payments": n},
        )


def _payments(n: int, most: int) -> str:
    """
    >>> _payments(14, 1000), _payments(1000, 1000)
    ('14 payments', 'more than 1,000 payments')
    """
    return f"{'more than ' * (n >= most)}{number(n, 'payment')}"
