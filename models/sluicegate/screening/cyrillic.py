"""Russian names in Latin letters, as sanctions lists, passports and the press spell them."""

import re

_PLAIN = dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True)) | {
    "ж": "zh",
    "й": "y",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "ё": "yo",
    "і": "i",
    "ї": "yi",
    "є": "ye",
    "ґ": "g",
    "ў": "w",
}
_SYSTEMS = tuple(
    str.maketrans(_PLAIN | more)
    for more in ({}, {"й": "i", "ю": "iu", "я": "ia", "ё": "e", "ъ": "ie", "ї": "i", "є": "ie"}, {"ё": "e"})
)
_AFTER_CONSONANT = "бвгджзклмнпрстфхцчшщ"
_BARE_E = re.compile(f"(?<![{_AFTER_CONSONANT}])е")
_ADJECTIVE = re.compile("[иы]й$")


def spellings(word: str) -> tuple[str, ...]:
    """BGN/PCGN (1947), passports (ICAO Doc 9303) and newspapers; letters that are not Russian stay as they are.

    >>> spellings("Сергеевич"), spellings("Виталий"), spellings("Александр")[2]
    (('sergeyevich', 'sergeevich', 'sergeevich'), ('vitaliy', 'vitalii', 'vitaly'), 'alexander')
    """
    lower = word.lower()
    press = _ADJECTIVE.sub("ы", lower).replace("кс", "x")
    if press.endswith("андр"):
        press = press[:-1] + "ер"
    return (
        _BARE_E.sub("ye", lower).translate(_SYSTEMS[0]),
        lower.translate(_SYSTEMS[1]),
        press.translate(_SYSTEMS[2]),
    )
