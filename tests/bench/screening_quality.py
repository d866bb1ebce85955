"""How well names are matched: labelled pairs, perturbed listed names, near misses and unlisted names of ../shared/data.

    python -m tests.bench.screening_quality [--quick]

a) Pairs: ten folds of connected pairs, so that no name is in two of them; the threshold of a fold is the one that was
   best on the others.
b) Perturbed names against the whole SDN, with a model whose training saw no perturbation of their entries and none of
   the unlisted names. The threshold lets 0.5 % of one half of the natural unlisted names pass; the other half says
   what it does, and the halves change places. Then with each class left out of training in turn.
c) The shipped model behind the product's own index: the same figures, and `engine_possible`.
"""

import argparse
import platform
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler
from sklearn.metrics import f1_score, roc_auc_score

from sluicegate.screening.features import FEATURES, features
from sluicegate.screening.scorer import MODEL_VERSION, Side, fold_name
from tests.bench.name_examples import SCREENING, Query, Table, candidates, reported, tables, vendors
from tests.bench.ofac_names import entries
from tests.bench.train_names import Array, Model, Rows, fit, fit_pairs, join, labelled_pairs, list_examples

FALSE_POSITIVES = 0.005
FOLDS = 10
_LETTERS = FEATURES.index("letters")
NATURAL = ("negatives_us", "negatives_global", "positives_us_congress_untreated")


