"""Korean names in Latin letters, syllable by syllable, as sanctions lists, passports and the press spell them."""

from collections.abc import Sequence
from itertools import pairwise

_FIRST_SYLLABLE, _VOWELS, _FINALS = 0xAC00, 21, 28
_System = tuple[list[str], list[str]]


def _system(initials: str, vowels: str) -> _System:
    return initials.split(), vowels.split()


# initials and vowels in code point order (Unicode standard, section 3.12)
_REVISED = _system(
    "g kk n d tt r m b pp s ss - j jj ch k t p h",
    "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
)
_NORTHERN = _system(
    "k kk n t tt r m p pp s ss - j jj ch k t p h",
    "a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i",
)
_SOUTHERN = _system(
    "k k n d t r m b b s s - j j ch k t p h",
    "a ae ya yae u e yu ye o wa wae oi yo u wo we wi yoo eu ee i",
)
_INITIALS, _FINAL_LETTERS = _system(
    "k kk n t tt r m p pp s ss - ch tch ch k t p h",
    "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
)
_REISCHAUER = (_INITIALS, _NORTHERN[1])
_VOICED = {"k": "g", "t": "d", "p": "b", "ch": "j"}
_VOICED_INITIALS = (0, 3, 7, 12)
_SONORANTS = ("-", "n", "l", "m", "ng")
# usual spellings that follow no system
_NORTHERN_USUAL = {"이": "ri", "임": "rim", "노": "ro", "유": "ryu", "양": "ryang", "여": "ryo"}
_SOUTHERN_USUAL = {"이": "lee", "박": "park", "최": "choi", "임": "lim", "우": "woo", "영": "young", "노": "roh"}
_DOUBLE_SURNAMES = frozenset({"남궁", "황보", "선우", "독고", "제갈", "사공", "서문"})


def spellings(run: str) -> tuple[Sequence[str], ...]:
    """Precomposed syllables (U+AC00 to U+D7A3) in four systems, the syllables apart.

    Revised Romanisation (2000), North Korea's, the usual one of South Korean passports, and McCune-Reischauer (1939)
    without its marks.

    >>> [" ".join(spelling) for spelling in spellings("김웅선")]
    ['gim ung seon', 'kim ung son', 'kim ung sun', 'kim ung son']
    >>> ["".join(spelling) for spelling in spellings("진영")]
    ['jinyeong', 'jinyong', 'jinyoung', 'chinyong']
    """
    jamo = [_jamo(syllable) for syllable in run]
    return (
        [_spell(one, _REVISED) for one in jamo],
        [_NORTHERN_USUAL.get(syllable) or _spell(one, _NORTHERN) for syllable, one in zip(run, jamo, strict=True)],
        [_SOUTHERN_USUAL.get(syllable) or _spell(one, _SOUTHERN) for syllable, one in zip(run, jamo, strict=True)],
        [_spell(jamo[0], _REISCHAUER), *(_spell(one, _REISCHAUER, before) for before, one in pairwise(jamo))],
    )


def surname_length(run: str) -> int:
    """How many syllables of a name written without a space are the surname."""
    return 2 if run[:2] in _DOUBLE_SURNAMES and len(run) > 2 else 1


def _jamo(syllable: str) -> tuple[int, int, int]:
    rest, final = divmod(ord(syllable) - _FIRST_SYLLABLE, _FINALS)
    return *divmod(rest, _VOWELS), final


def _spell(jamo: tuple[int, int, int], system: _System, before: tuple[int, int, int] | None = None) -> str:
    """before: the syllable whose end voices the start of this one."""
    initial, vowel, final = jamo
    start = system[0][initial]
    if before and initial in _VOICED_INITIALS and _FINAL_LETTERS[before[2]] in _SONORANTS:
        start = _VOICED[start]
    return (start + system[1][vowel] + _FINAL_LETTERS[final]).replace("-", "")
