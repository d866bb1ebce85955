"""Train the name scorer and write it as plain arrays: models/sluicegate/screening/model_data.py.

    pip install catboost scikit-learn Faker    # for training only
    python -m tests.bench.train_names

Recipe. Two models with the same features: one scores against a list, whose own frequencies say how rare a token is;
one scores two names alone. Rows are (query, listed name) with:
 1. perturbations of names of the OFAC list of 26 November 2025, 16 classes (`perturb`): the name they were made of is a
    match, other entries near it are none;
 2. near misses: tokens of two entries, one token replaced or its letters, a syllable, a number, father and child
    exchanged, generic words alone: no match with anything;
 3. synthetic people of 49 countries and companies (Faker): no match.
The pair model takes a part of the same rows, with the built-in rarities, and the 826 labelled pairs in both directions.
The perturbed and unlisted names of the reference data are in none of it: they measure (`screening_quality`).

Trees are oblivious, of depth 4: 120, for pairs 160 (CatBoost 1.2.10); monotone in what can only speak for or against a
match. Calibration is Platt's, on scores of queries that the model has not seen, weighted as if every second query were
of a listed party and every fourth of the others a near miss. Seeds are fixed: the same data and versions of catboost,
Faker and scikit-learn give the same file.
"""

import argparse
import csv
import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from catboost import CatBoostClassifier
from sklearn.linear_model import LogisticRegression

from sluicegate.screening.features import FEATURES, features
from sluicegate.screening.pair import rarity as pair_rarity
from sluicegate.screening.pair import spellings
from sluicegate.screening.scorer import Side, fold_name, quick
from tests.bench.name_examples import KINDS, SCREENING, Query, Table, candidates, hard, natural, perturbed, tables

Array = npt.NDArray[Any]

MODEL = Path(__file__).parents[2] / "models/sluicegate/screening/model_data.py"
PAIRS = SCREENING / "name-pairs.csv"
DEPTH = 4
TREES, RATE = 120, 0.2
PAIR_TREES, PAIR_RATE = 160, 0.1  # far fewer rows
SEED = 1
SIGNS = {
    **dict.fromkeys(("query_cover", "worst"), 1),
    **dict.fromkeys(("query_rest", "near", "numbers", "lineage"), -1),
}
"""What can only speak for (1) or against (-1) a match, whatever the rest says."""
WEIGHTS = {"hard_syllable": 4.0, "hard_number": 4.0, "hard_lineage": 4.0, "hard_generic": 4.0}
HARD_WEIGHT = 2.0
PAIR_WEIGHT = 15.0
PER_CLASS, HARD, PEOPLE, COMPANIES = 600, 1500, 6000, 1500
_UNITS = 10_000


class Rows(NamedTuple):
    """Feature rows. query: number of the query or pair they belong to; group: its class; weight: in training."""

    values: Array
    match: Array
    query: Array
    group: Array
    weight: Array

    def where(self, chosen: Array) -> "Rows":
        return Rows(*(column[chosen] for column in self))


class Model(NamedTuple):
    """Trees and calibration, as `model_data` holds them."""

    features: list[int]
    thresholds: list[float]
    leaves: list[int]
    bias: int
    slope: float = 1.0
    offset: float = 0.0
    depth: int = DEPTH

    def log_odds(self, values: Array) -> Array:
        """Log-odds of many rows, before calibration."""
        shape = (-1, self.depth)
        answers = values[:, np.reshape(self.features, shape)] > np.reshape(self.thresholds, shape)
        places = answers @ (1 << np.arange(self.depth)[::-1])
        leaves = np.reshape(self.leaves, (-1, 1 << self.depth))
        found: Array = (leaves[np.arange(len(leaves)), places].sum(axis=1) + self.bias) / _UNITS
        return found


