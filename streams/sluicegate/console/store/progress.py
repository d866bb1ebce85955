"""How far each partition is read. It moves in the transaction of what was read, so that nothing is entered twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, insert, select, update

from sluicegate.console.tables import progress

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

__all__ = ["Held", "begin", "forget", "held", "locked", "move"]

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


def begin(connection: Connection, place: Place, topic_id: str) -> None:
    """Note that a partition will be read from its beginning."""
    connection.execute(insert(progress).values(topic=place[0], partition=place[1], next_offset=0, topic_id=topic_id))


def forget(connection: Connection, place: Place) -> None:
    """Note nothing of a partition any more."""
    connection.execute(delete(progress).where(*_of(place)))


def locked(connection: Connection, place: Place) -> int | None:
    """The next offset, kept from others until the transaction ends; None where nothing is noted any more."""
    return connection.scalar(select(progress.c.next_offset).where(*_of(place)).with_for_update())


def move(connection: Connection, place: Place, next_offset: int) -> None:
    """All before `next_offset` is entered."""
    connection.execute(update(progress).where(*_of(place)).values(next_offset=next_offset))


def _of(place: Place) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return progress.c.topic == place[0], progress.c.partition == place[1]
