"""Names of one type in all versions of a list, each compiled once; and which of them one version has."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from sluicegate.screening.candidates import NameIndex
from sluicegate.screening.fold import list_name_tokens, organisation_tokens, person_tokens
from sluicegate.screening.grams import grams
from sluicegate.screening.retrieval import GramIndex, GramView
from sluicegate.screening.scorer import Folded, fold_name, quick, rarity_of, score
from sluicegate.screening.variants import variants
from sluicegate.screening.verdict import Tokens
from sluicegate.wire.events import ListEntry

_CACHED_TOKENS = 1 << 13
# Of 100 perturbed names of the SDN 97.9 have the right one among the 8 nearest; 97.7 have it among the two first of
# these and the two that a quick look prefers, which are half the work to score.
_NEAR = 8
_FIRST = 2
_QUICK = 2
_WHOLE = "="  # before a token that is filed only to count who has it


class Form(msgspec.Struct, frozen=True, gc=False):
    """A name as it is written in a list. tokens: `list_name_tokens`; folded: the scorer's."""

    name: str
    tokens: Tokens
    folded: Folded


class Table:
    """Names of people, or of organisations. Grows by one name at a time; what is in it never changes.

    owners: by position of a name, the entries that ever had it, and the place of the name among theirs; mostly one.
    """

    def __init__(self, kind: Literal["person", "organisation"]) -> None:
        self._kind = kind
        self._positions: dict[str, int] = {}
        self.forms: list[Form] = []
        self.owners: list[tuple[tuple[ListEntry, int], ...]] = []
        self.index = NameIndex(organisation=self.organisation)
        self.grams = GramIndex()

    @property
    def organisation(self) -> bool:
        return self._kind == "organisation"

    def add(self, entry: ListEntry, elder: Table | None = None) -> tuple[int, ...]:
        """Compile the names of an entry that is not held yet. Their positions; a name that cannot be read has none.

        elder: a table of the same kind that may have folded them already.
        """
        positions = []
        for place, listed in enumerate(entry.names):
            for name in self.spellings(listed.name):
                at = self._positions.get(name)
                if at is None:
                    at = self._positions[name] = self._compile(name, elder)
                if at >= 0:
                    self.owners[at] = (*self.owners[at], (entry, place))
                    positions.append(at)
        return tuple(positions)

    def spellings(self, name: str) -> tuple[str, ...]:
        """The name as it is written and, where it is not in Latin letters, its other spellings in them."""
        return (name, *variants(name, self._kind))

    def _compile(self, name: str, elder: Table | None) -> int:
        known = elder._positions.get(name, -1) if elder is not None else -1
        if elder is not None and known >= 0:
            form = elder.forms[known]
        else:
            tokens = list_name_tokens(name, self._kind)
            if not tokens:
                return -1
            form = Form(name, tokens, fold_name(name, self._kind))
        self.forms.append(form)
        self.owners.append(())
        self.index.add(form.tokens)
        whole = [_WHOLE + token for token in dict.fromkeys(form.folded.tokens)]
        return self.grams.add(name, (*grams(form.tokens), *whole))

    def containers(self) -> list[list[Any] | dict[Any, Any]]:
        """What holds nearly all of its memory."""
        return [self._positions, self.forms, self.owners, *self.index.containers(), *self.grams.containers()]

    def query_tokens(self, name: str) -> Tokens:
        return organisation_tokens(name) if self.organisation else person_tokens(name)

    def fold(self, name: str) -> Folded:
        return fold_name(name, self._kind)


class TableView:
    """The names of one version. Its answers depend on them and on the query, not on what else the table holds."""

    def __init__(self, table: Table) -> None:
        """A view of none of the names; `changed` makes others."""
        self.table = table
        self._counts: npt.NDArray[np.int32] = np.zeros(0, np.int32)  # by position: entries of the version that have it
        self._present = b""  # by position: whether any has
        self._count(GramView(table.grams))

    def changed(self, added: list[int], removed: list[int]) -> TableView:
        """The view with names of further entries, and without those of others; positions may repeat."""
        if not added and not removed:
            return self
        view = TableView(self.table)
        view._counts = np.zeros(len(self.table.forms), np.int32)
        view._counts[: len(self._counts)] = self._counts
        view._counts += np.bincount(added, minlength=len(view._counts)) if added else 0
        view._counts -= np.bincount(removed, minlength=len(view._counts)) if removed else 0
        present = view._counts > 0
        view._present = present.tobytes()
        view._count(self._grams.changed(present))
        return view

    def only(self, positions: list[int]) -> TableView:
        """The view of some of its names, which score as they do in the whole one."""
        view = TableView(self.table).changed(positions, [])
        view._rarity = self._rarity
        return view

    def _count(self, grams: GramView) -> None:
        # caches of this view: of names added later it knows nothing. They hold no reference to it that would keep it
        self._grams = grams
        self._near = lru_cache(maxsize=_CACHED_TOKENS)(self.table.index.near)
        self._rarity = lru_cache(maxsize=_CACHED_TOKENS)(partial(_rarity, grams))

    def candidates(self, query: Tokens) -> list[int]:
        """Positions of the names that the verdicts' rules may match; a superset of those that they do."""
        present = self._present
        return [at for at in self.table.index.candidates(query, self._near) if at < len(present) and present[at]]

    def nearest(self, query: Tokens, limit: int) -> list[int]:
        """Positions of the names that look most alike by their grams, best first."""
        return self._grams.nearest(grams(query), limit)

    def worth_scoring(self, query: Tokens, folded: Folded) -> list[int]:
        """Positions of the few of the nearest names that the engine is most likely to score high."""
        found = self.nearest(query, _NEAR)
        first, others = found[:_FIRST], found[_FIRST:]
        forms = self.table.forms
        return first + sorted(others, key=lambda at: -quick(folded, forms[at].folded))[:_QUICK]

    def score(self, query: Folded, at: int) -> float:
        """The engine's score, 0 to 100."""
        return score(query, self.table.forms[at].folded, self._rarity)


def _rarity(grams: GramView, token: str) -> float:
    return rarity_of(grams.frequency(_WHOLE + token), len(grams))
