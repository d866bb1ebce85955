"""Listed names that could explain every token of a query: few enough to compare one by one, and none left out."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

from sluicegate.screening.neighbours import Neighbours
from sluicegate.screening.verdict import GENERIC, PATRONYMIC_LETTERS, ROMANISED, Tokens, is_initial

_MAX_EDITS = 2  # by which a token may be longer than one that explains it
_FEW = 6  # comparing so few names is cheaper than another lookup

Near = Callable[[str], Tokens]


class NameIndex:
    """Token index over names of one type, to which names are added one at a time, at O(their tokens).

    A query token can be explained by an equal or similar token, by another spelling of a surname (people only), or by
    adjacent tokens written together. A name that does so for each token of the query is a candidate.
    """

    def __init__(self, names: Iterable[Tokens] = (), *, organisation: bool) -> None:
        self._people = not organisation
        self._names: list[Tokens] = []
        self._needs: list[int] = []  # letters of a name that a query has to explain
        self._holders: dict[str, list[int]] = {}
        self._starts: dict[str, tuple[int, ...]] = {}  # two adjacent tokens written together; mostly of one name
        self._neighbours = Neighbours()
        for tokens in names:
            self.add(tokens)

    def add(self, tokens: Tokens) -> None:
        """Add a name; its position is the number of names before it."""
        at = len(self._names)
        self._names.append(tokens)
        self._needs.append(self._letters_needed(tokens))
        for token in dict.fromkeys(tokens):
            holders = self._holders.get(token)
            if holders is None:
                self._holders[token] = [at]
                self._neighbours.add(token)
            else:
                holders.append(at)
        for first, second in dict.fromkeys(pairwise(tokens)):
            start = first + second
            self._starts[start] = (*self._starts.get(start, ()), at)

    def containers(self) -> list[list[Any] | dict[Any, Any]]:
        """What holds nearly all of its memory."""
        return [self._names, self._needs, self._holders, self._starts, *self._neighbours.files()]

    def near(self, token: str) -> Tokens:
        """Held tokens that explain the token alone. For who looks up often: worth a cache while no name is added."""
        near = self._neighbours.near(token)
        near.update(other for other in ROMANISED.get(token, ()) if self._people and other in self._holders)
        if token in self._holders:
            near.add(token)
        return tuple(sorted(near))

    def candidates(self, query: Tokens, near: Near | None = None) -> list[int]:
        """Positions of names that may match, ascending; a superset of those that do. near: `self.near` or its cache."""
        near = near or self.near
        room = sum(map(len, query)) + _MAX_EDITS * len(query)
        return sorted(at for at in self._candidates(query, near) if self._needs[at] <= room)

    def _candidates(self, query: Tokens, near: Near) -> Iterable[int]:
        required = [token for token in query if not is_initial(token)]
        if len(required) > 1:
            enough = len(required)  # each takes at least one token of the listed name
            return (at for at in self._common(set(required), near) if len(self._names[at]) >= enough)
        # a match uses two tokens of the listed name: initials, which else may stay unexplained, or one written together
        initials = {at for token in query if is_initial(token) for at in self._explained(token, near)}
        if not required:
            room = sum(max(map(len, near(token)), default=0) for token in query)  # one letter, but for a surname
            return (at for at in initials if self._needs[at] <= room)
        return initials.intersection(self._explained(required[0], near)).union(self._joins(required[0]))

    def _letters_needed(self, name: Tokens) -> int:
        """Of a name's letters those that must not stay unused: what may is a generic word, or a person's patronymic."""
        if not self._people:
            return sum(len(token) for token in name if token not in GENERIC)
        inner = max(map(len, name[1:-1]), default=0)
        return sum(map(len, name)) - (inner if inner >= PATRONYMIC_LETTERS else 0)

    def _common(self, tokens: set[str], near: Near) -> set[int]:
        """Names that explain all tokens; once only few are left, these without a further look."""
        rarest, *others = sorted(tokens, key=self._rarest_first)
        found = set(self._explained(rarest, near))
        for token in others:
            if len(found) <= _FEW:
                break
            found.intersection_update(self._explained(token, near))
        return found

    def _rarest_first(self, token: str) -> tuple[int, int, str]:
        return len(self._holders.get(token, ())), -len(token), token

    def _explained(self, token: str, near: Near) -> Iterator[int]:
        for one in near(token):
            yield from self._holders[one]
        yield from self._joins(token)

    def _joins(self, token: str) -> Iterator[int]:
        for end in range(2, len(token) + 1):
            for at in self._starts.get(token[:end], ()):
                if end == len(token) or token in "".join(self._names[at]):
                    yield at