def list_rows(held: dict[Side, Table], queries: Sequence[Query], near: int, *, alone: float) -> tuple[Rows, Rows]:
    """Rows against the list, and a share `alone` of them as pairs without one."""
    rng = random.Random(SEED)
    against: list[tuple[list[float], int, int, str, float]] = []
    pairs: list[tuple[list[float], int, int, str, float]] = []
    sources: dict[tuple[int, str], float] = {}
    folded = {(at, kind): fold_name(query.text, kind) for at, query in enumerate(queries) for kind in KINDS}

    def add(at: int, kind: Side, place: int, match: int, share: float) -> None:
        query, listed = folded[at, kind], held[kind].names[place].folded
        group = queries[at].group
        weight = WEIGHTS.get(group, HARD_WEIGHT if group.startswith("hard") else 1.0)
        against.append((features(query, listed, held[kind].rarity), match, at, group, weight))
        if rng.random() < share:
            pairs.append((features(query, listed, pair_rarity), match, at, group, weight))

    for at, query in enumerate(queries):
        for kind in KINDS:
            place = held[kind].places.get((query.entry, query.source))
            if query.source and place is not None and folded[at, kind].tokens:
                add(at, kind, place, 1, alone)
                sources[at, kind] = quick(folded[at, kind], held[kind].names[place].folded)
    seen = set()
    for at, kind, place in candidates(held, queries, near):
        listed = held[kind].names[place]
        if queries[at].source:
            # as near as the right name: who can say that it is not meant
            near_source = max(sources.get((at, one), 0.0) for one in KINDS) - 0.02
            if listed.entry == queries[at].entry or quick(folded[at, kind], listed.folded) >= near_source:
                continue
        share = 1.0 if queries[at].group == "hard_syllable" else alone
        add(at, kind, place, 0, 0.0 if (at, kind) in seen else share)
        seen.add((at, kind))
    return _rows(against), _rows(pairs)


def labelled_pairs() -> tuple[Rows, list[tuple[str, str]]]:
    """The 826 pairs in both directions, in all kinds and spellings that may hold; and their names."""
    kinds: dict[str, tuple[Side, ...]] = {"Person": ("person",), "LegalEntity": KINDS}
    made, names = [], []
    with PAIRS.open(encoding="utf-8", newline="") as lines:
        for at, row in enumerate(csv.DictReader(lines)):
            names.append((row["name1"], row["name2"]))
            for kind in kinds.get(row["schema"], KINDS[1:]):
                for a, b in spellings(row["name1"], row["name2"], kind):
                    match = int(row["is_match"] == "true")
                    for one, other in ((a, b), (b, a)):
                        made.append((features(one, other, pair_rarity), match, at, kind, PAIR_WEIGHT))
    return _rows(made), names


def _rows(made: Iterable[tuple[list[float], int, int, str, float]]) -> Rows:
    values, match, query, group, weight = zip(*made, strict=True)
    return Rows(np.array(values, float), np.array(match), np.array(query), np.array(group), np.array(weight))


def join(*parts: Rows) -> Rows:
    """Rows after each other, with queries numbered anew."""
    starts = np.cumsum([0, *(part.query.max() + 1 for part in parts)])
    moved = [part._replace(query=part.query + start) for part, start in zip(parts, starts, strict=False)]
    return Rows(*(np.concatenate(columns) for columns in zip(*moved, strict=True)))


def fit(rows: Rows, trees: int = TREES, rate: float = RATE) -> Model:
    """Trees without calibration."""
    booster = CatBoostClassifier(
        iterations=trees,
        depth=DEPTH,
        learning_rate=rate,
        l2_leaf_reg=5,
        monotone_constraints=[SIGNS.get(name, 0) for name in FEATURES],
        border_count=64,
        boosting_type="Plain",
        bootstrap_type="MVS",
        subsample=0.5,
        random_seed=SEED,
        thread_count=1,
        verbose=0,
        allow_writing_files=False,
    )
    booster.fit(rows.values, rows.match, sample_weight=rows.weight)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trees.json"
        booster.save_model(str(path), format="json")
        return _compiled(json.loads(path.read_text()))


def _compiled(saved: dict[str, Any]) -> Model:
    """CatBoost numbers the bits of a leaf from the first split as the lowest; here it is the highest."""
    used, thresholds, leaves = [], [], []
    for tree in saved["oblivious_trees"]:
        splits = tree["splits"]
        values = tree["leaf_values"]
        while len(splits) < DEPTH:  # a tree that had nothing left to ask
            splits = [*splits, {"float_feature_index": 0, "border": 1e9}]
            values = [*values, *values]
        for split in splits:
            used.append(split["float_feature_index"])
            thresholds.append(float(f"{split['border']:.5g}"))
        for leaf in range(1 << DEPTH):
            mirrored = int(f"{leaf:0{DEPTH}b}"[::-1], 2)
            leaves.append(round(values[mirrored] * _UNITS))
    scale, bias = saved["scale_and_bias"]
    assert scale == 1
    return Model(used, thresholds, leaves, round((bias[0] if isinstance(bias, list) else bias) * _UNITS))


