"""Signing in and out."""

from __future__ import annotations

import time
from collections import deque

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sluicegate.console.context import Context
from sluicegate.console.store import audit, users
from sluicegate.console.web.asked import COOKIE, Asked, asking
from sluicegate.console.web.pages import plain

_MINUTE = 60.0
_MOST_KEYS = 10_000


class Attempts:
    """Attempts of the last minute, by address and by name."""

    def __init__(self) -> None:
        self._by: dict[str, deque[float]] = {}

    def may(self, most: int, *keys: str) -> bool:
        """Whether one more is allowed under each of the keys; counts it."""
        now = time.monotonic()
        if len(self._by) > _MOST_KEYS:
            self._by = {key: times for key, times in self._by.items() if times and times[-1] > now - _MINUTE}
        allowed = True
        for key in keys:
            times = self._by.setdefault(key, deque(maxlen=most))
            allowed = allowed and not (len(times) == most and times[0] > now - _MINUTE)
            times.append(now)
        return allowed


_attempts = Attempts()


async def show(request: Request) -> Response:
    context: Context = request.app.state.context
    return plain(request, "sign_in.html", why="", next=inside(request.query_params.get("next", "")),
                 oidc=bool(context.settings.oidc_issuer))  # fmt: skip


async def take(request: Request) -> Response:
    context: Context = request.app.state.context
    async with request.form(max_files=0, max_fields=10) as form:
        name, password = str(form.get("name", ""))[:120], str(form.get("password", ""))[:1024]
        target = inside(str(form.get("next", "")))
    address = request.client.host if request.client is not None else "?"
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return plain(request, "sign_in.html", 403, why="Open this page itself to sign in.", next=target, oidc=False)
    if not _attempts.may(context.settings.signins_per_minute, f"address {address}", f"name {name}"):
        why = "Too many attempts: wait a minute."
        return plain(request, "sign_in.html", 429, why=why, next=target, oidc=False)
    token = await run_in_threadpool(_sign_in, context, name, password)
    if token is None:
        return plain(request, "sign_in.html", 401, why="Name or password is wrong.", next=target, oidc=False)
    answer = RedirectResponse(target or "/alerts", 303)
    answer.set_cookie(
        COOKIE, token, httponly=True, samesite="lax", path="/", secure=context.settings.base_url.startswith("https://")
    )
    return answer


def _sign_in(context: Context, name: str, password: str) -> str | None:
    now = context.now()
    with context.reading() as connection:
        person = users.sign_in(connection, name, password)
    with context.engine.begin() as connection:
        users.forget_sessions(connection, now, context.settings)
        if person is None:
            # the name is noted as typed only where somebody has it: people type passwords there
            known = users.exists(connection, name)
            audit.note(connection, now, name if known else "unknown", "sign-in refused", "session")
            return None
        audit.note(connection, now, person, "sign in", "session")
        return users.open_session(connection, person, now)


def inside(target: str) -> str:
    """The target, where it is a page of ours."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else ""


@asking()
def sign_out(asked: Asked) -> Response:
    with asked.context.engine.begin() as connection:
        users.end(connection, asked.request.cookies.get(COOKIE, ""))
        audit.note(connection, asked.now, asked.person, "sign out", "session")
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


routes = [
    Route("/sign-in", show, methods=["GET"]),
    Route("/sign-in", take, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
