"""Sample files of ISO 20022, and what a connector makes of bytes."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from sluicegate.connectors import pacs008, pain001
from sluicegate.connectors.base import Connector, Context, Faulty, Survey, Transaction
from sluicegate.connectors.ids import encode, event_id
from sluicegate.connectors.keys import TenantKeys
from sluicegate.errors import FileRefusedError
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import TYPES

SAMPLES = Path(__file__).parent / "samples"
CONNECTORS = {"pain001": pain001.CONNECTOR, "pacs008": pacs008.CONNECTOR}
CONTEXT = Context("acme", TenantKeys(b"0123456789abcdef"))
NAMES = [str(path.relative_to(SAMPLES)) for name in CONNECTORS for path in sorted((SAMPLES / name).glob("*.xml"))]


class Outcome(NamedTuple):
    """What both passes gave; `error` is the text of the refusal that ended the second one."""

    survey: Survey
    items: list[Transaction | Faulty]
    error: str | None


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def connector_of(name: str) -> Connector:
    return CONNECTORS[name.partition("/")[0]]


def taken(connector: Connector, content: bytes, context: Context = CONTEXT) -> Outcome:
    survey = connector.survey(BytesIO(content), context)
    items: list[Transaction | Faulty] = []
    try:
        items.extend(connector.read(BytesIO(content), context, survey))
    except FileRefusedError as error:
        return Outcome(survey, items, str(error))
    return Outcome(survey, items, None)


def transactions(connector: Connector, content: bytes, context: Context = CONTEXT) -> list[Transaction]:
    outcome = taken(connector, content, context)
    assert outcome.error is None
    assert not [item for item in outcome.items if isinstance(item, Faulty)]
    return [item for item in outcome.items if isinstance(item, Transaction)]


def ids(connector: Connector, content: bytes, context: Context = CONTEXT) -> list[str]:
    return [event_id(connector.name, context.keys, one.identity) for one in transactions(connector, content, context)]


def event(connector: Connector, transaction: Transaction, context: Context = CONTEXT) -> Event:
    """As intake reads it; fails where it would be refused."""
    found = decode(encode(connector.name, context, transaction), topic=TYPES[transaction.type].topic)
    assert isinstance(found, Event), found
    return found


def reformatted(content: bytes, prefix: bytes, between: bytes) -> bytes:
    """The same message in another namespace and with another prefix, and other white space between its elements."""
    bare = re.sub(rb'\sxmlns(?::\w+)?="[^"]*"', b"", content)
    named = re.sub(rb"<(/?)(?:\w+:)?([A-Za-z]\w*)", rb"<\1" + prefix + rb"\2", bare)
    space = b' xmlns:q="urn:q"' if prefix else b' xmlns="urn:q"'
    opened = re.sub(rb"<([A-Za-z:]+)>", rb"<\1" + space + b">", named, count=1)
    return re.sub(rb">\s+<(?![?!])", b">" + between + b"<", opened)
