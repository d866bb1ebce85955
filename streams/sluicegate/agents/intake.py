"""Intake: chunks of the source topics to the lanes that place them in the log."""

from typing import TYPE_CHECKING

import faust

from sluicegate.log.chunks import identity_codec
from sluicegate.topics import INTAKE, name_of

if TYPE_CHECKING:
    from sluicegate.worker import Worker

__all__ = ["register"]


def register(app: faust.App, worker: "Worker") -> None:
    names = [name_of(topic, worker.settings) for topic in INTAKE]
    sources = app.topic(*names, key_serializer=identity_codec, value_serializer=identity_codec)

    @app.agent(sources, name="intake")  # type: ignore[untyped-decorator]
    async def intake(chunks: faust.Stream) -> None:
        """Hand each chunk to its lane. Never wait here: one full partition would stall all."""
        async for event in chunks.noack().events():
            message = event.message
            worker.intake.offer(message.tp, message.generation_id, message.value.records)
