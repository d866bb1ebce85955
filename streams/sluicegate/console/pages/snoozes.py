"""What is snoozed, until when, by whom; and ending it."""

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sluicegate.console.store import snoozes
from sluicegate.console.store.users import name_of
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.pages import render


@asking()
def show(asked: Asked) -> Response:
    with asked.context.reading() as connection:
        rows = [
            dict(row) | {"by": name_of(connection, row["user_id"])}
            for row in snoozes.active(connection, asked.person, asked.now)
        ]
    return render(asked, "snoozes.html", snoozes=rows)


@asking("analyst")
def end(asked: Asked) -> Response:
    with asked.context.writing() as connection:
        refused = snoozes.end(connection, asked.person, int(asked.request.path_params["snooze_id"]), asked.now)
    if refused is not None:
        raise HTTPException(409, refused.why)
    return RedirectResponse("/snoozes", 303)


routes = [
    Route("/snoozes", show, methods=["GET"]),
    Route("/snoozes/{snooze_id:int}/end", end, methods=["POST"]),
]
