"""The one way in which the project writes JSON: UTF-8, keys sorted, no spaces."""

from __future__ import annotations

from typing import Any

import msgspec

from sluicegate.wire.scalars import enc_hook

_ENCODER = msgspec.json.Encoder(order="sorted", enc_hook=enc_hook)


def canonical(value: Any) -> bytes:
    """Equal values, equal bytes. Structs leave their defaults out where their class says so.

    >>> canonical({"b": 1, "a": ["é", None]}).decode()
    '{"a":["é",null],"b":1}'
    """
    return _ENCODER.encode(value)
