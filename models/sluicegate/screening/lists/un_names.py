"""Name fields of the UN list -> the names in them: some hold several, in two scripts, or with a note."""

import re
from collections.abc import Iterator

_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_OTHER = re.compile(r"[\u0370-\u1dff\u2c80-\ud7ff\uf900-\ufdff\ufe70-\ufefe]")
_PIECES = re.compile(r"[;()]|\s[a-z]\)\s")
_NOTE = re.compile(r"\s*\((?:(?i:[^()]*\bname|third)|[a-z][^()]{8,})\)")
_LABEL = re.compile(r"^(?:original script:?\s*|[a-z ]+ name$)|\s-\s[a-z-]+ name$|,?\s+born\s.*$")
_SHORT_FORM = re.compile(r"\s*\([A-Z][A-Z0-9/-]+\)$")
_EDGES = ' ,:"“”'


def names_in(text: str) -> Iterator[str]:
    """The names of one field, white space collapsed, without quotation marks around them and notes behind them.

    >>> list(names_in("Ivan Exemplov (original script: Иван Экземплов)")), list(names_in("“Sample”"))
    (['Ivan Exemplov', 'Иван Экземплов'], ['Sample'])
    >>> list(names_in("Vera Muster; Vira Muster")), list(names_in("EL MUSTER (combat name)"))
    (['Vera Muster', 'Vira Muster'], ['EL MUSTER'])
    >>> list(names_in("EXAMPLE CENTRE (EXC)"))
    ['EXAMPLE CENTRE (EXC)', 'EXAMPLE CENTRE']
    """
    several = ";" in text or (_LATIN.search(text) and _OTHER.search(text))
    for piece in _PIECES.split(text) if several else (_NOTE.sub("", text).lstrip(") "),):
        if name := _LABEL.sub("", " ".join(piece.split()).strip(_EDGES)).strip(_EDGES):
            yield name
            if _SHORT_FORM.search(name):
                yield _SHORT_FORM.sub("", name)
