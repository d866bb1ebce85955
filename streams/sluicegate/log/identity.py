"""Is the log still the topic it was? Kafka gives each topic an id when it is made; a topic made anew has another."""

import asyncio
import time

from kafka.errors import KafkaError

from sluicegate.errors import BrokerAwayError, LogReplacedError
from sluicegate.topics import Admin

__all__ = ["LogIdentity"]


class LogIdentity:
    """The id of the log as this worker found it at its start."""

    def __init__(self, admin: Admin, name: str) -> None:
        """Blocking. Raises LogReplacedError when there is no such topic."""
        self._admin = admin
        self.name = name
        self.topic_id = self._look()
        self._checked = time.monotonic()

    def _look(self) -> str:
        found = self._admin.topic_id(self.name)
        if found is None:
            raise LogReplacedError(f"the log {self.name} does not exist any more")
        return str(found)

    async def check(self) -> None:
        """Raises LogReplacedError when the log is gone or another; BrokerAwayError when nobody answers."""
        started = time.monotonic()
        try:
            found = await asyncio.to_thread(self._look)
        except (KafkaError, OSError) as error:
            raise BrokerAwayError(f"cannot look at the log {self.name}: {error}") from None
        if found != self.topic_id:
            raise LogReplacedError(
                f"the log {self.name} was deleted and made anew: its id is not {self.topic_id} any more"
            )
        self._checked = started

    async def fresh(self, seconds: float) -> None:
        """As `check`, unless the last one is younger: a worker that stood still looks before it writes again."""
        if time.monotonic() - self._checked > seconds:
            await self.check()
