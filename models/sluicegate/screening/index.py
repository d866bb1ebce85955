"""A sanctions list compiled for screening: exact wallets and identifiers, and names by their verdicts."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from sluicegate.screening.candidates import NameIndex
from sluicegate.screening.engine import EngineFactory
from sluicegate.screening.fold import list_name_tokens, organisation_tokens, person_tokens
from sluicegate.screening.verdict import (
    DEFAULT,
    Alignment,
    Comparison,
    Judgement,
    Thresholds,
    Tokens,
    Verdict,
    compare,
    decide,
)
from sluicegate.screening.wallets import address_id
from sluicegate.wire.events import ListEntry

Kind = Literal["person", "organisation", "both"]

SCORES = {
    (Verdict.STRONG, True): 90,
    (Verdict.STRONG, False): 65,
    (Verdict.POSSIBLE, True): 65,
    (Verdict.POSSIBLE, False): 45,
}
CLEARED_SCORE = 10
_CACHED_NAMES = 1 << 16
_QUALITIES = {"primary": 0, "strong": 1, "weak": 2}


class NameQuery(msgspec.Struct, frozen=True):
    """A name to screen, and what is known about its bearer.

    countries: of residence, account and bank (ISO 3166-1 alpha-2); birth_year: from `dob`.
    """

    name: str
    kind: Kind
    countries: frozenset[str] = frozenset()
    birth_year: int | None = None
    dob_verified: bool = False


class ListedName(msgspec.Struct, frozen=True):
    """One name of one entry. quality: primary, strong (also if absent) or weak; tokens: `list_name_tokens`."""

    entry: ListEntry
    name: str
    quality: str
    tokens: Tokens


class Match(msgspec.Struct, frozen=True):
    """A listed name that some corroborator and thresholds could make a hit; engine: its score, 0 to 1."""

    listed: ListedName
    comparison: Comparison
    engine: float | None = None


class NameHit(msgspec.Struct, frozen=True):
    """The best verdict of one entry on a name.

    score: 90, 65 or 45; 10 where cleared. corroborators: `country:KP`, `dob:1976`. cleared_by: `dob` or None.
    engine: the engine's score where it, not the rules, made the verdict.
    """

    entry: ListEntry
    name: str
    quality: str
    verdict: Verdict
    score: int
    corroborators: tuple[str, ...]
    cleared_by: Literal["dob"] | None
    alignment: Alignment
    engine: float | None = None

    @property
    def entry_id(self) -> str:
        return self.entry.entry_id


class CompiledList:
    """One version of a list, immutable; results depend on it and the query alone (the caches change only speed).

    Building costs about 15 µs a name, so a list of the entries an update added serves to screen known payees again.
    """

    def __init__(
        self, name: str, version: str, entries: Iterable[ListEntry], *, engine: EngineFactory | None = None
    ) -> None:
        self.name = name
        self.version = version
        self.entries = tuple(sorted(entries, key=lambda entry: entry.entry_id))
        self._wallets = _group((address_id(wallet), entry) for entry in self.entries for wallet in entry.wallets)
        self._ids = _group((identifier(one.scheme, one.value), entry) for entry in self.entries for one in entry.ids)
        self._people = _NameTable(self.entries, engine, organisation=False)
        self._organisations = _NameTable(self.entries, engine, organisation=True)
        self._matches = lru_cache(maxsize=_CACHED_NAMES)(self._find_matches)

    def wallet_hits(self, address: str) -> tuple[ListEntry, ...]:
        """Entries that list the address, whatever its tag: lists name addresses only. By entry_id."""
        return self._wallets.get(address_id(address), ())

    def id_hits(self, scheme: str, value: str) -> tuple[ListEntry, ...]:
        """Entries that list the identifier; `lei` and `bic` are schemes like any other. By entry_id."""
        return self._ids.get(identifier(scheme, value), ())

    def candidates(self, tokens: Tokens, *, organisation: bool) -> list[ListedName]:
        """Listed names whose verdict on the tokens is worth computing; no name with a verdict is left out."""
        return (self._organisations if organisation else self._people).candidates(tokens)

    def screen_name(
        self, query: NameQuery, *, thresholds: Thresholds = DEFAULT, engine_possible: float | None = None
    ) -> list[NameHit]:
        """Best hit of each entry, by falling score, then entry_id. engine_possible: None switches the engine off."""
        matches = self._matches(query.name, query.kind)
        if not matches:
            return []
        best: dict[str, NameHit] = {}
        for match in matches:
            hit = _hit(match, query, thresholds, engine_possible)
            if hit and (hit.entry_id not in best or _preference(hit) < _preference(best[hit.entry_id])):
                best[hit.entry_id] = hit
        return sorted(best.values(), key=lambda hit: (-hit.score, hit.entry_id))

    def _find_matches(self, name: str, kind: Kind) -> tuple[Match, ...]:
        people = () if kind == "organisation" else self._people.matches(person_tokens(name))
        organisations = () if kind == "person" else self._organisations.matches(organisation_tokens(name))
        return (*people, *organisations)


class _NameTable:
    """The names of one type, their index, and the engine over them."""

    def __init__(self, entries: Sequence[ListEntry], engine: EngineFactory | None, *, organisation: bool) -> None:
        self._organisation = organisation
        kind = "organisation" if organisation else "person"
        tokens: dict[str, str] = {}  # one object a distinct token: a list repeats its tokens some four times
        self._names = [
            ListedName(entry, one.name, one.quality or "strong", tuple(tokens.setdefault(t, t) for t in folded))
            for entry in entries
            if entry.kind == kind
            for one in entry.names
            if (folded := list_name_tokens(one.name, kind))
        ]
        folded_names = [listed.tokens for listed in self._names]
        self._index = NameIndex(folded_names, organisation=organisation)
        self._engine = engine(folded_names, organisation) if engine else None

    def candidates(self, query: Tokens) -> list[ListedName]:
        return [self._names[at] for at in self._index.candidates(query)]

    def matches(self, query: Tokens) -> Iterable[Match]:
        scores = dict(self._engine.nearest(query)) if self._engine and len(query) > 1 else {}
        for at in sorted({*self._index.candidates(query), *scores}):
            listed, engine = self._names[at], scores.get(at)
            comparison = compare(query, listed.tokens, organisation=self._organisation)
            if comparison.promising or (engine is not None and len(listed.tokens) > 1):
                yield Match(listed, comparison, engine)


def identifier(scheme: str, value: str) -> tuple[str, str]:
    """The form in which identifiers are compared: value in upper case without spaces and hyphens.

    >>> identifier("passport", "x 12-34")
    ('passport', 'X1234')
    """
    return scheme.lower(), "".join(value.split()).replace("-", "").upper()


def _group(pairs: Iterable[tuple[object, ListEntry]]) -> dict[object, tuple[ListEntry, ...]]:
    groups: dict[object, dict[str, ListEntry]] = {}
    for key, entry in pairs:
        groups.setdefault(key, {})[entry.entry_id] = entry
    return {key: tuple(group.values()) for key, group in groups.items()}


def _hit(match: Match, query: NameQuery, thresholds: Thresholds, engine_possible: float | None) -> NameHit | None:
    listed = match.listed
    corroborators = _corroborators(listed.entry, query)
    weak = listed.quality == "weak"
    judgement = decide(match.comparison, corroborated=bool(corroborators), weak=weak, thresholds=thresholds)
    engine = None
    if not judgement.verdict and _engine_decides(match, bool(corroborators), weak, thresholds, engine_possible):
        judgement, engine = Judgement(Verdict.POSSIBLE, judgement.alignment), match.engine
    if not judgement.verdict:
        return None
    cleared = _cleared(listed.entry, query)
    return NameHit(
        entry=listed.entry,
        name=listed.name,
        quality=listed.quality,
        verdict=judgement.verdict,
        score=CLEARED_SCORE if cleared else SCORES[judgement.verdict, bool(corroborators)],
        corroborators=corroborators,
        cleared_by="dob" if cleared else None,
        alignment=judgement.alignment,
        engine=engine,
    )


def _engine_decides(
    match: Match, corroborated: bool, weak: bool, thresholds: Thresholds, engine_possible: float | None
) -> bool:
    """Whether the engine may speak where the rules are silent: not where they only miss a corroborator."""
    if engine_possible is None or match.engine is None or match.engine < engine_possible:
        return False
    if corroborated:
        return True
    return not weak and decide(match.comparison, corroborated=True, thresholds=thresholds).verdict is None


def _preference(hit: NameHit) -> tuple[int, int, float]:
    """Smaller is better: verdict (within an entry it alone decides the score), quality of the name, similarity."""
    return (0 if hit.verdict is Verdict.STRONG else 1), _QUALITIES[hit.quality], -hit.alignment.mean


def _corroborators(entry: ListEntry, query: NameQuery) -> tuple[str, ...]:
    shared = [f"country:{country}" for country in sorted(query.countries.intersection(entry.countries))]
    if query.birth_year is not None:
        shared += [f"dob:{year}" for year in sorted(_birth_years(entry)) if abs(year - query.birth_year) <= 1]
    return tuple(shared)


def _cleared(entry: ListEntry, query: NameQuery) -> bool:
    """A verified date of birth rules the entry out when none of its years is within one of it."""
    years = _birth_years(entry)
    if not query.dob_verified or query.birth_year is None or not years:
        return False
    return all(abs(year - query.birth_year) > 1 for year in years)


def _birth_years(entry: ListEntry) -> set[int]:
    return {int(date[:4]) for date in entry.dob}
