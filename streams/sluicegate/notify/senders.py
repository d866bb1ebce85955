"""What delivers to one endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sluicegate.notify.outcomes import Result

__all__ = ["Message", "Sender", "message_id"]


class Message(NamedTuple):
    """An alert's revision on its way to one endpoint."""

    id: str
    """The same in each attempt and replay."""
    alert: str
    event: Mapping[str, Any]
    """As this endpoint may see it."""
    body: bytes
    """The event as JSON."""


class Sender(Protocol):
    """One endpoint's way out. An attempt never raises for what the receiver or the network does."""

    async def send(self, message: Message) -> Result:
        """Try once."""

    async def send_digest(self, messages: Sequence[Message]) -> Result:
        """Try once to send several as one, where the kind has digests."""

    async def close(self) -> None:
        """Let connections go."""


def message_id(event_id: str, endpoint: str) -> str:
    """The id by which a receiver knows a repeated delivery: alert, revision, endpoint.

    >>> message_id("al_084a4cb75606c5da14365bb8f5173bf9-2", "siem")
    'al_084a4cb75606c5da14365bb8f5173bf9-2-siem'
    """
    return f"{event_id}-{endpoint}"
