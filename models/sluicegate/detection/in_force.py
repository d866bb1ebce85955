"""Which lists partitions screen by: for whoever shows it. Nothing here takes part in detection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from sluicegate.detection.list_records import ListHead
from sluicegate.detection.lists import STARTER
from sluicegate.detection.state import State
from sluicegate.detection.step import ALL

if TYPE_CHECKING:
    from sluicegate.detection.partition import Partition


class ListInForce(msgspec.Struct, frozen=True):
    """A list and its version. owner: the tenant it is for, or `*`; published: µs since 1970 UTC."""

    owner: str
    name: str
    version: str
    entries: int
    published: int


class InForce(msgspec.Struct, frozen=True):
    """lists: by owner and name, those of all tenants first; partial: some tenant has no more than the starter list."""

    lists: tuple[ListInForce, ...] = ()
    partial: bool = True

    @property
    def shared(self) -> tuple[ListInForce, ...]:
        """The lists of all tenants."""
        return tuple(one for one in self.lists if one.owner == ALL)


def in_force(partitions: Iterable[Partition]) -> InForce:
    """The lists of some partitions; where these are not at the same version, the one published first.

    The starter list is left out where it no longer counts: next to another list of all tenants.
    """
    partitions = list(partitions)
    held: dict[tuple[str, str], ListInForce] = {}
    for one in (one for partition in partitions for one in _of(partition)):
        known = held.setdefault((one.owner, one.name), one)
        if one.published < known.published:
            held[one.owner, one.name] = one
    owners = {owner for owner, name in held if name != STARTER}
    if ALL in owners:
        held.pop((ALL, STARTER), None)
    partial = ALL not in owners and not (owners and all(_tenants(one) <= owners for one in partitions))
    return InForce(tuple(sorted(held.values(), key=lambda one: (one.owner != ALL, one.owner, one.name))), partial)


def _tenants(partition: Partition) -> set[str]:
    return partition.stores.keys() - {ALL}


def _of(partition: Partition) -> Iterator[ListInForce]:
    for (owner, name), compiled in partition.lists.items():
        head = State(owner, partition.stores[owner]).get(ListHead, name)
        assert head is not None
        yield ListInForce(owner, name, compiled.version, head.entries, head.published)
