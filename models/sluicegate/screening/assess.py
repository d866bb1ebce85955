"""What further facts about a party do to the score of its name: the score that `sluicegate screen` ranks by.

A name's score is the engine's probability, in percent, that two names mean one party. Each fact multiplies the odds by
its likelihood ratio: how much more often it is seen where the parties are the same than where only their names agree
(log-odds add up, so the order of facts does not matter). A name about whose bearer nothing is known keeps the engine's
score to the last bit.

The ratios come from counts over two published lists. Same parties: 271 persons of the UN list of February 2026 whose
name of three tokens or more stands on OFAC's of July 2021 as well. Namesakes: 13,226 pairs of different persons of
OFAC's list with two tokens in common. (Strangers have a country in common in 7 %, a birth year in 8 % of the pairs: it
is namesakes that have to be told apart.)

| fact | same party | namesakes | ratio | used |
|---|---|---|---|---|
| a country in common | .82 | .32 | 2.6 | 2.5 |
| none in common | .18 | .68 | 0.27 | 0.5 |
| birth dates equal to the day | .94 | .0013 | 740 | 100 |
| birth years equal or one apart | .98 | .088 | 11 | 10 |
| the same, but the days differ | .05 | .086 | 0.5 | 1 |
| birth years more than one apart | .02 | .91 | 0.02 | 0.05 |

What is used is nearer to 1 than what was counted: a payee states where he lives, the list whence he comes; who hides
gives a false date; lists copy dates from each other. Days that differ are no reason to score lower what rule S2 takes
as corroborated.

The order of S2 holds: facts move the score by what they say, never by the verdict, so of two names with the same facts
the one that scored higher alone does so after; a corroborator never lowers; what is excluded or cleared scores 0.
"""

import enum
from collections.abc import Iterator

import msgspec

from sluicegate.screening.index import Candidate, Kind, identifier
from sluicegate.screening.wallets import address_id
from sluicegate.wire.events import ListEntry

CERTAIN = 100.0
COUNTRY_AGREES = 2.5
COUNTRY_DIFFERS = 0.5
WEAK_ALIAS_ALONE = 0.1
"""Facts are known, and none speaks for a weak alias: S2 asks for a corroborator; OFAC's FAQ 122 calls such names broad
and too common to screen by."""
NAMESAKES = 0.05
"""Share of namesakes among parties whose names agree perfectly, once a fact speaks against: without it no fact could
move a name that scores 100."""
_DAY = len("YYYY-MM-DD")


class Birth(enum.Enum):
    """How two birth dates agree; the value is the likelihood ratio."""

    SAME_DAY = 100.0
    SAME_YEAR = 10.0
    OTHER_DAY = 1.0
    OTHER_YEAR = 0.05

    def __str__(self) -> str:
        return _BIRTH_TEXTS[self]


_BIRTH_TEXTS = {
    Birth.SAME_DAY: "birth date is equal",
    Birth.SAME_YEAR: "birth year agrees",
    Birth.OTHER_DAY: "birth year agrees, the day does not",
    Birth.OTHER_YEAR: "birth year differs",
}


class Facts(msgspec.Struct, frozen=True):
    """What is known of a party beside its name.

    countries: of residence, account and bank (ISO 3166-1 alpha-2); dob: YYYY, YYYY-MM or YYYY-MM-DD; wallets: as
    `address_id` gives them; ids: as `identifier` gives them.
    """

    kind: Kind = "both"
    countries: frozenset[str] = frozenset()
    dob: str | None = None
    dob_verified: bool = False
    wallets: frozenset[str] = frozenset()
    ids: frozenset[tuple[str, str]] = frozenset()

    @property
    def birth_year(self) -> int | None:
        return int(self.dob[:4]) if self.dob is not None else None

    @property
    def qualify(self) -> bool:
        """Whether anything is known that could move a score."""
        return bool(self.countries or self.dob or self.wallets or self.ids)


class Fact(msgspec.Struct, frozen=True):
    """What one fact says, and the score before and after it (0 to 100)."""

    text: str
    before: float
    after: float


