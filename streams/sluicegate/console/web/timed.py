"""How long answers take, by page."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluicegate import tracing
from sluicegate.console.figures import REQUESTS

__all__ = ["Timed"]


class Timed:
    """Notes the time from a request to the begin of its answer: a stream of events ends whenever its reader goes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                page, seconds = _page(scope), time.perf_counter() - began
                REQUESTS.labels(page).observe(seconds)
                tracing.record("console", seconds, page=page, status=message["status"])
            await send(message)

        await self._app(scope, receive, noting)


def _page(scope: Scope) -> str:
    """Module and function that answers; never an address, which may hold anything."""
    endpoint = scope.get("endpoint")
    if endpoint is None:
        return "none"
    name = getattr(endpoint, "__name__", None)
    return f"{endpoint.__module__.rpartition('.')[2]}.{name}" if name is not None else "static"
