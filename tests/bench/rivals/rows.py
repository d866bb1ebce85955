"""Rows of the tables: figures for both halves of the scored time, and the rivals with their best settings."""

import math
from collections.abc import Sequence

import numpy as np

from tests.bench.harness import say
from tests.bench.rivals.methods import METHODS, Method, Result
from tests.bench.rivals.metrics import average_precision, precision_at_runs, precision_at_share, roc_auc
from tests.bench.rivals.streams import Bools, Floats, Stream

SHARE = 0.002
"""The rule's default budget."""
PER_DAY = 100
"""Budget on the handbook's cards."""
HEAD = ["", "AP 1st", "AP 2nd", "AUC 1st", "AUC 2nd", "prec. 1st", "prec. 2nd", "µs/event", "bytes/payee"]


def rivals(
    stream: Stream, vectors: Floats, names: list[str], wanted: Sequence[str] | None, seed: int, *, quick: bool
) -> list[list[str]]:
    """A row for each rival on the raw features, and on our signals where it takes features."""
    rows = []
    features = {"raw": (stream.raw, stream.raw_names), "our signals": (vectors, names)}
    for method in METHODS:
        if wanted is not None and not any(word.lower() in method.name.lower() for word in wanted):
            continue
        for label, (x, columns) in features.items() if method.needs_features else [("amounts", features["raw"])]:
            say(f"{stream.name}: {method.name} on {label}")
            result, chosen = _best(stream, method, x, columns, seed, quick=quick)
            size = f"{result.size / len(set(stream.payees)):,.0f}"
            rows.append([f"{method.name} on {label}", *figures(stream, result.scores), f"{result.us:.1f}", size])
            say(f"  chosen: {chosen}")
    return rows


def _best(
    stream: Stream, method: Method, x: Floats, names: list[str], seed: int, *, quick: bool
) -> tuple[Result, dict[str, object]]:
    """The settings of highest average precision on the first half."""
    tried = [
        (method.run(stream, x, names, settings, seed), settings)
        for settings in (method.settings[:1] if quick else method.settings)
    ]
    return max(tried, key=lambda one: average_precision(stream.labels[stream.first], one[0].scores[stream.first]))


def figures(stream: Stream, scores: Floats) -> list[str]:
    """AP, ROC AUC and precision at the budget, each for both halves."""
    halves = (stream.first, stream.second)
    found = [average_precision(stream.labels[half], scores[half]) for half in halves]
    found += [roc_auc(stream.labels[half], scores[half]) for half in halves]
    found += [_precision(stream, half, scores) for half in halves]
    return [f"{figure:.3f}" for figure in found]


def _precision(stream: Stream, half: Bools, scores: Floats) -> float:
    if not half.any():
        return math.nan
    if stream.name == "vendor":
        return precision_at_share(stream.labels[half], scores[half], SHARE)
    runs = [stream.runs[place] for place in np.flatnonzero(half)]
    share = PER_DAY if stream.name == "handbook" else SHARE
    return precision_at_runs(stream.labels[half], scores[half], runs, share)
