"""A payee's name agrees with a listed one.

A name never blocks by itself: verdicts ask that every token of the name is explained by the entry, and country, birth
date and identifiers corroborate or clear.

False positives: namesakes, above all short names of few syllables. A verified date of birth clears them; an allow
entry silences one payee and entry until the entry changes.

Next step: follow the list's match steps: type, full name, then address, nationality, date of birth; record the reason
for clearing.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

from msgspec import Meta

from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.view import PayeeView, View
from sluicegate.rules.base import Days, Finding, NotEvaluable, Points, Result, Rule, RuleParams, Share
from sluicegate.rules.screened import Party, hit, known_party, party_of
from sluicegate.screening.index import CompiledList, NameHit, NameQuery
from sluicegate.screening.verdict import Thresholds
from sluicegate.wire.events import PayeeChange, Payment, PayoutRequest


class Params(RuleParams, frozen=True):
    rescreen_days: Annotated[Days, Meta(description="days back for which payees are screened against new entries")] = (
        400
    )
    strong: Annotated[Share, Meta(description="least mean similarity of a strong verdict")] = 0.9
    possible: Annotated[Share, Meta(description="least mean similarity of a possible verdict")] = 0.85
    engine_possible: Annotated[
        Points | None, Meta(description="engine score that makes a verdict possible; empty: off")
    ] = None


def check(view: View, params: Params) -> Iterator[Result]:
    if view.screen.lists:
        party = party_of(view)
        if not party.names:
            yield NotEvaluable("payee.name")
        for listed in view.screen.lists:
            yield from _screen(party, listed, params)


def at_rescreen(view: PayeeView, params: Params) -> Iterable[Finding]:
    return _screen(known_party(view), view.listed, params)


def _screen(party: Party, listed: CompiledList, params: Params) -> Iterator[Finding]:
    best: dict[str, tuple[str, str, NameHit]] = {}
    profile = party.profile
    year = int(profile.dob[:4]) if profile.dob is not None and party.policy.screen_dob else None
    for field, name in party.names:
        query = NameQuery(name, party.kind, party.countries, year, bool(profile.dob_verified) and year is not None)
        hits = listed.screen_name(
            query, thresholds=Thresholds(params.strong, params.possible), engine_possible=params.engine_possible
        )
        for one in hits:
            held = best.get(one.entry_id)
            if held is None or one.score > held[2].score:
                best[one.entry_id] = field, name, one
    for field, name, one in best.values():
        yield _finding(party, listed, field, name, one)


def _finding(party: Party, listed: CompiledList, field: str, name: str, one: NameHit) -> Finding:
    verdict = one.verdict.value
    if one.cleared_by is not None:
        text = "The name agrees, but the verified date of birth does not: cleared."
    elif one.corroborators:
        text = f"{verdict.capitalize()} match, corroborated by {', '.join(one.corroborators)}: {one.alignment}."
    else:
        text = f"Potential match ({verdict}) on the name alone: {one.alignment}."
    return hit(
        party,
        listed,
        one.entry,
        one.score,
        f"A payee's name agrees with the listed {one.name}",
        text,
        {
            "field": field,
            "name": name,
            "listed_name": one.name,
            "quality": one.quality,
            "verdict": verdict,
            "aligned": str(one.alignment),
            "corroborators": list(one.corroborators),
        },
        counterfactual="A verified date of birth that is not the listed one would have cleared it."
        if one.entry.dob
        else "A name with one token that the entry does not explain would not have matched.",
        action="review",
        cleared_by=one.cleared_by,
    )


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
