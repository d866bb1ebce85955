"""Detect: chunks of the log to the partition that works through them in checkpoints."""

from typing import TYPE_CHECKING

import faust

from sluicegate.log.chunks import identity_codec

if TYPE_CHECKING:
    from sluicegate.worker import Worker

__all__ = ["register"]


def register(app: faust.App, worker: "Worker") -> None:
    log = app.topic(worker.gate.log, key_serializer=identity_codec, value_serializer=identity_codec)

    @app.agent(log, name="detect")  # type: ignore[untyped-decorator]
    async def detect(chunks: faust.Stream) -> None:
        """Hand each chunk to its partition. Never wait here: one full partition would stall all."""
        async for event in chunks.noack().events():
            message = event.message
            worker.detector.offer(message.partition, message.generation_id, message.value)
