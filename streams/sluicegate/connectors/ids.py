"""Ids of events from files: a transaction has the same one however often, and under whatever name, its file comes."""

import msgspec

from sluicegate.connectors.base import Context, Transaction
from sluicegate.connectors.keys import TenantKeys
from sluicegate.wire.scalars import format_time

__all__ = ["SOURCE", "encode", "event_id"]

SOURCE = "/files/"


def event_id(connector: str, keys: TenantKeys, identity: tuple[str, ...]) -> str:
    """The id under which detection remembers the transaction.

    >>> event_id("pain001", TenantKeys(b"0123456789abcdef"), ("MSG-1", "PMT-1", "1"))
    'pain001-229bea834c10cf9a9a0ec762c9b76057'
    """
    return f"{connector}-{keys.digest(*(part.encode() for part in identity))[:32]}"


def encode(connector: str, context: Context, transaction: Transaction) -> bytes:
    """The event as a CloudEvent in structured mode, on one line."""
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": event_id(connector, context.keys, transaction.identity),
            "source": SOURCE + connector,
            "type": transaction.type,
            "time": format_time(transaction.time),
            "tenantid": context.tenant,
            "data": transaction.data,
        }
    )
