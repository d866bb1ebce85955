"""Which token of one name explains which of another: a one-to-one alignment for scoring, with its similarities.

The verdicts' alignment (`verdict.align`) is the one rules are made of; this one reaches further, as the scorer weighs
what it finds: sounds, consonants, spellings of one name, initials, acronyms, a last token cut off.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from sluicegate.screening.korean import is_korean, same_syllable
from sluicegate.screening.skeleton import skeleton
from sluicegate.screening.verdict import ROMANISED
from sluicegate.screening.vocabulary import NICKNAMES

EQUAL, JOINED, KNOWN, NEAR, SOUND, CONSONANTS, PREFIX, INITIAL, ACRONYM = range(9)

Link = tuple[int, int, int, int, float, int]
"""Query tokens [start, end) and listed tokens [first, last) that mean the same, similarity 0 to 1, and how."""

_LEAST = 0.55
_CACHED_TOKENS = 1 << 15
_ACRONYM = 6
_JOINED_LETTERS = 5
_VOWELS = {ord(vowel): None for vowel in "aeiouy"}
_ALIKE = str.maketrans("wzjy", "vsii")
_NONE: frozenset[str] = frozenset()


def link(query: Sequence[str], listed: Sequence[str]) -> tuple[list[Link], list[int], list[int]]:
    """Links, and the positions of query and of listed tokens that are left over, ascending.

    Equal tokens first, then tokens written together, then by falling similarity, then initials and acronyms.
    Cost: O(tokens that are left after equal ones, squared).

    >>> link(("kim", "ungson"), ("ung", "son", "kim"))
    ([(0, 1, 2, 3, 1.0, 0), (1, 2, 0, 2, 1.0, 1)], [], [])
    >>> link(("j", "smyth"), ("smith", "john", "paul"))
    ([(1, 2, 0, 1, 0.95, 4), (0, 1, 1, 2, 0.5, 7)], [], [2])
    """
    links: list[Link] = []
    left: list[int] = []
    free = list(range(len(listed)))
    for at, token in enumerate(query):
        if token in listed:
            for position in free:
                if listed[position] == token:
                    free.remove(position)
                    links.append((at, at + 1, position, position + 1, 1.0, EQUAL))
                    break
            else:
                left.append(at)
        else:
            left.append(at)
    if left and free:
        if len(left) > 1 or len(free) > 1:
            _join(query, listed, left, free, links)
        if left and free:
            _near(query, listed, left, free, links)
        if left and free and len(left) + len(free) > 2:
            _join_near(query, listed, left, free, links)
        if left and free:
            _initials(query, listed, left, free, links)
    return links, left, free


def _join(query: Sequence[str], listed: Sequence[str], left: list[int], free: list[int], links: list[Link]) -> None:
    for at in tuple(left):
        if len(free) > 1 and (run := _run(query[at], listed, free)):
            links.append((at, at + 1, run[0], run[-1] + 1, 1.0, JOINED))
            left.remove(at)
            for position in run:
                free.remove(position)
    for position in tuple(free):
        if len(left) > 1 and (run := _run(listed[position], query, left)):
            links.append((run[0], run[-1] + 1, position, position + 1, 1.0, JOINED))
            free.remove(position)
            for at in run:
                left.remove(at)


def _join_near(
    query: Sequence[str], listed: Sequence[str], left: list[int], free: list[int], links: list[Link]
) -> None:
    """Two adjacent tokens that, written together, are nearly one of the other name."""
    for at in tuple(left):
        for first, second in pairwise(free):
            if second == first + 1 and (alike := _alike(query[at], listed[first] + listed[second])):
                links.append((at, at + 1, first, second + 1, alike, JOINED))
                left.remove(at)
                free.remove(first)
                free.remove(second)
                break
    for position in tuple(free):
        for first, second in pairwise(left):
            if second == first + 1 and (alike := _alike(listed[position], query[first] + query[second])):
                links.append((first, second + 1, position, position + 1, alike, JOINED))
                free.remove(position)
                left.remove(first)
                left.remove(second)
                break


def _alike(token: str, joined: str) -> float:
    if len(token) < _JOINED_LETTERS or abs(len(token) - len(joined)) > 2:
        return 0.0
    alike = OSA.normalized_similarity(token, joined, score_cutoff=0.6)
    if 0 < alike < 0.9 and _keys(token)[0] == skeleton(joined).translate(_ALIKE):
        return 0.9
    return alike if alike >= 0.8 else 0.0


def _run(token: str, parts: Sequence[str], free: list[int]) -> list[int] | None:
    """The adjacent free parts that, written together, are the token."""
    for nth, start in enumerate(free):
        joined = parts[start]
        if token.startswith(joined):
            run = [start]
            for position in free[nth + 1 :]:
                if position != run[-1] + 1 or not token.startswith(joined + parts[position]):
                    break
                joined += parts[position]
                run.append(position)
            if len(joined) == len(token) and len(run) > 1:
                return run
    return None


def _near(query: Sequence[str], listed: Sequence[str], left: list[int], free: list[int], links: list[Link]) -> None:
    last = len(query) - 1
    others = [
        (position, listed[position], _keys(listed[position]))
        for position in free
        if len(listed[position]) > 1 and not listed[position].isdigit()
    ]
    near: list[tuple[float, int, int, int]] = []
    by_syllable = is_korean(query) and is_korean(listed)
    for at in left:
        token = query[at]
        if by_syllable:  # a letter more or less is another syllable, and so another name
            near += [(-0.92, at, position, KNOWN) for position, other, _ in others if _same(token, other)]
            continue
        size = len(token)
        if size == 1 or token.isdigit():
            continue
        sound, consonants, known = _keys(token)
        for position, other, (other_sound, other_consonants, _) in others:
            how = NEAR
            alike = OSA.normalized_similarity(token, other, score_cutoff=_LEAST)
            if sound == other_sound and len(sound) > 1:
                like_it = 0.95 if len(sound) > 2 and size > 4 else 0.8
                if like_it > alike:
                    alike, how = like_it, SOUND
            if consonants == other_consonants and len(consonants) > 1 and size < len(other) and alike < 0.9:
                alike, how = 0.9, CONSONANTS
            if known and other in known and alike < 0.92:
                alike, how = 0.92, KNOWN
            if at == last and size < len(other) and other.startswith(token):
                alike, how = max(alike, 0.75 + 0.25 * size / len(other)), PREFIX
            if alike:
                near.append((-alike, at, position, how))
    if len(near) > 1:
        near.sort()
    for falling, at, position, how in near:
        if at in left and position in free:
            links.append((at, at + 1, position, position + 1, -falling, how))
            left.remove(at)
            free.remove(position)


def _same(token: str, other: str) -> bool:
    return same_syllable(token, other) or other in ROMANISED.get(token, _NONE)


@lru_cache(maxsize=_CACHED_TOKENS)
def _keys(token: str) -> tuple[str, str, frozenset[str]]:
    """What else a token agrees by: its sound, its consonants, other spellings of the name.

    The sound is the skeleton, with those consonants as one that German, French or Latvian spellings exchange.
    """
    known = NICKNAMES.get(token, _NONE) | ROMANISED.get(token, _NONE)
    return skeleton(token).translate(_ALIKE), token.translate(_VOWELS), known


def _initials(query: Sequence[str], listed: Sequence[str], left: list[int], free: list[int], links: list[Link]) -> None:
    for at in tuple(left):
        token = query[at]
        for position in free:
            other = listed[position]
            if token[0] == other[0] and (len(token) == 1 or len(other) == 1) and token[0] > "9":
                links.append((at, at + 1, position, position + 1, 0.5, INITIAL))
                left.remove(at)
                free.remove(position)
                break
        else:
            if 1 < len(token) <= _ACRONYM and (run := _spelled_out(token, listed, free)):
                links.append((at, at + 1, run[0], run[-1] + 1, 0.7, ACRONYM))
                left.remove(at)
                for position in run:
                    free.remove(position)
    for position in tuple(free):
        token = listed[position]
        if 1 < len(token) <= _ACRONYM and (run := _spelled_out(token, query, left)):
            links.append((run[0], run[-1] + 1, position, position + 1, 0.7, ACRONYM))
            free.remove(position)
            for at in run:
                left.remove(at)


def _spelled_out(acronym: str, words: Sequence[str], free: list[int]) -> list[int] | None:
    """Adjacent free words that begin with the letters of the acronym."""
    size = len(acronym)
    for nth in range(len(free) - size + 1):
        start = free[nth]
        adjacent = free[nth + size - 1] - start == size - 1
        if adjacent and "".join([word[0] for word in words[start : start + size]]) == acronym:
            return free[nth : nth + size]
    return None
