"""The spellings in Latin letters that a name of another script has besides its plain transliteration."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from sluicegate.screening import arabic, cyrillic, hangul
from sluicegate.screening.business_words import WORDS, split_run
from sluicegate.screening.fold import is_latin, plain_tokens, to_ascii, words_of

_CACHED_NAMES = 1 << 13
_ARTICLE = "ال"
_DOUBLE_SURNAMES = frozenset(
    {"欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "东方", "東方", "皇甫", "慕容", "令狐", "夏侯"}
)

_Spellings = list[list[str]]


def variants(name: str, kind: str) -> tuple[str, ...]:
    """Further spellings of a name that is not in Latin letters, at most five; of one that is, none.

    People: as `hangul`, `cyrillic` and `arabic` spell them, Chinese names with each character apart. Organisations
    also: common words in English, as lists translate them. Each is to be folded like any other name. Never raises.

    >>> variants("김웅선", "person")
    ('kim ung son', 'kim ung sun', 'kim ungson', 'kim ungsun')
    >>> variants("Виталий Андреев", "person"), variants("Zoë", "person")
    (('vitaliy andreyev', 'vitalii andreev', 'vitaly andreev'), ())
    >>> variants("조선신진무역회사", "organisation")[0], variants("王小明", "person")
    ('korea sinjin trading company', ('wang xiao ming',))
    """
    return () if name.isascii() else _variants(name, kind != "person")


@lru_cache(maxsize=_CACHED_NAMES)
def _variants(name: str, organisation: bool) -> tuple[str, ...]:
    words = words_of(name)
    if all(map(is_latin, "".join(words))):
        return ()
    alone = len(words) == 1
    if organisation:
        words = [part for word in words for part in _translated(word)]
    parts = [
        spellings
        for script, group in groupby(_runs(words), key=_script)
        for spellings in _spellings(script, list(group), organisation, alone)
    ]
    found = dict.fromkeys(
        " ".join(token for part in parts for token in part[min(nth, len(part) - 1)] if token)
        for nth in range(max(map(len, parts), default=0))
    )
    plain = " ".join(plain_tokens(name))
    return tuple(spelling for spelling in found if spelling and spelling != plain)


def _runs(words: list[str]) -> Iterator[str]:
    """Words cut where one script of East Asia ends and another begins."""
    for word in words:
        for _, run in groupby(word, key=lambda letter: _script(letter) in ("hangul", "han") and _script(letter)):
            yield "".join(run)


def _script(run: str) -> str:
    letter = run[0]
    if letter < "\u0400":
        return ""
    if letter < "\u0530":
        return "cyrillic"
    if "\u0600" <= letter < "\u0780":
        return "arabic"
    if "가" <= letter <= "힣":
        return "hangul"
    return "han" if "㐀" <= letter <= "鿿" or "豈" <= letter <= "﫿" or letter >= "\U00020000" else ""


def _spellings(script: str, runs: list[str], organisation: bool, alone: bool) -> Iterator[_Spellings]:
    """By part of the name: its spellings, each as tokens; what comes in one way only has one.

    alone: the name is written without a space, and starts with the surname.
    """
    if script == "arabic":  # together, as a word may change its neighbour's spelling
        joined = arabic.tokens(runs, joined=True)
        yield [arabic.tokens(runs, joined=False), joined, arabic.french(joined)]
        return
    for run in runs:
        if script == "hangul":
            yield _korean_firm(run) if organisation else _korean(run, alone)
        elif script == "han":
            characters = [to_ascii(character) for character in run]
            yield [["".join(characters)], characters] if organisation else [_chinese(run, characters, alone)]
        elif script == "cyrillic":
            yield [[to_ascii(spelling)] for spelling in cyrillic.spellings(run)]
        else:
            yield [[to_ascii(run)]]


def _korean(run: str, alone: bool) -> _Spellings:
    surname = hangul.surname_length(run) if alone else 0
    _, northern, southern, reischauer = hangul.spellings(run)
    apart = [["".join(one[:surname]), *one[surname:]] for one in (northern, southern)]
    joined = [["".join(one[:surname]), "".join(one[surname:])] for one in (northern, southern)]
    return [*apart, *joined, ["".join(reischauer[:surname]), *reischauer[surname:]]]


def _korean_firm(run: str) -> _Spellings:
    revised, northern, southern, reischauer = hangul.spellings(run)
    return [["".join(one)] for one in (northern, reischauer, revised, southern)]


def _chinese(run: str, characters: list[str], alone: bool) -> list[str]:
    surname = 2 if run[:2] in _DOUBLE_SURNAMES and len(run) > 2 else 1
    return ["".join(characters[:surname]), *characters[surname:]] if alone else characters


def _translated(word: str) -> list[str]:
    """The English words that lists write for a common word of a firm's name, else the word."""
    if _script(word) in ("hangul", "han"):
        return [part for text, english in split_run(word) for part in english or (text,)]
    lower = word.lower()
    return list(WORDS.get(lower) or WORDS.get(lower.removeprefix(_ARTICLE)) or (word,))
