"""The place of a fuzzy screening engine beside the verdicts: it may lift a name to POSSIBLE, never higher."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sluicegate.screening.verdict import Tokens


class Engine(Protocol):
    """Finds listed names that look alike although the verdicts' rules do not explain every token."""

    def nearest(self, query: Tokens) -> Iterable[tuple[int, float]]:
        """Positions of listed names with their score, 0 to 1, in any order. Must be deterministic."""
        ...


EngineFactory = Callable[[Sequence[Tokens], bool], Engine]
"""Builds an engine over the folded names of one type: (names, organisation)."""
