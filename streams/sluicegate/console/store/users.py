"""People, their sessions and their tokens. Of passwords and tokens only hashes are kept."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import TYPE_CHECKING

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, insert, or_, select, update

from sluicegate.console.people import Person
from sluicegate.console.tables import api_token, session, user

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from sluicegate.console.people import Role
    from sluicegate.console.settings import ConsoleSettings

__all__ = [
    "LEAST_PASSWORD",
    "Session",
    "add",
    "by_token",
    "change",
    "end",
    "every",
    "exists",
    "forget_sessions",
    "forget_tokens",
    "name_of",
    "open_session",
    "resume",
    "sign_in",
    "tenants_of",
    "token_for",
    "used",
]

LEAST_PASSWORD = 12
_HOUR = 3_600_000_000
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())
"""Verified where a name is unknown, so that the time taken does not tell."""


class Session(msgspec.Struct, frozen=True):
    """Somebody's session; `csrf` must come with every request that changes something."""

    person: Person
    csrf: str
    stale: bool = False
    """Whether its use was noted more than a minute ago."""


def _person(row: RowMapping) -> Person:
    return Person(row["id"], row["name"], row["role"], tenants_of(row["tenants"]))


def tenants_of(text: str) -> tuple[str, ...]:
    """The column `tenants` as a person has it."""
    return tuple(json.loads(text))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def name_of(connection: Connection, user_id: int) -> str:
    """A person's name; where there is no such person any more, a word for that."""
    return connection.scalar(select(user.c.name).where(user.c.id == user_id)) or "somebody"


def exists(connection: Connection, name: str) -> bool:
    """Whether somebody has that name."""
    return connection.scalar(select(user.c.id).where(user.c.name == name)) is not None


def every(connection: Connection) -> list[RowMapping]:
    """All people, by name."""
    return list(connection.execute(select(user).order_by(user.c.name)).mappings())


def add(connection: Connection, name: str, password: str | None, role: Role, tenants: list[str], now: int) -> Person:
    """A new person; without a password they sign in elsewhere. Raises IntegrityError where the name is taken."""
    values = {
        "name": name,
        "password_hash": _hasher.hash(password) if password is not None else None,
        "role": role,
        "tenants": json.dumps(sorted(set(tenants))),
        "disabled": False,
        "created_at": now,
    }
    id = connection.execute(insert(user).values(values).returning(user.c.id)).scalar_one()
    return Person(id, name, role, tuple(sorted(set(tenants))))


def change(
    connection: Connection,
    user_id: int,
    *,
    password: str | None = None,
    role: Role | None = None,
    tenants: list[str] | None = None,
    disabled: bool | None = None,
) -> None:
    """Change what is given. Sessions end: what a person may do is never older than the last change."""
    values = {
        "password_hash": _hasher.hash(password) if password is not None else None,
        "role": role,
        "tenants": json.dumps(sorted(set(tenants))) if tenants is not None else None,
        "disabled": disabled,
    }
    given = {name: value for name, value in values.items() if value is not None}
    connection.execute(update(user).where(user.c.id == user_id).values(given))
    connection.execute(delete(session).where(session.c.user_id == user_id))
    if disabled:
        connection.execute(delete(api_token).where(api_token.c.user_id == user_id))


def sign_in(connection: Connection, name: str, password: str) -> Person | None:
    """Who that is; None where name or password is wrong. Slow on purpose, and it writes nothing: read for it."""
    row = connection.execute(select(user).where(user.c.name == name)).mappings().first()
    held = row["password_hash"] if row is not None else None
    try:
        _hasher.verify(held or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    if row is None or held is None or row["disabled"]:
        return None
    return _person(row)


def open_session(connection: Connection, person: Person, now: int) -> str:
    """Begin a session; its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(session).values(
            token_hash=_digest(token), user_id=person.id, csrf=secrets.token_urlsafe(24), created_at=now, used_at=now
        )
    )
    return token


def resume(connection: Connection, token: str, now: int, settings: ConsoleSettings) -> Session | None:
    """The session of a token; None where it has ended."""
    found = connection.execute(
        select(session, user)
        .join(user, user.c.id == session.c.user_id)
        .where(session.c.token_hash == _digest(token), user.c.disabled.is_(False))
    )
    row = found.first()
    if row is None:
        return None
    of = row._mapping
    if of[session.c.used_at] + settings.session_hours * _HOUR <= now:
        return None
    if of[session.c.created_at] + settings.session_most_hours * _HOUR <= now:
        return None
    person = Person(of[user.c.id], of[user.c.name], of[user.c.role], tenants_of(of[user.c.tenants]))
    return Session(person, of[session.c.csrf], of[session.c.used_at] + _HOUR // 60 < now)


def used(connection: Connection, token: str, now: int) -> None:
    """Note a session's use, which puts its end off."""
    connection.execute(update(session).where(session.c.token_hash == _digest(token)).values(used_at=now))


def end(connection: Connection, token: str) -> None:
    """Sign out."""
    connection.execute(delete(session).where(session.c.token_hash == _digest(token)))


def forget_sessions(connection: Connection, now: int, settings: ConsoleSettings) -> int:
    """Drop sessions that have ended; how many."""
    over = or_(
        session.c.used_at <= now - int(settings.session_hours * _HOUR),
        session.c.created_at <= now - int(settings.session_most_hours * _HOUR),
    )
    return connection.execute(delete(session).where(over)).rowcount


def forget_tokens(connection: Connection, now: int) -> int:
    """Drop API tokens that have expired; how many."""
    return connection.execute(delete(api_token).where(api_token.c.expires_at <= now)).rowcount


def token_for(connection: Connection, person: Person, label: str, now: int, expires: int) -> str:
    """A new API token, which may do what its person may; shown once, here."""
    token = f"slg_{secrets.token_urlsafe(32)}"
    connection.execute(
        insert(api_token).values(
            token_hash=_digest(token), user_id=person.id, label=label, created_at=now, expires_at=expires
        )
    )
    return token


def by_token(connection: Connection, token: str, now: int) -> Person | None:
    """Whose API token that is; None where it is unknown or has expired."""
    row = (
        connection.execute(
            select(user)
            .join(api_token, api_token.c.user_id == user.c.id)
            .where(api_token.c.token_hash == _digest(token), api_token.c.expires_at > now, user.c.disabled.is_(False))
        )
        .mappings()
        .first()
    )
    return _person(row) if row is not None else None
