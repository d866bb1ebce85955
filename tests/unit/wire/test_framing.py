"""Framing: schema ids in front, attributes in headers, size."""

from __future__ import annotations

import json

import pytest

from sluicegate.wire.decode import Event, Reject, decode
from sluicegate.wire.framing import MAX_BYTES, unframe
from tests.unit.wire.samples import PAYMENT, encoded, event

FRAME = b"\0\0\0\0\x07"
DATA = json.dumps(PAYMENT).encode()
HEADERS = [
    (f"ce_{name}", str(value).encode())
    for name, value in event().items()
    if name not in {"data", "datacontenttype", "unknown_extension"}
] + [("content-type", b"application/json")]


def decoded(value: bytes | None, headers: list[tuple[str, bytes | None]]) -> Event | Reject:
    structured = unframe(value, headers)
    return structured if isinstance(structured, Reject) else decode(structured)


def headers(**changes: bytes | None) -> list[tuple[str, bytes | None]]:
    return [*((name, content) for name, content in HEADERS if name not in changes), *changes.items()]


def test_plain_framed_and_binary_records_give_the_same_event() -> None:
    plain = decoded(encoded(), [])
    assert isinstance(plain, Event)
    assert decoded(FRAME + encoded(), [("content-type", b"application/cloudevents+json")]) == plain
    assert decoded(DATA, headers()) == plain
    assert decoded(FRAME + DATA, headers()) == plain


def test_plain_value_is_passed_on_untouched() -> None:
    assert unframe(b"not even json", [("other", b"x"), ("ce_id", b"x")]) == b"not even json"


@pytest.mark.parametrize("length", range(1, 6))
def test_framed_value_shorter_than_six_bytes_is_bad_framing(length: int) -> None:
    for some in ([], headers()):
        found = unframe(FRAME[:length], some)
        assert isinstance(found, Reject)
        assert found.reason == "bad_framing"


def test_size_counts_after_unframing() -> None:
    assert unframe(FRAME + b"x" * MAX_BYTES) == b"x" * MAX_BYTES
    for value in (b"x" * (MAX_BYTES + 1), FRAME + b"x" * (MAX_BYTES + 1)):
        found = unframe(value)
        assert isinstance(found, Reject)
        assert found.reason == "too_large"


def test_binary_bytes_do_not_depend_on_order_or_case_of_headers() -> None:
    shouted = [(name.upper(), content) for name, content in reversed(HEADERS)]
    assert unframe(DATA, shouted) == unframe(DATA, headers())


def test_header_values_are_plain_utf8() -> None:
    found = decoded(DATA, headers(ce_source="/feeds/zoë%20x".encode()))
    assert isinstance(found, Event)
    assert found.source == "/feeds/zoë%20x"  # the Kafka binding, unlike that of HTTP, knows no percent-encoding


@pytest.mark.parametrize(
    ("content_type", "fits"),
    [
        (b"application/json; charset=utf-8", True),
        (b"Application/JSON", True),
        (b"application/avro", False),
        (None, True),
    ],
)
def test_content_type_becomes_datacontenttype(content_type: bytes | None, fits: bool) -> None:
    found = decoded(DATA, headers(**{"content-type": content_type}))
    assert isinstance(found, Event) == fits
    assert fits or (isinstance(found, Reject) and (found.reason, found.path) == ("bad_envelope", "/datacontenttype"))


@pytest.mark.parametrize(
    ("value", "changes", "reason", "path"),
    [
        (None, {}, "bad_envelope", "/data"),
        (b"", {}, "not_json", "/data"),
        (b'{}, "tenantid": "other"', {}, "not_json", "/data"),
        (b'{"a": "\xff"}', {}, "not_json", ""),
        (b"[" * 200_000, {}, "not_json", "/data"),
        (b"[]", {}, "schema_violation", "/data"),
        (DATA, {"ce_id": b"\xff"}, "bad_envelope", "/id"),
        (DATA, {"ce_tenantid": b"\xff"}, "missing_tenant", "/tenantid"),
        (DATA, {"ce_tenantid": None}, "missing_tenant", "/tenantid"),
        (DATA, {"ce_time": b"\xff", "ce_tenantid": b"x y"}, "missing_tenant", "/tenantid"),
        (DATA, {"ce_time": b""}, "bad_time", "/time"),
        (DATA, {"ce_specversion": b"0.3"}, "bad_envelope", "/specversion"),
    ],
)
def test_faulty_binary_record_is_refused(
    value: bytes | None, changes: dict[str, bytes | None], reason: str, path: str
) -> None:
    found = decoded(value, headers(**changes))
    assert isinstance(found, Reject)
    assert (found.reason, found.path) == (reason, path)


def test_headers_cannot_stand_in_for_data() -> None:
    assert decoded(DATA, headers(ce_data=b"x", ce_data_base64=b"x", **{"ce_\udc00": b"x"})) == decoded(encoded(), [])


def test_record_without_value_is_not_json() -> None:
    found = unframe(None)
    assert isinstance(found, Reject)
    assert found.reason == "not_json"
