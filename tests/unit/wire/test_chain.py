"""The form of a chained alert: what is hashed, and that nothing in it can be another without being noticed."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluicegate.wire.canonical import canonical
from sluicegate.wire.chain import Link, Unlinked, origin, read_link, seal

ID = "al_" + "0" * 32
TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def alert(**more: Any) -> dict[str, Any]:
    data = {"alert_id": ID, "revision": 1, "activity": "create", **more}
    return {"specversion": "1.0", "id": f"{ID}-1", "type": "alert.v1", "tenantid": "acme", "data": data}


def sealed(**more: Any) -> bytes:
    return seal(alert(**more), 1, origin("acme"))[0]


def read(value: bytes) -> Link:
    link = read_link(value)
    assert isinstance(link, Link), link
    return link


def test_hash_is_sha256_of_the_canonical_event_without_it() -> None:
    event = json.loads(sealed(title="Zoë paid 1,000 €", amount=1.5))
    hash = event.pop("chainhash")
    text = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hash == hashlib.sha256(text.encode()).hexdigest()


@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_sealed_event_is_canonical_json_and_sound_in_any_form(more: dict[str, Any]) -> None:
    value = sealed(observed=more)
    event = json.loads(value)
    assert canonical(event) == value
    backwards = dict(reversed(event.items()))
    for form in (value, json.dumps(backwards, indent=2).encode(), json.dumps(event).encode() + b"\r\n"):
        assert read(form) == Link("acme", 1, origin("acme"), event["chainhash"], ID, 1, False, True)


def test_attributes_are_extensions_as_cloudevents_names_them() -> None:
    event = json.loads(sealed())
    added = event.keys() - alert().keys()
    assert added == {"chainseq", "chainprev", "chainhash"}
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in added)


def test_tenants_begin_differently() -> None:
    assert origin("acme") != origin("acmf")
    assert origin("acme") == hashlib.sha256(b"alert.v1\nacme").hexdigest()


@given(st.data())
def test_no_byte_can_be_another(data: st.DataObject) -> None:
    value = sealed(observed={"paid": 1250.5, "to": "Zoë"}, score=65)
    at = data.draw(st.integers(0, len(value) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != value[at]))
    changed = value[:at] + bytes([other]) + value[at + 1 :]
    link = read_link(changed)
    assert not isinstance(link, Link) or not link.sound or _same(changed, value)


def _same(one: bytes, other: bytes) -> bool:
    """Such as 1E5 for 1e5."""
    return bool(json.loads(one) == json.loads(other))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"score":65', b'"score":65.0'),  # another type
        (b'"score":65', b'"score":66'),
        (b'"score":65', b'"score":1,"score":65'),  # readers would not agree on which
        (b'"tenantid":"acme"', b'"tenantid":"beta"'),
        (b'"chainseq":1', b'"chainseq":2'),
        (b'"chainhash":"', b'"chainhash":"' + b"0" * 64 + b'","chainhash":"'),
        (b'"activity":"create"', b'"activity":"close"'),
        (b'"revision":1', b'"revision":2'),
    ],
)
def test_changed_content_does_not_give_its_hash(old: bytes, new: bytes) -> None:
    value = sealed(score=65)
    assert old in value
    for changed in (value.replace(old, new), b" " + value.replace(old, new)):
        assert not read(changed).sound


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "it is no event in JSON"),
        (b"", "it is no event in JSON"),
        (b"\xff", "it is no event in JSON"),
        (b"[" * 5000, "it is no event in JSON"),
        (b"[]", "it is no event in JSON"),
        (sealed(score=65).replace(b":65", b":NaN"), "it is no event in JSON"),
        (b'{"type":"vendor.payment.v1"}', "it is no alert"),
        (json.dumps(alert()).encode(), "its place in the chain is missing or malformed"),
        (sealed().replace(b'"chainseq":1', b'"chainseq":0'), "its place in the chain is missing or malformed"),
        (sealed().replace(b'"chainseq":1', b'"chainseq":"1"'), "its place in the chain is missing or malformed"),
        (sealed().replace(b'"chainprev":"', b'"chainprev":"G'), "its place in the chain is missing or malformed"),
    ],
)
def test_record_without_a_place_says_why(value: bytes | None, why: str) -> None:
    link = read_link(value)
    assert isinstance(link, Unlinked)
    assert link.why.startswith(why)


def test_signals_have_no_chain() -> None:
    assert read_link(b'{"type":"signal.v1","tenantid":"acme","data":{}}') is None
