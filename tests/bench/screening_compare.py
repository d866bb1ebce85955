"""Name screening beside what is usually taken for it: the same pairs, the same list, the same queries.

Prints a row a method: 826 labelled pairs (F1 at the best threshold for these pairs, AUC); distorted names of the OFAC
list against the whole of it (recall at the threshold that 0.5 % of natural unlisted names pass, and the share of hard
near-misses that pass it too); names a second on one core. The product's row is of the model it ships, which was trained
on names made the same way: figures by cross-validation are those of `screening_quality.py`.

Needs the real data in ../shared; says so where it is absent.
"""

import argparse
import csv
import json
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))  # also runs as a file

import msgspec
import numpy as np
import numpy.typing as npt

from sluicegate.screening.scorer import MODEL_VERSION
from sluicegate.wire.events import ListEntry
from tests.bench import ofac_names
from tests.bench.baselines import RAPIDFUZZ, SLOW, LogicV2, Own, Rapidfuzz, Searched
from tests.bench.harness import headline, say, table
from tests.bench.logic_v2 import Unavailable, environment

SCREENING = ofac_names.SHARED / "data/screening"
FALSE_POSITIVES = 0.005  # share of natural unlisted names
NATURAL = frozenset({"negatives_us", "negatives_global", "positives_us_congress_untreated"})
Queries = list[tuple[str, str]]


class Names(NamedTuple):
    """Queries by group: distorted names with the entry they mean, natural unlisted names, and hard near-misses."""

    distorted: Queries
    natural: Queries
    hard: Queries

    def sample(self, size: int, seed: int) -> "Names":
        """At most `size` of each group, of natural names three times as many."""
        choice = random.Random(seed)
        sizes = (size, 3 * size, size)
        return Names(*(choice.sample(group, min(len(group), most)) for group, most in zip(self, sizes, strict=True)))


def listed() -> list[ListEntry]:
    """People and organisations: ships and aircraft are not screened by name."""
    rows = (row for row in ofac_names.entries() if row["names"])
    return [msgspec.convert(row, ListEntry) for row in rows if row["kind"] in ("person", "organisation")]


def queries(entries: Iterable[ListEntry]) -> Names:
    ids = {entry.entry_id for entry in entries}
    distorted = [(row["query"], str(row["entity_id"])) for row in _lines("perturbed-names.jsonl")]
    unlisted = list(_lines("unlisted-names.jsonl"))
    return Names(
        [one for one in distorted if one[1] in ids],
        [(row["query"], "") for row in unlisted if row["class"] in NATURAL],
        [(row["query"], "") for row in unlisted if row["class"] not in NATURAL],
    )


def labelled() -> tuple[list[tuple[str, str, str]], npt.NDArray[np.bool_]]:
    with (SCREENING / "name-pairs.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [(row["schema"], row["name1"], row["name2"]) for row in rows], np.array(
        [row["is_match"] == "true" for row in rows]
    )


def f1(scores: Sequence[float], truth: npt.NDArray[np.bool_]) -> float:
    """Best over all thresholds."""
    values = np.asarray(scores)
    best = 0.0
    for threshold in np.unique(values):
        said = values >= threshold
        best = max(best, 2 * float((said & truth).sum()) / float(said.sum() + truth.sum()))
    return best


def auc(scores: Sequence[float], truth: npt.NDArray[np.bool_]) -> float:
    """Share of (match, no match) that is in order; ties count half."""
    values = np.asarray(scores)
    difference = values[truth][:, None] - values[~truth][None, :]
    return float((difference > 0).mean() + (difference == 0).mean() / 2)


def at_threshold(names: Names, searched: Searched) -> tuple[float, float, float]:
    """Threshold, recall of distorted names, share of hard near-misses above it."""
    first, second = len(names.distorted), len(names.distorted) + len(names.natural)
    natural = np.sort(searched.best[first:second])[::-1]
    threshold = float(natural[int(FALSE_POSITIVES * len(natural))])
    return (
        threshold,
        float((searched.own[:first] > threshold).mean()),
        float((searched.best[second:] > threshold).mean()),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logic-v2", action="store_true", help="also nomenklatura's, in an environment made for it")
    parser.add_argument("--sample", type=int, default=600, help="names a group that the slow methods are given")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    options = parser.parse_args()
    if not SCREENING.is_dir():
        sys.exit(f"no real data: {SCREENING} is absent")
    headline("Name screening beside other methods")
    methods: dict[str, Rapidfuzz | Own | LogicV2] = {f"sluicegate, model {MODEL_VERSION}": Own(), **RAPIDFUZZ}
    if options.logic_v2:
        try:
            methods["logic-v2 on 30 candidates"] = LogicV2(environment())
        except Unavailable as error:
            say(f"logic-v2 cannot be installed: {error}")
    pairs, truth = labelled()
    entries = listed()
    everyone = queries(entries)
    print(f"list: {len(entries):,} entries, {sum(len(entry.names) for entry in entries):,} names")
    rows = []
    for method, scorer in methods.items():
        say(method)
        names = everyone.sample(options.sample, options.seed) if method in SLOW else everyone
        group = [*names.distorted, *names.natural, *names.hard]
        scores = scorer.pairs(pairs)
        searched = scorer.search(entries, group)
        threshold, recall, hard = at_threshold(names, searched)
        figures = (f1(scores, truth), auc(scores, truth), threshold, recall, hard)
        rows.append(
            [method, *(f"{figure:.3f}" for figure in figures), round(len(group) / searched.seconds), len(group)]
        )
    table(rows, ("method", "pairs F1", "AUC", "threshold", "recall", "hard", "names/s", "names"))
    print(f"recall and hard at {FALSE_POSITIVES:.1%} false positives on natural unlisted names")
    print(f"names: of distorted, natural and hard names; where fewer, a sample with seed {options.seed}")


def _lines(name: str) -> Iterable[dict[str, str]]:
    with (SCREENING / name).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


if __name__ == "__main__":
    main()
