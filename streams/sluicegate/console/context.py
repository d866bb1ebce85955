"""What every page uses: database, settings, the clock, the live hub."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from sluicegate.console.background import Background
from sluicegate.console.feed import FEEDS, Feed
from sluicegate.console.keeper import Keeper
from sluicegate.console.live import Hub
from sluicegate.console.ops import Ops
from sluicegate.console.publisher import Publisher
from sluicegate.console.settings import ConsoleSettings
from sluicegate.console.web.oidc import Issuer
from sluicegate.settings import Settings

__all__ = ["Context"]

_STOP = 5.0


class Context:
    """One console process's shared parts."""

    def __init__(self, engine: Engine, settings: ConsoleSettings, stream: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.stream = stream
        self.hub = Hub()
        self.issuer = Issuer(settings) if settings.oidc_issuer else None
        self.feeds = [Feed(name, engine, stream, self.hub.changed) for name in FEEDS]
        self.publisher = Publisher(engine, stream, self.hub.changed)
        self._threads: tuple[Background, ...] = (
            *self.feeds,
            self.publisher,
            Keeper(engine, settings),
            *((Ops(self),) if settings.ops_port else ()),
        )

    @staticmethod
    def now() -> int:
        """Wall clock, µs."""
        return time.time_ns() // 1000

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only reads; it waits for no writer."""
        with self.engine.connect().execution_options(reads=True) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back when it raises. Listeners hear of it."""
        with self.engine.begin() as connection:
            yield connection
        self.hub.changed()

    def start(self) -> None:
        """Call it in the loop that serves."""
        self.hub.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End within seconds, even where neither Kafka nor the database answers: what is not done can be done later."""
        self.hub.close()
        for thread in self._threads:
            thread.ask_to_stop()
        until = time.monotonic() + _STOP
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.engine.dispose()
