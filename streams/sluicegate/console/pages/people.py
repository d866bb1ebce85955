"""People who may sign in: adding them, and what they may do and see. For admins."""

from __future__ import annotations

import json

from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sluicegate.console.people import ROLES, Role
from sluicegate.console.store import audit, users
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.pages import render


@asking("admin")
def show(asked: Asked) -> Response:
    return _page(asked)


def _page(asked: Asked, why: str = "", status: int = 200) -> Response:
    with asked.context.reading() as connection:
        people = [dict(row) | {"tenants": ", ".join(json.loads(row["tenants"]))} for row in users.every(connection)]
    return render(asked, "people.html", status, people=people, roles=ROLES, why=why, least=users.LEAST_PASSWORD)


@asking("admin")
def add(asked: Asked) -> Response:
    name = " ".join(asked.form.get("name", "").split())[:120]
    password = asked.form.get("password", "")
    if not name or (password and len(password) < users.LEAST_PASSWORD):
        return _page(asked, f"A name is needed, and a password of at least {users.LEAST_PASSWORD} characters.", 422)
    role, tenants = _role(asked), _tenants(asked)
    try:
        with asked.context.engine.begin() as connection:
            users.add(connection, name, password or None, role, tenants, asked.now)
            audit.note(
                connection, asked.now, asked.person, "add person", name, None, {"role": role, "tenants": tenants}
            )
    except IntegrityError:
        return _page(asked, f"{name} is there already.", 409)
    return RedirectResponse("/people", 303)


@asking("admin")
def change(asked: Asked) -> Response:
    """Role, tenants, password, or an end of it all. One's own account keeps its role: nobody locks all out."""
    user_id = int(asked.request.path_params["user_id"])
    form = asked.form
    own = user_id == asked.person.id
    disabled = {"yes": True, "no": False}.get(form.get("disabled", ""))
    if own and (disabled or _role(asked) != asked.person.role):
        return _page(asked, "Your own account is changed by another admin.", 409)
    password = form.get("password") or None
    if password is not None and len(password) < users.LEAST_PASSWORD:
        return _page(asked, f"A password has at least {users.LEAST_PASSWORD} characters.", 422)
    with asked.context.engine.begin() as connection:
        name = users.name_of(connection, user_id)
        users.change(
            connection, user_id, password=password, role=_role(asked), tenants=_tenants(asked), disabled=disabled
        )
        detail = {
            "role": _role(asked),
            "tenants": _tenants(asked),
            "disabled": disabled,
            "password": password is not None,
        }
        audit.note(connection, asked.now, asked.person, "change person", name, None, detail)
    return RedirectResponse("/people", 303)


def _role(asked: Asked) -> Role:
    role = asked.form.get("role", "")
    if role not in ROLES:
        raise HTTPException(422, f"a role is one of {', '.join(ROLES)}")
    return role


def _tenants(asked: Asked) -> list[str]:
    return sorted({name for name in asked.form.get("tenants", "").replace(",", " ").split() if len(name) <= 63})


routes = [
    Route("/people", show, methods=["GET"]),
    Route("/people", add, methods=["POST"]),
    Route("/people/{user_id:int}", change, methods=["POST"]),
]
