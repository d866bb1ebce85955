"""One record's bytes to an event, or to the reason why it is refused.

The fast path is two msgspec decodes: the envelope with `data` left raw, then `data` as its type. Whatever it does not
accept goes to the slow path, which alone decides: it repeats the checks one by one in the contract's order (section 6)
and names the first that fails.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Literal

import msgspec
from msgspec import Raw, inspect

from sluicegate.wire.block import Block
from sluicegate.wire.events import TYPES, Data, Tick
from sluicegate.wire.faults import faults
from sluicegate.wire.scalars import Id, Opt, PartitionKey, Source, Tenant, dec_hook, parse_time

ReasonCode = Literal[
    "too_large",
    "bad_framing",
    "not_json",
    "bad_envelope",
    "missing_tenant",
    "bad_time",
    "unknown_type",
    "wrong_topic",
    "schema_violation",
    "bad_amount",
    "internal_error",
]

ALL_TENANTS = "*"
MAX_DEPTH = 128
"""Deepest nesting of a record. A fixed number: where Python's own recursion limit strikes depends on the caller."""

_EARLIEST, _END = 946_684_800_000_000, 4_102_444_800_000_000  # 2000-01-01 to 2100-01-01
_DAY = 86_400_000_000


class Reject(msgspec.Struct, frozen=True):
    """Why a record is refused: a reason of contract section 7, a JSON Pointer from the event's root, and plain words.

    The words never repeat a value of the record.
    """

    reason: ReasonCode
    path: str
    message: str


class Event(msgspec.Struct, frozen=True):
    """A sound event. `time` is event time in microseconds since 1970 UTC; `tenant` is `*` on lists and ticks."""

    id: str
    source: str
    type: str
    time: int
    tenant: str
    data: Data

    @property
    def ref(self) -> str:
        """How alerts name the event."""
        return f"{self.source}#{self.id}"


class Envelope(Block, frozen=True, kw_only=True):
    """CloudEvents attributes, in the order in which their faults count; those nobody reads are held to their shape."""

    specversion: Literal["1.0"]
    id: Id
    source: Source
    type: str
    partitionkey: Opt[PartitionKey] = None
    subject: Opt[str] = None
    datacontenttype: Opt[Literal["application/json"]] = None
    dataschema: Opt[str] = None
    traceparent: Opt[str] = None
    data: Raw
    tenantid: Tenant
    time: str


class _Circumstances(msgspec.Struct, frozen=True):
    """What is known of a record besides its bytes."""

    topic: str | None
    arrival_ms: int | None
    internal: bool

    def lets_type(self, name: str) -> bool:
        kind = TYPES.get(name)
        return kind is not None and (self.internal or not kind.internal)

    def lets_topic(self, name: str) -> bool:
        return self.topic is None or self.topic == TYPES[name].topic

    def lets_time(self, time: int) -> bool:
        latest = _END if self.arrival_ms is None else self.arrival_ms * 1000 + _DAY
        return _EARLIEST <= time < _END and time <= latest


_ENVELOPE = msgspec.json.Decoder(Envelope)
_DATA: dict[str, msgspec.json.Decoder[Any]] = {
    name: msgspec.json.Decoder(kind.struct, dec_hook=dec_hook) for name, kind in TYPES.items()
}
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_ENVELOPE_KIND, *_kinds = inspect.multi_type_info([Envelope, *(kind.struct for kind in TYPES.values())])
_DATA_KINDS = dict(zip(TYPES, _kinds, strict=True))
_INPUT_TYPES = ", ".join(name for name, kind in TYPES.items() if not kind.internal)
_REASONS: dict[str, ReasonCode] = {"/tenantid": "missing_tenant", "/time": "bad_time"}
# One message for both: which comes first in a text that is broken and deep depends on the caller's own depth.
_NO_JSON = Reject("not_json", "", f"not a JSON text, or nested deeper than {MAX_DEPTH}")
_JSON_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_BRACES = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]"))


