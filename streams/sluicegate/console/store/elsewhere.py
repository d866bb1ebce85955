"""People who sign in by another service: made at their first sign-in, brought up to date at each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select, update

from sluicegate.console.people import Person
from sluicegate.console.store import users
from sluicegate.console.tables import user

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from sluicegate.console.people import Role

__all__ = ["Named", "welcome"]


class Named(Protocol):
    """What the other service says of somebody; `subject` is theirs alone, for good."""

    @property
    def subject(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def tenants(self) -> tuple[str, ...]: ...


def welcome(connection: Connection, known: Named, now: int) -> Person | str:
    """The person; in words, why they are not let in.

    Known again by the subject. Somebody of that name who was added beforehand to sign in elsewhere is taken for the
    same; somebody with a password here never is, or the other service could give away their account.
    """
    columns = (user.c.id, user.c.name, user.c.password_hash, user.c.subject, user.c.disabled, user.c.role)
    row = connection.execute(select(*columns, user.c.tenants).where(user.c.subject == known.subject)).first()
    if row is None:
        row = connection.execute(select(*columns, user.c.tenants).where(user.c.name == known.name)).first()
        if row is not None and (row.password_hash is not None or row.subject is not None):
            return "somebody else has your name here: ask an administrator"
    if row is None:
        person = users.add(connection, known.name, None, known.role, list(known.tenants), now)
        connection.execute(update(user).where(user.c.id == person.id).values(subject=known.subject))
        return person
    if row.disabled:
        return "your account is disabled here: ask an administrator"
    if row.subject is None:
        connection.execute(update(user).where(user.c.id == row.id).values(subject=known.subject))
    if row.role != known.role or users.tenants_of(row.tenants) != known.tenants:
        users.change(connection, row.id, role=known.role, tenants=list(known.tenants))
    return Person(row.id, row.name, known.role, known.tenants)
