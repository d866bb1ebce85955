"""What the scorer sees of two names: numbers about their alignment, never about where a name comes from."""

from collections.abc import Callable

import msgspec
from rapidfuzz.distance import Indel, JaroWinkler, Levenshtein

from sluicegate.screening.linking import INITIAL, JOINED, PREFIX, SOUND, link
from sluicegate.screening.vocabulary import KINSHIP, LEGAL, NUMBER, ROLE_BOUNDS, ROLE_WEIGHTS

Rarity = Callable[[str], float]
"""Rarity of a folded token, 1 (at most one name has it) to 0 (all names have it): `scorer.rarity_of`."""

FEATURES = (
    # weights are rarity times what a token's role counts; a plain token is none of particle, title, legal form, initial
    "query_cover",  # share of the query's weight that is explained, times similarity
    "listed_cover",  # the same of the listed name
    "query_rest",  # weight of the heaviest query token that nothing explains
    "listed_rest",  # the same of the listed name
    "listed_left",  # plain tokens of the listed name that nothing explains
    "rest_letters",  # letters of the longest plain token on either side that nothing explains
    "parts",  # initials, particles and titles that nothing explains, both sides
    "evidence",  # sum of weight times similarity over linked plain tokens
    "rarest",  # weight of the heaviest plain token whose similarity is above 0.8
    "worst",  # least similarity of linked plain tokens; 0 without any
    "edits",  # mean dissimilarity of linked plain tokens; 1 without any
    "near",  # linked plain tokens that differ
    "short",  # those of them with at most five letters, where all plain tokens of the listed name are as short
    "guessed",  # weight of links by sound, by consonants or of a last token cut off
    "initials",  # share of the links that are initials or acronyms
    "first",  # similarity of the query's first plain token; 0 where nothing explains it
    "final",  # the same of its last plain token
    "order",  # share of neighbouring links in the same order
    "ends",  # how many of the listed name's first and last tokens are explained
    "prefix",  # the query is the listed name cut off: share of the letters it has, else 0
    "sorted",  # Indel similarity of the tokens in alphabetical order
    "flat",  # Jaro-Winkler similarity of the tokens written together
    "bones",  # Indel similarity of the consonants
    "written",  # Indel similarity in the other script that both are written in; else that of `sorted`
    "distance",  # edits between the names, in written or in alphabetical order, at most 12
    "numbers",  # 0 equal, 1 one side has more, 2 each has one the other lacks
    "forms",  # both have legal forms, and they exclude each other
    "lineage",  # the one is named as the other's father
    "query_size",  # plain tokens
    "listed_size",
    "letters",  # of the query's linked plain tokens
    "organisation",
)

SYLLABLE = 5
_FAR = 11


class Folded(msgspec.Struct, frozen=True, gc=False):
    """What is precomputed of a name.

    tokens: in written order; roles: one of `vocabulary`'s for each; flat: the tokens written together; ordered: without
    legal forms, in alphabetical order, with blanks; bones: the consonants of those; written: letters of a name in
    another script, else empty; numbers: number tokens; forms: bits of legal classes; plain, head, tail: how many tokens
    are plain, and the places of the first and of the last one, -1 without any; empty: nothing but legal forms, also for
    a person; syllabic: all plain tokens have at most `SYLLABLE` letters.
    """

    tokens: tuple[str, ...]
    roles: bytes
    flat: str
    ordered: str
    bones: str
    written: str
    numbers: frozenset[str]
    forms: int
    plain: int
    head: int
    tail: int
    organisation: bool
    empty: bool
    syllabic: bool


class _Aligned:
    """Links, what is left of both names, weights of tokens, and of links what both sides have."""

    __slots__ = ("cover", "covered", "explained", "free", "left", "links", "listed_weights", "shared", "weights")

    def __init__(self, query: Folded, listed: Folded, rarity: Rarity) -> None:
        self.links, self.left, self.free = link(query.tokens, listed.tokens)
        self.weights = weights = _weights(query.tokens, query.roles, rarity)
        self.listed_weights = others = _weights(listed.tokens, listed.roles, rarity)
        self.shared = []
        explained = covered = 0.0
        for start, end, first, last, similarity, how in self.links:
            weight, other = weights[start], others[first]
            if how == JOINED or how > INITIAL:
                weight, other = sum(weights[start:end]), sum(others[first:last])
            weight = min(weight, other)
            self.shared.append(weight)
            explained += weight
            covered += weight * similarity
        self.explained, self.covered = explained, covered
        self.cover = covered / (explained + sum([weights[at] for at in self.left]) or 1.0)