def decode(
    value: bytes | None, *, topic: str | None = None, arrival_ms: int | None = None, internal: bool = False
) -> Event | Reject:
    """The event in structured JSON bytes (as `framing.unframe` gives them), or why there is none. Never raises.

    `topic`: where the record lay, by the contract's name; None skips that check. `arrival_ms`: when it arrived, which
    bounds event time; None skips that. `internal`: accept the types that travel in the log only.
    """
    if value is None:
        return Reject("not_json", "", "expected a JSON object; the record has no value")
    try:
        envelope = _ENVELOPE.decode(value)
        name = envelope.type
        kind = TYPES[name]
        time = parse_time(envelope.time)
        if (
            time is not None
            and _EARLIEST <= time < _END
            and (arrival_ms is None or time <= arrival_ms * 1000 + _DAY)
            and (internal or not kind.internal)
            and (topic is None or topic == kind.topic)
            and (envelope.tenantid != ALL_TENANTS or _may_be_for_all(name))
            and (value.isascii() or value.decode())  # msgspec does not look into text it skips
            and not _too_deep(value)
        ):
            data = _DATA[name].decode(envelope.data)
            return Event(envelope.id, envelope.source, name, time, envelope.tenantid, data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError):
        pass
    return _decide(value, _Circumstances(topic, arrival_ms, internal))


def _decide(value: bytes, seen: _Circumstances) -> Event | Reject:
    """The checks one by one; the first that fails gives the reason."""
    root = _parse(value)
    if isinstance(root, Reject):
        return root
    for fault in faults(root, _ENVELOPE_KIND):
        return Reject(_REASONS.get(fault.path, "bad_envelope"), fault.path, fault.message)
    time = parse_time(root["time"])
    if time is None:
        return Reject(
            "bad_time", "/time", "expected RFC 3339 with offset, such as 2026-06-11T09:00:00Z; found other text"
        )
    if not seen.lets_time(time):
        return Reject(
            "bad_time", "/time", "expected 2000-01-01 to 2100-01-01, and at most 24 h after the record's arrival"
        )
    name: str = root["type"]
    if not seen.lets_type(name):
        return Reject("unknown_type", "/type", f"not a type of input event; expected one of {_INPUT_TYPES}")
    if not seen.lets_topic(name):
        return Reject("wrong_topic", "/type", f"events of this type belong on topic {TYPES[name].topic}")
    if root["tenantid"] == ALL_TENANTS and not _may_be_for_all(name):
        return Reject("schema_violation", "/tenantid", "* (all tenants) is for sanctions.update.v1 only")
    amount: Reject | None = None
    for fault in faults(root["data"], _DATA_KINDS[name], "/data"):
        if not fault.decimal:
            return Reject("schema_violation", fault.path, fault.message)
        amount = amount or Reject("bad_amount", fault.path, fault.message)
    if amount is not None:
        return amount
    try:
        data: Any = msgspec.convert(root["data"], TYPES[name].struct, dec_hook=dec_hook)
    except msgspec.ValidationError:  # a fault the search does not know: refuse without a closer place
        return Reject("schema_violation", "/data", f"does not fit {name}")
    return Event(root["id"], root["source"], name, time, root["tenantid"], data)


def _parse(value: bytes) -> dict[str, Any] | Reject:
    """The JSON object in the bytes; numbers beyond range become infinity, whole ones such as 1.0 integers."""
    try:
        text = value.decode()
        _OBJECT.decode(value)  # strict syntax: json accepts NaN, half surrogate pairs and more
        if _too_deep(value):
            return _NO_JSON
        root: dict[str, Any] = json.loads(text, parse_int=_number, parse_float=_number)
    except msgspec.ValidationError:
        return Reject("not_json", "", "expected a JSON object; found another JSON value")
    except UnicodeDecodeError as error:
        return Reject("not_json", "", f"not UTF-8 at byte {error.start}")
    except (msgspec.DecodeError, RecursionError):
        return _NO_JSON
    return root


def _number(text: str) -> int | float:
    if len(text) > 300:
        return math.inf
    number = float(text)
    return int(text) if text.lstrip("-").isdigit() else int(number) if number.is_integer() else number


def _may_be_for_all(name: str) -> bool:
    return name == "sanctions.update.v1" or TYPES[name].struct is Tick


def _too_deep(value: bytes) -> bool:
    """Whether the brackets of a JSON text nest deeper than allowed; they are paired up, one level a turn."""
    if value.count(b"[") + value.count(b"{") <= MAX_DEPTH:
        return False
    brackets = _JSON_STRING.sub(b"", value).translate(_BRACES).translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)
