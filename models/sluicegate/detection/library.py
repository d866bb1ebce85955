"""Compiled lists, shared by the partitions of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sluicegate.screening.index import CompiledList
from sluicegate.wire.events import ListEntry

MAX_COMPILED = 32

Key = tuple[str, str, bytes]
"""Name, version, and the digest of the updates that made it what it is."""


class ListLibrary:
    """Versions of lists, immutable, and what is compiled ahead for versions to come.

    Nothing here decides a result: a partition that finds a version missing makes the same one anew.
    """

    def __init__(self) -> None:
        self._held: dict[Key, CompiledList] = {}
        self._latest: dict[str, CompiledList] = {}
        self._staged: dict[str, dict[bytes, ListEntry]] = {}

    def get(self, key: Key, build: Callable[[], CompiledList]) -> CompiledList:
        """The list of that key; `build` is asked where it is not held."""
        held = self._held.pop(key, None)
        if held is None:
            held = build()
            while len(self._held) >= MAX_COMPILED:
                self._held.pop(next(iter(self._held)))
        self._held[key] = self._latest[key[0]] = held
        self._staged.pop(key[0], None)
        return held

    def seed(self, name: str) -> CompiledList:
        """The empty list from which a first version is derived; it shares what is compiled of others of that name."""
        held = self._latest.get(name)
        if held is None:
            held = self._latest[name] = CompiledList(name, "", ())
        return held.only(())

    def stage(self, parent: CompiledList | None, name: str, entries: dict[bytes, ListEntry]) -> None:
        """Compile entries that a pending update of the list will bring; keys are their stored bodies."""
        (parent if parent is not None else self.seed(name)).prepare(entries.values())
        self._staged.setdefault(name, {}).update(entries)

    def staged(self, name: str, bodies: Iterable[bytes], decode: Callable[[bytes], ListEntry]) -> list[ListEntry]:
        """The entries of stored bodies, without decoding those that were staged here."""
        known = self._staged.get(name, {})
        return [known[body] if body in known else decode(body) for body in bodies]
