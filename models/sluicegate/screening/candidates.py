"""Listed names that could explain every token of a query: few enough to compare one by one, and none left out."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from sluicegate.screening.neighbours import Neighbours
from sluicegate.screening.verdict import ROMANISED, Tokens, is_initial

_FEW = 6  # comparing so few names is cheaper than another lookup
_CACHED_TOKENS = 1 << 13


class NameIndex:
    """Token index over names of one type.

    A query token can be explained by an equal or similar token, by another spelling of a surname (people only), or by
    adjacent tokens written together. A name that does so for each token of the query is a candidate.
    """

    def __init__(self, names: Sequence[Tokens], *, organisation: bool) -> None:
        self._names = names
        self._romanise = not organisation
        self._holders: dict[str, list[int]] = {}
        self._starts: dict[str, list[int]] = {}  # two adjacent tokens written together
        for at, tokens in enumerate(names):
            for token in dict.fromkeys(tokens):
                self._holders.setdefault(token, []).append(at)
            for first, second in dict.fromkeys(pairwise(tokens)):
                self._starts.setdefault(first + second, []).append(at)
        self._neighbours = Neighbours(self._holders)
        self._near = lru_cache(maxsize=_CACHED_TOKENS)(self._find_near)

    def candidates(self, query: Tokens) -> list[int]:
        """Positions of names that may match, ascending; a superset of those that do."""
        required = [token for token in query if not is_initial(token)]
        if len(required) > 1:
            enough = len(required)  # each takes at least one token of the listed name
            return sorted(at for at in self._common(set(required)) if len(self._names[at]) >= enough)
        # a match uses two tokens of the listed name: initials, which else may stay unexplained, or one written together
        initials = {at for token in query if is_initial(token) for at in self._explained(token)}
        if not required:
            return sorted(initials)
        return sorted(initials.intersection(self._explained(required[0])).union(self._joins(required[0])))

    def _common(self, tokens: set[str]) -> set[int]:
        """Names that explain all tokens; once only few are left, these without a further look."""
        rarest, *others = sorted(tokens, key=self._rarest_first)
        found = set(self._explained(rarest))
        for token in others:
            if len(found) <= _FEW:
                break
            found.intersection_update(self._explained(token))
        return found

    def _rarest_first(self, token: str) -> tuple[int, int, str]:
        return len(self._holders.get(token, ())), -len(token), token

    def _explained(self, token: str) -> Iterator[int]:
        for near in self._near(token):
            yield from self._holders[near]
        yield from self._joins(token)

    def _joins(self, token: str) -> Iterator[int]:
        for end in range(2, len(token) + 1):
            for at in self._starts.get(token[:end], ()):
                if end == len(token) or token in "".join(self._names[at]):
                    yield at

    def _find_near(self, token: str) -> Tokens:
        """Held tokens that explain the token alone."""
        near = self._neighbours.near(token)
        if self._romanise:
            near.update(ROMANISED.get(token, ()))
        near.add(token)
        return tuple(sorted(near.intersection(self._holders)))
