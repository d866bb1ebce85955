"""Server-sent events: what has changed since the number that the browser knows.

An event's id is the number of the last change it tells of; a browser that comes back sends it as `Last-Event-ID`, and
hears of what it missed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sluicegate.console.context import Context
from sluicegate.console.people import Person
from sluicegate.console.store import queue, sequence, users
from sluicegate.console.store.queue import Filter
from sluicegate.console.web import filters
from sluicegate.console.web.asked import COOKIE

_QUIET = 15.0
"""Seconds after which a sign of life is sent; sessions that have ended are noticed then too."""
_MOST = 200


async def stream(request: Request) -> Response:
    context: Context = request.app.state.context
    cookie = request.cookies.get(COOKIE, "")
    person = await run_in_threadpool(_person, context, cookie)
    if person is None:
        return Response(status_code=401)
    text = request.headers.get("last-event-id") or request.query_params.get("seq", "")
    known = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    shown, seq = await run_in_threadpool(_start, context, request, known)
    return EventSourceResponse(
        _events(context, cookie, person, shown, seq), ping=int(_QUIET), headers={"cache-control": "no-store"}
    )


def _person(context: Context, cookie: str) -> Person | None:
    with context.reading() as connection:
        session = users.resume(connection, cookie, context.now(), context.settings)
    return session.person if session is not None else None


def _start(context: Context, request: Request, known: int | None) -> tuple[Filter, int]:
    with context.reading() as connection:
        shown = filters.read(connection, request.query_params).filter
        latest = sequence.latest(connection)
    return shown, latest if known is None or known > latest else known


async def _events(
    context: Context, cookie: str, person: Person, shown: Filter, seq: int
) -> AsyncIterator[ServerSentEvent]:
    told = await run_in_threadpool(_changes, context, person, shown, seq)
    if told is not None:
        seq = told["seq"]
        yield _event(told)
    async for changed in context.hub.changes(at_least_every=_QUIET):
        if not changed and await run_in_threadpool(_person, context, cookie) != person:
            yield ServerSentEvent(event="ended", data="")
            return
        while (told := await run_in_threadpool(_changes, context, person, shown, seq)) is not None:
            seq = told["seq"]
            yield _event(told)
            if not told["more"]:
                break


def _event(told: dict[str, Any]) -> ServerSentEvent:
    return ServerSentEvent(event="changes", id=str(told["seq"]), data=msgspec.json.encode(told).decode())


def _changes(context: Context, person: Person, shown: Filter, seq: int) -> dict[str, Any] | None:
    """What the page needs to know, without names; None where nothing has changed."""
    with context.reading() as connection:
        rows = queue.changes(connection, person, seq, _MOST)
        if not rows:
            return None
        counts = queue.counts(connection, person, shown)
        fits = queue.among(connection, person, shown, [row.alert_id for row in rows])
    return {
        "seq": rows[-1].seq,
        "more": len(rows) == _MOST,
        "counts": counts,
        "counted_to": queue.counted_to(shown),
        "rows": [
            {
                "id": row.alert_id,
                "status": row.status,
                "claimed": row.claimed_name,
                "mine": row.claimed_by == person.id,
                "revision": row.revision,
                "severity": row.severity,
                "fits": row.alert_id in fits,
            }
            for row in rows
        ],
    }


routes = [Route("/live", stream, methods=["GET"])]
