"""Is a journal still the topic it was? Kafka gives each topic an id when it is made; a topic made anew has another."""

import asyncio
import logging
import time

from kafka.errors import KafkaError

from sluicegate.errors import BrokerAwayError, BrokerRefusedError, LogReplacedError
from sluicegate.logs import event
from sluicegate.topics import Admin

__all__ = ["LogIdentity"]

logger = logging.getLogger(__name__)


class LogIdentity:
    """The id of a journal as this worker found it at its start."""

    def __init__(self, admin: Admin, name: str) -> None:
        """Blocking. Raises LogReplacedError when there is no such topic."""
        self._admin = admin
        self.name = name
        self.topic_id = self._look()
        self._checked = time.monotonic()
        self._missed: float | None = None
        """When the first of the checks that failed in a row did."""
        self._away = False
        self.refused = ""
        """Why the broker answered and refused, when it was asked last; empty where it did not."""

    @property
    def away_for(self) -> float:
        """Seconds for which no broker has answered, known once two checks in a row failed; 0 otherwise."""
        return time.monotonic() - self._missed if self._away and self._missed is not None else 0.0

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
        except (KafkaError, BrokerAwayError, BrokerRefusedError, OSError) as error:
            self.refused = str(self._admin.refusal(error) or "")
            self._no_answer(started)
            raise BrokerAwayError(f"cannot look at the log {self.name}: {self.refused or error}") from None
        self._answer()
        if found != self.topic_id:
            raise LogReplacedError(
                f"the log {self.name} was deleted and made anew: its id is not {self.topic_id} any more"
            )
        self._checked = started

    def _no_answer(self, started: float) -> None:
        if self._missed is None:
            self._missed = time.monotonic()
        elif not self._away and started >= self._missed:  # checks side by side count as one
            self._away = True
            since = time.strftime("%H:%M:%S", time.localtime(time.time() - self.away_for))
            if self.refused:
                logger.warning("refused by the broker since %s: %s", since, self.refused, extra=event("broker.refused"))
            else:
                logger.warning("broker away since %s; everything waits for it", since, extra=event("broker.away"))

    def _answer(self) -> None:
        if self._away:
            away = round(self.away_for, 1)
            logger.warning("broker is back after %.0f s", away, extra=event("broker.back", seconds=away))
        self._missed, self._away, self.refused = None, False, ""

    async def fresh(self, seconds: float) -> None:
        """As `check`, unless the last one is younger: a worker that stood still looks before it writes again."""
        if time.monotonic() - self._checked > seconds:
            await self.check()
