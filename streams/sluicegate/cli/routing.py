"""Where an event goes: its topic by its type, its key by its tenant. Nothing else of it is looked at.

>>> route(b'{"type": "vendor.payment.v1", "tenantid": "acme", "data": 5}')
Route(topic='vendor-payments', key=b'acme', timestamp=None, value=None)
>>> route(b'{"type": "clock.tick.v1", "tenantid": "*"}'), route(b'{')
('clock.tick.v1 is no type of input events', 'not a JSON object')
"""

from base64 import b64decode
from typing import NamedTuple

import msgspec

from sluicegate.wire.events import TYPES

__all__ = ["NOT_JSON", "Route", "exported", "is_export", "route"]


NOT_JSON = "not a JSON object"


class Route(NamedTuple):
    """Topic (contract name) and key; `value` and `timestamp` (ms) where they are not the line's own."""

    topic: str
    key: bytes | None
    timestamp: int | None = None
    value: bytes | None = None


class _List(msgspec.Struct):
    list: str | None = None


class _Envelope(msgspec.Struct):
    type: str | None = None
    tenantid: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _Exported(msgspec.Struct):
    timestamp: int
    value: msgspec.Raw = msgspec.Raw(b"")
    value_b64: str | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_LIST = msgspec.json.Decoder(_List)
_EXPORTED = msgspec.json.Decoder(_Exported)


def route(line: bytes) -> Route | str:
    """Topic and key of a structured event; or why it has none."""
    try:
        event = _ENVELOPE.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return NOT_JSON
    kind = TYPES.get(event.type or "")
    if kind is None or kind.internal:
        return f"{event.type or 'an event without a type'} is no type of input events"
    key = event.tenantid
    if kind.topic == "sanctions":
        try:
            key = _LIST.decode(event.data).list
        except (msgspec.MsgspecError, UnicodeDecodeError):
            key = None
    return Route(kind.topic, None if key is None else key.encode("utf-8", "replace"))


def is_export(line: bytes) -> bool:
    """Whether the line is the head of an exported log."""
    try:
        return _ENVELOPE.decode(line).type == "log.export.v1"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def exported(line: bytes) -> Route | str | None:
    """A record of an exported log as the event it was, at the time it came; None for what workers write themselves."""
    try:
        record = _EXPORTED.decode(line)
        value = bytes(record.value) if record.value_b64 is None else b64decode(record.value_b64)
    except (msgspec.MsgspecError, ValueError):
        return "no record of an exported log"
    found = route(value)
    if isinstance(found, str):
        return None if "clock.tick.v1" in found or "shared.count.v1" in found else found
    return found._replace(timestamp=record.timestamp, value=value)
