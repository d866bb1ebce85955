"""Where in a TOML text a value stands. The parser of the standard library gives values without their places."""

from __future__ import annotations

import re
import tomllib

__all__ = ["Path", "lines_of"]

Path = tuple[str | int, ...]
"""Keys from the root, and numbers from 0 within arrays."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (r'"""(?:\\.|[^\\])*?"""(?!")', r"'''.*?'''(?!')", r'"(?:\\.|[^"\\])*"', r"'[^']*'")
)
_OTHER = re.compile(r"[^,\]}#\n]*")
"""A number, a date, true or false; a date and its time may have a space between them."""


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, at which each key, table and item of an array begins.

    `text` must be TOML that `tomllib` accepts. Of a table that is named several times the first place counts.

    >>> lines_of('a = 1\\n[b]\\nc = [\\n  1,\\n  2]\\n[[d]]\\ne.f = 1\\n[[d]]')  # doctest: +NORMALIZE_WHITESPACE
    {('a',): 1, ('b',): 2, ('b', 'c'): 3, ('b', 'c', 0): 4, ('b', 'c', 1): 5, ('d',): 6, ('d', 0): 6,
     ('d', 0, 'e'): 7, ('d', 0, 'e', 'f'): 7, ('d', 1): 8}
    """
    return _Scanner(text).scan()


class _Scanner:
    """Walks over a text that is known to be sound, so that it need not look for faults."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._found: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}
        """Arrays of tables: how many tables each has."""

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self._text):
            if self._take("[["):
                name = self._within(self._keys())
                number = self._tables[name] = self._tables.get(name, -1) + 1
                table = (*name, number)
                self._note(table)
                self._at += 2
            elif self._take("["):
                table = self._current(self._within(self._keys()))
                self._note(table)
                self._at += 1
            else:
                self._pair(table)
        return self._found

    def _pair(self, table: Path) -> None:
        path = (*table, *self._keys())
        self._note(path)
        self._at += 1  # the sign between key and value
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> Path:
        """A key, or several with dots between them; then what follows it."""
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(self._key())
            self._skip(_SPACE)
            if not self._take("."):
                return tuple(keys)

    def _key(self) -> str:
        bare = _BARE_KEY.match(self._text, self._at)
        if bare is not None:
            self._at = bare.end()
            return bare.group()
        start = self._at
        self._string()
        (key,) = tomllib.loads(f"{self._text[start : self._at]} = 0")
        return key

    def _value(self, path: Path) -> None:
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            self._skip(_BLANK)
            while not self._take("}"):
                self._pair(path)
                self._skip(_BLANK)
                self._take(",")
                self._skip(_BLANK)
        elif self._text[self._at] in "\"'":
            self._string()
        else:
            self._skip(_OTHER)

    def _array(self, path: Path) -> None:
        number = 0
        while True:
            self._skip(_BLANK)
            if self._take("]"):
                return
            self._note((*path, number))
            self._value((*path, number))
            self._skip(_BLANK)
            self._take(",")
            number += 1

    def _string(self) -> None:
        self._at = next(match.end() for one in _STRINGS if (match := one.match(self._text, self._at)))

    def _within(self, name: Path) -> Path:
        """A table's name with the numbers of the arrays of tables that it lies in."""
        path: Path = ()
        for key in name[:-1]:
            path = self._current((*path, key))
        return (*path, name[-1])

    def _current(self, path: Path) -> Path:
        return (*path, self._tables[path]) if path in self._tables else path

    def _note(self, path: Path) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        for end in range(1, len(path) + 1):
            self._found.setdefault(path[:end], self._line)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        return self._at

    def _take(self, token: str) -> bool:
        there = self._text.startswith(token, self._at)
        self._at += len(token) * there
        return there