def features(query: Folded, listed: Folded, rarity: Rarity, least_cover: float = 0.0) -> list[float]:
    """Values of `FEATURES`, in their order; only the first where it is below `least_cover`, which saves half the time.

    Cost: about 12 µs for names of three tokens.
    """
    aligned = _Aligned(query, listed, rarity)
    if aligned.cover < least_cover:
        return [aligned.cover]
    tokens, others = query.tokens, listed.tokens
    roles, other_roles = query.roles, listed.roles
    links, left, free = aligned.links, aligned.left, aligned.free
    weights, other_weights = aligned.weights, aligned.listed_weights
    head, tail = query.head, query.tail
    evidence = rarest = guessed = dissimilar = first_alike = final_alike = 0.0
    worst = 1.0
    initials = linked = near = short = letters = 0
    for shared, (start, end, first, _, similarity, how) in zip(aligned.shared, links, strict=True):
        if how >= INITIAL:
            initials += 1
        elif roles[start] <= NUMBER and other_roles[first] <= NUMBER:
            linked += 1
            evidence += shared * similarity
            size = len(tokens[start])
            letters += size
            if start <= head < end:
                first_alike = similarity
            if start <= tail < end:
                final_alike = similarity
            if shared > rarest and similarity > 0.8:
                rarest = shared
            if similarity < 1:
                if similarity < worst:
                    worst = similarity
                dissimilar += 1 - similarity
                near += 1
                if listed.syllabic and size <= SYLLABLE:
                    short += 1
                if SOUND <= how <= PREFIX:
                    guessed += shared
    parts = rest_letters = listed_left = 0
    query_rest = listed_rest = listed_unexplained = 0.0
    for at in left:
        weight, role = weights[at], roles[at]
        if weight > query_rest:
            query_rest = weight
        if role <= NUMBER:
            rest_letters = max(rest_letters, len(tokens[at]))
        elif role != LEGAL:
            parts += 1
    for at in free:
        weight, role = other_weights[at], other_roles[at]
        listed_unexplained += weight
        if weight > listed_rest:
            listed_rest = weight
        if role <= NUMBER:
            listed_left += 1
            rest_letters = max(rest_letters, len(others[at]))
        elif role != LEGAL:
            parts += 1
    flat, other_flat = query.flat, listed.flat
    alike = Indel.normalized_similarity(query.ordered, listed.ordered)
    distance = Levenshtein.distance(flat, other_flat, score_cutoff=_FAR)
    if distance > 1:
        distance = min(distance, Levenshtein.distance(query.ordered, listed.ordered, score_cutoff=_FAR))
    numbers = 0
    if query.numbers != listed.numbers:
        numbers = 2 if query.numbers - listed.numbers and listed.numbers - query.numbers else 1
    return [
        aligned.cover,
        aligned.covered / (aligned.explained + listed_unexplained or 1.0),
        query_rest,
        listed_rest,
        listed_left,
        rest_letters,
        parts,
        evidence,
        rarest,
        worst if linked else 0.0,
        dissimilar / linked if linked else 1.0,
        near,
        short,
        guessed,
        initials / len(links) if links else 0.0,
        first_alike,
        final_alike,
        _order([one[2] for one in sorted(links)]) if len(links) > 1 else 1.0,
        2 - (free[0] == 0) - (free[-1] == len(others) - 1) if free else 2,
        len(flat) / len(other_flat) if len(flat) > 7 and other_flat.startswith(flat) else 0.0,
        alike,
        JaroWinkler.normalized_similarity(flat, other_flat),
        Indel.normalized_similarity(query.bones, listed.bones),
        Indel.normalized_similarity(query.written, listed.written) if query.written and listed.written else alike,
        distance,
        numbers,
        bool(query.forms and listed.forms and not query.forms & listed.forms),
        not listed.organisation and _reversed(tokens, others),
        query.plain,
        listed.plain,
        letters,
        listed.organisation,
    ]


def _weights(tokens: tuple[str, ...], roles: bytes, rarity: Rarity) -> list[float]:
    weights = []
    for token, role in zip(tokens, roles, strict=True):
        rare = rarity(token)
        bound = ROLE_BOUNDS[role]
        weights.append(ROLE_WEIGHTS[role] * (0.1 + 0.9 * (min(bound, rare))))
    return weights


def _order(places: list[int]) -> float:
    rising = 0
    for at in range(1, len(places)):
        rising += places[at - 1] < places[at]
    return rising / (len(places) - 1)


def _reversed(query: tuple[str, ...], listed: tuple[str, ...]) -> bool:
    """Whether the names before and after a word of kinship have changed places."""
    if KINSHIP.isdisjoint(query) or KINSHIP.isdisjoint(listed):
        return False
    mine = {(query[at - 1], query[at + 1]) for at in range(1, len(query) - 1) if query[at] in KINSHIP}
    return any(
        (listed[at + 1], listed[at - 1]) in mine and listed[at + 1] != listed[at - 1]
        for at in range(1, len(listed) - 1)
        if listed[at] in KINSHIP
    )
