"""What verdicts teach: a model on the signals, which ranks anew once it has shown on own verdicts that it helps.

Verdicts come days after the payment, and only for payments that were reported. So the model never replaces the score:
it takes something from it, within bounds, and stays in shadow until its ranking of this tenant's own verdicts is better
than the plain score's by more than chance.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from river.base import Classifier
from river.utils.vectordict import VectorDict

VERSION = "1"
"""Changes when equal state and signals may score differently, or state is laid out differently."""
SCORE = "score"
"""The entry that holds the combined score, in nats: what the verdicts' evidence is added to. It is no feature: what is
judged has a high one already, and a model that weighed it would know nothing of those below."""
RATE, FADING = 1.0, 0.5
"""Learning rate of the first verdict; of the n-th, RATE / n ** FADING: quick at first, steady in the end."""
LIMIT = 20.0
"""Usual deviations beyond which a signal counts no more."""
LARGEST = 1e6
REACH = 2.0
"""Most that verdicts take from a score, in nats: a factor of about 7 in how often that is met. They never add to one:
they are on reported payments only, and can say which of these were not worth it, not which others would have been."""
MAX_FEATURES = 64
KEPT = 128
"""Verdicts of each kind that the gate looks at: the latest."""
LEAST = 15
"""Verdicts of each kind before the gate can open."""
EVERY = 5
"""The gate decides at each fifth verdict."""
SURE = 2.5
"""Standard errors that the lead must exceed for the gate to open; fewer would open by chance, as it is asked often."""

Scale = tuple[int, float, float]
"""Of a feature: verdicts, mean and variance."""
Pair = tuple[float, float]
"""A verdict's score without and with feedback, as they were before it was learned."""


class FeedbackState(msgspec.Struct, array_like=True):
    """All that `Feedback` remembers, as plain numbers; MessagePack restores it to the last bit. At most some 7 KB."""

    version: str = VERSION
    verdicts: int = 0
    weights: dict[str, float] = {}
    intercept: float = 0.0
    scale: dict[str, Scale] = {}
    confirmed: list[Pair] = []
    cleared: list[Pair] = []
    confirmed_count: int = 0
    in_use: bool = False

    def shares(self, x: Mapping[str, float]) -> dict[str, float]:
        """Each feature's evidence in log odds, before it is bounded."""
        return _shares(self.weights, self.scale, x)

    def advised(self, x: Mapping[str, float]) -> float:
        """The score with the verdicts' evidence, in use or not. Cost: O(features), without River."""
        return _advised(x[SCORE], self.shares(x))


class Standing(NamedTuple):
    """What the gate knows: shares of (confirmed, cleared) pairs of verdicts in the right order; ties count half."""

    verdicts: int
    confirmed: int
    without: float
    """By the plain score."""
    with_feedback: float
    error: float
    """Standard error of the difference between the two."""
    in_use: bool

    def __str__(self) -> str:
        state = "in use" if self.in_use else "in shadow"
        least = min(self.confirmed, self.verdicts - self.confirmed)
        if least < LEAST:
            return f"{state}, {least} of {LEAST} verdicts of the rarer kind"
        return (
            f"{state}: ranks {self.with_feedback:.1%} of pairs of verdicts right, {self.without:.1%} without it"
            f" ({self.verdicts} verdicts, {self.confirmed} confirmed)"
        )


def load() -> None:
    """Import what `Feedback` is made of. It takes a second: for a worker's start, not for its first verdict."""
    _untaught()


def _untaught() -> tuple[Any, Any]:
    """River's model and scaler. Imported where they are needed: commands that only know rules do without."""
    from river.linear_model import LogisticRegression
    from river.optim import SGD
    from river.optim.schedulers import InverseScaling
    from river.preprocessing import StandardScaler

    return LogisticRegression(optimizer=SGD(InverseScaling(RATE, FADING))), StandardScaler()


