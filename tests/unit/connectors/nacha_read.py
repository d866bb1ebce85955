"""What the connector makes of the bytes of an ACH file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from sluicegate.connectors.base import Context, Faulty, Survey, Transaction
from sluicegate.connectors.ids import encode, event_id
from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.nacha import CONNECTOR
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import TYPES

KEYS = TenantKeys(b"0123456789abcdef")
CONTEXT = Context("acme", KEYS)


def survey(content: bytes, context: Context = CONTEXT) -> Survey:
    return CONNECTOR.survey(BytesIO(content), context)


def items(content: bytes, context: Context = CONTEXT) -> list[Transaction | Faulty]:
    """Both passes; every event is one that intake would take."""
    seen = survey(content, context)
    found = list(CONNECTOR.read(BytesIO(content), context, seen))
    assert [one.position for one in found] == list(range(1, seen.transactions + 1))
    for one in found:
        if isinstance(one, Transaction):
            event = decode(encode("nacha", context, one), topic=TYPES[one.type].topic)
            assert isinstance(event, Event), event
    return found


def sound(content: bytes, context: Context = CONTEXT) -> list[Transaction]:
    found = items(content, context)
    assert not [one for one in found if isinstance(one, Faulty)]
    return [one for one in found if isinstance(one, Transaction)]


def data(content: bytes, context: Context = CONTEXT) -> list[dict[str, Any]]:
    return [one.data for one in sound(content, context)]


def ids(content: bytes) -> list[str]:
    return [event_id("nacha", KEYS, one.identity) for one in sound(content)]


def faulty(content: bytes) -> list[Faulty]:
    return [one for one in items(content) if isinstance(one, Faulty)]


def lines(content: bytes) -> list[bytes]:
    """The events as lines of a replay file."""
    return [encode("nacha", CONTEXT, one) for one in sound(content)]
