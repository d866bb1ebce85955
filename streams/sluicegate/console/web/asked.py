"""A request of somebody who may make it: who, with which form, and the tools to answer."""

from __future__ import annotations

import functools
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from sluicegate.console.context import Context
from sluicegate.console.people import Person, Role
from sluicegate.console.store import users

__all__ = ["COOKIE", "Asked", "Endpoint", "asking"]

COOKIE = "sluicegate_session"
_SAFE = frozenset({"GET", "HEAD"})
Endpoint = Callable[[Request], Awaitable[Response]]


class Asked(msgspec.Struct, frozen=True):
    """A request whose sender is known and whose form, if it has one, came from our own page."""

    request: Request
    context: Context
    person: Person
    csrf: str
    """To be sent back with every form; empty for a program with a token, which needs none."""
    form: Mapping[str, str]
    body: bytes

    @property
    def now(self) -> int:
        return self.context.now()

    def query(self, name: str) -> str:
        """A parameter of the address; empty where it is absent."""
        return self.request.query_params.get(name, "")


def asking(role: Role = "viewer") -> Callable[[Callable[[Asked], Response]], Endpoint]:
    """Makes an endpoint of a function that may block. Who is not signed in is sent to do so; who may not is refused."""

    def decorate(answer: Callable[[Asked], Response]) -> Endpoint:
        @functools.wraps(answer)
        async def endpoint(request: Request) -> Response:
            context: Context = request.app.state.context
            session, by_token = await run_in_threadpool(_who, context, request)
            if session is None:
                return _sign_in_first(request)
            form: Mapping[str, str] = {}
            body = b""
            if request.method not in _SAFE:
                if _is_form(request):
                    async with request.form(max_files=0, max_fields=600) as sent:
                        form = {name: str(value) for name, value in sent.items()}
                else:
                    body = await request.body()
                if not by_token:
                    _check_ours(request, session.csrf, form)
            if not session.person.may(role):
                raise HTTPException(403, f"your role is {session.person.role}; this needs {role}")
            asked = Asked(request, context, session.person, "" if by_token else session.csrf, form, body)
            return await run_in_threadpool(answer, asked)

        return endpoint

    return decorate


def _who(context: Context, request: Request) -> tuple[users.Session | None, bool]:
    """Whose request it is, and whether by an API token rather than a session."""
    now = context.now()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        with context.reading() as connection:
            person = users.by_token(connection, token.strip(), now)
        return (users.Session(person, "") if person is not None else None), True
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        return None, False
    with context.reading() as connection:
        session = users.resume(connection, cookie, now, context.settings)
    if session is not None and session.stale:
        with context.engine.begin() as connection:
            users.used(connection, cookie, now)
    return session, False


def _sign_in_first(request: Request) -> Response:
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"error": "sign in, or send an API token"}, 401, {"www-authenticate": "Bearer"})
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = f"/sign-in?next={quote(back, safe='')}" if request.method in _SAFE else "/sign-in"
    return RedirectResponse(target, 303)


def _is_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    return kind in ("application/x-www-form-urlencoded", "multipart/form-data")


def _check_ours(request: Request, csrf: str, form: Mapping[str, str]) -> None:
    """Refuse what another site made the browser send."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "the request came from another site")
    sent = request.headers.get("x-csrf-token") or form.get("csrf", "")
    if not hmac.compare_digest(sent.encode(), csrf.encode()):
        raise HTTPException(403, "the page is too old, or the request is not from it: reload the page and try again")


def json_body(asked: Asked, kind: type[Any]) -> Any:
    """The request's JSON as a struct. Raises HTTPException 400 or 422, naming the field."""
    try:
        return msgspec.json.decode(asked.body, type=kind)
    except msgspec.ValidationError as error:
        raise HTTPException(422, str(error)) from None
    except msgspec.DecodeError as error:
        raise HTTPException(400, f"the body is no JSON: {error}") from None
