"""Two names alone, without a list: how likely they mean the same party."""

from collections.abc import Iterator
from typing import Literal

from sluicegate.screening.features import Folded
from sluicegate.screening.scorer import PAIR, Side, fold_name
from sluicegate.screening.variants import variants
from sluicegate.screening.vocabulary import COMMON_NAMES

Kind = Literal["person", "organisation", "both"]

_COMMON, _USUAL = 0.55, 0.85


def score_pair(a: str, b: str, kind: Kind = "both") -> float:
    """Score of two names, 0 to 100: the probability in percent that they mean one party, symmetric.

    "both" takes the kind under which they are more alike. A name in another script is tried in each of its spellings.

    >>> score_pair("Vitaly Andreyev", "ANDREYEV, Vitaliy Sergeyevich", "person") > 50 > score_pair("Corp", "Acme Corp")
    True
    """
    kinds: tuple[Side, ...] = ("person", "organisation") if kind == "both" else (kind,)
    return max(
        (PAIR.score(one, other, rarity) + PAIR.score(other, one, rarity)) / 2
        for each in kinds
        for one, other in spellings(a, b, each)
    )


def spellings(a: str, b: str, kind: Side) -> Iterator[tuple[Folded, Folded]]:
    """Both names folded; where one of them is written in another script than the other, in each spelling of it."""
    yield fold_name(a, kind), fold_name(b, kind)
    others, more = variants(a, kind), variants(b, kind)
    if not others or not more:
        for spelling in others:
            yield fold_name(spelling, kind), fold_name(b, kind)
        for spelling in more:
            yield fold_name(a, kind), fold_name(spelling, kind)


def rarity(token: str) -> float:
    """Rarity of a token where no list tells how common it is."""
    return _COMMON if token in COMMON_NAMES else _USUAL
