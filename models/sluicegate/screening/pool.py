"""What the versions of one list share: every entry that one of them has, compiled once.

A pool only grows, so that a version, which is a choice of its entries, stays what it is. When much of it is of no use
to the version made last, its heir is filled beside it, two entries with each that is added; once the heir holds that
version, later ones are made of it. The old pool goes with the last version that uses it, and is taken apart piece by
piece as entries are added, since to free one of 40,000 names in one go takes 90 ms. So a pool never holds more than
twice the entries of a version and `_SMALL`, however many updates there were.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from weakref import ref

import msgspec

from sluicegate.screening.table import Table
from sluicegate.screening.wallets import address_id
from sluicegate.wire.events import ListEntry

_SPARE = 1.5  # a pool may hold so many entries for each in use
_SMALL = 1000  # entries that are not worth an heir
_MOVED = 2  # entries that move to the heir with each that is added
_FREED = 200  # pieces of the old pool that go with each entry that is added
_CACHED = 4096  # identifiers whose comparable form is kept: those of banks come again and again


class Compiled(msgspec.Struct, frozen=True, eq=False, gc=False):
    """An entry of a pool. positions: of its names in the table of its kind."""

    entry: ListEntry
    positions: tuple[int, ...]


class Pool:
    """Entries with their names, wallets and identifiers, known by content."""

    def __init__(self) -> None:
        self.people = Table("person")
        self.organisations = Table("organisation")
        self._tables: dict[str, Table] = {"person": self.people, "organisation": self.organisations}
        self.wallets: dict[str, list[ListEntry]] = {}
        self.ids: dict[tuple[str, str], list[ListEntry]] = {}
        self._compiled: dict[ListEntry, Compiled] = {}
        self._heir: Pool | None = None
        self._to_move: deque[ListEntry] = deque()
        self._remains: _Remains | None = None  # of the pool whose heir this is

    def __len__(self) -> int:
        return len(self._compiled)

    def add(self, entry: ListEntry, elder: Pool | None = None) -> Compiled:
        """The compiled entry, compiled now where none of equal content is held: some 50 µs a name; else 1 µs.

        elder: a pool that has it, which halves the cost.
        """
        held = self._compiled.get(entry)
        if held is None:
            held = self._compiled[entry] = self._compile(entry, elder)
            if self._remains is not None:
                self._remains.free(_FREED)
            if self._heir is not None:
                self._heir.add(entry, self)
                for _ in range(min(_MOVED, len(self._to_move))):
                    self._heir.add(self._to_move.popleft(), self)
        return held

    def _compile(self, entry: ListEntry, elder: Pool | None) -> Compiled:
        for wallet in dict.fromkeys(map(address_id, entry.wallets)):
            self.wallets.setdefault(wallet, []).append(entry)
        for key in dict.fromkeys(identifier(one.scheme, one.value) for one in entry.ids):
            self.ids.setdefault(key, []).append(entry)
        table = self._tables.get(entry.kind)
        if table is None:
            return Compiled(entry, ())
        return Compiled(entry, table.add(entry, elder._tables[entry.kind] if elder is not None else None))

    def successor(self, used: Collection[Compiled]) -> Pool:
        """The pool to make a version with the entries `used` of: this one, or its heir where that is filled."""
        if self._heir is None and len(self) > _SPARE * len(used) + _SMALL:
            self._heir = Pool()
            self._heir._remains = _Remains(self)
            self._to_move.extend(one.entry for one in used)
        return self if self._heir is None or self._to_move else self._heir.successor(used)


class _Remains:
    """What a pool is made of, to be taken apart once nothing else holds the pool."""

    def __init__(self, pool: Pool) -> None:
        self._pool = ref(pool)
        self._containers: list[list[Any] | dict[Any, Any]] = [
            *(pool.wallets, pool.ids, pool._compiled),
            *pool.people.containers(),
            *pool.organisations.containers(),
        ]

    def free(self, pieces: int) -> None:
        if self._pool() is not None:
            return
        while pieces > 0 and self._containers:
            container = self._containers[-1]
            some = min(pieces, len(container))
            for _ in range(some):
                container.popitem() if isinstance(container, dict) else container.pop()
            pieces -= some
            if not container:
                self._containers.pop()


@lru_cache(maxsize=_CACHED)
def identifier(scheme: str, value: str) -> tuple[str, str]:
    """The form in which identifiers are compared: value in upper case without spaces and hyphens.

    >>> identifier("passport", "x 12-34")
    ('passport', 'X1234')
    """
    return scheme.lower(), "".join(value.split()).replace("-", "").upper()
