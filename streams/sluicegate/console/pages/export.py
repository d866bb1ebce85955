"""A view as a file: CSV or JSON lines, with names masked, as far as the bound; that it was taken is on the trail."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sluicegate.console.store import audit, queue
from sluicegate.console.web import filters
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.explained import names_in
from sluicegate.console.web.masks import Mask
from sluicegate.console.web.words import instant

MOST = 100_000
_SLICE = 500
COLUMNS = (
    "alert_id", "tenant", "status", "severity", "score", "rule", "family", "title", "amount", "subject_kind",
    "subject_id", "opened_at", "updated_at", "claimed_name", "decision",
)  # fmt: skip


@asking()
def take(asked: Asked) -> Response:
    kind = asked.request.path_params["kind"]
    if kind not in ("csv", "json"):
        raise HTTPException(404, "a view is exported as csv or json")
    with asked.context.engine.begin() as connection:
        shown = filters.read(connection, asked.request.query_params)
        audit.note(connection, asked.now, asked.person, "export", "view", None, {"as": kind, "view": shown.with_()})
    lines = _csv(_rows(asked, shown)) if kind == "csv" else _json(asked, _rows(asked, shown))
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson"
    headers = {"content-disposition": f'attachment; filename="alerts.{"csv" if kind == "csv" else "jsonl"}"'}
    return StreamingResponse(lines, media_type=media, headers=headers)


def _rows(asked: Asked, shown: filters.Asked) -> Iterator[queue.Row]:
    """All of the view, page by page: no reader is held for long."""
    after, given = None, 0
    while given < MOST:
        with asked.context.reading() as connection:
            page = queue.page(connection, asked.person, shown.filter, after=after, size=_SLICE)
        yield from page.rows
        given += len(page.rows)
        if not page.after:
            return
        after = page.rows[-1].cursor


def _csv(rows: Iterator[queue.Row]) -> Iterator[str]:
    yield _line(COLUMNS)
    for row in rows:
        values = [getattr(row, name) for name in COLUMNS]
        yield _line(
            [instant(value) if name.endswith("_at") else value for name, value in zip(COLUMNS, values, strict=True)]
        )


def _line(values: object) -> str:
    """One line; a text that a spreadsheet would take for a formula is made plain text."""
    assert isinstance(values, list | tuple)
    out = io.StringIO()
    csv.writer(out).writerow(
        [f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value for value in values]
    )
    return out.getvalue()


def _json(asked: Asked, rows: Iterator[queue.Row]) -> Iterator[bytes]:
    for row in rows:
        with asked.context.reading() as connection:
            found = queue.find(connection, asked.person, row.alert_id)
        if found is not None:
            data = msgspec.json.decode(found[1])
            masked = Mask(names_in(data)).value(data)
            yield msgspec.json.encode({"console": found[0], "alert": masked}) + b"\n"


routes = [Route("/export/{kind:str}", take, methods=["GET"])]
