"""What surrounds an event on Kafka: a schema id in front, CloudEvents attributes in headers (contract section 2)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sluicegate.wire.canonical import canonical
from sluicegate.wire.decode import Reject

MAX_BYTES = 1 << 20
"""Largest value, after unframing."""

_CONFLUENT = 5  # 0x00 and a schema id of four bytes, which nobody looks up
_PREFIX = "ce_"
_RAW = msgspec.json.Decoder(msgspec.Raw)


def unframe(value: bytes | None, headers: Iterable[tuple[str, bytes | None]] = ()) -> bytes | Reject:
    """Structured JSON bytes of a record, for `decode`; or why there are none. Never raises.

    Binary mode is rewritten: attributes sorted, the value verbatim as `data`; equal records give equal bytes. Header
    names count without regard to case, the last of equal ones wins, values are plain UTF-8.

    >>> unframe(b'\\x00\\x00\\x00\\x00\\x07{"id":"e1"}')
    b'{"id":"e1"}'
    >>> unframe(b'{"n": 1}', [("ce_specversion", b"1.0"), ("CE_id", b"e1"), ("content-type", b"application/json")])
    b'{"data":{"n": 1},"datacontenttype":"application/json","id":"e1","specversion":"1.0"}'
    """
    if value is not None and value[:1] == b"\0":
        if len(value) <= _CONFLUENT:
            return Reject("bad_framing", "", "starts with 0x00; expected a schema id of 4 bytes and a value after it")
        value = value[_CONFLUENT:]
    if value is not None and len(value) > MAX_BYTES:
        return Reject("too_large", "", f"expected at most {MAX_BYTES} bytes; found {len(value)}")
    lowered = {name.lower(): content for name, content in headers}
    if lowered.get("ce_specversion") is not None:
        return _structured(value, lowered)
    if value is None:
        return Reject("not_json", "", "expected a JSON object; the record has no value")
    return value


def _structured(value: bytes | None, headers: dict[str, bytes | None]) -> bytes | Reject:
    members = {
        name.removeprefix(_PREFIX): _text(content)
        for name, content in headers.items()
        if content is not None and name.startswith(_PREFIX) and _is_attribute(name.removeprefix(_PREFIX))
    }
    content_type = headers.get("content-type")
    if content_type is not None:
        members["datacontenttype"] = _text(content_type.partition(b";")[0].strip().lower())
    if value is not None:  # without a value the event has no data, which decoding refuses
        try:
            _RAW.decode(value)
        except (msgspec.MsgspecError, RecursionError):
            return Reject("not_json", "/data", "the value, which is `data` in binary mode, is not a JSON text")
        members["data"] = value
    return b"{" + b",".join(canonical(name) + b":" + members[name] for name in sorted(members)) + b"}"


def _is_attribute(name: str) -> bool:
    """CloudEvents names are letters and digits; `data` is what the value is for."""
    return name.isascii() and name.isalnum() and name != "data"


def _text(content: bytes) -> bytes:
    """A header as JSON text; null where it is not UTF-8, which decoding refuses in its place among the attributes."""
    try:
        return canonical(content.decode())
    except UnicodeDecodeError:
        return b"null"
