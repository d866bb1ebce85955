"""The JSON interface: the same queue, the same rights, the same rules. For programs with a token, and for our pages.

Its OpenAPI document is made of the structs below.
"""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sluicegate.console.store import queue, snoozes, users, verdicts
from sluicegate.console.store.dispositions import Allowance, Decision, Verdict
from sluicegate.console.store.verdicts import Given, Refused
from sluicegate.console.web import filters
from sluicegate.console.web.asked import Asked, asking, json_body
from sluicegate.console.web.explained import names_in
from sluicegate.console.web.masks import Mask
from sluicegate.version import __version__
from sluicegate.wire.scalars import format_time

_DAY = 86_400_000_000
MOST = 200


class Allow(msgspec.Struct):
    """What is not to be reported any more, and until when."""

    rule: str
    kind: str
    value: str
    days: Annotated[int, Meta(ge=1, le=3650)]
    list_entry: str | None = None


class NewVerdict(msgspec.Struct):
    """A verdict on an alert. Reasons depend on the verdict: `GET /api/v1/reasons`."""

    verdict: Verdict
    reason_code: str
    note: Annotated[str, Meta(max_length=2000)] = ""
    allow: Allow | None = None


class NewSnooze(msgspec.Struct):
    """For how long, and why."""

    days: Annotated[int, Meta(ge=1, le=3650)]
    note: Annotated[str, Meta(min_length=1, max_length=2000)]


class NewToken(msgspec.Struct):
    """A token's name, and how long it is good."""

    label: Annotated[str, Meta(min_length=1, max_length=80)]
    days: Annotated[int, Meta(ge=1, le=365)] = 90


def _answer(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _row(row: queue.Row) -> dict[str, Any]:
    values = msgspec.structs.asdict(row) | {"severity": row.severity}
    for name in ("opened_at", "updated_at", "claimed_at", "snoozed_until"):
        values[name] = format_time(values[name]) if values[name] is not None else None
    del values["urgency"]
    return values


@asking()
def listed(asked: Asked) -> Response:
    """A page of alerts: filters as in the console's addresses, `after` and `size`."""
    size = asked.query("size") or "50"
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:6]) <= MOST):
        raise HTTPException(422, f"size is a number from 1 to {MOST}")
    after = queue.Cursor.read(asked.query("after"))
    if asked.query("after") and after is None:
        raise HTTPException(422, "after is no cursor of this interface")
    with asked.context.reading() as connection:
        shown = filters.read(connection, asked.request.query_params)
        page = queue.page(connection, asked.person, shown.filter, after=after, size=int(size))
    following = str(page.rows[-1].cursor) if page.after and page.rows else None
    return _answer({"alerts": [_row(row) for row in page.rows], "after": following})


@asking()
def one(asked: Asked) -> Response:
    """One alert, its `data` as on the topic, names masked."""
    with asked.context.reading() as connection:
        found = queue.find(connection, asked.person, _id(asked))
    if found is None:
        raise HTTPException(404, "there is no such alert, or it is not among your tenants")
    data = msgspec.json.decode(found[1])
    return _answer(_row(found[0]) | {"alert": Mask(names_in(data)).value(data)})


@asking("analyst")
def claim(asked: Asked) -> Response:
    with asked.context.writing() as connection:
        refused = verdicts.take_over(connection, asked.person, _id(asked), asked.now, asked.context.settings)
    return _done(refused)


@asking("analyst")
def release(asked: Asked) -> Response:
    with asked.context.writing() as connection:
        refused = verdicts.release(connection, asked.person, _id(asked), asked.now)
    return _done(refused)


@asking("analyst")
def decide(asked: Asked) -> Response:
    sent = cast("NewVerdict", json_body(asked, NewVerdict))
    allow = sent.allow
    allowance = (
        Allowance(allow.rule, allow.kind, allow.value, asked.now + allow.days * _DAY, allow.list_entry)
        if allow is not None
        else None
    )
    decision = Decision(sent.verdict, sent.reason_code, sent.note, allowance)
    with asked.context.writing() as connection:
        given = verdicts.decide(connection, asked.person, _id(asked), decision, asked.now, asked.context.settings)
    return _given(given)


@asking("analyst")
def undo(asked: Asked) -> Response:
    with asked.context.writing() as connection:
        refused = verdicts.undo(connection, asked.person, _number(asked), asked.now)
    return _done(refused)


@asking("analyst")
def agree(asked: Asked) -> Response:
    return _second(asked, yes=True)


