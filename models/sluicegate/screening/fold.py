"""Names as comparable tokens: one spelling for what a reader takes to be the same name.

Folding undoes compatibility forms, invisible characters, look-alike letters and other scripts; what is left are tokens
of ASCII letters and digits. People keep every token but their titles; organisations lose their legal form as well.
A name of another script has further spellings in Latin letters, which `variants` gives.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from anyascii import anyascii

from sluicegate.screening import arabic

HONORIFICS = frozenset({"mr", "mrs", "ms", "dr", "prof"})
EXPANSIONS = {
    "tech": "technology",
    "intl": "international",
    "info": "information",
    "corp": "corporation",
    "dev": "development",
    "co": "company",
    "ltd": "limited",
    "mfg": "manufacturing",
}
LEGAL_FORMS = frozenset(
    {"company", "corporation", "incorporated", "inc", "limited", "llc", "llp", "plc", "gmbh", "ag", "sa", "sas"}
    | {"sarl", "srl", "spa", "bv", "nv", "oy", "ab", "as", "pte", "pty", "kk", "jsc", "ooo", "the", "of", "and"}
)

_CACHED_NAMES = 1 << 15
_ASCII_TOKEN = re.compile(r"[a-z0-9]+")
_DOTTED = re.compile(r"(?<![^\W_])[a-z](?:[./][a-z])+(?![^\W_])", re.IGNORECASE)
# one Hangul syllable, a run of Han characters, or a run of anything else
_SCRIPT_RUN = re.compile(
    r"[가-힣]|[㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]+|[^가-힣㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]+"
)
_ARABIC_SCRIPT = re.compile("[\u0620-\u065f\u066e-\u06ef\u06fa-\u06ff\u0750-\u077f]")
# letters and marks that print as nothing although they are not format characters (category Cf)
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
_CYRILLIC = ("АВЕЅІЈКМНОРСТУХҮԚԜавеѕіјкмһорстухүԁԛԝӏ", "ABESIJKMHOPCTYXYQWabesijkmhopctyxydqwl")
_GREEK = ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχ", "ABEZHIKMNOPTYXabeikvoptux")
_TO_LATIN = str.maketrans(_CYRILLIC[0] + _GREEK[0], _CYRILLIC[1] + _GREEK[1])
_TO_CYRILLIC = str.maketrans("ABEKMHOPCTYXSIJaekmopctyxsij", "АВЕКМНОРСТУХЅІЈаекморстухѕіј")


@lru_cache(maxsize=_CACHED_NAMES)
def person_tokens(name: str) -> tuple[str, ...]:
    """Tokens of a person's name as paid, titles dropped. Empty when nothing readable is left; never raises.

    >>> person_tokens("Dr. Zoë O'Brien-Łukasik")
    ('zoe', 'o', 'brien', 'lukasik')
    >>> person_tokens("Аndrеyev")  # the first and the fifth letter are Cyrillic
    ('andreyev',)
    >>> person_tokens("김웅선"), person_tokens("Андреев"), person_tokens("王小明")
    (('gim', 'ung', 'seon'), ('andreev',), ('wang', 'xiaoming'))
    """
    return _fold(name)


@lru_cache(maxsize=_CACHED_NAMES)
def organisation_tokens(name: str) -> tuple[str, ...]:
    """Tokens of an organisation's name: short forms written out, then legal forms dropped, also those with dots.

    >>> organisation_tokens("The Acme Tech Mfg. Co., Ltd"), organisation_tokens("Zenith Intl S.p.A.")
    (('acme', 'technology', 'manufacturing'), ('zenith', 'international'))
    """
    return _organisation(name)


def list_name_tokens(name: str, kind: str) -> tuple[str, ...]:
    """Tokens of a listed name; a person's "LAST, First Middle" is put in spoken order. Not cached: read once.

    >>> list_name_tokens("EXAMPLE, Ann Mary", "person"), list_name_tokens("Example Trading Co., Ltd", "organisation")
    (('ann', 'mary', 'example'), ('example', 'trading'))
    """
    if kind != "person":
        return _organisation(name)
    last, comma, first = name.replace("，", ",").partition(",")
    return _fold(f"{first} {last}" if comma else name)


def _organisation(name: str) -> tuple[str, ...]:
    undotted = _DOTTED.sub(_join_legal_form, name)
    expanded = (EXPANSIONS.get(token, token) for token in _fold(undotted))
    return tuple(token for token in expanded if token not in LEGAL_FORMS)


def _join_legal_form(match: re.Match[str]) -> str:
    joined = match[0].replace(".", "").replace("/", "")
    return joined if joined.lower() in LEGAL_FORMS else match[0]


def _fold(name: str) -> tuple[str, ...]:
    tokens = _ASCII_TOKEN.findall(name.lower()) if name.isascii() else plain_tokens(name)
    return tuple(token for token in tokens if token not in HONORIFICS)


def plain_tokens(name: str) -> list[str]:
    """Tokens of a name in its plain transliteration, titles and all; what `variants` are other spellings of."""
    words = words_of(name)
    if any(map(_ARABIC_SCRIPT.match, words)):
        words = _without_arabic(words)
    pieces = [piece for word in words for piece in _by_script(word, alone=len(words) == 1)]
    return [token for token in map(to_ascii, pieces) if token]


def to_ascii(word: str) -> str:
    """A word of any script as letters a to z and digits; empty when it has none."""
    return "".join(_ASCII_TOKEN.findall(anyascii(word).lower()))


def words_of(name: str) -> list[str]:
    """Words of a name in the script that they are meant in: look-alikes of other scripts undone."""
    return _unmask(_words(name))


def _without_arabic(words: Iterable[str]) -> list[str]:
    """Words of Arabic script in Latin letters, together, as one may change its neighbour's spelling."""
    latin: list[str] = []
    for is_arabic, group in groupby(words, key=lambda word: bool(_ARABIC_SCRIPT.match(word))):
        run = list(group)
        latin += arabic.tokens(run, joined=False) if is_arabic else run
    return latin


