"""The Starlette application: pages, static files, error pages, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from sluicegate.console.web.headers import SecurityHeaders
from sluicegate.console.web.pages import FOLDER, plain, routes
from sluicegate.console.web.timed import Timed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

    from sluicegate.console.context import Context

__all__ = ["site"]


class _Kept(StaticFiles):
    """Static files; one that is asked for by its version may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if b"v=" in scope["query_string"]:
            answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def site(context: Context) -> Starlette:
    """The application. Its start begins reading Kafka, its end finishes what is under way."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        context.start()
        yield
        await run_in_threadpool(context.stop)

    app = Starlette(
        routes=[*routes(), Mount("/static", _Kept(directory=FOLDER / "static"))],
        middleware=[
            Middleware(Timed),
            Middleware(SecurityHeaders, secure=context.settings.base_url.startswith("https://")),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers={HTTPException: _refused, Exception: _failed},
        lifespan=life,
    )
    app.state.context = context
    return app


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told(request, error.status_code, str(error.detail))


def _failed(request: Request, error: Exception) -> Response:
    return _told(request, 500, "the console failed on this; what happened is in its log")


def _told(request: Request, status: int, why: str) -> Response:
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": why}, status)
    return plain(request, "error.html", status, status=status, why=why)
