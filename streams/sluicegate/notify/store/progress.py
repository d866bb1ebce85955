"""How far each partition is read. It moves in the transaction of what was read, so that nothing is lost or repeated."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from sluicegate.notify.store.tables import progress

__all__ = ["Held", "held", "move", "note"]

Place = tuple[str, int]
"""Topic, as Kafka calls it, and partition."""


class Held(msgspec.Struct, frozen=True):
    """The next offset to read, of the topic that had this id."""

    next_offset: int
    topic_id: str


def held(connection: Connection) -> dict[Place, Held]:
    """What is noted of every partition."""
    return {
        (row.topic, row.partition): Held(row.next_offset, row.topic_id) for row in connection.execute(select(progress))
    }


def note(connection: Connection, place: Place, position: Held) -> None:
    """Begin a partition, or begin it anew."""
    connection.execute(delete(progress).where(progress.c.topic == place[0], progress.c.partition == place[1]))
    connection.execute(
        insert(progress).values(
            topic=place[0], partition=place[1], next_offset=position.next_offset, topic_id=position.topic_id
        )
    )


def move(connection: Connection, place: Place, before: int, after: int) -> bool:
    """From one offset to another; False where somebody else moved it."""
    done = connection.execute(
        update(progress)
        .where(progress.c.topic == place[0], progress.c.partition == place[1], progress.c.next_offset == before)
        .values(next_offset=after)
    )
    return done.rowcount == 1
