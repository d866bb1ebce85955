"""Tells everybody who listens that something has changed. What, they ask the database."""

import asyncio
from collections.abc import AsyncIterator

__all__ = ["Hub"]


class Hub:
    """One process's listeners. `changed` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Event] = set()
        self.closed = False

    def start(self) -> None:
        """Call it in the loop that the listeners run in."""
        self._loop = asyncio.get_running_loop()

    def changed(self) -> None:
        """Wake all listeners."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """Let every listener end."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()

    async def changes(self, *, at_least_every: float, rest: float = 0.25) -> AsyncIterator[bool]:
        """At each change True, at most one in `rest` seconds; after a quiet time False; ends when the hub closes."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            while not self.closed:
                try:
                    async with asyncio.timeout(at_least_every):
                        await event.wait()
                except TimeoutError:
                    yield False
                    continue
                event.clear()
                yield not self.closed
                await asyncio.sleep(rest)
        finally:
            self._waiting.discard(event)
