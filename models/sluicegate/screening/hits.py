"""What an agreement of names is worth once the bearer is known: the verdict and score of an entry on a payee."""

from typing import Literal

import msgspec

from sluicegate.screening.verdict import (
    Alignment,
    Comparison,
    Judgement,
    Thresholds,
    Tokens,
    Verdict,
    decide,
)
from sluicegate.wire.events import ListEntry

Kind = Literal["person", "organisation", "both"]

SCORES = {
    (Verdict.STRONG, True): 90,
    (Verdict.STRONG, False): 65,
    (Verdict.POSSIBLE, True): 65,
    (Verdict.POSSIBLE, False): 45,
}
SIGNAL_SCORE = 10
"""Of a hit that is no alert: cleared, or a near miss."""
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
    """One name of one entry. place: among its names; tokens: `list_name_tokens`."""

    entry: ListEntry
    place: int
    tokens: Tokens

    @property
    def name(self) -> str:
        return self.entry.names[self.place].name

    @property
    def quality(self) -> str:
        """Primary, strong (also where the list says nothing) or weak."""
        return self.entry.names[self.place].quality or "strong"

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is better."""
        return _QUALITIES[self.quality], self.place


class Match(msgspec.Struct, frozen=True):
    """A listed name that some corroborator and thresholds could make a hit; engine: its score, 0 to 100, if asked."""

    listed: ListedName
    comparison: Comparison
    engine: float | None = None


class NameHit(msgspec.Struct, frozen=True):
    """The best verdict of one entry on a name, or a near miss.

    verdict: None for a near miss; score: 90, 65 or 45; 10 where cleared, and for a near miss. corroborators:
    `country:KP`, `dob:1976`. cleared_by: `dob` or None. engine: the engine's score, 0 to 100, where it, not the rules,
    made the verdict or the near miss.
    """

    entry: ListEntry
    name: str
    quality: str
    verdict: Verdict | None
    score: int
    corroborators: tuple[str, ...]
    cleared_by: Literal["dob"] | None
    alignment: Alignment
    engine: float | None = None

    @property
    def entry_id(self) -> str:
        return self.entry.entry_id


class Limits(msgspec.Struct, frozen=True):
    """From which engine scores (0 to 100) on a name is POSSIBLE, and a near miss; None: never."""

    possible: float | None = None
    near_miss: float | None = None


def qualify(match: Match, query: NameQuery, thresholds: Thresholds, limits: Limits) -> NameHit | None:
    """What a match is with all that is known of the query's bearer; None: nothing."""
    listed = match.listed
    corroborators = _corroborators(listed.entry, query)
    weak = listed.quality == "weak"
    judgement = decide(match.comparison, corroborated=bool(corroborators), weak=weak, thresholds=thresholds)
    cleared = _cleared(listed.entry, query)
    engine = None
    if judgement.verdict is None:
        if cleared or not _engine_may_speak(match, bool(corroborators), weak, thresholds):
            return None
        engine = match.engine
        judgement = Judgement(_engine_verdict(engine, limits), match.comparison.plain)
        if judgement.verdict is None and not _is_near_miss(engine, limits):
            return None
    verdict = judgement.verdict
    return NameHit(
        entry=listed.entry,
        name=listed.name,
        quality=listed.quality,
        verdict=verdict,
        score=SIGNAL_SCORE if cleared or verdict is None else SCORES[verdict, bool(corroborators)],
        corroborators=corroborators,
        cleared_by="dob" if cleared else None,
        alignment=judgement.alignment,
        engine=engine,
    )


def preference(hit: NameHit) -> tuple[int, int, float, float]:
    """To choose among hits of one entry, smaller is better: verdict (which alone decides the score of an entry that is
    not cleared), quality of the name, similarity, engine.
    """
    verdict = 0 if hit.verdict is Verdict.STRONG else 1 if hit.verdict else 2
    if verdict == 2:
        return verdict, 0, -(hit.engine or 0.0), 0.0
    return verdict, _QUALITIES[hit.quality], -hit.alignment.mean, -(hit.engine or 0.0)


def _engine_may_speak(match: Match, corroborated: bool, weak: bool, thresholds: Thresholds) -> bool:
    """Whether the rules are silent on a name as such, and not because they exclude it or miss a corroborator."""
    if match.engine is None:
        return False
    if corroborated:
        return True
    return not weak and decide(match.comparison, corroborated=True, thresholds=thresholds).verdict is None


def _engine_verdict(engine: float | None, limits: Limits) -> Verdict | None:
    reached = engine is not None and limits.possible is not None and engine >= limits.possible
    return Verdict.POSSIBLE if reached else None


def _is_near_miss(engine: float | None, limits: Limits) -> bool:
    return engine is not None and limits.near_miss is not None and engine >= limits.near_miss


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
