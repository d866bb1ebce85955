"""Dead letters: content, cut, and the way back."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode

import pytest

from sluicegate.version import __version__
from sluicegate.wire.decode import Reject
from sluicegate.wire.letters import MAX_VALUE, DeadLetter, dead_letter, decode_letter, encode_letter

REJECT = Reject("schema_violation", "/data/payee/kind", "expected one of those")


def letter(value: bytes | None, received_at: int | None = 1_781_168_400_000_000) -> DeadLetter:
    headers = [("h", b"\xff"), ("empty", None)]
    return dead_letter(
        REJECT, value, topic="policies", partition=3, offset=42, received_at=received_at, key=b"acme", headers=headers
    )


def test_letter_holds_the_record_and_the_reason() -> None:
    assert json.loads(encode_letter(letter(b"\x00{"))) == {
        "topic": "policies",
        "partition": 3,
        "offset": 42,
        "headers": {"h": b64encode(b"\xff").decode(), "empty": None},
        "key_b64": b64encode(b"acme").decode(),
        "value_b64": b64encode(b"\x00{").decode(),
        "reason": "schema_violation",
        "detail": {"path": "/data/payee/kind", "message": "expected one of those"},
        "code_version": __version__,
        "received_at": "2026-06-11T09:00:00Z",
    }


def test_letter_bytes_are_sorted_and_without_spaces() -> None:
    text = encode_letter(letter(b"x")).decode()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_letter_is_keyed_by_the_place_of_its_record() -> None:
    assert letter(b"x").key == b"policies/3/42"


@pytest.mark.parametrize("size", [MAX_VALUE, MAX_VALUE + 1])
def test_value_above_64_kib_is_cut(size: int) -> None:
    value = bytes(range(256)) * 257
    found = letter(value[:size])
    assert found.cut == (size > MAX_VALUE)
    assert found.value_b64 is not None
    assert b64decode(found.value_b64) == value[:MAX_VALUE]
    if found.cut:
        assert (found.value_sha256, found.value_bytes) == (hashlib.sha256(value[:size]).hexdigest(), size)


@pytest.mark.parametrize("value", [None, b"", b"x", b"x" * 70_000])
def test_letter_round_trips(value: bytes | None) -> None:
    assert decode_letter(encode_letter(letter(value, received_at=None))) == letter(value, received_at=None)


@pytest.mark.parametrize("value", [b"", b"{}", b"[1]", b'{"topic": "\xff"}', b"[" * 100_000])
def test_what_is_no_letter_reads_as_none(value: bytes) -> None:
    assert decode_letter(value) is None
