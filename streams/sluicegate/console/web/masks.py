"""Personal data is masked until somebody asks for it, and the asking is on the audit trail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

__all__ = ["Mask"]

_DOT = "•"
_WORD = re.compile(r"\w+", re.UNICODE)


class Mask:
    """Covers the given names wherever they occur; with nothing to cover it changes nothing.

    >>> mask = Mask(["Ann Carter", "Fernhill Supplies"])
    >>> mask.text("Ann Carter is paid like Fernhill Supplies"), mask.name("Ann Carter")
    ('A•• C••••• is paid like F••••••• S•••••••', 'A•• C•••••')
    >>> mask.value({"name": "ANN CARTER", "n": 3, "of": ["x", "ann carter"]})
    {'name': 'A•• C•••••', 'n': 3, 'of': ['x', 'a•• c•••••']}
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        found = sorted({name for name in names if name.strip()}, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(name) for name in found), re.IGNORECASE) if found else None

    @property
    def covers(self) -> bool:
        """Whether there is anything to reveal."""
        return self._pattern is not None

    def name(self, name: str) -> str:
        """A name, covered but for the first letter of each word."""
        return (
            _WORD.sub(lambda word: word[0][0] + _DOT * (len(word[0]) - 1), name) if self._pattern is not None else name
        )

    def text(self, text: str) -> str:
        """A text, with the names in it covered."""
        return self._pattern.sub(lambda found: self.name(found[0]), text) if self._pattern is not None else text

    def value(self, value: Any) -> Any:
        """Any JSON value, with the names in its texts covered."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {name: self.value(one) for name, one in value.items()}
        return value
