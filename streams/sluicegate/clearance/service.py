"""Clearance within a gateway's process: the view, what feeds it, and what is asked of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from sluicegate.clearance.database import open_view
from sluicegate.clearance.feed import RunFeed
from sluicegate.clearance.figures import Figures
from sluicegate.clearance.keeper import Keeper
from sluicegate.console.feed import FeedState
from sluicegate.settings import Settings

__all__ = ["Clearance"]

_STOP = 5.0
T = TypeVar("T")


class _HasDatabase(Protocol):
    @property
    def database(self) -> str: ...


class Clearance:
    """Start it in the loop that serves. `figures` may be registered with any registry, before or after."""

    def __init__(self, stream: Settings, settings: _HasDatabase) -> None:
        self._stream = stream
        self._url = settings.database
        self._engine: Engine | None = None
        self._keeper: Keeper | None = None
        self.feed: RunFeed | None = None
        self.figures = Figures(self)

    @property
    def whole(self) -> bool:
        """Whether the view has once held all that Kafka has."""
        return self.feed is None or self.feed.state.caught_up

    def freshness(self) -> dict[str, float]:
        """Records that the view lacked when it was last compared, and for how many seconds it cannot be compared."""
        state = self.feed.state if self.feed is not None else FeedState()
        away = 0.0 if state.away_since is None else time.monotonic() - state.away_since
        return {"behind": state.behind, "away_seconds": round(away, 1)}

    @staticmethod
    def now() -> int:
        """Wall clock, µs."""
        return time.time_ns() // 1000

    async def start(self) -> None:
        """Open the view and begin to read. Raises DatabaseError."""
        self._engine = await asyncio.to_thread(open_view, self._url)
        self.feed = RunFeed(self._engine, self._stream, lambda: None)
        self._keeper = Keeper(self._engine)
        self.feed.start()
        self._keeper.start()

    async def stop(self) -> None:
        """End within seconds, also where neither Kafka nor the database answers: nothing is lost by it."""
        threads = [thread for thread in (self.feed, self._keeper) if thread is not None]
        for thread in threads:
            thread.ask_to_stop()
        for thread in threads:
            await asyncio.to_thread(thread.join, _STOP)
        if self._engine is not None:
            self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only reads; it waits for no writer. Raises DBAPIError."""
        assert self._engine is not None
        with self._engine.connect().execution_options(reads=True) as connection:
            yield connection

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """The answer of the view, asked in a thread of its own. Raises DBAPIError."""

        def asked() -> T:
            with self.reading() as connection:
                return question(connection)

        return await asyncio.to_thread(asked)

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether the view is up to date, and what is known of it: for /readyz."""
        if self.feed is None:
            return False, {"why": "starting"}
        state = self.feed.state
        try:
            with self.reading() as connection:
                connection.execute(select(1))
            database = True
        except DBAPIError:
            database = False
        told = {"database": database, "behind": state.behind, "caught_up": state.caught_up, "why": state.why}
        return database and state.caught_up and state.away_since is None, told
