"""The entries of one version of a list, and which of their names agree with a queried one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sluicegate.screening.hits import Kind, ListedName, Match
from sluicegate.screening.pool import Compiled, Pool
from sluicegate.screening.table import TableView
from sluicegate.screening.verdict import Comparison, Tokens, compare
from sluicegate.wire.events import ListEntry

_RANKED = 20  # names that are scored for a ranking: the right one is among them for 98.1 of 100 perturbed SDN names


class Holding:
    """A choice of a pool's entries, immutable; of each id at most one."""

    def __init__(self, pool: Pool) -> None:
        """A choice of none; `changed` makes others."""
        self._pool = pool
        self._compiled: dict[str, Compiled] = {}
        self._people = TableView(pool.people)
        self._organisations = TableView(pool.organisations)

    def changed(self, added: Iterable[ListEntry], removed: Iterable[str] = ()) -> Holding:
        """The choice without the entries of some ids, then with others, each in the place of that of its id."""
        compiled = dict(self._compiled)
        out = [held for id in removed if (held := compiled.pop(id, None)) is not None]
        new: list[Compiled] = []
        for entry in added:
            held, one = compiled.get(entry.entry_id), self._pool.add(entry)
            if one is not held:
                compiled[entry.entry_id] = one
                new.append(one)
                out += [held] if held is not None else []
        pool = self._pool.successor(compiled.values())
        if pool is not self._pool:
            return Holding(pool).changed(one.entry for one in compiled.values())
        choice = Holding(pool)
        choice._compiled = compiled
        added_at, removed_at = _positions(new), _positions(out)
        choice._people = self._people.changed(added_at["person"], removed_at["person"])
        choice._organisations = self._organisations.changed(added_at["organisation"], removed_at["organisation"])
        return choice

    def only(self, ids: Iterable[str]) -> Holding:
        """The choice of some of its entries, whose names score as they do in the whole one."""
        choice = Holding(self._pool)
        choice._compiled = {id: held for id in ids if (held := self._compiled.get(id)) is not None}
        positions = _positions(choice._compiled.values())
        choice._people = self._people.only(positions["person"])
        choice._organisations = self._organisations.only(positions["organisation"])
        return choice

    @property
    def pool(self) -> Pool:
        return self._pool

    def entries(self) -> list[ListEntry]:
        """By entry_id."""
        return [self._compiled[id].entry for id in sorted(self._compiled)]

    def entry(self, entry_id: str) -> ListEntry | None:
        held = self._compiled.get(entry_id)
        return held.entry if held is not None else None

    def with_wallet(self, address: str) -> tuple[ListEntry, ...]:
        return self._chosen(self._pool.wallets.get(address, ()))

    def with_id(self, key: tuple[str, str]) -> tuple[ListEntry, ...]:
        entries = self._pool.ids.get(key)
        return self._chosen(entries) if entries else ()

    def _chosen(self, entries: Sequence[ListEntry]) -> tuple[ListEntry, ...]:
        return tuple(sorted((entry for entry in entries if self._has(entry)), key=lambda entry: entry.entry_id))

    def _has(self, entry: ListEntry) -> bool:
        return self.entry(entry.entry_id) is entry  # the pool has one object of a content

    def matches(self, name: str, kind: Kind, *limits: float | None) -> tuple[Match, ...]:
        """Listed names that the rules may match, or whose engine score reaches one of the limits, by entry and place.

        Without a limit the engine is not asked.
        """
        least = min((limit for limit in limits if limit is not None), default=None)
        matches = [
            match
            for view in self._views(kind)
            for spelling in view.table.spellings(name)
            for match in self._matches(view, spelling, least)
        ]
        return tuple(sorted(matches, key=_by_entry))

    def scores(self, name: str, kind: Kind, limit: int) -> Iterator[tuple[ListedName, float]]:
        """Listed names that look most like a name, and those that the rules may match, with the engine's score.

        limit: how many are wanted; for the best alone as few are scored as in screening.
        """
        for view in self._views(kind):
            for spelling in view.table.spellings(name):
                query = view.table.query_tokens(spelling)
                folded = view.table.fold(spelling)
                near = view.worth_scoring(query, folded) if limit == 1 else view.nearest(query, _RANKED)
                for at in {*near, *_promising(view, query)}:
                    score = view.score(folded, at)
                    for listed in self._listed(view, at):
                        yield listed, score

    def _views(self, kind: Kind) -> tuple[TableView, ...]:
        people = (self._people,) if kind != "organisation" else ()
        organisations = (self._organisations,) if kind != "person" else ()
        return (*people, *organisations)

    def _matches(self, view: TableView, name: str, least: float | None) -> Iterator[Match]:
        query = view.table.query_tokens(name)
        found = _promising(view, query)
        scores: dict[int, float] = {}
        if least is not None and len(query) > 1:  # one token is no full name: not for the engine to match
            folded = view.table.fold(name)
            forms = view.table.forms
            for at in {*view.worth_scoring(query, folded), *found}:
                score = view.score(folded, at)
                if score >= least and len(forms[at].tokens) > 1:
                    scores[at] = score
                    if at not in found:
                        found[at] = compare(query, forms[at].tokens, organisation=view.table.organisation)
        for at, comparison in found.items():
            for listed in self._listed(view, at):
                yield Match(listed, comparison, scores.get(at))

    def _listed(self, view: TableView, at: int) -> Iterator[ListedName]:
        tokens = view.table.forms[at].tokens
        for entry, place in view.table.owners[at]:
            if self._has(entry):
                yield ListedName(entry, place, tokens)


def _promising(view: TableView, query: Tokens) -> dict[int, Comparison]:
    """Positions of the names that the verdicts' rules may match."""
    forms, organisation = view.table.forms, view.table.organisation
    compared = ((at, compare(query, forms[at].tokens, organisation=organisation)) for at in view.candidates(query))
    return {at: comparison for at, comparison in compared if comparison.promising}


def _by_entry(match: Match) -> tuple[str, int]:
    return match.listed.entry.entry_id, match.listed.place


def _positions(entries: Iterable[Compiled]) -> dict[str, list[int]]:
    """By kind."""
    positions: dict[str, list[int]] = {"person": [], "organisation": [], "vessel": [], "aircraft": []}
    for one in entries:
        positions[one.entry.kind].extend(one.positions)
    return positions
