"""The calls on runs: what is scored and what may go out, and what a processor announces of a run.

Behind the gateway's gate: `request.state.tenant` is whose token it was.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import inspect
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sluicegate.clearance.runs import MOST_PAYMENTS, MOST_RUNS, Kind, RunState, payments, run_state, runs
from sluicegate.clearance.service import Clearance
from sluicegate.clearance.taking import announcement_fault
from sluicegate.gateway.refusals import Fault, RefusedError
from sluicegate.topics import RUNS
from sluicegate.wire.canonical import canonical
from sluicegate.wire.decisions import MOST_ANNOUNCED, MOST_TOTALS, RunAnnounced
from sluicegate.wire.faults import faults
from sluicegate.wire.framing import MAX_BYTES
from sluicegate.wire.scalars import dec_hook, enc_hook, format_time

__all__ = ["routes"]

T = TypeVar("T")

_JSON = "application/json"
_LONGEST_WAIT = 30.0
_LOOK = 0.5
_DIGITS = 18
_DEFAULT = 100
_SOURCE = "/gateway/runs"
_ANNOUNCED = inspect.type_info(RunAnnounced)


def routes() -> list[Route]:
    """Of the API, under the gateway's own address."""
    return [
        Route("/v1/runs", _list, methods=["GET"]),
        Route("/v1/runs/{run_id:path}", _show, methods=["GET"]),
        Route("/v1/runs/{run_id:path}", _announce, methods=["PUT"]),
    ]


async def _list(request: Request) -> Response:
    """The newest runs. `limit`; `before`: the `next` of the page before."""
    clearance, tenant = _clearance(request), request.state.tenant
    limit = max(1, _number(request, "limit", _DEFAULT, MOST_RUNS))
    before = None
    if (text := request.query_params.get("before")) is not None:
        at, _, name = text.partition("/")
        if not (at.isascii() and at.isdigit() and len(at) <= _DIGITS and name):
            raise _invalid("/before", "expected the `next` of the page before")
        before = int(at), name
    found = await _asked(clearance, lambda connection: runs(connection, tenant, before, limit, clearance.now()))
    following = f"{found[-1].updated_at}/{found[-1].run_id}" if len(found) == limit else None
    return _answer({"runs": [one.shown() for one in found], "next": following})


async def _show(request: Request) -> Response:
    """One run. `decision`, `after`, `limit`: which payments; `wait`: seconds until a change since If-None-Match."""
    clearance, tenant = _clearance(request), request.state.tenant
    run_id = _run_id(request)
    limit = _number(request, "limit", _DEFAULT, MOST_PAYMENTS)
    wait = _number(request, "wait", 0, int(_LONGEST_WAIT))
    after = request.query_params.get("after", "")
    kind: Any = request.query_params.get("decision")
    if kind is not None and kind not in get_args(Kind):
        raise _invalid("/decision", f"expected one of {', '.join(get_args(Kind))}")
    known = request.headers.get("if-none-match")
    state = await _changed(clearance, tenant, run_id, known, wait)
    if state is None:
        raise HTTPException(404, "nothing is known of this run: no payment of it is scored, and it is not announced")
    headers = {"etag": _tag(state), "cache-control": "no-store"}
    if _tag(state) == known:
        return Response(status_code=304, headers=headers)
    held = state
    page = await _asked(
        clearance, lambda connection: payments(connection, tenant, held, kind, after, limit) if limit else []
    )
    following = page[-1]["payment_id"] if page and len(page) == limit else None
    told = state.shown() | {"payments": page, "next": following, "view": clearance.freshness()}
    return _answer(told, headers=headers)


async def _changed(clearance: Clearance, tenant: str, run_id: str, known: str | None, wait: int) -> RunState | None:
    """The run, as soon as it is another than the one known, or the wait is over."""
    until = asyncio.get_running_loop().time() + wait
    while True:
        state = await _asked(clearance, lambda connection: run_state(connection, tenant, run_id, clearance.now()))
        left = until - asyncio.get_running_loop().time()
        if left <= 0 or (_tag(state) if state is not None else None) != known:
            return state
        await asyncio.sleep(min(_LOOK, left))


async def _announce(request: Request) -> Response:
    """Say what a run is to hold. Answered when Kafka has it; the view shows it moments later."""
    _clearance(request)
    run_id, tenant = _run_id(request), request.state.tenant
    data = _body(await request.body(), run_id)
    event = {
        "specversion": "1.0",
        "id": uuid.uuid4().hex,
        "source": _SOURCE,
        "type": "run.announced.v1",
        "time": format_time(Clearance.now()),
        "tenantid": tenant,
        "datacontenttype": _JSON,
        "data": msgspec.Raw(msgspec.json.encode(data, enc_hook=enc_hook)),
    }
    value = canonical(event)
    if len(value) > MAX_BYTES:
        raise RefusedError("too_large", f"an announcement has at most {MAX_BYTES} bytes: leave payment_ids out")
    await request.app.state.producer.send(RUNS, tenant, value)
    told = {"run_id": run_id, "payments": data.payments, "event": f"{_SOURCE}#{event['id']}"}
    return _answer(told, status=202)


def _body(body: bytes, run_id: str) -> RunAnnounced:
    """Raises RefusedError with every fault's path."""
    try:
        values = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _invalid("", "not a JSON text", status=400) from None
    if not isinstance(values, dict):
        raise _invalid("", "expected a JSON object")
    if values.setdefault("run_id", run_id) != run_id:
        raise _invalid("/run_id", "is another one than the path's")
    found = [Fault(0, fault.path, fault.message) for fault in faults(values, _ANNOUNCED)]
    if found:
        raise RefusedError("invalid", "the announcement is not valid", faults=found)
    try:
        data = msgspec.convert(values, RunAnnounced, dec_hook=dec_hook)
    except msgspec.ValidationError:  # lengths of arrays: all else was looked for
        message = f"expected at most {MOST_ANNOUNCED} payment_ids and {MOST_TOTALS} totals"
        raise _invalid("", message) from None
    fault = announcement_fault(data)
    if fault is not None:
        raise _invalid(*fault)
    return data


def _clearance(request: Request) -> Clearance:
    clearance: Clearance = request.app.state.clearance
    return clearance


async def _asked(clearance: Clearance, question: Callable[[Connection], T]) -> T:
    """The view's answer. While it is being filled there is none: what it lacks would read as not scored."""
    if not clearance.whole:
        raise HTTPException(503, "the view of runs is still being filled; ask again", {"retry-after": "2"})
    try:
        return await clearance.ask(question)
    except DBAPIError:
        raise HTTPException(503, "the view of runs cannot be read at present", {"retry-after": "2"}) from None


def _run_id(request: Request) -> str:
    run_id: str = request.path_params["run_id"]
    if not 0 < len(run_id) <= 128:
        raise _invalid("/run_id", "expected 1 to 128 characters")
    return run_id


def _number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= most):
        raise _invalid(f"/{name}", f"expected a whole number up to {most}")
    return int(text)


def _invalid(path: str, message: str, status: int | None = None) -> RefusedError:
    return RefusedError("invalid", message, faults=[Fault(0, path, message)], status=status)


def _tag(state: RunState) -> str:
    return f'W/"{state.tag}"'


def _answer(body: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, media_type=_JSON)