def _words(name: str) -> list[str]:
    """Runs of letters and digits with the marks that belong to them (vowel signs of Indic scripts are marks)."""
    words: list[str] = []
    word: list[str] = []
    for char in unicodedata.normalize("NFKC", name):
        category = unicodedata.category(char)
        if category == "Cf" or char in _BLANK:
            continue
        if category[0] in "LM" or category == "Nd":
            word.append(char)
        elif word:
            words.append("".join(word))
            word = []
    if word:
        words.append("".join(word))
    return words


def _unmask(words: list[str]) -> list[str]:
    """Look-alike letters of another script read as what they look like, word by word.

    A word of look-alikes only ("РАК" in Cyrillic) is read as Latin where every other word is written in Latin letters.
    """
    if not any(ord(char) in _TO_LATIN for word in words for char in word):
        return words
    latin_around = any(_has_latin(word) for word in words)
    unmasked = []
    for word in words:
        foreign = [char for char in word if char.isalpha() and not is_latin(char)]
        lookalike = bool(foreign) and all(ord(char) in _TO_LATIN for char in foreign)
        if lookalike and latin_around:
            word = word.translate(_TO_LATIN)
        elif foreign and _has_latin(word):
            word = word.translate(_TO_CYRILLIC)
        unmasked.append(word)
    return unmasked


def is_latin(char: str) -> bool:
    """Whether a letter is a Latin one, with or without marks; signs and digits of ASCII count as such."""
    return char < "\u0250" or "\u1e00" <= char < "\u1f00"


def _has_latin(word: str) -> bool:
    return any(char.isalpha() and is_latin(char) for char in word)


def _by_script(word: str, *, alone: bool) -> Iterator[str]:
    """Hangul syllables one by one, as lists write Korean names; an unspaced Chinese name as surname and rest."""
    for run in _SCRIPT_RUN.findall(word):
        if alone and len(run) > 1 and _is_han(run[0]):
            yield run[0]
            yield run[1:]
        else:
            yield run


def _is_han(char: str) -> bool:
    return "㐀" <= char <= "鿿" or "豈" <= char <= "﫿" or char >= "\U00020000"
