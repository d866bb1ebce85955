"""A request's body to the records that are to be written: all of them, or none and the faults of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import msgspec

from sluicegate.gateway.refusals import Fault, Reason, RefusedError
from sluicegate.gateway.tokens import Scope, Token
from sluicegate.wire.decode import Reject, decode
from sluicegate.wire.events import TYPES
from sluicegate.wire.framing import MAX_BYTES, unframe

__all__ = [
    "BATCH",
    "BATCH_BYTES",
    "BATCH_EVENTS",
    "BINARY",
    "EVENT_BYTES",
    "STRUCTURED",
    "Mode",
    "Record",
    "mode_of",
    "read",
]

EVENT_BYTES = MAX_BYTES
BATCH_BYTES = 8 << 20
BATCH_EVENTS = 1000

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"
"""Content types of the three modes; the last one with `ce-` headers."""

_SCOPE: dict[str, Scope | None] = {name: "events" for name, kind in TYPES.items() if not kind.internal}
_SCOPE |= {"policy.update.v1": "policy", "disposition.v1": "dispositions", "sanctions.update.v1": None}
"""What a token must be good for; None: no token is, lists concern every tenant."""
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


class Mode(NamedTuple):
    """How the events of a request are written down."""

    media: str
    attributes: tuple[tuple[str, bytes], ...] = ()
    """Of the binary mode, as headers of a record would be."""

    @property
    def most_bytes(self) -> int:
        return BATCH_BYTES if self.media == BATCH else EVENT_BYTES


class Record(NamedTuple):
    """What is written to Kafka."""

    type: str
    topic: str
    """By the contract's name."""
    key: bytes
    value: bytes


def mode_of(headers: Iterable[tuple[bytes, bytes]]) -> Mode:
    """By the headers of a request, names in small letters. Raises RefusedError (content_type)."""
    held = dict(headers)
    media, _, parameters = held.get(b"content-type", b"").decode("latin-1").lower().partition(";")
    media = media.strip()
    if held.get(b"content-encoding", b"identity").lower() != b"identity":
        raise RefusedError("content_type", "bodies are taken as they are: send without Content-Encoding")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise RefusedError("content_type", "JSON is UTF-8: leave charset out of Content-Type")
    if media in (STRUCTURED, BATCH):
        return Mode(media)
    if media == BINARY and b"ce-specversion" in held:
        attributes = [
            (f"ce_{name[3:].decode('latin-1')}", unquote_to_bytes(value))
            for name, value in held.items()
            if name.startswith(b"ce-")
        ]
        return Mode(media, (*attributes, ("content-type", BINARY.encode())))
    raise RefusedError(
        "content_type",
        f"expected Content-Type {STRUCTURED} (one event), {BATCH} (an array of events),"
        f" or {BINARY} with the attributes in ce- headers",
    )


def read(body: bytes, mode: Mode, token: Token, arrival_ms: int) -> list[Record]:
    """The records of a request, in its order. Raises RefusedError with the faults of every event that has one."""
    found = [_one(value, index, token, arrival_ms) for index, value in enumerate(_values(body, mode))]
    faults = [one for one in found if isinstance(one, _Faulty)]
    if faults:
        worst = max(faults, key=lambda one: _ORDER.index(one.reason))
        raise RefusedError(
            worst.reason,
            f"{len(faults)} of {len(found)} events cannot be accepted; nothing was written",
            faults=[one.fault for one in faults],
        )
    return [one for one in found if isinstance(one, Record)]


class _Faulty(NamedTuple):
    reason: Reason
    fault: Fault


_ORDER: tuple[Reason, ...] = ("invalid", "too_large", "scope", "tenant")
"""The last of them gives the answer its status."""


def _values(body: bytes, mode: Mode) -> list[bytes | Reject]:
    if mode.media == STRUCTURED:
        return [body]
    if mode.media == BINARY:
        return [unframe(body, mode.attributes)]
    try:
        raws = _RAWS.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise RefusedError("invalid", "the body is no JSON array", status=400) from None
    if len(raws) > BATCH_EVENTS:
        raise RefusedError("too_many", f"expected at most {BATCH_EVENTS} events; found {len(raws)}")
    return [bytes(raw) for raw in raws]


def _one(value: bytes | Reject, index: int, token: Token, arrival_ms: int) -> Record | _Faulty:
    if isinstance(value, Reject):
        return _faulty(value, index)
    if len(value) > EVENT_BYTES:
        return _Faulty("too_large", Fault(index, "", f"expected at most {EVENT_BYTES} bytes; found {len(value)}"))
    event = decode(value, arrival_ms=arrival_ms)
    if isinstance(event, Reject):
        return _faulty(event, index)
    scope = _SCOPE[event.type]
    if scope is None:
        return _Faulty(
            "scope", Fault(index, "/type", "lists concern every tenant: `sluicegate lists publish` sends them")
        )
    if scope not in token.scopes:
        return _Faulty("scope", Fault(index, "/type", f"the token lacks the scope {scope}"))
    if event.tenant != token.tenant:
        return _Faulty("tenant", Fault(index, "/tenantid", "not the tenant of the token"))
    return Record(event.type, TYPES[event.type].topic, event.tenant.encode(), value)


def _faulty(reject: Reject, index: int) -> _Faulty:
    reason: Reason = "too_large" if reject.reason == "too_large" else "invalid"
    return _Faulty(reason, Fault(index, reject.path, reject.message))
