"""What changed between two versions of a list."""

from collections.abc import Iterable

import msgspec

from sluicegate.wire.events import ListEntry


class Change(msgspec.Struct, frozen=True):
    """An entry whose content differs. fields: which ones, in the order of the contract."""

    entry_id: str
    fields: tuple[str, ...]


class ListDiff(msgspec.Struct, frozen=True):
    """added, removed: entry ids; changed: entries in both. Each in the order of ids."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(old: Iterable[ListEntry], new: Iterable[ListEntry]) -> ListDiff:
    """The difference between two versions, entries matched by id.

    >>> from sluicegate.wire.events import ListName
    >>> ann, anna, bob = (
    ...     ListEntry(entry_id=id, kind="person", names=(ListName(name=name),))
    ...     for id, name in (("1", "Ann"), ("1", "Anna"), ("2", "Bob"))
    ... )
    >>> compare([ann], [anna, bob])
    ListDiff(added=('2',), removed=(), changed=(Change(entry_id='1', fields=('names',)),))
    >>> bool(compare([ann, bob], [bob, ann]))
    False
    """
    before = {entry.entry_id: entry for entry in old}
    after = {entry.entry_id: entry for entry in new}
    return ListDiff(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(
            Change(id, _fields(before[id], after[id]))
            for id in sorted(before.keys() & after.keys())
            if before[id] != after[id]
        ),
    )


def lost_share(difference: ListDiff, before: int) -> float:
    """Share of the `before` entries of the old version that the new one has no more, 0 to 1; 0 where there were none.

    What is gone counts, not how many are left: a list that lost half and gained as much is no list to trust either.

    >>> lost_share(ListDiff(added=("9",), removed=("1",), changed=()), 4)
    0.25
    """
    return len(difference.removed) / before if before else 0.0


def _fields(old: ListEntry, new: ListEntry) -> tuple[str, ...]:
    return tuple(name for name in ListEntry.__struct_fields__ if getattr(old, name) != getattr(new, name))