@asking("analyst")
def disagree(asked: Asked) -> Response:
    return _second(asked, yes=False)


def _second(asked: Asked, *, yes: bool) -> Response:
    with asked.context.writing() as connection:
        given = verdicts.agree(connection, asked.person, _number(asked), asked.now, asked.context.settings, yes=yes)
    return _given(given)


@asking("analyst")
def snooze(asked: Asked) -> Response:
    sent = cast("NewSnooze", json_body(asked, NewSnooze))
    until = asked.now + sent.days * _DAY
    with asked.context.writing() as connection:
        done = snoozes.put(connection, asked.person, _id(asked), until, sent.note, asked.now, asked.context.settings)
    return (
        _done(done) if isinstance(done, Refused) else _answer({"alerts": done.alerts, "until": format_time(done.until)})
    )


@asking()
def reasons(asked: Asked) -> Response:
    """Which reasons go with which verdict."""
    return _answer(verdicts.REASONS)


@asking()
def token(asked: Asked) -> Response:
    """A token that may do what its owner may. It is shown here, and never again."""
    if not asked.csrf:
        raise HTTPException(403, "a token is made by a person who is signed in")
    sent = cast("NewToken", json_body(asked, NewToken))
    expires = asked.now + sent.days * _DAY
    with asked.context.engine.begin() as connection:
        made = users.token_for(connection, asked.person, sent.label, asked.now, expires)
    return _answer({"token": made, "expires": format_time(expires)}, 201)


def _id(asked: Asked) -> str:
    return str(asked.request.path_params["alert_id"])


def _number(asked: Asked) -> int:
    return int(asked.request.path_params["verdict_id"])


def _done(refused: Refused | None) -> Response:
    if refused is None:
        return Response(status_code=204)
    status = 404 if refused.why.startswith("no such") else 409
    return JSONResponse({"error": refused.why, "by": refused.by}, status)


def _given(given: Given | Refused) -> Response:
    if isinstance(given, Refused):
        return _done(given)
    undo_until = format_time(given.undo_until)
    return _answer({"verdict_id": given.verdict_id, "waiting": given.waiting, "undo_until": undo_until}, 201)


_ALERT = "/api/v1/alerts/{alert_id:str}"
_VERDICT = "/api/v1/verdicts/{verdict_id:int}"
CALLS: tuple[tuple[str, str, Any, type[msgspec.Struct] | None], ...] = (
    ("GET", "/api/v1/alerts", listed, None),
    ("GET", _ALERT, one, None),
    ("POST", f"{_ALERT}/claim", claim, None),
    ("POST", f"{_ALERT}/release", release, None),
    ("POST", f"{_ALERT}/verdicts", decide, NewVerdict),
    ("POST", f"{_ALERT}/snooze", snooze, NewSnooze),
    ("POST", f"{_VERDICT}/undo", undo, None),
    ("POST", f"{_VERDICT}/agree", agree, None),
    ("POST", f"{_VERDICT}/disagree", disagree, None),
    ("GET", "/api/v1/reasons", reasons, None),
    ("POST", "/api/v1/tokens", token, NewToken),
)


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    bodies = [body for *_, body in CALLS if body is not None]
    schemas, components = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    by_body = dict(zip(bodies, schemas, strict=True))
    paths: dict[str, Any] = {}
    for method, path, call, body in CALLS:
        clean = path.replace(":str", "").replace(":int", "")
        told = " ".join((call.__doc__ or call.__name__).split())
        entry: dict[str, Any] = {
            "summary": told,
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
                for name, kind in (("alert_id", "string"), ("verdict_id", "integer"))
                if f"{{{name}}}" in clean
            ],
            "responses": {
                "200": {"description": "done"},
                "401": {"description": "no token, or none that is good"},
                "403": {"description": "the role does not suffice"},
                "404": {"description": "not there, or not among one's tenants"},
                "409": {"description": "not done; `error` says why"},
                "422": {"description": "the body does not fit; `error` names the field"},
            },
        }
        if body is not None:
            entry["requestBody"] = {"required": True, "content": {"application/json": {"schema": by_body[body]}}}
        paths.setdefault(clean, {})[method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sluicegate console", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


@asking()
def openapi(asked: Asked) -> Response:
    return _answer(document())


routes = [
    *(Route(path, call, methods=[method]) for method, path, call, _ in CALLS),
    Route("/api/v1/openapi.json", openapi, methods=["GET"]),
]
