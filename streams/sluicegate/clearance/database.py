"""The view's database: SQLite, or a PostgreSQL that several gateways share."""

from sqlalchemy import Connection, Engine, func, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from sluicegate.clearance.tables import metadata, schema
from sluicegate.console.database import connected, unusable

__all__ = ["open_view"]

VERSION = 1
"""Of the tables. A view of another version is made anew, and filled from Kafka again: nothing is kept here alone."""
_MAKING = 727_511_009
"""Key of PostgreSQL's advisory lock: of several gateways that start at once, one makes the tables."""


def open_view(url: str) -> Engine:
    """An engine on the database at `url`, with the tables of this version. Raises DatabaseError."""
    engine = connected(url, "gateway")
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
            if _version(connection) != VERSION:
                metadata.drop_all(connection)
                metadata.create_all(connection)
                connection.execute(insert(schema).values(version=VERSION))
    except DBAPIError as error:
        raise unusable(engine, error) from None
    return engine


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(schema.name):
        return None
    version: int | None = connection.scalar(select(func.max(schema.c.version)))
    return version
