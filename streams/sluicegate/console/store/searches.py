"""Searches and saved views. A search stands in addresses as a token, since its words may be a person's name."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from sluicegate.console.people import Person
from sluicegate.console.tables import search, view

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

__all__ = ["MOST_WORDS", "drop_view", "forget_old", "keep", "save_view", "views", "words_of"]

MOST_WORDS = 8


def keep(connection: Connection, person: Person, text: str, now: int) -> str:
    """The token of a search; the same for the same words of one person."""
    text = " ".join(text.split()[:MOST_WORDS])[:200]
    held = connection.scalar(select(search.c.token).where(search.c.user_id == person.id, search.c.text == text))
    if held is not None:
        return str(held)
    token = secrets.token_urlsafe(12)
    connection.execute(insert(search).values(token=token, user_id=person.id, text=text, at=now))
    return token


def words_of(connection: Connection, token: str) -> tuple[str, ...]:
    """The words of a search; none for an unknown token. Whoever has the address may use it: it shows them no more."""
    text = connection.scalar(select(search.c.text).where(search.c.token == token)) if token else None
    return tuple(text.split()) if text else ()


def save_view(connection: Connection, person: Person, name: str, query: str) -> None:
    """Keep a filter under a name; one of that name is replaced."""
    drop_view(connection, person, name)
    connection.execute(insert(view).values(user_id=person.id, name=name[:80], query=query[:2000]))


def drop_view(connection: Connection, person: Person, name: str) -> None:
    connection.execute(delete(view).where(view.c.user_id == person.id, view.c.name == name[:80]))


def views(connection: Connection, person: Person) -> list[RowMapping]:
    """A person's views, by name."""
    return list(connection.execute(select(view).where(view.c.user_id == person.id).order_by(view.c.name)).mappings())


def forget_old(connection: Connection, before: int, most: int) -> int:
    """Drop searches made before, but for those of saved views; at most so many, and how many."""
    kept = " ".join(connection.scalars(select(view.c.query).where(view.c.query.contains("search="))))
    tokens = connection.scalars(select(search.c.token).where(search.c.at < before).order_by(search.c.at))
    old = [token for token in tokens if f"search={token}" not in kept][:most]
    connection.execute(delete(search).where(search.c.token.in_(old)))
    return len(old)
