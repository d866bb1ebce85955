"""The notifier's database: SQLite or PostgreSQL; and that one process at a time works on it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from sluicegate.errors import DatabaseError
from sluicegate.notify.store.tables import about, metadata

__all__ = ["Leadership", "open_database", "opened"]

_SCHEMA = 1
_MAKING, _LEADING = 727_511_021, 727_511_022
"""Keys of PostgreSQL's advisory locks."""


def open_database(url: str) -> Engine:
    """An engine on the database at `url`, its tables made.

    Raises DatabaseError when it cannot be reached, is no supported kind, or was written by a newer version.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            raise DatabaseError(f"{address.get_backend_name()} is not supported: sqlite or postgresql+psycopg are")
        engine = create_engine(address, **_options(address.get_backend_name()))
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseError(f"the notifier's database URL is not one: {error}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune)
        event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            _make(connection)
    except DatabaseError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        shown = address.render_as_string(hide_password=True)
        raise DatabaseError(f"the database {shown} cannot be used: {error.orig}") from None
    return engine


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """As `open_database`, closed at the end of the block."""
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _options(backend: str) -> dict[str, Any]:
    if backend == "sqlite":
        return {"connect_args": {"timeout": 30, "check_same_thread": False}}
    return {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": True}


def _tune(connection: sqlite3.Connection, _: Any) -> None:
    # the driver's own transactions begin late and let two writers meet: ours begin at `begin`
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _make(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MAKING})")
    metadata.create_all(connection)
    present = connection.scalar(select(about.c.schema))
    if present is None:
        connection.execute(insert(about).values(schema=_SCHEMA))
    elif present > _SCHEMA:
        raise DatabaseError(f"the database has schema {present}, which this version does not know")


class Leadership:
    """Of several notifiers over one database, one works and the others wait until it ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: Connection | int | None = None

    def take(self) -> bool:
        """Whether it is this process's turn. Raises DBAPIError where the database does not answer."""
        if self._engine.dialect.name == "sqlite":
            return self._lock_file()
        if isinstance(self._held, Connection):
            self._held.exec_driver_sql("SELECT 1")
            return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LEADING})").scalar():
            self._held = connection
            return True
        connection.close()
        return False

    def lose(self) -> None:
        """Leave the turn to another."""
        if isinstance(self._held, Connection):
            self._held.invalidate()
            self._held.close()
        elif self._held is not None:
            os.close(self._held)
        self._held = None

    def _lock_file(self) -> bool:
        name = self._engine.url.database
        if self._held is not None or not name or name == ":memory:":
            return True
        file = os.open(f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._held = file
        return True
