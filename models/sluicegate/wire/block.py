"""The base of every struct on the wire, and requirements that depend on another field.

A requirement is declared once, as data: decoding enforces it, the search for a fault reads it, the exported schema
states it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import msgspec


class Block(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """An immutable value of the wire: unknown fields are ignored, absent optional ones are None or ().

    Left out again on encoding, so a block survives a round trip; gc=False because blocks never form a cycle.
    """

    NEEDS: ClassVar[tuple[Need, ...]] = ()


class Need(msgspec.Struct, frozen=True):
    """`fields` are required where `field` has one of `values`, and `otherwise` where it has not.

    A field of a block inside is written `destination/network`; of `address|provider` one is enough.
    """

    field: str
    values: tuple[str, ...]
    fields: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()

    def missing(self, value: Any, get: Callable[[Any, str], Any]) -> Iterator[str]:
        """The required fields that `get` finds to be None, in declared order."""
        for path in self.fields if get(value, self.field) in self.values else self.otherwise:
            *outer, last = path.split("/")
            block = value
            for name in outer:
                block = None if block is None else get(block, name)
            if block is not None and all(get(block, name) is None for name in last.split("|")):
                yield path


def enforce(block: Block) -> None:
    """The `__post_init__` of a block with needs: raises ValueError, which msgspec reports as its own refusal."""
    for need in block.NEEDS:
        for path in need.missing(block, getattr):
            raise ValueError(f"`{path}` is required here")
