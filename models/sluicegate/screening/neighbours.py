"""Tokens within reach of another by one or two edits, without comparing with all of them.

If two tokens are at most k edits apart, one of k + 1 pieces of the one stands unchanged in the other, near its place
(Li, Deng, Wang, Feng: PASS-JOIN, PVLDB 5(3), 2011). Tokens are filed by length and pieces; a lookup reads the few
files a match must be in, then measures what it found there.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from sluicegate.screening.verdict import similarity

_FEW = 8  # to measure so few one by one is faster than all at once
_File = dict[str, tuple[str, ...]]  # tuples: mostly of one, and without work for the garbage collector


class Neighbours:
    """Tokens, searchable by similarity. Adding one costs O(its length); memory: two or three references a token.

    >>> sorted(Neighbours(["andreyev", "andreev", "andrew", "kim"]).near("andreyew"))
    ['andreev', 'andrew', 'andreyev']
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._files: dict[tuple[int, int], tuple[_File, ...]] = {}
        for token in tokens:
            self.add(token)

    def add(self, token: str) -> None:
        """File a token that is not held yet."""
        for edits in _edits_of_entry(len(token)):
            files = self._files.get((len(token), edits))
            if files is None:
                files = self._files[len(token), edits] = tuple({} for _ in range(edits + 1))
            for file, (start, end) in zip(files, _pieces(len(token), edits), strict=True):
                piece = token[start:end]
                file[piece] = (*file.get(piece, ()), token)

    def files(self) -> list[_File]:
        return [file for files in self._files.values() for file in files]

    def near(self, token: str) -> set[str]:
        """Held tokens with a similarity above 0, without the token itself."""
        suspects = set(self._suspects(token))
        suspects.discard(token)
        if len(suspects) > _FEW:
            others = list(suspects)
            distances = cdist((token,), others, scorer=Levenshtein.distance, score_cutoff=2, dtype=np.uint8)[0]
            suspects = {others[at] for at in np.flatnonzero(distances <= 2).tolist()}
        return {held for held in suspects if similarity(token, held)}

    def _suspects(self, token: str) -> Iterator[str]:
        length = len(token)
        for held in range(length - 2, length + 3):
            edits = _edits(max(length, held))
            files = self._files.get((held, edits))
            if files is None or abs(length - held) > edits:
                continue
            shift = length - held
            for part, (start, end) in enumerate(_pieces(held, edits)):
                # edits before the piece move it by at most `part`, edits after it by at most those that remain
                first = max(0, start - part, start + shift - (edits - part))
                last = min(length - (end - start), start + part, start + shift + (edits - part))
                for at in range(first, last + 1):
                    yield from files[part].get(token[at : at + end - start], ())


def _edits(longer: int) -> int:
    """How many edits two tokens may be apart, by the longer one's length."""
    return 2 if longer >= 8 else 1 if longer >= 4 else 0


def _edits_of_entry(length: int) -> tuple[int, ...]:
    """The numbers of edits a held token must be filed for; 6 and 7 letters meet shorter and longer tokens."""
    if length < 3:
        return ()
    return (1,) if length < 6 else (1, 2) if length < 8 else (2,)


def _pieces(length: int, edits: int) -> list[tuple[int, int]]:
    """Bounds of edits + 1 nearly equal pieces."""
    bounds = [length * part // (edits + 1) for part in range(edits + 2)]
    return list(pairwise(bounds))
