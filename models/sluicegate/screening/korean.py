"""Korean names in Latin letters: one syllable is spelled in several ways, and a letter more or less is another name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

_CACHED_SYLLABLES = 1 << 12
_FULL_NAME = 3
# a letter of the Korean alphabet (of initials and finals, of all that the spellings confuse) and how it is written
_INITIALS = "ㄱ k g kk c|ㄷ t d tt|ㅂ p b pp|ㅈ ch j jj tch|ㅅ s sh ss|ㄹ r l|ㄴ n|ㅁ m|ㅎ h"
_VOWELS = (
    "ㅏ a ah|ㅐ ae e|ㅑ ya|ㅓ eo o u uh|ㅔ e|ㅕ yeo yo yu you|ㅖ ye|ㅗ o oh|ㅘ wa|ㅙ wae|ㅚ oe oi|ㅛ yo"
    "|ㅜ u oo woo wu ou|ㅝ wo weo|ㅞ we|ㅟ wi|ㅠ yu yoo yeu you|ㅡ eu u|ㅢ ui eui|ㅣ i ee y"
)
_FINALS = "ㄱ k g|ㄴ n|ㄹ l r|ㅁ m|ㅂ p b|ㅇ ng|ㅅ t"
_SURNAMES = frozenset(
    re.findall(
        "[a-z]+",
        "ahn an bae baek bang cha chang cho choe choi chon chong chu chun chung eom gim han heo ho hong hwang hyon im "
        "jang jeon jeong ji jin jo jon jong ju jung kang kim ko kong ku kwak kwon kye lee li lim ma min mok moon mun "
        "myong na nam no noh o oh ok om pae paek pak park pang pyon ra rhee ri rim ro roh ryang ryom ryu seo seok "
        "shim shin sim sin so sok son song suh sung tae u wang won woo yang yi yom yoo yoon yu yun",
    )
)


def _letters(table: str) -> dict[str, frozenset[str]]:
    """By spelling: the letters that it may be."""
    found: dict[str, set[str]] = defaultdict(set)
    for letter, *spellings in map(str.split, table.split("|")):
        for spelling in spellings:
            found[spelling].add(letter)
    return {spelling: frozenset(letters) for spelling, letters in found.items()}


def _any(spellings: Iterable[str]) -> str:
    return "|".join(sorted(spellings, key=lambda spelling: (-len(spelling), spelling)))


_PARTS = tuple(map(_letters, (_INITIALS, _VOWELS, _FINALS)))
_SYLLABLE = re.compile("({})?({})({})?".format(*map(_any, _PARTS)))


def same_syllable(one: str, other: str) -> bool:
    """Whether two tokens, in lower case, can be the same syllable. Equal tokens that are no syllable are not.

    >>> [same_syllable(*pair) for pair in (("seon", "sun"), ("son", "sun"), ("woong", "ung"), ("seop", "sop"))]
    [True, True, True, True]
    >>> [same_syllable(*pair) for pair in (("un", "ung"), ("su", "sun"), ("sung", "sun"), ("smith", "smith"))]
    [False, False, False, False]
    """
    first, second = _read(one), _read(other)
    if first is None or second is None:
        return False
    return all(a == b or not a.isdisjoint(b) for a, b in zip(first, second, strict=True))


def is_korean(tokens: Sequence[str]) -> bool:
    """Whether a person's tokens can be a Korean name by syllables: three of them, a surname first or last.

    Some Chinese and Vietnamese names can be, too, and are alike in this: a letter more is another syllable.

    >>> is_korean(("kim", "ung", "sun")), is_korean(("ung", "sun", "kim")), is_korean(("kim", "peter", "john"))
    (True, True, False)
    """
    return (
        len(tokens) == _FULL_NAME
        and (tokens[0] in _SURNAMES or tokens[-1] in _SURNAMES)
        and all(_read(token) is not None for token in tokens)
    )


@lru_cache(maxsize=_CACHED_SYLLABLES)
def _read(token: str) -> tuple[frozenset[str], ...] | None:
    """Initial, vowel and final that the token may stand for; nothing where it has none."""
    match = _SYLLABLE.fullmatch(token)
    if match is None:
        return None
    return tuple(part.get(written, frozenset()) for part, written in zip(_PARTS, match.groups(), strict=True))
