"""Identifiers as lists write them into one field: numbered, several of them, each perhaps with a label."""

import re
from collections.abc import Iterator

from sluicegate.screening.lists.ofac_ids import listed_id

_NUMBERED = re.compile(r"\(\d+\)")
_BETWEEN = re.compile(r"[;|\n]|,\s*(?=[A-Za-z]+\s*:)")
_LABEL = re.compile(
    r"(?:(?P<label>[A-Za-z][A-Za-z /.-]*?)(?:\s*:|\s+no\b\.?|\s+number\b)|number\b)[\s:]*", re.IGNORECASE
)
_SHARED = frozenset({"kpp"})  # a tax office and a reason, in Russia: many companies have the same one
_LETTERS_ONLY = frozenset({"bic"})


def numbered(text: str) -> Iterator[str]:
    """The parts of a field that counts them, else the field; none of an empty one.

    >>> list(numbered("(1) Iran (2) Iraq")), list(numbered("Iran (Islamic Republic of)")), list(numbered(" "))
    (['Iran', 'Iraq'], ['Iran (Islamic Republic of)'], [])
    """
    return filter(None, (part.strip(" ,;\t\r\n") for part in _NUMBERED.split(text)))


def identifiers(text: str, scheme: str) -> Iterator[tuple[str, str]]:
    r"""Scheme and value of each identifier in a field; scheme: what they are where their label says nothing else.

    >>> list(identifiers("OGRN: 1247700291200\nKPP: 770701001\nINN:9707028663", "registration"))
    [('registration', '1247700291200'), ('tax', '9707028663')]
    >>> list(identifiers("(1) Ruritania number A 1608600 (2) B77", "passport")), list(identifiers("IMO9074729", "imo"))
    ([('passport', 'A 1608600'), ('passport', 'B77')], [('imo', '9074729')])
    """
    for part in (piece.strip(" ,.\t\r") for one in numbered(text) for piece in _BETWEEN.split(one)):
        match = _LABEL.match(part)
        label, value = (match["label"] or "", part[match.end() :]) if match else ("", part)
        found, number = listed_id(label, value) or listed_id(scheme, value) or (scheme, value)
        if label.lower() not in _SHARED and (found in _LETTERS_ONLY or any(map(str.isdigit, number))):
            yield found, number
