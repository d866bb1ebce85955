"""Records to bytes and back: one version byte, then MessagePack."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar

import msgspec

from sluicegate import detection
from sluicegate.detection.records import Record

R = TypeVar("R", bound=Record)

_MODULES = [
    import_module(f"{detection.__name__}.{module.name}")
    for module in iter_modules(detection.__path__)
    if module.name.endswith("records")
]
RECORDS: dict[str, type[Record]] = {
    cls.KIND: cls
    for module in _MODULES
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Record) and cls.KIND
}
"""Kind -> record: every one of a module of this package whose name ends in `records`."""

MIGRATIONS: dict[tuple[str, int], Callable[[bytes], bytes]] = {}
"""(kind, old version) -> the body of the next version."""


class UnknownStateVersionError(Exception):
    """A state record was written by a version of sluicegate that this one does not know.

    Operator action: run the version that wrote the state (or a newer one); to start over, delete the state topic and
    let the worker read the log again from its first offset.
    """


_encode = msgspec.msgpack.Encoder(enc_hook=int).encode
_DECODE: dict[str, Callable[[bytes], Any]] = {
    kind: msgspec.msgpack.Decoder(cls).decode for kind, cls in RECORDS.items()
}
_PREFIX = {kind: bytes([cls.VERSION]) for kind, cls in RECORDS.items()}


def encode(record: Record) -> bytes:
    """The stored form of a record."""
    return _PREFIX[record.KIND] + _encode(record)


def decode(cls: type[R], value: bytes) -> R:
    """The record of a stored form; an old version is migrated.

    Raises:
        UnknownStateVersionError: the version byte is newer than this code, or its migration is missing.
    """
    body = value[1:]
    if value[0] != cls.VERSION:
        body = _migrated(cls, value[0], body)
    record: R = _DECODE[cls.KIND](body)
    return record


def _migrated(cls: type[Record], version: int, body: bytes) -> bytes:
    kind = cls.KIND
    while version != cls.VERSION:
        step = MIGRATIONS.get((kind, version))
        if step is None:
            raise UnknownStateVersionError(
                f"state record of kind {kind!r} has version {version}, known is {cls.VERSION}: run the sluicegate that "
                "wrote it or a newer one"
            )
        body, version = step(body), version + 1
    return body