class Feedback(Classifier):
    """River's logistic regression on standardised signals, learned from verdicts; x must hold the feature `score`.

    Score: probability that the verdict will be "confirmed", 0 to 1. Rank: score + w.z, at most the score and at least 2
    less, where z are the signals in usual deviations from the average verdict and w the model's weights: what takes the
    log odds below those of the average verdict; while in shadow, the score alone. Gate: the areas under the ROC curve
    of both, on the last 128 verdicts of each kind, scored before they were learned; it opens when the lead is above 2.5
    of its standard errors (DeLong, DeLong and Clarke-Pearson 1988) and closes when there is none. Cost: O(features) a
    score; each fifth verdict also sorts the 256 kept.

    >>> model = Feedback()
    >>> for n in range(40): model.learn_one({"score": 5.0, "repeat": float(n % 2), "burst": n % 3 / 2}, n % 2 == 0)
    >>> print(model.standing())
    in use: ranks 97.1% of pairs of verdicts right, 50.0% without it (40 verdicts, 20 confirmed)
    >>> [round(model.score_one({"score": 5.0, "repeat": repeat, "burst": 0.5}), 3) for repeat in (0.0, 1.0)]
    [0.905, 0.096]
    """

    def __init__(self, state: FeedbackState | None = None) -> None:
        self.state = state
        known = state if state is not None and state.version == VERSION else FeedbackState()
        self._state = replace(known, confirmed=list(known.confirmed), cleared=list(known.cleared))
        self._model, self._scaler = _untaught()
        self._model.optimizer.n_iterations = self._state.verdicts
        self._model.intercept = self._state.intercept
        self._model._weights = VectorDict(dict(self._state.weights))
        for name, (count, mean, variance) in self._state.scale.items():
            self._scaler.counts[name], self._scaler.means[name], self._scaler.vars[name] = count, mean, variance

    def snapshot(self) -> FeedbackState:
        """State to store; a `Feedback` of it scores and learns the same to the last bit."""
        state = self._state
        return replace(
            state,
            weights=dict(self._model.weights),
            intercept=float(self._model.intercept),
            scale=self._scale(),
            confirmed=list(state.confirmed),
            cleared=list(state.cleared),
        )

    def score_one(self, x: Mapping[str, float]) -> float:
        """Probability that the payment will be confirmed."""
        return float(self._model.predict_proba_one(self._scaled(x))[True])

    def predict_proba_one(self, x: Mapping[str, float]) -> dict[bool, float]:
        q = self.score_one(x)
        return {False: 1.0 - q, True: q}

    def rank_one(self, x: Mapping[str, float]) -> float:
        """What the payment is ranked by: its score, with the verdicts' evidence once that has shown to help."""
        return self.advised(x) if self._state.in_use else x[SCORE]

    def advised(self, x: Mapping[str, float]) -> float:
        """The score with the verdicts' evidence, in use or not."""
        return _advised(x[SCORE], _shares(self._model.weights, self._scale(), x))

    def learn_one(self, x: Mapping[str, float], y: bool, advised: float | None = None) -> None:
        """Take a verdict: True for confirmed, False for a false positive.

        `advised`: what `advised(x)` was when the payment was scored, where that is known; otherwise it is now.
        """
        state = self._state
        rows = state.confirmed if y else state.cleared
        rows.append((x[SCORE], self.advised(x) if advised is None else advised))
        del rows[:-KEPT]
        x = self._known(x)
        self._scaler.learn_one(x)
        self._model.learn_one(self._scaled(x), y)
        state.verdicts += 1
        state.confirmed_count += y
        if state.verdicts % EVERY == 0:
            self._decide()

    def standing(self) -> Standing:
        """Both rankings compared on the verdicts kept; halves where there are none of a kind."""
        state = self._state
        without, with_feedback, error = _compare(state.confirmed, state.cleared)
        return Standing(state.verdicts, state.confirmed_count, without, with_feedback, error, state.in_use)

    def _decide(self) -> None:
        state = self._state
        if min(len(state.confirmed), len(state.cleared)) < LEAST:
            return
        without, with_feedback, error = _compare(state.confirmed, state.cleared)
        lead = with_feedback - without
        state.in_use = lead > 0 if state.in_use else lead > SURE * error

    def _known(self, x: Mapping[str, float]) -> dict[str, float]:
        """Finite features, in one order, those seen before and new ones while there is room."""
        room = MAX_FEATURES - len(self._scaler.means)
        known = {}
        for name in sorted(x):
            if name == SCORE:
                continue
            if name not in self._scaler.means:
                if room <= 0:
                    continue
                room -= 1
            known[name] = _finite(x[name])
        return known

    def _scale(self) -> dict[str, Scale]:
        scaler = self._scaler
        return {name: (scaler.counts[name], scaler.means[name], scaler.vars[name]) for name in scaler.means}

    def _scaled(self, x: Mapping[str, float]) -> dict[str, float]:
        return _scaled(self._scale(), x)


def _scaled(scale: Mapping[str, Scale], x: Mapping[str, float]) -> dict[str, float]:
    """Usual deviations from the mean of the verdicts; sorted, because a sum of floats depends on its order."""
    scaled = {}
    for name in sorted(x.keys() & scale.keys()):
        _, mean, variance = scale[name]
        if variance > 0:
            scaled[name] = min(max((_finite(x[name]) - mean) / math.sqrt(variance), -LIMIT), LIMIT)
    return scaled


def _shares(weights: Mapping[str, float], scale: Mapping[str, Scale], x: Mapping[str, float]) -> dict[str, float]:
    return {name: weights.get(name, 0.0) * z for name, z in _scaled(scale, x).items()}


def _advised(score: float, shares: Mapping[str, float]) -> float:
    return max(score + min(max(sum(shares.values()), -REACH), 0.0), 0.0)


def _finite(value: float) -> float:
    return 0.0 if math.isnan(value) else min(max(value, -LARGEST), LARGEST)


def _compare(confirmed: Sequence[Pair], cleared: Sequence[Pair]) -> tuple[float, float, float]:
    """Area under both ROC curves, and the standard error of their difference (DeLong et al. 1988).

    >>> _compare([(3.0, 3.0), (1.0, 4.0)], [(2.0, 2.0), (0.0, 0.0)])
    (0.75, 1.0, 0.3535533905932738)
    """
    if not confirmed or not cleared:
        return 0.5, 0.5, math.inf
    shares = [
        (_above([pair[n] for pair in confirmed], [pair[n] for pair in cleared]),
         _below([pair[n] for pair in cleared], [pair[n] for pair in confirmed]))
        for n in (0, 1)
    ]  # fmt: skip
    areas = [sum(rows) / len(rows) for rows, _ in shares]
    error = 0.0
    for without, with_feedback in zip(*shares, strict=True):
        leads = [b - a for a, b in zip(without, with_feedback, strict=True)]
        mean = sum(leads) / len(leads)
        error += sum((lead - mean) ** 2 for lead in leads) / max(len(leads) - 1, 1) / len(leads)
    return areas[0], areas[1], math.sqrt(error)


def _above(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """For each value the share of others below it."""
    ranked = sorted(others)
    return [(bisect_left(ranked, value) + bisect_right(ranked, value)) / 2 / len(ranked) for value in values]


def _below(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """For each value the share of others above it."""
    return [1.0 - share for share in _above(values, others)]
