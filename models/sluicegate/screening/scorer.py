"""How likely two names mean the same party: 0 to 100, from aligned tokens."""

import re
import unicodedata
from functools import reduce
from math import exp, log
from operator import or_
from sys import intern
from typing import Literal

from rapidfuzz.distance import Indel

from sluicegate.screening import model_data as data
from sluicegate.screening.features import FEATURES, SYLLABLE, Folded, Rarity, features
from sluicegate.screening.fold import EXPANSIONS, list_name_tokens, person_tokens
from sluicegate.screening.skeleton import skeleton
from sluicegate.screening.trees import Forest
from sluicegate.screening.vocabulary import (
    CONNECTORS,
    CONTRACTED,
    GENERIC,
    GENERIC_WORDS,
    INITIAL,
    LEGAL,
    LEGAL_CLASSES,
    LEGAL_WORDS,
    NUMBER,
    NUMBER_WORDS,
    ORGANISATION_TITLES,
    PARTICLE,
    PARTICLES,
    PLAIN,
    ROMAN,
    SPELLED_FORMS,
    TENS,
    TITLE,
    TITLES,
)

__all__ = ["MODEL_VERSION", "Folded", "Rarity", "Side", "fold_name", "quick", "rarity_of", "score"]
Side = Literal["person", "organisation"]
MODEL_VERSION = data.VERSION
"""Changes with every retraining; alerts carry it."""
_HOPELESS = 2.0  # points of a name of which just too little is explained to ask the trees, which seldom give it more
_LETTERS_LINKED = FEATURES.index("letters")
_APOSTROPHE = re.compile("(?<=\\w)['`\u2018\u2019\u02bb\u02bc\u02be\u02bf](?=\\w)")
_NO_NUMBERS: frozenset[str] = frozenset()
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def rarity_of(holders: int, names: int) -> float:
    """Rarity of a token that `holders` of `names` listed names have: 1 for at most one, 0 for all, by logarithm.

    A list of less than 1,000 names says little about how common a token is: it counts as one of 1,000.

    >>> rarity_of(0, 40_000), rarity_of(1, 40_000), round(rarity_of(200, 40_000), 3), rarity_of(40_000, 40_000)
    (1.0, 1.0, 0.5, 0.0)
    """
    return max(0.0, 1 - log(max(holders, 1)) / log(max(names, 1000)))


def fold_name(name: str, kind: Side) -> Folded:
    """Precompute what scoring needs of a name. People and organisations have no rule in common on forms and titles."""
    organisation = kind == "organisation"
    tokens = _organisation_tokens(name) if organisation else list_name_tokens(name, "person")
    tokens = tuple(map(intern, tokens))
    roles = bytes(map(_organisation_role if organisation else _person_role, tokens))
    plain = [at for at, role in enumerate(roles) if role <= NUMBER]
    core = [token for token, role in zip(tokens, roles, strict=True) if role != LEGAL] or tokens
    return Folded(
        tokens=tokens,
        roles=roles,
        flat="".join(tokens),
        ordered=" ".join(sorted(core)),
        bones="".join(map(skeleton, core)),
        written="" if name.isascii() else _written(name),
        numbers=frozenset(token for token, role in zip(tokens, roles, strict=True) if role == NUMBER) or _NO_NUMBERS,
        forms=reduce(or_, (LEGAL_CLASSES.get(token, 0) for token in tokens), 0) if organisation else 0,
        plain=len(plain),
        head=plain[0] if plain else -1,
        tail=plain[-1] if plain else -1,
        organisation=organisation,
        syllabic=all(len(tokens[at]) <= SYLLABLE for at in plain),
        empty=LEGAL_WORDS.issuperset(tokens),
    )


def quick(query: Folded, listed: Folded) -> float:
    """A cheap guess at the score, 0 to 1, to choose candidates by: similarity of sorted tokens or of consonants."""
    return max(
        Indel.normalized_similarity(query.ordered, listed.ordered),
        Indel.normalized_similarity(query.bones, listed.bones),
    )


