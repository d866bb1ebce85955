"""Verdicts on their way to Kafka. A row is sent at least once; the stream knows it again by its event id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, func, select, update

from sluicegate.console.store import sequence
from sluicegate.console.tables import outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["Waiting", "any_due", "due", "forget_sent", "leave", "sent", "waiting"]


class Waiting(msgspec.Struct, frozen=True):
    """What has not left yet: how many, and since when the oldest could have (µs; 0: none is late)."""

    count: int
    oldest: int


def any_due(connection: Connection, now: int) -> bool:
    """Whether something may leave."""
    return bool(due(connection, now, 1))


def due(connection: Connection, now: int, most: int = 500) -> list[tuple[int, str, bytes]]:
    """(id, key, value) of what may leave, in the order in which it was decided."""
    query = (
        select(outbox.c.id, outbox.c.key, outbox.c.value)
        .where(outbox.c.sent_at.is_(None), outbox.c.not_before <= now)
        .order_by(outbox.c.id)
        .limit(most)
    )
    return [(row.id, row.key, bytes(row.value)) for row in connection.execute(query)]


def leave(connection: Connection, now: int) -> list[tuple[int, str, bytes]]:
    """What may leave, as `due`; from this transaction's end on it cannot be undone, whatever a clock says."""
    sequence.turn(connection)
    rows = due(connection, now)
    connection.execute(update(outbox).where(outbox.c.id.in_([id for id, _, _ in rows])).values(left_at=now))
    return rows


def sent(connection: Connection, ids: list[int], now: int) -> None:
    """Kafka has acknowledged them."""
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(sent_at=now))


def waiting(connection: Connection, now: int) -> Waiting:
    """How much waits, for the page and the metrics."""
    late = select(func.count(), func.min(outbox.c.not_before)).where(outbox.c.sent_at.is_(None))
    count, oldest = connection.execute(late).one()
    return Waiting(count, oldest if oldest is not None and oldest <= now else 0)


def forget_sent(connection: Connection, before: int, most: int) -> int:
    """Drop what was acknowledged before; at most so many, and how many."""
    old = select(outbox.c.id).where(outbox.c.sent_at < before).limit(most)
    ids = list(connection.scalars(old))
    connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))
    return len(ids)