class Scores:
    """Best score of the right entry and of any entry, by query. groups: class of each query."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self.groups = np.array([query.group for query in queries])
        self.own = np.full(len(queries), -np.inf)
        self.best = np.full(len(queries), -np.inf)


class Candidates:
    """Feature rows of queries with their nearest names, computed once for all models."""

    def __init__(self, held: dict[Side, Table], queries: Sequence[Query], near: int = 8) -> None:
        self.queries = queries
        rows, at, own = [], [], []
        folded = {(n, kind): fold_name(query.text, kind) for n, query in enumerate(queries) for kind in held}
        for n, kind, place in candidates(held, queries, near):
            listed = held[kind].names[place]
            rows.append(features(folded[n, kind], listed.folded, held[kind].rarity))
            at.append(n)
            own.append(listed.entry == queries[n].entry)
        self.rows, self.at, self.own = np.array(rows, float), np.array(at), np.array(own)

    def scores(self, model: Model) -> Scores:
        found = Scores(self.queries)
        values = np.where(self.rows[:, _LETTERS] > 0, model.log_odds(self.rows), -np.inf)
        np.maximum.at(found.best, self.at, values)
        np.maximum.at(found.own, self.at[self.own], values[self.own])
        return found


def threshold(scores: Array) -> float:
    """Least score that at most 0.5 % of the queries exceed or reach."""
    allowed = int(len(scores) * FALSE_POSITIVES)
    return float(np.nextafter(np.sort(scores)[::-1][allowed], np.inf))


def halves(unlisted: Scores) -> list[tuple[float, Array]]:
    """Thresholds from one half of the natural names, with the other half."""
    natural = np.flatnonzero(np.isin(unlisted.groups, NATURAL))
    return [(threshold(unlisted.best[natural[one::2]]), natural[1 - one :: 2]) for one in (0, 1)]


def figures(perturbed: Scores, unlisted: Scores) -> dict[str, float]:
    """Recall, hard and natural rates, by class too; means of both halves."""
    hard = np.char.startswith(unlisted.groups, "hard")
    made: dict[str, list[float]] = {}
    for least, rest in halves(unlisted):
        rates = {
            "recall": (perturbed.own >= least).mean(),
            "first": ((perturbed.own >= least) & (perturbed.own >= perturbed.best)).mean(),
            "hard": (unlisted.best[hard] >= least).mean(),
            "natural": (unlisted.best[rest] >= least).mean(),
            **{str(one): (perturbed.own[perturbed.groups == one] >= least).mean() for one in set(perturbed.groups)},
            **{str(one): (unlisted.best[unlisted.groups == one] >= least).mean() for one in set(unlisted.groups)},
        }
        for name, rate in rates.items():
            made.setdefault(name, []).append(float(rate))
    return {name: sum(rates) / len(rates) for name, rates in made.items()}


def components(names: Sequence[tuple[str, str]]) -> Array:
    """A number for each pair; pairs that share a folded name, directly or through others, have the same."""
    parents = list(range(len(names)))

    def root(at: int) -> int:
        while parents[at] != at:
            at = parents[at]
        return at

    first: dict[str, int] = {}
    for at, pair in enumerate(names):
        for name in pair:
            key = " ".join(sorted(fold_name(name, "person").tokens)) or name
            parents[root(at)] = root(first.setdefault(key, at))
    return np.array([root(at) for at in range(len(names))])


def pair_folds(groups: Array, seed: int) -> Array:
    """Folds of nearly equal size, whole groups each."""
    numbers, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    sizes, folds = np.zeros(FOLDS, int), np.zeros(len(numbers), int)
    shuffled = np.random.default_rng(seed).permutation(len(numbers))
    for at in shuffled[np.argsort(-counts[shuffled], kind="stable")]:
        folds[at] = np.argmin(sizes)
        sizes[folds[at]] += counts[at]
    return folds[inverse]


def pair_scores(model: Model, pairs: Rows) -> Array:
    """As `score_pair`: mean of the two directions, best over kinds and spellings."""
    chances = 1 / (1 + np.exp(-model.log_odds(pairs.values)))
    scores = np.zeros(pairs.query.max() + 1)
    np.maximum.at(scores, pairs.query[::2], chances.reshape(-1, 2).mean(axis=1))
    return scores


def best_threshold(scores: Array, match: Array) -> float:
    values: list[float] = np.unique(scores).tolist()
    return max(values, key=lambda least: float(f1_score(match, scores >= least)))


def cross_validated(alone: Rows, pairs: Rows, names: Sequence[tuple[str, str]], seed: int) -> tuple[float, float]:
    """F1 and AUC of pairs of folds that were left out."""
    match = pairs.match[np.unique(pairs.query, return_index=True)[1]]
    folds = pair_folds(components(names), seed)
    scores, said = np.zeros(len(match)), np.zeros(len(match), bool)
    for fold in range(FOLDS):
        out = folds == fold
        trained = pair_scores(fit_pairs(join(alone, pairs.where(~out[pairs.query]))), pairs)
        scores[out] = trained[out]
        said[out] = trained[out] >= best_threshold(trained[~out], match[~out])
    return float(f1_score(match, said)), float(roc_auc_score(match, scores))


BASELINES: dict[str, tuple[Callable[..., float], Callable[[str], str]]] = {
    "WRatio": (fuzz.WRatio, str.lower),
    "token_sort_ratio": (fuzz.ratio, lambda name: " ".join(sorted(name.lower().split()))),
    "Jaro-Winkler": (JaroWinkler.normalized_similarity, str.lower),
}


def baseline_pairs(names: Sequence[tuple[str, str]], match: Array, name: str) -> tuple[float, float]:
    """F1 at the best threshold on all pairs, which flatters it, and AUC."""
    scorer, prepare = BASELINES[name]
    scores = np.array([scorer(prepare(a), prepare(b)) for a, b in names])
    return float(f1_score(match, scores >= best_threshold(scores, match))), float(roc_auc_score(match, scores))


def baseline(name: str, perturbed: Sequence[Query], unlisted: Sequence[Query], step: int) -> tuple[Scores, Scores]:
    """Best candidate over the whole list, for every `step`th unlisted name."""
    scorer, prepare = BASELINES[name]
    held = [(entry["entry_id"], prepare(one["name"])) for entry in entries() for one in entry["names"]]
    by_entry: dict[str, list[str]] = {}
    for entry, listed in held:
        by_entry.setdefault(entry, []).append(listed)
    mine, theirs = Scores(perturbed), Scores(unlisted[::step])
    for at, query in enumerate(perturbed):
        mine.own[at] = max(scorer(prepare(query.text), listed) for listed in by_entry[query.entry])
    texts, choices = [prepare(query.text) for query in unlisted[::step]], [listed for _, listed in held]
    for start in range(0, len(texts), 64):
        part = process.cdist(texts[start : start + 64], choices, scorer=scorer, workers=1, dtype=np.float32)
        theirs.best[start : start + 64] = part.max(axis=1)
    return mine, theirs


def report_pairs(alone: Rows, quick: bool) -> None:
    pairs, names = labelled_pairs()
    match = pairs.match[np.unique(pairs.query, return_index=True)[1]]
    print(f"\na) {len(names)} labelled pairs, {len(set(components(names)))} groups, {FOLDS} folds: F1, AUC")
    runs = [cross_validated(alone, pairs, names, seed) for seed in range(1 if quick else 3)]
    f1, auc = np.mean(runs, axis=0)
    print(
        f"   this engine         {f1:.3f}  {auc:.3f}   ({len(runs)} shuffles: {', '.join(f'{r[0]:.3f}' for r in runs)})"
    )
    for name in BASELINES:
        f1, auc = baseline_pairs(names, match, name)
        print(f"   {name:18}  {f1:.3f}  {auc:.3f}   (threshold chosen on the same pairs)")


def report_list(against: Rows, mine: Candidates, theirs: Candidates, payees: Candidates, quick: bool) -> None:
    model = fit(against)
    perturbed, unlisted = mine.scores(model), theirs.scores(model)
    made = figures(perturbed, unlisted)
    print(f"\nb) {len(perturbed.own):,} perturbed names against the SDN, at 0.5 % of natural unlisted names")
    print(f"   recall {made['recall']:.3f} (and first {made['first']:.3f}), near misses {made['hard']:.3f},")
    print(f"   natural names of the other half {made['natural']:.4f};", end=" ")
    passed = np.mean([(payees.scores(model).best >= least).mean() for least, _ in halves(unlisted)])
    print(f"{len(payees.queries):,} real vendors {passed:.4f}")
    print("   class                            rate   with the class left out of training")
    for group in dict.fromkeys((*perturbed.groups.tolist(), *unlisted.groups.tolist())):
        line = f"   {group:32} {made[group]:.3f}"
        held_out = np.char.find(against.group, group) >= 0
        if not quick and held_out.any():
            other = fit(against.where(~held_out))
            line += f"  {figures(mine.scores(other), theirs.scores(other))[group]:.3f}"
        print(line, flush=True)


def report_baselines(perturbed: Sequence[Query], unlisted: Sequence[Query], quick: bool) -> None:
    print("\n   baselines, lower case, best name of the whole list: recall, near misses, natural")
    for name in BASELINES:
        step = (12 if quick else 5) if name == "WRatio" else 1
        made = figures(*baseline(name, perturbed, unlisted, step))
        note = f"   (every {step}th unlisted name)" if step > 1 else ""
        print(f"   {name:18} {made['recall']:.3f}  {made['hard']:.3f}  {made['natural']:.4f}{note}", flush=True)


def shipped(queries: Sequence[Query]) -> Scores:
    """Scores of the product itself: its index, its model."""
    import msgspec

    from sluicegate.screening.index import CompiledList, NameQuery
    from sluicegate.wire.events import ListEntry

    held = CompiledList(
        "ofac-sdn", "2025-11-26", [msgspec.convert(entry, ListEntry) for entry in entries() if entry["names"]]
    )
    found = Scores(queries)
    started = time.perf_counter()
    for at, query in enumerate(queries):
        ranked = held.rank(NameQuery(query.text, "both"), limit=10)
        found.best[at] = ranked[0].score if ranked else 0.0
        found.own[at] = max((one.score for one in ranked if one.entry.entry_id == query.entry), default=0.0)
    print(
        f"   {len(queries) / (time.perf_counter() - started):,.0f} names/s, both kinds, one core, this machine as it is"
    )
    return found


def report_shipped(perturbed: Sequence[Query], unlisted: Sequence[Query], payees: Sequence[Query]) -> None:
    print(f"\nc) the product, model {MODEL_VERSION}; its training saw own perturbations of the same entries")
    mine, theirs, vendors_found = shipped(perturbed), shipped(unlisted), shipped(payees)
    made = figures(mine, theirs)
    least = threshold(theirs.best[np.isin(theirs.groups, NATURAL)])
    print(f"   engine_possible: {least:.2f} points (0.5 % of all natural unlisted names)")
    print(f"   recall {made['recall']:.3f} (and first {made['first']:.3f}), near misses {made['hard']:.3f},", end=" ")
    print(f"natural {made['natural']:.4f}, vendors {(vendors_found.best >= least).mean():.4f}")
    for group in dict.fromkeys((*mine.groups.tolist(), *theirs.groups.tolist())):
        print(f"   {group:32} {made[group]:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one shuffle, no class left out, fewer names for WRatio")
    parser.add_argument("--only", choices="abc", help="one part")
    options = parser.parse_args()
    if not SCREENING.exists():
        sys.exit(f"{SCREENING} is absent: nothing to measure with")
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {platform.system()}")
    perturbed, unlisted = reported()
    payees = [Query(name, "vendors") for name in vendors()]
    if options.only != "c":
        held = tables()
        against, alone = list_examples(held, frozenset(query.entry for query in perturbed))
        if options.only != "b":
            report_pairs(alone, options.quick)
        if options.only != "a":
            mine, theirs, others = (Candidates(held, queries) for queries in (perturbed, unlisted, payees))
            report_list(against, mine, theirs, others, options.quick)
            report_baselines(perturbed, unlisted, options.quick)
    if options.only in (None, "c"):
        report_shipped(perturbed, unlisted, payees)


if __name__ == "__main__":
    main()
