"""A sanctions list compiled for screening: exact wallets and identifiers, and names by their verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

import msgspec

from sluicegate.screening.hits import Kind, Limits, ListedName, NameHit, NameQuery, preference, qualify
from sluicegate.screening.holding import Holding
from sluicegate.screening.pool import Pool, identifier
from sluicegate.screening.verdict import DEFAULT, Thresholds
from sluicegate.screening.wallets import address_id
from sluicegate.wire.events import ListEntry

__all__ = ["Candidate", "CompiledList", "Kind", "NameHit", "NameQuery", "identifier"]

MAX_NEAR_MISSES = 3
_CACHED_NAMES = 1 << 16


class Candidate(msgspec.Struct, frozen=True):
    """The name of an entry that looks most like a query.

    score: the engine's, 0 to 100; verdict: what screening says of the entry, None where that is nothing.
    """

    entry: ListEntry
    name: str
    quality: str
    score: float
    verdict: NameHit | None


class CompiledList:
    """One version of a list, immutable: results depend on its entries and the query alone.

    Compiling an entry costs some 60 µs a name. Versions made by `derive` share what is compiled, as long as any of
    them is held; of several entries of one id the last one counts. Not for use by several threads at once.
    """

    def __init__(self, name: str, version: str, entries: Iterable[ListEntry]) -> None:
        self._take(name, version, Holding(Pool()).changed(entries))

    def _take(self, name: str, version: str, holding: Holding) -> None:
        self.name = name
        self.version = version
        self._holding = holding
        self._matches = lru_cache(maxsize=_CACHED_NAMES)(holding.matches)

    def prepare(self, entries: Iterable[ListEntry]) -> None:
        """Compile entries ahead of the version that will have them; changes no result."""
        for entry in entries:
            self._holding.pool.add(entry)

    def derive(self, version: str, added: Iterable[ListEntry], removed: Iterable[str]) -> CompiledList:
        """The version without the entries of the ids `removed`, then with `added`, each in the place of that of its id.

        Costs some 3 ms and what is compiled now because it was not prepared; as much as a first version, some 15 ms,
        once in about as many changes as the list has entries (see `pool`).
        """
        derived = CompiledList.__new__(CompiledList)
        derived._take(self.name, version, self._holding.changed(added, removed))
        return derived

    def only(self, ids: Iterable[str]) -> CompiledList:
        """Some of the entries, to screen by what an update added: their names score as they do in the whole list.

        Where many names are alike, the engine may come to one that it would not have reached among all of them.
        """
        part = CompiledList.__new__(CompiledList)
        part._take(self.name, self.version, self._holding.only(ids))
        return part

    @cached_property
    def entries(self) -> tuple[ListEntry, ...]:
        """By entry_id."""
        return tuple(self._holding.entries())

    def entry(self, entry_id: str) -> ListEntry | None:
        return self._holding.entry(entry_id)

    def wallet_hits(self, address: str) -> tuple[ListEntry, ...]:
        """Entries that list the address, whatever its tag: lists name addresses only. By entry_id."""
        return self._holding.with_wallet(address_id(address))

    def id_hits(self, scheme: str, value: str) -> tuple[ListEntry, ...]:
        """Entries that list the identifier; `lei` and `bic` are schemes like any other. By entry_id."""
        return self._holding.with_id(identifier(scheme, value))

    def has_alike(
        self, name: str, kind: Kind, engine_possible: float | None = None, near_miss: float | None = None
    ) -> bool:
        """Whether `screen_name` could find anything, whoever bears the name. Told at once where asked before."""
        return bool(self._matches(name, kind, engine_possible, near_miss))

    def screen_name(
        self,
        query: NameQuery,
        *,
        thresholds: Thresholds = DEFAULT,
        engine_possible: float | None = None,
        near_miss: float | None = None,
    ) -> list[NameHit]:
        """Best hit of each entry, by falling score, then entry_id; after them near misses of other entries.

        engine_possible: the engine's score, 0 to 100, that makes a name POSSIBLE on which the rules are silent; None
        switches that off. near_miss: the score from which such a name is a near miss (verdict None), of which the best
        `MAX_NEAR_MISSES` are given; None: none.
        """
        matches = self._matches(query.name, query.kind, engine_possible, near_miss)
        if not matches:
            return []
        limits = Limits(engine_possible, near_miss)
        best: dict[str, NameHit] = {}
        for match in matches:
            hit = qualify(match, query, thresholds, limits)
            if hit and (hit.entry_id not in best or preference(hit) < preference(best[hit.entry_id])):
                best[hit.entry_id] = hit
        hits = [hit for hit in best.values() if hit.verdict]
        near = [hit for hit in best.values() if not hit.verdict]
        hits.sort(key=lambda hit: (-hit.score, hit.entry_id))
        near.sort(key=lambda hit: (-(hit.engine or 0.0), hit.entry_id))
        return hits + near[:MAX_NEAR_MISSES]

    def rank(
        self,
        query: NameQuery,
        limit: int = 5,
        *,
        thresholds: Thresholds = DEFAULT,
        engine_possible: float | None = None,
        near_miss: float | None = None,
        verdicts: bool = True,
    ) -> list[Candidate]:
        """Entries whose names look most like the query, by falling engine score, then entry_id.

        verdicts: whether to ask the rules as well, which takes about as long again.
        """
        best: dict[str, tuple[float, int, int, ListedName]] = {}
        for listed, score in self._holding.scores(query.name, query.kind, limit):
            one = (-score, *listed.rank, listed)
            if listed.entry.entry_id not in best or one[:3] < best[listed.entry.entry_id][:3]:
                best[listed.entry.entry_id] = one
        hits: list[NameHit] = []
        if verdicts:
            hits = self.screen_name(query, thresholds=thresholds, engine_possible=engine_possible, near_miss=near_miss)
        by_entry = {hit.entry_id: hit for hit in hits}
        order = sorted(best, key=lambda entry_id: (best[entry_id][0], entry_id))[:limit]
        return [
            Candidate(listed.entry, listed.name, listed.quality, -falling, by_entry.get(listed.entry.entry_id))
            for falling, _, _, listed in map(best.__getitem__, order)
        ]
