"""What name matching is usually done with, over a whole list: rapidfuzz, and nomenklatura's logic-v2 on candidates.

All get names folded as the product folds them, which helps them: none of them undoes homoglyphs or other scripts.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from sluicegate.screening.fold import person_tokens
from sluicegate.screening.index import CompiledList, NameQuery
from sluicegate.screening.pair import score_pair
from sluicegate.wire.events import ListEntry
from tests.bench import logic_v2

_BLOCK = 64  # queries compared with all names at a time
_SHOWN = 10
_RESCORED = 30


class Searched(NamedTuple):
    """By query: the best score of any entry, and that of the entry it means (0 to 1); seconds for all."""

    best: npt.NDArray[np.float64]
    own: npt.NDArray[np.float64]
    seconds: float


class Rapidfuzz:
    """One of its scorers against every listed name. sort: tokens in alphabetical order first (token_sort_ratio)."""

    def __init__(self, scorer: Callable[..., float], *, scale: float = 1.0, sort: bool = False) -> None:
        self._scorer = scorer
        self._scale = scale
        self._sort = sort

    def pairs(self, pairs: Sequence[tuple[str, str, str]]) -> list[float]:
        """Scores of (kind, name, name)."""
        return [self._scorer(self._text(a), self._text(b)) / self._scale for _, a, b in pairs]

    def search(self, entries: Sequence[ListEntry], queries: Sequence[tuple[str, str]]) -> Searched:
        """Of (name, id of the entry that it means, or empty)."""
        names = [self._text(one.name) for entry in entries for one in entry.names]
        ends = np.cumsum([len(entry.names) for entry in entries])
        spans = {entry.entry_id: slice(end - len(entry.names), end) for entry, end in zip(entries, ends, strict=True)}
        best, own = np.zeros(len(queries)), np.zeros(len(queries))
        start = time.perf_counter()
        texts = [self._text(name) for name, _ in queries]
        for at in range(0, len(queries), _BLOCK):
            block = process.cdist(texts[at : at + _BLOCK], names, scorer=self._scorer, dtype=np.float32, workers=1)
            best[at : at + _BLOCK] = block.max(axis=1)
            for row, (_, entry) in zip(range(len(block)), queries[at : at + _BLOCK], strict=True):
                if entry:
                    own[at + row] = block[row, spans[entry]].max()
        return Searched(best / self._scale, own / self._scale, time.perf_counter() - start)

    def _text(self, name: str) -> str:
        tokens = person_tokens(name)
        return " ".join(sorted(tokens) if self._sort else tokens)


class Own:
    """The product's engine with the model that it ships, the payee's kind not known."""

    def pairs(self, pairs: Sequence[tuple[str, str, str]]) -> list[float]:
        return [score_pair(a, b, "person" if kind == "Person" else "organisation") / 100 for kind, a, b in pairs]

    def search(self, entries: Sequence[ListEntry], queries: Sequence[tuple[str, str]]) -> Searched:
        listed = CompiledList("ofac", "bench", entries)
        listed.rank(NameQuery("Nobody Inparticular", "both"))
        best, own = np.zeros(len(queries)), np.zeros(len(queries))
        start = time.perf_counter()
        for at, (name, entry) in enumerate(queries):
            ranked = listed.rank(NameQuery(name, "both"), _SHOWN)
            best[at] = max((one.score for one in ranked), default=0.0)
            own[at] = max((one.score for one in ranked if one.entry.entry_id == entry), default=0.0)
        return Searched(best / 100, own / 100, time.perf_counter() - start)


class LogicV2:
    """nomenklatura's logic-v2 on the candidates that the product's index gives, with all names of each entry."""

    def __init__(self, python: Path) -> None:
        self._python = python

    def pairs(self, pairs: Sequence[tuple[str, str, str]]) -> list[float]:
        return logic_v2.scores(self._python, [(kind, a, [b]) for kind, a, b in pairs])[0]

    def search(self, entries: Sequence[ListEntry], queries: Sequence[tuple[str, str]]) -> Searched:
        listed = CompiledList("ofac", "bench", entries)
        listed.rank(NameQuery("Nobody Inparticular", "both"))
        start = time.perf_counter()
        ranked = [[one.entry for one in listed.rank(NameQuery(name, "both"), _RESCORED)] for name, _ in queries]
        seconds = time.perf_counter() - start
        compared = [
            (at, entry.entry_id == meant, (entry.kind, name, [one.name for one in entry.names]))
            for at, ((name, meant), found) in enumerate(zip(queries, ranked, strict=True))
            for entry in found
        ]
        values, scoring = logic_v2.scores(self._python, [one for _, _, one in compared])
        best, own = np.zeros(len(queries)), np.zeros(len(queries))
        for (at, is_own, _), value in zip(compared, values, strict=True):
            best[at] = max(best[at], value)
            if is_own:
                own[at] = max(own[at], value)
        return Searched(best, own, seconds + scoring)


RAPIDFUZZ = {
    "rapidfuzz WRatio": Rapidfuzz(fuzz.WRatio, scale=100.0),
    "rapidfuzz token_sort_ratio": Rapidfuzz(fuzz.ratio, scale=100.0, sort=True),
    "rapidfuzz Jaro-Winkler": Rapidfuzz(JaroWinkler.normalized_similarity),
}
SLOW = frozenset({"rapidfuzz WRatio", "logic-v2 on 30 candidates"})
