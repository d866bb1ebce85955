"""Laws of decoding over arbitrary input."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.wire.decode import Event, Reject, decode
from sluicegate.wire.framing import unframe
from tests.unit.wire.samples import DATA, INTERNAL, encoded, event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["1.00", "2026-06-11", "US"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from([*DATA, *INTERNAL])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, inner in items for one in places(inner, (*path, key)))]


@settings(deadline=None)
@given(st.binary(), st.booleans())
def test_decoding_never_raises_on_bytes(value: bytes, internal: bool) -> None:
    assert isinstance(decode(value, internal=internal), Reject)
    framed = unframe(value, [("ce_specversion", b"1.0"), ("ce_x\xe9", value)])
    assert isinstance(framed, bytes | Reject)


@settings(deadline=None)
@given(NAMES, st.data())
def test_decoding_never_raises_on_damaged_events(name: str, data: st.DataObject) -> None:
    value = bytearray(encoded(name))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(value) - 1))
        value[start : start + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    assert isinstance(decode(bytes(value), internal=True), Event | Reject)


@settings(deadline=None, max_examples=300)
@given(NAMES, JSON, st.data())
def test_any_value_at_any_place_is_accepted_or_refused_with_a_place(name: str, value: Any, data: st.DataObject) -> None:
    root = event(name)
    *outer, last = data.draw(st.sampled_from(places(root)[1:]))
    parent: Any = root
    for key in outer:
        parent = parent[key]
    parent[last] = value
    text = json.dumps(root, allow_nan=True).encode("utf-8", "surrogatepass")
    first = decode(text, internal=True)
    assert first == decode(text, internal=True)
    if isinstance(first, Reject) and first.reason != "not_json":
        pointer = "/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in (*outer, last))
        related = first.path.startswith(pointer) or pointer.startswith(first.path) or _sibling(first.path, pointer)
        assert related, (first, pointer)


def _sibling(found: str, broken: str) -> bool:
    """A broken selector (a scheme, a rule, a method) makes a field beside it, or inside that one, missing."""
    parent = broken.rpartition("/")[0]
    return found.startswith(parent) or found == "/tenantid"
