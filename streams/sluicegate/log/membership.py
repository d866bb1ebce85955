"""Whether the group still counts this worker in. What the worker remembers of it is stale once it stood still."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sluicegate.log.chunks import ChunkConsumer

__all__ = ["Membership"]


class Membership:
    """Questions to the group's coordinator on the broker."""

    def __init__(self, consumer: "ChunkConsumer") -> None:
        self._consumer = consumer

    @property
    def generation(self) -> int:
        """Of the last assignment this worker has seen."""
        generation: int = self._consumer.app.consumer_generation_id
        return generation

    async def confirmed(self, generation: int) -> bool:
        """Whether a sign of life of this generation is accepted now: then its assignment is still valid.

        A stalled worker that wakes up believes in its old assignment until a heartbeat is refused. Taking over a
        partition on that belief would fence its rightful owner, hence the question.
        """
        if generation != self.generation:
            return False
        coordinator = self._consumer.client._coordinator

        async def ask() -> bool:
            return (
                coordinator.coordinator_id is not None
                and coordinator.generation == generation
                and bool(await coordinator._do_heartbeat())
                and coordinator.generation == generation
            )

        return await self._consumer.in_thread(ask()) and generation == self.generation

    async def rejoin(self) -> None:
        """Ask for a new assignment."""

        async def ask() -> None:
            self._consumer.client._coordinator.request_rejoin()

        await self._consumer.in_thread(ask())
