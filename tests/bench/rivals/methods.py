"""What a user could pick instead: each scores a payment before it learns from it, in one pass with a fixed seed."""

import pickle
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import rcf3
from river import anomaly, preprocessing
from sklearn.ensemble import IsolationForest

from tests.bench.rivals.streams import Floats, Stream, rows

WEEK = 7.0
LOOK_BACK = 50_000
"""Payments that a weekly fit looks back on."""


class Result(NamedTuple):
    scores: Floats
    us: float
    """Processor microseconds a payment, scored and learned."""
    size: int
    """Bytes of all that was learned, serialised by the method's own means."""


class Method(NamedTuple):
    """A method with the settings to choose among on the first half."""

    name: str
    settings: list[dict[str, Any]]
    run: Callable[[Stream, Floats, list[str], dict[str, Any], int], Result]
    needs_features: bool = True


def _timed(scores: Iterable[float], size: Callable[[], int]) -> Result:
    start = time.process_time()
    found = np.fromiter(scores, float)
    us = (time.process_time() - start) / max(len(found), 1) * 1e6
    return Result(found, us, size())


def half_space_trees(stream: Stream, x: Floats, names: list[str], settings: dict[str, Any], seed: int) -> Result:
    """River's, on features scaled to [0, 1] by River's own scaler."""
    model = preprocessing.MinMaxScaler() | anomaly.HalfSpaceTrees(seed=seed, **settings)
    return _river(model, x, names)


def one_class_svm(stream: Stream, x: Floats, names: list[str], settings: dict[str, Any], seed: int) -> Result:
    """River's, on standardised features."""
    return _river(preprocessing.StandardScaler() | anomaly.OneClassSVM(**settings), x, names)


def _river(model: Any, x: Floats, names: list[str]) -> Result:
    def scores() -> Iterable[float]:
        for row in rows(x, names):
            score = model.score_one(row)
            yield float(score) if np.isfinite(score) else 0.0
            model.learn_one(row)

    return _timed(scores(), lambda: len(pickle.dumps(model)))


def gaussian_scorer(stream: Stream, x: Floats, names: list[str], settings: dict[str, Any], seed: int) -> Result:
    """River's, one a payee, on the log of the amount."""
    models: defaultdict[str, Any] = defaultdict(lambda: anomaly.GaussianScorer(window_size=None, **settings))
    logs = np.log1p(np.maximum(stream.amounts, 0.0)).tolist()

    def scores() -> Iterable[float]:
        for payee, value in zip(stream.payees, logs, strict=True):
            model = models[payee]
            yield float(model.score_one(None, value))
            model.learn_one(None, value)

    return _timed(scores(), lambda: len(pickle.dumps(dict(models))))


def isolation_forest(stream: Stream, x: Floats, names: list[str], settings: dict[str, Any], seed: int) -> Result:
    """scikit-learn's, fitted anew each week on all before it; nothing is scored in the first two weeks."""
    weeks = (stream.days // WEEK).astype(int)
    found = np.zeros(len(x))
    model = None
    start = time.process_time()
    for week in range(2, int(weeks[-1]) + 1):
        now = weeks == week
        past = np.flatnonzero(weeks < week)
        if now.any() and len(past):
            sample = min(settings["max_samples"], len(past))
            model = IsolationForest(random_state=seed, **settings | {"max_samples": sample}).fit(x[past[-LOOK_BACK:]])
            found[now] = -model.score_samples(x[now])
    us = (time.process_time() - start) / max(len(x), 1) * 1e6
    return Result(found, us, len(pickle.dumps(model)))


def random_cut_forest(stream: Stream, x: Floats, names: list[str], settings: dict[str, Any], seed: int) -> Result:
    """rcf3's, without shingles, on standardised features."""
    return _forest(rcf3.Forest(x.shape[1], seed=seed, **settings), x, names)


def online_iforest(stream: Stream, x: Floats, names: list[str], settings: dict[str, Any], seed: int) -> Result:
    """rcf3's online isolation forest, on standardised features."""
    return _forest(rcf3.OnlineIForest(x.shape[1], seed=seed, **settings), x, names)


def _forest(model: Any, x: Floats, names: list[str]) -> Result:
    scaler = preprocessing.StandardScaler()

    def scores() -> Iterable[float]:
        for row in rows(x, names):
            point = list(scaler.transform_one(row).values())
            score = model.score(point) if model.is_ready() else 0.0
            yield float(score) if np.isfinite(score) else 0.0
            model.update(point)
            scaler.learn_one(row)

    return _timed(scores(), lambda: len(model.to_json()))


METHODS = [
    Method(
        "River HalfSpaceTrees",
        [{"n_trees": 25, "height": 8, "window_size": 1000}, {"n_trees": 10, "height": 8, "window_size": 250}],
        half_space_trees,
    ),
    Method("River OneClassSVM", [{"nu": 0.1}, {"nu": 0.01}], one_class_svm),
    Method("River GaussianScorer, one a payee", [{"grace_period": 3}, {"grace_period": 10}], gaussian_scorer, False),
    Method(
        "scikit-learn IsolationForest, weekly", [{"n_estimators": 50, "max_samples": 256},
                                                 {"n_estimators": 50, "max_samples": 2048}], isolation_forest
    ),
    Method("rcf3 Forest", [{"num_trees": 50, "capacity": 256}, {"num_trees": 50, "capacity": 1024}], random_cut_forest),
    Method(
        "rcf3 OnlineIForest", [{"num_trees": 32, "window_size": 2048}, {"num_trees": 32, "window_size": 8192}],
        online_iforest,
    ),
]  # fmt: skip