class Assessment(msgspec.Struct, frozen=True):
    """Score of a candidate, 0 to 100, and how it came from the name's.

    excluded: of another kind, so no candidate at all; identified: by a wallet or identifier, whatever the name.
    """

    score: float
    facts: tuple[Fact, ...] = ()
    excluded: bool = False
    identified: bool = False


def assess(candidate: Candidate, known: Facts) -> Assessment:
    """Qualify a candidate by what is known of the party. Kind and clearing are passed over by an exact identifier."""
    entry = candidate.entry
    facts: list[Fact] = []
    score = candidate.score
    ratio = 1.0
    for text, factor in _ratios(entry, candidate.quality, known):
        ratio *= factor
        after = move(candidate.score, ratio)
        facts.append(Fact(text, score, after))
        score = after
    excluded = known.kind not in ("both", entry.kind)
    if excluded:
        facts.append(Fact(f"excluded: the entry is {_a(entry.kind)}, not {_a(known.kind)}", score, 0.0))
        score = 0.0
    elif known.dob_verified and _birth(entry, known) is Birth.OTHER_YEAR:
        facts.append(Fact("cleared: the birth date is verified", score, 0.0))
        score = 0.0
    identified = tuple(_identifiers(entry, known))
    for text in identified:
        facts.append(Fact(text, score, CERTAIN))
        score = CERTAIN
    return Assessment(score, tuple(facts), excluded and not identified, bool(identified))


def move(score: float, ratio: float) -> float:
    """A score (0 to 100) after facts of that likelihood ratio together; rises with both.

    >>> move(80.0, 1.0), round(move(80.0, 2.5), 2), round(move(80.0, 0.05), 2), round(move(100.0, 0.05), 2)
    (80.0, 90.91, 13.67, 48.72)
    """
    if ratio == 1:
        return score
    same = score / 100 if ratio > 1 else score / 100 * (1 - NAMESAKES)
    return 100 * same * ratio / (same * ratio + (1 - same))


def _ratios(entry: ListEntry, quality: str, known: Facts) -> Iterator[tuple[str, float]]:
    corroborated = told = False
    if known.countries and entry.countries:
        common = known.countries.intersection(entry.countries)
        corroborated, told = bool(common), True
        if common:
            yield f"country in common: {', '.join(sorted(common))}", COUNTRY_AGREES
        else:
            yield f"no country in common; listed are {', '.join(entry.countries)}", COUNTRY_DIFFERS
    born = _birth(entry, known)
    if born is not None:
        told = True
        corroborated |= born is not Birth.OTHER_YEAR
        yield f"{born}; listed is {', '.join(entry.dob)}", born.value
    if quality == "weak" and told and not corroborated:
        yield "weak alias, and no fact speaks for it", WEAK_ALIAS_ALONE


def _birth(entry: ListEntry, known: Facts) -> Birth | None:
    """The best agreement with one of the entry's dates; None where one side has none."""
    if known.dob is None:
        return None
    agreements = {_compare(known.dob, listed) for listed in entry.dob}
    return max(agreements, key=lambda one: one.value, default=None)


def _compare(dob: str, listed: str) -> Birth:
    if abs(int(dob[:4]) - int(listed[:4])) > 1:
        return Birth.OTHER_YEAR
    if len(dob) < _DAY or len(listed) < _DAY:
        return Birth.SAME_YEAR
    if dob != listed:
        return Birth.OTHER_DAY
    return Birth.SAME_YEAR if dob.endswith("-01-01") else Birth.SAME_DAY  # that day often means: only the year is known


def _identifiers(entry: ListEntry, known: Facts) -> Iterator[str]:
    for address in sorted(known.wallets.intersection(map(address_id, entry.wallets)) if known.wallets else ()):
        yield f"wallet is listed: {address}"
    if known.ids:
        listed = {identifier(one.scheme, one.value) for one in entry.ids}
        for scheme in sorted({scheme for scheme, _ in known.ids & listed}):
            yield f"{scheme} is listed"


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
