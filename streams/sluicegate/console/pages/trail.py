"""The audit trail, the newest first."""

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from sluicegate.console.store import audit
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.pages import render
from sluicegate.console.web.values import said
from sluicegate.console.web.words import instant, plain_words

SIZE = 100


@asking("supervisor")
def show(asked: Asked) -> Response:
    text = asked.query("before")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    about = asked.query("about")[:120]
    with asked.context.reading() as connection:
        rows = audit.read(connection, asked.person, before=before, about=about, most=SIZE)
    told = [dict(row) | {"detail": _words(row["detail"])} for row in rows]
    return render(asked, "trail.html", rows=told, more=len(rows) == SIZE, about=about)


def _words(detail: str) -> str:
    """What an entry says more, without what it says nothing of.

    >>> _words('{"bulk":null,"reason_code":"known_change","until":1781161200000000,"waiting":false}')
    'reason code known change, until 2026-06-11 07:00:00'
    """
    told = {name: value for name, value in msgspec.json.decode(detail).items() if value not in (None, False, "")}
    made = {"until": instant, "verdict": plain_words, "reason_code": plain_words}
    return said({name: made[name](value) if name in made else value for name, value in told.items()})


routes = [Route("/trail", show, methods=["GET"])]
