"""Numbers of changes: what a browser has not seen yet is what has a higher number than its last."""

from sqlalchemy import Connection, insert, select, update

from sluicegate.console.tables import counter

__all__ = ["latest", "take", "turn"]

_CHANGES = "changes"
_TURN = 727_511_002
"""Key of PostgreSQL's advisory lock."""


def turn(connection: Connection) -> None:
    """Wait until no other transaction changes alerts; from then on what is read of them stays so until this one ends.

    To be called before anything is read that the change depends on. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")


def take(connection: Connection, count: int = 1) -> int:
    """The last of `count` new numbers. In one's turn only, so that numbers become visible in their order."""
    more = update(counter).where(counter.c.name == _CHANGES).values(value=counter.c.value + count)
    number = connection.scalar(more.returning(counter.c.value))
    if number is None:
        connection.execute(insert(counter).values(name=_CHANGES, value=count))
        return count
    return int(number)


def latest(connection: Connection) -> int:
    """The last number given."""
    return int(connection.scalar(select(counter.c.value).where(counter.c.name == _CHANGES)) or 0)