def fit_pairs(rows: Rows) -> Model:
    """Trees for two names alone, without calibration."""
    return fit(rows, PAIR_TREES, PAIR_RATE)


def calibrated(train: Callable[[Rows], Model], rows: Rows, folds: Array) -> Model:
    """Trained on all rows; slope and offset from the best scores of queries in folds that were left out.

    folds: by query.
    """
    fold = folds[rows.query]
    scores = np.full(len(rows.match), -np.inf)
    for one in np.unique(folds):
        scores[fold == one] = train(rows.where(fold != one)).log_odds(rows.values[fold == one])
    order = np.lexsort((-scores, rows.query, -rows.match))
    _, first = np.unique(rows.query[order], return_index=True)
    best = order[first]  # a listed party's own name, else the best of the strangers'
    match, group = rows.match[best], rows.group[best].astype(str)
    hard_one = np.char.startswith(group, "hard")
    weight = np.ones(len(best))
    for chosen, share in ((match == 1, 0.5), ((match == 0) & ~hard_one, 0.375), ((match == 0) & hard_one, 0.125)):
        weight[chosen] = share / max(chosen.sum(), 1)
    fitted = LogisticRegression(C=1e6).fit(scores[best, None], match, sample_weight=weight * len(best))
    return train(rows)._replace(slope=round(float(fitted.coef_[0, 0]), 4), offset=round(float(fitted.intercept_[0]), 4))


def list_examples(held: dict[Side, Table], without: frozenset[str] = frozenset()) -> tuple[Rows, Rows]:
    """Rows against the list and alone. without: entries none of whose names is perturbed."""
    listed = [one for table in held.values() for one in table.names if one.entry not in without]
    parts = (
        list_rows(held, perturbed(listed, PER_CLASS, 11), 2, alone=0.3),
        list_rows(held, hard(listed, HARD, 12), 5, alone=0.3),
        list_rows(held, natural(PEOPLE, COMPANIES, 13), 4, alone=0.1),
    )
    return join(*(part[0] for part in parts)), join(*(part[1] for part in parts))


def query_folds(rows: Rows, count: int) -> Array:
    folds: Array = np.random.default_rng(SEED).integers(0, count, rows.query.max() + 1)
    return folds


def write(models: dict[str, Model], path: Path = MODEL) -> str:
    """The module of arrays; its version is a hash of them."""
    digest = hashlib.sha256(repr((FEATURES, sorted(models.items()))).encode()).hexdigest()[:10]
    lines = [
        '"""Trees of the name scorer. Generated by tests/bench/train_names.py: do not edit."""',
        "",
        f'VERSION = "names-{digest}"',
        f"FEATURES = {len(FEATURES)}",
        "",
    ]
    for name, model in models.items():
        splits = [f"{at}:{threshold:g}" for at, threshold in zip(model.features, model.thresholds, strict=True)]
        lines += [
            f"{name}_DEPTH = {model.depth}",
            f"{name}_BIAS = {model.bias}",
            f"{name}_SLOPE, {name}_OFFSET = {model.slope}, {model.offset}",
            f'{name}_SPLITS = """',
            *_wrapped(splits),
            '"""',
            f'{name}_LEAVES = """',
            *_wrapped(map(str, model.leaves)),
            '"""',
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return f"names-{digest}"


def _wrapped(words: Iterable[str], width: int = 118) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter).parse_args()
    if not SCREENING.exists():
        sys.exit(f"{SCREENING} is absent: no data to train with")
    against, alone = list_examples(tables())
    pairs, _ = labelled_pairs()
    both = join(alone, pairs)
    screen = calibrated(fit, against, query_folds(against, 2))
    pair = calibrated(fit_pairs, both, query_folds(both, 5))
    version = write({"SCREEN": screen, "PAIR": pair})
    print(f"{version}: {len(against.match):,} rows against the list, {len(both.match):,} alone")


if __name__ == "__main__":
    main()
