"""Names that OFAC gives in parts -> as its other files write them: LAST, First Middle."""

import re
from collections.abc import Sequence

_LAST = ("Last Name", "Matronymic", "Maiden Name")
_FIRST = ("First Name", "Middle Name", "Patronymic", "Nickname")
_CHARACTERS = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]+")


def full_name(parts: Sequence[tuple[str, str]]) -> str:
    """A name from its parts. parts: type of the part as in OFAC's reference values, text; in any order.

    Han, Hangul and kana are written together, family name first, as their scripts have it.

    >>> full_name([("First Name", "Vera"), ("Patronymic", "Petrovna"), ("Last Name", "EXEMPLOVA")])
    'EXEMPLOVA, Vera Petrovna'
    >>> full_name([("Last Name", "김"), ("First Name", "보기")]), full_name([("Entity Name", "EXAMPLE TRADING")])
    ('김보기', 'EXAMPLE TRADING')
    """
    last = [text for type in _LAST for kind, text in parts if kind == type]
    first = [text for type in _FIRST for kind, text in parts if kind == type]
    other = [text for kind, text in parts if kind not in (*_LAST, *_FIRST)]
    whole = [*last, *first, *other]
    if all(map(_CHARACTERS.fullmatch, whole)):
        return "".join(whole)
    family, given = " ".join(last), " ".join([*first, *other])
    return ", ".join(filter(None, (family, given)))
