"""How well scores rank what is labelled."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.bench.rivals.streams import Bools, Floats


def average_precision(labels: Bools, scores: Floats) -> float:
    """Area under the precision-recall steps; nan where one kind is missing."""
    return float(average_precision_score(labels, scores)) if 0 < labels.sum() < len(labels) else math.nan


def roc_auc(labels: Bools, scores: Floats) -> float:
    """Share of (anomaly, other) pairs in the right order; nan where one kind is missing."""
    return float(roc_auc_score(labels, scores)) if 0 < labels.sum() < len(labels) else math.nan


def precision_at_share(labels: Bools, scores: Floats, share: float) -> float:
    """Of the `share` highest scores, how many are labelled."""
    count = max(1, round(share * len(scores)))
    return float(labels[np.argsort(-scores, kind="stable")[:count]].mean())


def precision_at_runs(labels: Bools, scores: Floats, runs: Sequence[str], budget: float) -> float:
    """Of the highest scores of each run, how many are labelled; `budget`: a share of the run or, above 1, a number.

    At least one a run.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for place, run in enumerate(runs):
        members[run].append(place)
    chosen: list[int] = []
    for places in members.values():
        count = max(1, round(budget if budget > 1 else budget * len(places)))
        chosen += sorted(places, key=lambda place: (-scores[place], place))[:count]
    return float(labels[chosen].mean())


def card_precision(labels: Bools, scores: Floats, days: Sequence[int], cards: Sequence[int], count: int = 100) -> float:
    """Mean over days of the share of frauds among the `count` cards of highest score (the handbook's CP@100).

    As in the handbook, a card known to be defrauded on an earlier day of the period is left out.
    """
    caught: set[int] = set()
    shares: list[float] = []
    best: dict[int, dict[int, tuple[float, bool]]] = defaultdict(dict)
    for label, score, day, card in zip(labels.tolist(), scores.tolist(), days, cards, strict=True):
        held = best[day].get(card, (-math.inf, False))
        best[day][card] = (max(held[0], score), held[1] or label)
    for day in sorted(best):
        ranked = sorted(((s, c, y) for c, (s, y) in best[day].items() if c not in caught), reverse=True)[:count]
        shares.append(sum(y for _, _, y in ranked) / count)
        caught.update(c for _, c, y in ranked if y)
    return float(np.mean(shares))
