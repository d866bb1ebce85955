"""Names in Arabic script (Arabic, Persian, Urdu, Pashto) in Latin letters.

Short vowels and doubled consonants are not written. A common name has those of `arabic_names`; in any other they are
guessed from the syllables that Arabic allows: open or closed, and never with two consonants at the start. Vowel marks,
where there are any, are left out.
"""

import re
from collections.abc import Iterable
from itertools import groupby

from sluicegate.screening.arabic_names import NAMES

# one sign a sound; what it is in Latin letters is in _PLAIN
_SOUNDS = (
    dict(
        zip(
            "بپتټٹثجچځڅحخدډڈذرړڑزژږسشښصضطظغفقكکگګلمنڼںهہھةۀعءويیىئؤ",
            "bptttṯjčzsḥḵdddḏrrrzžgsššṣḍṭẓḡfqkkgglmnnnhhhhhʿʾwyyyyw",
            strict=True,
        )
    )
    | {**dict.fromkeys("اآأإٱ", "ā"), "ې": "e"}
    | dict(zip("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789", strict=True))
)
_DIGRAPHS = {"th": "ṯ", "kh": "ḵ", "dh": "ḏ", "sh": "š", "gh": "ḡ", "ch": "č", "zh": "ž"}
_PLAIN = str.maketrans(
    {sound: letters for letters, sound in _DIGRAPHS.items()}
    | dict(zip("āīūḥṣḍṭẓʿʾ", ["a", "i", "u", "h", "s", "d", "t", "z", "", ""], strict=True))
)
_VOWELS = "aiueā"
_LEAST_STEM = 2
_ARTICLE, _GOD, _FAITH, _SERVANT = "āl", "āllh", "āldyn", "ʿbd"
_FRENCH_LETTERS = {"sh": "ch", "dh": "d", "j": "dj", "w": "ou", "q": "k", "u": "ou"}
_FRENCH = re.compile("|".join(_FRENCH_LETTERS))
_FRENCH_USUAL = {
    "mohammad": "mohamed",
    "bin": "ben",
    "abdul": "abdel",
    "al": "el",
    "qadir": "kader",
    "yusuf": "youcef",
    "hussein": "hocine",
    "khalid": "khaled",
    "salim": "salem",
    "tariq": "tarek",
    "nasir": "nacer",
    "hasan": "hassan",
}


def tokens(words: list[str], *, joined: bool) -> list[str]:
    """The words as Latin tokens: the article apart; joined: names made of two words as one, as South Asia writes them.

    >>> tokens(["محمد", "عبد", "اللطيف", "الدوري"], joined=False)
    ['mohammad', 'abd', 'al', 'latif', 'al', 'duri']
    >>> tokens(["عبدالمنان", "نورالدین"], joined=True), tokens(["نور", "الدین"], joined=False)
    (['abdul', 'manan', 'nooruddin'], ['noor', 'al', 'din'])
    """
    found: list[str] = []
    before = ""
    for word in words:
        for part in _parts("".join(_SOUNDS.get(letter, "") for letter in word)):
            if part == _GOD and found:
                found[-1] += "tullah" if before.endswith("h") and found[-1].endswith("a") else "ullah"
            elif joined and part == _ARTICLE and found[-1:] == ["abd"]:
                found[-1] = "abdul"
            elif joined and part == "dyn" and len(found) > 1 and found[-1] == "al":
                found[-2:] = [found[-2] + "uddin"]
            else:
                found.append("allah" if part == _GOD else _KNOWN.get(part) or _guess(part))
            before = part
    return [token for token in found if token]


def french(latin: Iterable[str]) -> list[str]:
    """Latin tokens as passports of the Maghreb spell them.

    >>> french(["mohammad", "bin", "abdul", "qadir", "al", "shawqi"])
    ['mohamed', 'ben', 'abdel', 'kader', 'el', 'chaouki']
    """
    return [_FRENCH_USUAL.get(token) or _FRENCH.sub(lambda match: _FRENCH_LETTERS[match[0]], token) for token in latin]


def _parts(word: str) -> list[str]:
    """The article, the servant's name, God's and "and" taken off a word they are written together with."""
    if word in _KNOWN or word == _GOD:
        return [word]
    for prefix, least in ((_SERVANT, _LEAST_STEM), ("w", _LEAST_STEM + 1)):
        if word.startswith(prefix + _ARTICLE) and len(word) - len(prefix + _ARTICLE) >= least:
            return [prefix, *_parts(word.removeprefix(prefix))]
    for end in (_GOD, _FAITH):
        if word.endswith(end) and len(word) - len(end) >= _LEAST_STEM:
            return [word.removesuffix(end), *_parts(end)]
    if word.startswith(_ARTICLE) and len(word) - len(_ARTICLE) >= _LEAST_STEM:
        return [_ARTICLE, word.removeprefix(_ARTICLE)]
    return [word]


def _guess(word: str) -> str:
    """Vowels between consonants where no syllable could be spoken without.

    >>> [_guess("".join(map(_SOUNDS.__getitem__, word))) for word in ("خفاجي", "حبوش", "سميرة", "نیازی", "حاتم")]
    ['khafaji', 'habush', 'samira', 'nayazi', 'hatim']
    """
    silent = len(word) > _LEAST_STEM and word[-1] == "h" and word[-2] not in _VOWELS
    sounds = _glides(word[:-1] + "a" if silent else word)
    runs = ["".join(run) for _, run in groupby(sounds, key=_VOWELS.__contains__)]
    for at, run in enumerate(runs):
        if run[0] not in _VOWELS:
            runs[at] = _cluster(run, first=at == 0, last=at == len(runs) - 1, vowel="i" if "ā" in runs[at - 1] else "a")
    return "".join(runs).translate(_PLAIN)


def _glides(word: str) -> str:
    """w, y and the voiced pharyngeal as vowels where they stand between consonants, or at the end."""
    read = ""
    for at, sound in enumerate(word):
        after_vowel = read[-1:] in _VOWELS if read else False
        before_vowel = word[at + 1 : at + 2] in ("ā", "e")
        if sound == "ʿ":
            sound = "" if after_vowel or before_vowel else "a"
        elif sound in "wy" and read and not after_vowel and not before_vowel:
            sound = "u" if sound == "w" else "i"
        elif sound == "ā" and after_vowel:
            sound = ""
        read += sound
    return read


def _cluster(run: str, *, first: bool, last: bool, vowel: str) -> str:
    """Consonants that no written vowel parts; vowel: the one before the last consonant, after a long a mostly i."""
    parted = {*range(0 if first else 1, len(run) - 1, 2)}
    if last:
        parted.add(len(run) - 2)
    return "".join(
        sound + (vowel if last and at == len(run) - 2 else "a") if at in parted else sound
        for at, sound in enumerate(run)
    )


def _written(name: str) -> str:
    """What remains of a transliterated name in writing: long vowels as letters, no short ones, no double letters.

    >>> _written("muḥammad"), _written("aḥmad"), _written("ṭāhir"), _written("khalīfah")
    ('mḥmd', 'āḥmd', 'ṭāhr', 'ḵlyfh')
    """
    for letters, sound in _DIGRAPHS.items():
        name = name.replace(letters, sound)
    start = "ā" if name[0] in _VOWELS else ""
    letters = name.translate(str.maketrans("īū", "yw", "aiueoʾ"))
    return start + "".join(letter for letter, _ in groupby(letters.removeprefix(start)))


_KNOWN = {
    _written(strict): spelling or strict.translate(_PLAIN)
    for strict, _, spelling in (name.partition("=") for name in NAMES.split())
}
