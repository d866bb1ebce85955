"""Dead letters: a refused record with everything needed to understand it and to send it again (contract section 7)."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable

import msgspec

from sluicegate.version import __version__
from sluicegate.wire.canonical import canonical
from sluicegate.wire.decode import ReasonCode, Reject
from sluicegate.wire.scalars import format_time

MAX_VALUE = 64 * 1024
"""Bytes of a value that a letter holds; a longer one is cut, and cannot be redriven from here."""


class Detail(msgspec.Struct, frozen=True):
    """Where in the event, as JSON Pointer, and what was expected there."""

    path: str
    message: str


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One refused record. Topic, partition and offset are those of the source; base64 where bytes are unknown."""

    topic: str
    partition: int
    offset: int
    headers: dict[str, str | None]
    key_b64: str | None
    value_b64: str | None
    reason: ReasonCode
    detail: Detail
    code_version: str
    received_at: str | None
    value_sha256: str | None = None
    value_bytes: int | None = None

    @property
    def key(self) -> bytes:
        """Key on the topic `dead-letters`; a repeated letter has the same."""
        return f"{self.topic}/{self.partition}/{self.offset}".encode()

    @property
    def cut(self) -> bool:
        """Whether the value is incomplete."""
        return self.value_sha256 is not None


_DECODER = msgspec.json.Decoder(DeadLetter)


def dead_letter(
    reject: Reject,
    value: bytes | None,
    *,
    topic: str,
    partition: int,
    offset: int,
    received_at: int | None,
    key: bytes | None = None,
    headers: Iterable[tuple[str, bytes | None]] = (),
) -> DeadLetter:
    """The letter for a record as it was received, framing included. `received_at` in microseconds since 1970 UTC.

    >>> cut_short = Reject("not_json", "", "not a JSON text")
    >>> letter = dead_letter(cut_short, b"{", topic="policies", partition=0, offset=7, received_at=0)
    >>> letter.key, letter.value_b64, letter.received_at
    (b'policies/0/7', 'ew==', '1970-01-01T00:00:00Z')
    """
    long = value is not None and len(value) > MAX_VALUE
    return DeadLetter(
        topic=topic,
        partition=partition,
        offset=offset,
        headers={name: _base64(content) for name, content in headers},
        key_b64=_base64(key),
        value_b64=_base64(value if value is None else value[:MAX_VALUE]),
        reason=reject.reason,
        detail=Detail(reject.path, reject.message),
        code_version=__version__,
        received_at=None if received_at is None else format_time(received_at),
        value_sha256=hashlib.sha256(value).hexdigest() if long and value is not None else None,
        value_bytes=len(value) if long and value is not None else None,
    )


def encode_letter(letter: DeadLetter) -> bytes:
    """Canonical JSON."""
    return canonical(letter)


def decode_letter(value: bytes) -> DeadLetter | None:
    """A letter read back; None where the bytes are none."""
    try:
        return _DECODER.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _base64(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()
