"""A payee's name agrees with a listed one.

A name never blocks by itself: verdicts ask that every token of the name is explained by the entry, and country, birth
date and identifiers corroborate or clear.

Evidence: the name and the listed name, how their words were aligned, the verdict and what corroborates it, the entry
and the version of the list.

False positives: namesakes, above all short names of few syllables. A verified date of birth clears them; an allow
entry silences one payee and entry until the entry changes.

Next step: follow the list's match steps: type, full name, then address, nationality, date of birth; record the reason
for clearing.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sluicegate.detection.lists import entry_digest
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import PayeeView, View
from sluicegate.rules.base import Days, Finding, NotEvaluable, Result, Rule, RuleParams, Score, Share
from sluicegate.rules.screened import Party, hit, known_party, party_of
from sluicegate.screening.index import CompiledList, NameHit, NameQuery
from sluicegate.screening.scorer import MODEL_VERSION
from sluicegate.screening.verdict import Thresholds
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest

POSSIBLE = 69.9
"""The engine's score at 0.5 % false positives on names that are on no list."""
NEAR_MISS = 20.0
"""Points below `engine_possible` within which a name is a near miss."""

Names = tuple[tuple[str, str], ...]
"""(field, name)."""


class Params(RuleParams, frozen=True):
    rescreen_days: Annotated[Days, Meta(description="days back for which payees are screened against new entries")] = (
        400
    )
    strong: Annotated[Share, Meta(description="least mean similarity of a strong verdict")] = 0.9
    possible: Annotated[Share, Meta(description="least mean similarity of a possible verdict")] = 0.85
    engine_possible: Annotated[
        Score | None, Meta(description="the engine's score that makes a name possible; empty: off")
    ] = POSSIBLE


def check(view: View, params: Params) -> Iterable[Result]:
    if not view.screen.lists:
        return ()
    party = party_of(view)
    names = party.names
    return _screen(party, names, view.screen.lists, params) if names else (NotEvaluable("payee.name"),)


def at_rescreen(view: PayeeView, params: Params) -> Iterable[Finding]:
    party = known_party(view)
    return _screen(party, party.names, (view.listed,), params)


def _screen(party: Party, names: Names, lists: Sequence[CompiledList], params: Params) -> Iterable[Finding]:
    kind, possible = party.kind, params.engine_possible
    near = max(0.0, possible - NEAR_MISS) if possible is not None else None
    alike = [one for one in lists for _, name in names if one.has_alike(name, kind, possible, near)]
    return _judge(party, names, dict.fromkeys(alike), params, near) if alike else ()


def _judge(
    party: Party, names: Names, lists: Iterable[CompiledList], params: Params, near: float | None
) -> Iterator[Finding]:
    """Hits on lists that have names like these."""
    kind, possible, profile = party.kind, params.engine_possible, party.profile
    year = int(profile.dob[:4]) if profile.dob is not None and party.policy.screen_dob else None
    verified = bool(profile.dob_verified) and year is not None
    queries = [(field, NameQuery(name, kind, party.countries, year, verified)) for field, name in names]
    thresholds = Thresholds(params.strong, params.possible)
    for listed in lists:
        best: dict[str, tuple[str, str, NameHit]] = {}
        for field, query in queries:
            for one in listed.screen_name(query, thresholds=thresholds, engine_possible=possible, near_miss=near):
                held = best.get(one.entry_id)
                if held is None or one.score > held[2].score:
                    best[one.entry_id] = field, query.name, one
        for field, name, one in best.values():
            yield _finding(party, listed, field, name, one)


def _finding(party: Party, listed: CompiledList, field: str, name: str, one: NameHit) -> Finding:
    verdict = one.verdict.value if one.verdict is not None else "near miss"
    observed: dict[str, Any] = {
        "field": field,
        "name": name,
        "listed_name": one.name,
        "quality": one.quality,
        "verdict": verdict,
        "aligned": str(one.alignment),
        "corroborators": list(one.corroborators),
    }
    if one.engine is not None:
        observed["engine_score"] = round(one.engine, 2)
    finding = hit(
        party,
        listed,
        one.entry,
        one.score,
        f"A payee's name agrees with the listed {one.name}",
        _told(one, verdict),
        observed,
        counterfactual="A verified date of birth that is not the listed one would have cleared it."
        if one.entry.dob
        else "A name with one token that the entry does not explain would not have matched.",
        action="review",
        cleared_by=one.cleared_by,
        models={"names": MODEL_VERSION} if one.engine is not None else {},
    )
    if one.verdict is not None:
        return finding
    return msgspec.structs.replace(
        finding,
        title=f"A payee's name comes near the listed {one.name}",
        notice=True,  # told once for a payee and an entry as it stands, not with every payment
        cause=f"near\n{party.payee}\n{listed.name}\n{one.entry_id}\n{entry_digest(one.entry).hex()}",
    )


def _told(one: NameHit, verdict: str) -> str:
    if one.verdict is None:
        return f"Below the threshold: the engine gives {one.engine:.1f} of 100 ({one.alignment})."
    if one.cleared_by is not None:
        return "The name agrees, but the verified date of birth does not: cleared."
    by = f" The engine gives {one.engine:.1f} of 100." if one.engine is not None else ""
    if one.corroborators:
        return f"{verdict.capitalize()} match, corroborated by {', '.join(one.corroborators)}: {one.alignment}.{by}"
    return f"Potential match ({verdict}) on the name alone: {one.alignment}.{by}"


RULE = Rule(
    slug="sanctioned-name",
    letter="S2",
    family="sanctions",
    params=Params,
    on={Payment: check, PayoutRequest: check, PayeeChange: check},
    at_rescreen=at_rescreen,
    reads=(PayeeRecord,),
    sources=("OFAC FAQ 5",),
    fires=("listed-firm-abbreviated", "birth-year-one-off-corroborates"),
    silent=("namesake-cleared-by-birth-date", "one-token-in-common", "short-syllables-that-differ"),
)
