"""Ids of events from files: a transaction has the same one however often, and under whatever name, its file comes."""

from hashlib import sha256

import msgspec

from sluicegate.connectors.base import Transaction
from sluicegate.wire.scalars import format_time

__all__ = ["SOURCE", "encode", "event_id"]

SOURCE = "/files/"


def event_id(connector: str, tenant: str, identity: tuple[str, ...]) -> str:
    """The id under which detection remembers the transaction.

    >>> event_id("pain001", "acme", ("MSG-1", "PMT-1", "1"))
    'pain001-5844c9cdbe0d5ed89210d30c6aa1117a'
    """
    digest = sha256(b"\0".join(part.encode() for part in (tenant, *identity)))
    return f"{connector}-{digest.hexdigest()[:32]}"


def encode(connector: str, tenant: str, transaction: Transaction) -> bytes:
    """The event as a CloudEvent in structured mode, on one line."""
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": event_id(connector, tenant, transaction.identity),
            "source": SOURCE + connector,
            "type": transaction.type,
            "time": format_time(transaction.time),
            "tenantid": tenant,
            "data": transaction.data,
        }
    )
