"""One message to one endpoint, to see whether it comes through."""

from __future__ import annotations

import msgspec

from sluicegate.notify.endpoint_file import EndpointFile
from sluicegate.notify.names import bare
from sluicegate.notify.notifier import senders_of
from sluicegate.notify.outcomes import Result
from sluicegate.notify.sample import sample
from sluicegate.notify.senders import Message, message_id

__all__ = ["attempt"]


async def attempt(file: EndpointFile, name: str, now: int) -> Result:
    """Send the sample alert to the endpoint of this name, as of `now` (µs). Raises SettingsError."""
    endpoint = next(one for one in file.endpoints if one.name == name)
    shown = sample(now) if endpoint.personal_data else bare(sample(now))
    sender = senders_of(file)[name]
    try:
        id = message_id(f"test-{now}", name)
        return await sender.send(Message(id, shown["data"]["alert_id"], shown, msgspec.json.encode(shown)))
    finally:
        await sender.close()
