"""uvicorn's connections with bounds that it lacks: a request's head must arrive in time, and not be endless."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

__all__ = ["bounded"]

_HEAD_BYTES = 64 << 10


def bounded(seconds: float) -> type[asyncio.Protocol]:
    """The protocol class for uvicorn. A connection that sends no whole head within `seconds` is closed."""

    class Bounded(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        _timer: asyncio.TimerHandle | None = None
        _bytes = 0

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._wait()

        def connection_lost(self, error: Exception | None) -> None:
            self._arrived()
            super().connection_lost(error)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is not None and not self.cycle.response_complete:
                self._arrived()
                return
            self._bytes += len(data)
            if self._bytes > _HEAD_BYTES:
                self.transport.close()
            elif self._timer is None:
                self._wait()

        def _wait(self) -> None:
            self._timer = self.loop.call_later(seconds, self.transport.close)

        def _arrived(self) -> None:
            self._bytes = 0
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Bounded
