"""Shared: chunks of the sightings to the partition that answers them in checkpoints, with counts across tenants."""

from typing import TYPE_CHECKING

import faust

from sluicegate.log.chunks import identity_codec

if TYPE_CHECKING:
    from sluicegate.worker import Worker

__all__ = ["register"]


def register(app: faust.App, worker: "Worker") -> None:
    sightings = app.topic(worker.shared.journal.name, key_serializer=identity_codec, value_serializer=identity_codec)

    @app.agent(sightings, name="shared")  # type: ignore[untyped-decorator]
    async def shared(chunks: faust.Stream) -> None:
        """Hand each chunk to its partition. Never wait here: one full partition would stall all."""
        async for event in chunks.noack().events():
            message = event.message
            worker.shared.offer(message.partition, message.generation_id, message.value)
