"""The best candidates of several lists for one party: by name, and by exact wallets and identifiers."""

from collections.abc import Iterable, Sequence

import msgspec

from sluicegate.screening.assess import Assessment, Facts, assess
from sluicegate.screening.index import Candidate, CompiledList, Kind, NameQuery
from sluicegate.screening.pair import score_pair
from sluicegate.wire.events import ListEntry

__all__ = ["Found", "best", "search"]

CONSIDERED = 20
"""Candidates of each list that are qualified by facts: a namesake with the right birth date may stand behind others."""


class Found(msgspec.Struct, frozen=True):
    """A candidate of one list, qualified."""

    listed: CompiledList
    candidate: Candidate
    assessment: Assessment

    @property
    def order(self) -> tuple[float, float, str, str]:
        """Smaller is better: score, score of the name alone; then list and entry, to be the same every time."""
        one = self.candidate
        return -self.assessment.score, -one.score, self.listed.name, one.entry.entry_id


def search(lists: Iterable[CompiledList], name: str, facts: Facts, limit: int) -> list[Found]:
    """The `limit` best candidates, best first; what the kind excludes is not among them."""
    found = [one for listed in lists for one in _of(listed, name, facts, limit) if not one.assessment.excluded]
    return sorted(found, key=lambda one: one.order)[:limit]


def best(lists: Sequence[CompiledList], name: str, facts: Facts) -> Found | None:
    """The best candidate; None where nothing listed is like the name, and no identifier of the party is listed."""
    return next(iter(search(lists, name, facts, 1)), None)


def query_of(name: str, facts: Facts) -> NameQuery:
    return NameQuery(name, facts.kind, facts.countries, facts.birth_year, facts.dob_verified)


def _of(listed: CompiledList, name: str, facts: Facts, limit: int) -> Iterable[Found]:
    ranked = [*listed.rank(query_of(name, facts), max(limit, CONSIDERED) if facts.qualify else limit, verdicts=False)]
    seen = {one.entry.entry_id for one in ranked}
    for entry in identified(listed, facts):
        if entry.entry_id not in seen:
            seen.add(entry.entry_id)
            ranked.append(candidate_of(entry, name))
    found = [Found(listed, one, assess(one, facts)) for one in ranked]
    return [one for one in found if one.candidate.score > 0 or one.assessment.identified]


def identified(listed: CompiledList, facts: Facts) -> Iterable[ListEntry]:
    """Entries that list a wallet or an identifier of the party."""
    for wallet in sorted(facts.wallets):
        yield from listed.wallet_hits(wallet)
    for scheme, value in sorted(facts.ids):
        yield from listed.id_hits(scheme, value)


def candidate_of(entry: ListEntry, name: str) -> Candidate:
    """An entry found by something else than its names; the one nearest to `name` is shown."""
    kind: Kind = "person" if entry.kind == "person" else "organisation"
    score, nearest = max(((score_pair(name, one.name, kind), one) for one in entry.names), key=lambda pair: pair[0])
    return Candidate(entry, nearest.name, nearest.quality or "strong", score, None)
