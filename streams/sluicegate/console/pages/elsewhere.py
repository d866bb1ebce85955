"""Signing in by the organisation's own service: there and back."""

from __future__ import annotations

import base64
import hmac
import logging
from typing import TYPE_CHECKING

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sluicegate.console.pages.sign_in import Attempts, inside
from sluicegate.console.store import audit, elsewhere, users
from sluicegate.console.web.asked import COOKIE
from sluicegate.console.web.oidc import Pending, RefusedError
from sluicegate.console.web.pages import plain
from sluicegate.logs import event

if TYPE_CHECKING:
    from starlette.requests import Request

    from sluicegate.console.context import Context

logger = logging.getLogger(__name__)

BACK = "/sign-in/elsewhere/back"
_MINUTES = 10
_attempts = Attempts()


def _secure(request: Request) -> bool:
    context: Context = request.app.state.context
    return context.settings.base_url.startswith("https://")


def _pending_cookie(request: Request) -> str:
    return f"{'__Host-' if _secure(request) else ''}sluicegate_elsewhere"


def _back(request: Request) -> str:
    context: Context = request.app.state.context
    return (context.settings.base_url or str(request.base_url)).rstrip("/") + BACK


async def leave(request: Request) -> Response:
    """To the issuer; what is needed on the way back stays in the browser, out of the reach of scripts."""
    context: Context = request.app.state.context
    issuer = context.issuer
    if issuer is None:
        return RedirectResponse("/sign-in", 303)
    target = inside(request.query_params.get("next", ""))
    try:
        address, pending = await run_in_threadpool(issuer.begin, _back(request), target)
    except RefusedError as error:
        return _refused(request, str(error), 502)
    answer = RedirectResponse(address, 303)
    value = base64.urlsafe_b64encode(msgspec.json.encode(pending)).decode()
    answer.set_cookie(
        _pending_cookie(request), value, _MINUTES * 60, path="/", httponly=True, samesite="lax", secure=_secure(request)
    )
    return answer


async def come_back(request: Request) -> Response:
    """From the issuer, with a code; a session begins where all is as it should be."""
    context: Context = request.app.state.context
    issuer, query = context.issuer, request.query_params
    if issuer is None:
        return RedirectResponse("/sign-in", 303)
    address = request.client.host if request.client is not None else "?"
    if not _attempts.may(context.settings.signins_per_minute, address):
        return _refused(request, "Too many attempts: wait a minute.", 429)
    pending = _pending(request)
    if pending is None or not hmac.compare_digest(pending.state.encode(), query.get("state", "").encode()):
        return _refused(request, "This sign-in was not begun here, or too long ago: begin it again.", 403)
    if not query.get("code"):
        return _refused(request, "The sign-in service did not let you in.", 403)
    try:
        known = await run_in_threadpool(issuer.finish, query["code"], pending, _back(request))
        token = await run_in_threadpool(_open, context, known)
    except RefusedError as error:
        await run_in_threadpool(_note, context)
        logger.warning("signing in elsewhere was refused: %s", error, extra=event("signin.refused"))
        return _refused(request, f"{str(error)[:1].upper()}{str(error)[1:]}.", 403)
    answer = RedirectResponse(inside(pending.next) or "/alerts", 303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", path="/", secure=_secure(request))
    answer.delete_cookie(_pending_cookie(request), path="/", secure=_secure(request), httponly=True)
    return answer


def _pending(request: Request) -> Pending | None:
    try:
        value = base64.urlsafe_b64decode(request.cookies.get(_pending_cookie(request), ""))
        return msgspec.json.decode(value, type=Pending)
    except (ValueError, msgspec.MsgspecError):
        return None


def _open(context: Context, known: elsewhere.Named) -> str:
    now = context.now()
    with context.engine.begin() as connection:
        person = elsewhere.welcome(connection, known, now)
        if isinstance(person, str):
            raise RefusedError(person)
        audit.note(connection, now, person, "sign in", "session", None, {"elsewhere": True})
        return users.open_session(connection, person, now)


def _note(context: Context) -> None:
    with context.engine.begin() as connection:
        audit.note(connection, context.now(), "unknown", "sign-in refused", "session", None, {"elsewhere": True})


def _refused(request: Request, why: str, status: int) -> Response:
    answer = plain(request, "sign_in.html", status, why=why, next="", oidc=True)
    answer.delete_cookie(_pending_cookie(request), path="/", secure=_secure(request), httponly=True)
    return answer


routes = [
    Route("/sign-in/elsewhere", leave, methods=["GET"]),
    Route(BACK, come_back, methods=["GET"]),
]
