"""The queue: what waits for a decision, by severity, then age."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sluicegate.console.people import EVERY_TENANT
from sluicegate.console.store import outbox, queue, searches, sequence
from sluicegate.console.store.alerts import SEVERITIES
from sluicegate.console.web import filters
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.pages import render
from sluicegate.rules.registry import RULES

SIZE = 50


@asking()
def home(asked: Asked) -> Response:
    return RedirectResponse("/alerts", 303)


@asking()
def show(asked: Asked) -> Response:
    with asked.context.reading() as connection:
        shown = filters.read(connection, asked.request.query_params)
        after = queue.Cursor.read(asked.query("after"))
        before = queue.Cursor.read(asked.query("before"))
        seq = sequence.latest(connection)
        found = queue.page(connection, asked.person, shown.filter, after=after, before=before, size=SIZE)
        values: dict[str, Any] = {
            "shown": shown,
            "page": found,
            "seq": seq,
            "counts": queue.counts(connection, asked.person, shown.filter),
            "views": searches.views(connection, asked.person),
            "waiting": outbox.waiting(connection, asked.now),
        }
    state = asked.context.feeds[0].state
    return render(
        asked,
        "queue.html",
        severities=SEVERITIES,
        families=filters.FAMILIES,
        rules=sorted(RULES),
        statuses=queue.STATUSES,
        tenants=[] if EVERY_TENANT in asked.person.tenants else sorted(asked.person.tenants),
        feed=state,
        counted_to=queue.counted_to(shown.filter),
        **values,
    )


@asking()
def search(asked: Asked) -> Response:
    """Searching is a POST: its words may be a name, and addresses are written down in many places."""
    text = asked.form.get("text", "")
    with asked.context.writing() as connection:
        shown = filters.read(connection, dict(_pairs(asked)))
        token = searches.keep(connection, asked.person, text, asked.now) if text.strip() else ""
    return RedirectResponse(shown.with_(search=token), 303)


@asking()
def save(asked: Asked) -> Response:
    name = " ".join(asked.form.get("name", "").split())
    if not name:
        raise HTTPException(422, "a view needs a name")
    with asked.context.writing() as connection:
        shown = filters.read(connection, dict(_pairs(asked)))
        target = shown.with_()
        if asked.form.get("drop"):
            searches.drop_view(connection, asked.person, name)
        else:
            searches.save_view(connection, asked.person, name, target)
    return RedirectResponse(target, 303)


def _pairs(asked: Asked) -> list[tuple[str, str]]:
    return [(name, value) for name, value in asked.request.query_params.multi_items() if name != "csrf"]


routes = [
    Route("/", home, methods=["GET"]),
    Route("/alerts", show, methods=["GET"]),
    Route("/search", search, methods=["POST"]),
    Route("/views", save, methods=["POST"]),
]