class Scorer:
    """Trees over `features`, calibrated to a probability."""

    def __init__(self, forest: Forest, slope: float, offset: float, least_cover: float) -> None:
        self._forest = forest
        self._slope = slope
        self._offset = offset
        self._least_cover = least_cover

    def score(self, query: Folded, listed: Folded, rarity: Rarity) -> float:
        """Probability in percent that both names mean the same party; 0 where no plain token is in common."""
        if not query.plain or not listed.plain or query.empty or listed.empty:
            return 0.0
        values = features(query, listed, rarity, self._least_cover)
        if values[0] < self._least_cover:
            return _HOPELESS * values[0]
        if not values[_LETTERS_LINKED]:
            return 0.0
        return 100 / (1 + exp(-self._offset - self._slope * self._forest.log_odds(values)))


def _forest(depth: int, splits: str, leaves: str, bias: int) -> Forest:
    questions = [split.split(":") for split in splits.split()]
    return Forest(
        depth,
        features=[int(feature) for feature, _ in questions],
        thresholds=[float(threshold) for _, threshold in questions],
        leaves=[int(leaf) for leaf in leaves.split()],
        bias=bias,
    )


SCREEN = Scorer(
    _forest(data.SCREEN_DEPTH, data.SCREEN_SPLITS, data.SCREEN_LEAVES, data.SCREEN_BIAS),
    data.SCREEN_SLOPE,
    data.SCREEN_OFFSET,
    least_cover=0.5,
)
"""Scores against a list whose frequencies give the rarity."""
PAIR = Scorer(
    _forest(data.PAIR_DEPTH, data.PAIR_SPLITS, data.PAIR_LEAVES, data.PAIR_BIAS),
    data.PAIR_SLOPE,
    data.PAIR_OFFSET,
    least_cover=0.0,
)
"""Scores two names alone."""


def score(query: Folded, listed: Folded, rarity: Rarity) -> float:
    """Score of a query against a listed name, 0 to 100: the probability in percent that both mean the same party.

    rarity: of a folded token, by the list (`rarity_of`). Depends on nothing else; cost: about 20 µs.
    """
    return SCREEN.score(query, listed, rarity)


def _written(name: str) -> str:
    """Letters and digits as they stand, for names of another script; empty for Latin ones."""
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", name).casefold()))
    return letters if any(letter > "\u024f" for letter in letters) else ""


def _organisation_tokens(name: str) -> list[str]:
    """Folded tokens with short forms written out, numbers in digits, and single letters in a row written together."""
    tokens: list[str] = []
    letters = ""
    for token in (*person_tokens(_APOSTROPHE.sub("", name)), ""):
        if len(token) == 1 and token in _LETTERS:
            letters += token
            continue
        if letters:
            tokens += _spelled(letters)
            letters = ""
        last = tokens[-1] if tokens else ""
        if token in NUMBER_WORDS and last in TENS:
            tokens[-1] = str(TENS[last] + int(NUMBER_WORDS[token]))
        elif (last, token) in CONTRACTED:
            tokens[-1] = CONTRACTED[last, token]
        elif token:
            tokens.append(NUMBER_WORDS.get(token) or ROMAN.get(token) or EXPANSIONS.get(token, token))
    return tokens


def _spelled(letters: str) -> list[str]:
    """Single letters in a row as an acronym, apart from the legal form at their end: "x y s a" is "xy", "sa"."""
    for size in (3, 2):
        if len(letters) > size and letters[-size:] in SPELLED_FORMS:
            return [letters[:-size], letters[-size:]]
    return [letters]


def _person_role(token: str) -> int:
    if len(token) == 1:
        return INITIAL if token in _LETTERS else NUMBER
    if token in TITLES:
        return TITLE
    if token in PARTICLES:
        return PARTICLE
    return NUMBER if token.isdigit() else PLAIN


def _organisation_role(token: str) -> int:
    if token in LEGAL_WORDS:
        return LEGAL
    if len(token) == 1:
        return INITIAL if token in _LETTERS else NUMBER
    if token in ORGANISATION_TITLES:
        return TITLE
    if token.isdigit():
        return NUMBER
    if token in CONNECTORS:
        return PARTICLE
    return GENERIC if token in GENERIC_WORDS else PLAIN
