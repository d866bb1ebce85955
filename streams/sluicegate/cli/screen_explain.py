"""One party against the lists, explained: alignment, score and what moved it, verdict, what the stream would do."""

from collections.abc import Iterable, Sequence

import msgspec

from sluicegate.cli.screen_search import CONSIDERED, Found, candidate_of, query_of, search
from sluicegate.rules import sanctioned_identifier, sanctioned_name
from sluicegate.screening.assess import Fact, Facts, assess
from sluicegate.screening.fold import list_name_tokens, organisation_tokens, person_tokens
from sluicegate.screening.index import CompiledList, NameHit, NameQuery
from sluicegate.screening.scorer import MODEL_VERSION
from sluicegate.screening.verdict import Comparison, Thresholds, compare, decide

__all__ = ["Explanation", "ListShown", "Row", "explain"]

EXCLUDED_FROM = 50.0
"""Score of a name from which a candidate of the wrong kind is shown, to say why it is none."""


S1_SCORE = 100
NOTHING = 0.005
"""Score of a name that is shown as 0.00."""


class ListShown(msgspec.Struct, frozen=True):
    name: str
    version: str
    entries: int


class Row(msgspec.Struct, frozen=True):
    """A candidate. name_score: of the name alone; score: after the facts.

    verdict: of rule S2, on `verdict_name`, with its corroborators; engine: the engine's score, where that alone made a
    verdict or a near miss; alert: score of the alert that the stream would raise under the default policy, if any.
    """

    list: str
    list_version: str
    entry_id: str
    kind: str
    name: str
    quality: str
    aligned: str
    name_score: float
    facts: tuple[Fact, ...]
    score: float
    verdict: str | None
    verdict_name: str | None
    engine: float | None
    corroborators: tuple[str, ...]
    stream: str
    alert: int | None


class Explanation(msgspec.Struct, frozen=True):
    """excluded: good names of the other kind; partial: no list was loaded but the built-in selection."""

    name: str
    candidates: tuple[Row, ...]
    excluded: tuple[Row, ...]
    lists: tuple[ListShown, ...]
    model: str
    partial: bool


def explain(lists: Sequence[CompiledList], name: str, facts: Facts, *, limit: int, partial: bool) -> Explanation:
    """The `limit` best candidates, and as many names of the other kind that would be good ones."""
    params = sanctioned_name.RULE.params()
    assert isinstance(params, sanctioned_name.Params)
    query = query_of(name, facts)
    found: list[tuple[Found, NameHit | None]] = []
    for listed in lists:
        hits = {hit.entry_id: hit for hit in _hits(listed, query, params)}
        ranked = search((listed,), name, facts, max(limit, CONSIDERED))
        found += [(one, hits.pop(one.candidate.entry.entry_id, None)) for one in ranked]
        # a verdict is shown even where the engine sees little in the name
        left = [(candidate_of(hit.entry, name), hit) for hit in hits.values()]
        found += [(Found(listed, candidate, assess(candidate, facts)), hit) for candidate, hit in left]
    shown = [(one, hit) for one, hit in found if hit or one.assessment.identified or one.candidate.score >= NOTHING]
    shown = sorted(shown, key=lambda pair: pair[0].order)[:limit]
    candidates = tuple(_row(one, query, hit) for one, hit in shown)
    excluded = tuple(_row(one, query, None) for one in _excluded(lists, query, facts, limit))
    versions = tuple(ListShown(one.name, one.version, len(one.entries)) for one in lists)
    return Explanation(name, candidates, excluded, versions, MODEL_VERSION, partial)


def _hits(listed: CompiledList, query: NameQuery, params: sanctioned_name.Params) -> list[NameHit]:
    """What the rule gets."""
    possible = params.engine_possible
    return listed.screen_name(
        query,
        thresholds=Thresholds(params.strong, params.possible),
        engine_possible=possible,
        near_miss=max(0.0, possible - sanctioned_name.NEAR_MISS) if possible is not None else None,
    )


def _excluded(lists: Iterable[CompiledList], query: NameQuery, facts: Facts, limit: int) -> Iterable[Found]:
    if facts.kind == "both":
        return ()
    other = msgspec.structs.replace(query, kind="organisation" if facts.kind == "person" else "person")
    found = [
        Found(listed, candidate, assessment)
        for listed in lists
        for candidate in listed.rank(other, limit)
        if candidate.score >= EXCLUDED_FROM and (assessment := assess(candidate, facts)).excluded
    ]
    return sorted(found, key=lambda one: one.order)[:limit]


def _row(found: Found, query: NameQuery, hit: NameHit | None) -> Row:
    candidate, assessment = found.candidate, found.assessment
    entry = candidate.entry
    comparison = _compared(candidate.name, entry.kind, query)
    own = hit is not None and hit.name == candidate.name  # a verdict may be about another name of the entry
    stream, alert = _stream(found, comparison, hit)
    return Row(
        list=found.listed.name,
        list_version=found.listed.version,
        entry_id=entry.entry_id,
        kind=entry.kind,
        name=candidate.name,
        quality=candidate.quality,
        aligned=str(hit.alignment if hit and own else comparison.plain).removeprefix("; "),
        name_score=candidate.score,
        facts=assessment.facts,
        score=assessment.score,
        verdict=hit.verdict.value if hit and hit.verdict else None,
        verdict_name=hit.name if hit else None,
        engine=hit.engine if hit else None,
        corroborators=hit.corroborators if hit else (),
        stream=stream,
        alert=alert,
    )


def _compared(listed: str, kind: str, query: NameQuery) -> Comparison:
    organisation = kind != "person"
    tokens = organisation_tokens(query.name) if organisation else person_tokens(query.name)
    return compare(tokens, list_name_tokens(listed, kind), organisation=organisation)


def _stream(found: Found, comparison: Comparison, hit: NameHit | None) -> tuple[str, int | None]:
    """What the rules would write, and the score of the highest alert."""
    by_name = f"({sanctioned_name.RULE.slug})"
    identified = f"alert {S1_SCORE} ({sanctioned_identifier.RULE.slug}): block, as the policy says"
    if hit is None:
        if found.assessment.identified:
            return identified, S1_SCORE
        return f"nothing: {_silence(found, comparison)}", None
    if hit.verdict is None:
        text, alert = f"signal {hit.score} {by_name}: near miss", None
    elif hit.cleared_by is not None:
        text, alert = f"signal {hit.score} {by_name}: cleared by the verified birth date", None
    else:
        text, alert = f"alert {hit.score} {by_name}: review", hit.score
    return (f"{identified}; {text}", S1_SCORE) if found.assessment.identified else (text, alert)


def _silence(found: Found, comparison: Comparison) -> str:
    """Why the rule says nothing of the name."""
    alignment = comparison.plain
    if found.assessment.excluded:
        return "the entry is of another kind"
    if decide(comparison, corroborated=True, weak=found.candidate.quality == "weak").verdict:
        what = "a weak alias" if found.candidate.quality == "weak" else "another spelling of the surname"
        return f"{what} needs a country or a birth date that agrees"
    if alignment.unexplained:
        return f"the listed name does not explain {' '.join(alignment.unexplained)}"
    if not alignment.explained:
        return "one token in common is no match"
    return "the listed name has more to it" if alignment.unused else "the tokens are not alike enough"
