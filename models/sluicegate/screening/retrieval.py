"""Names by the grams they share with a query, weighted by how rare these are: the engine's candidates.

`GramIndex` files names of all versions of a list, `GramView` is what one version has of them. A view's answer depends
on its own names alone: gram weights come from its own frequencies, sums are of whole numbers, and ties are broken by
a digest of the name.
"""

import hashlib
import math
from array import array
from collections.abc import Iterable
from sys import byteorder
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

_T = TypeVar("_T", bound=np.generic)
_Ints = npt.NDArray[np.int32]
_Positions = npt.NDArray[np.intp]
_Flags = npt.NDArray[np.bool_]
_SCALE = 256  # weights are whole numbers, so that sums do not depend on their order
_READS = 4000  # postings read of one query, rarest grams first; what is left out is too common to tell names apart
_SHARE = 0.5  # of the best score: below it a name shares too little
_SHORT = 16  # added to a name's number of grams, so that short names do not win by their length alone


class GramIndex:
    """Postings of grams, growing by one name at a time at O(its grams). Memory: 8 bytes a gram of a name.

    Not to be added to while an array that it returned is in use.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.postings: list[bytearray] = []  # by number of a gram: positions of names (int32), ascending
        self._grams: array[int] = array("i")  # of all names, one after another
        self._ends: array[int] = array("i", [0])  # at 0, then where the grams of each name end
        self._ties: array[int] = array("Q")  # by name: a digest of it

    def add(self, key: str, grams: Iterable[str]) -> int:
        """File a name under its distinct grams and return its position. key: distinct, as it breaks ties."""
        at = len(self._ties)
        written = at.to_bytes(4, byteorder)
        for gram in grams:
            number = self.numbers.get(gram)
            if number is None:
                number = self.numbers[gram] = len(self.postings)
                self.postings.append(bytearray())
            self.postings[number] += written
            self._grams.append(number)
        self._ends.append(len(self._grams))
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self._ties.append(int.from_bytes(digest))
        return at

    def __len__(self) -> int:
        return len(self._ties)

    def containers(self) -> list[list[Any] | dict[Any, Any]]:
        """What holds nearly all of its memory."""
        return [self.numbers, self.postings]

    def frequencies(self, positions: _Positions) -> _Ints:
        """How many of the names at the positions (ascending, distinct) have each gram."""
        grams, ends = np.frombuffer(self._grams, np.int32), np.frombuffer(self._ends, np.int32)
        if len(positions) and positions[-1] - positions[0] < len(positions):  # a single run, as of a first version
            grams = grams[ends[positions[0]] : ends[positions[-1] + 1]]
        else:
            sizes = self.sizes(positions)
            shifts = ends[positions] - np.cumsum(sizes) + sizes
            grams = grams[np.arange(sizes.sum()) + np.repeat(shifts, sizes)]
        return np.bincount(grams, minlength=len(self.postings)).astype(np.int32)

    def sizes(self, positions: _Positions) -> _Ints:
        """How many grams the names at the positions have."""
        ends = np.frombuffer(self._ends, np.int32)
        sizes: _Ints = ends[positions + 1] - ends[positions]
        return sizes

    def ties(self, positions: _Positions) -> npt.NDArray[np.uint64]:
        """Numbers to order the names at the positions by, whatever their positions are."""
        return np.frombuffer(self._ties, np.uint64)[positions]


class GramView:
    """The names of one version: which positions of the index are in it, and how often its grams occur in these."""

    def __init__(self, index: GramIndex) -> None:
        """A view of none of the names; `changed` makes others."""
        self._index = index
        self._present: _Flags = np.zeros(0, np.bool_)
        self._frequencies: _Ints = np.zeros(0, np.int32)
        self._names = 0

    def changed(self, present: _Flags) -> "GramView":
        """A view of the names at the positions that are true; costs what differs, and a copy of 5 bytes a gram."""
        index, view = self._index, GramView(self._index)
        before = _grown(self._present, len(present))
        view._present = present
        view._frequencies = _grown(self._frequencies, len(index.postings))
        view._frequencies += index.frequencies(np.flatnonzero(present & ~before))
        view._frequencies -= index.frequencies(np.flatnonzero(before & ~present))
        view._names = int(np.count_nonzero(present))
        return view

    def __len__(self) -> int:
        return self._names

    def frequency(self, gram: str) -> int:
        """How many names have the gram."""
        number = self._index.numbers.get(gram)
        return int(self._frequencies[number]) if number is not None and number < len(self._frequencies) else 0

    def nearest(self, grams: Iterable[str], limit: int) -> list[int]:
        """Positions of names with the best scores, at most `limit`, best first. Cost: some 70 µs for 20,000 names."""
        numbers, several = self._index.numbers, len(self._frequencies)
        known = [(gram, number) for gram in grams if (number := numbers.get(gram, several)) < several]
        frequencies = self._frequencies[[number for _, number in known]].tolist()
        rarest_first = sorted((often, *one) for often, one in zip(frequencies, known, strict=True) if often)
        if not rarest_first:
            return []
        postings: list[_Ints] = []
        weights: list[int] = []
        reads = 0
        for often, _, number in rarest_first:
            reads += often
            if postings and reads > _READS:
                break
            postings.append(np.frombuffer(self._index.postings[number], np.int32))
            weights.append(round(_SCALE * math.log1p(self._names / often)))
        everyone = len(self._present)
        each = np.repeat(weights, [len(posting) for posting in postings])
        sums = np.bincount(np.concatenate(postings), each, everyone)[:everyone]
        if self._names < everyone:
            sums *= self._present
        found = np.flatnonzero(sums >= sums.max() * _SHARE)
        scores = sums[found] / np.sqrt(self._index.sizes(found) + _SHORT)
        if len(found) > limit:
            best = scores >= np.partition(scores, -limit)[-limit]
            found, scores = found[best], scores[best]
        order = np.lexsort((self._index.ties(found), -scores))[:limit]
        positions: list[int] = found[order].tolist()
        return positions


def _grown(values: npt.NDArray[_T], length: int) -> npt.NDArray[_T]:
    """A copy with zeros at its end."""
    grown = np.zeros(length, values.dtype)
    grown[: len(values)] = values
    return grown
