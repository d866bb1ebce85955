"""The console's database: SQLite or PostgreSQL, brought to the present schema at start."""

import sqlite3
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from sluicegate.errors import DatabaseError

__all__ = ["SchemaOldError", "connected", "open_database", "script", "unusable"]


class SchemaOldError(DatabaseError):
    """The database is empty, or its schema older.

    Operator action: none; starting the console brings it up to date.
    """


_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 727_511_001
"""Key of PostgreSQL's advisory lock: of several consoles that start at once, one migrates."""


def open_database(url: str, *, migrate: bool = True) -> Engine:
    """An engine on the database at `url`, its schema up to date.

    Raises DatabaseError when it cannot be reached, is no supported kind, or was written by a newer version; without
    `migrate`, SchemaOldError when it is not up to date.
    """
    engine = connected(url, "console")
    try:
        with engine.begin() as connection:
            _bring_up_to_date(connection, migrate=migrate)
    except DBAPIError as error:
        raise unusable(engine, error) from None
    return engine


def connected(url: str, whose: str) -> Engine:
    """An engine on SQLite or PostgreSQL; nothing is asked of the database yet. `whose`: of the process, for errors.

    Raises DatabaseError where the URL is none of a database that is supported.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() not in ("sqlite", "postgresql"):
            raise DatabaseError(f"{address.get_backend_name()} is not supported: sqlite or postgresql+psycopg are")
        engine = create_engine(address, **_options(address.get_backend_name()))
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseError(f"the {whose}'s database URL is not one: {error}") from None
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune)
        event.listen(engine, "begin", _begin)
    return engine


def unusable(engine: Engine, error: DBAPIError) -> DatabaseError:
    """What to raise where the database does not do what is asked; its password stays out of it."""
    return DatabaseError(f"the database {engine.url.render_as_string(hide_password=True)} cannot be used: {error.orig}")


def _options(backend: str) -> dict[str, Any]:
    if backend == "sqlite":
        return {"connect_args": {"timeout": 30, "check_same_thread": False}}
    return {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}


def _tune(connection: sqlite3.Connection, _: Any) -> None:
    # the driver's own transactions begin late and let two writers meet: ours begin at `begin`
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Writers take their turn from the start of a transaction; readers see a snapshot and wait for nobody."""
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def script() -> ScriptDirectory:
    """The migrations, in order."""
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _bring_up_to_date(connection: Connection, *, migrate: bool) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
    present = MigrationContext.configure(connection).get_current_revision()
    head = script().get_current_head()
    if present == head:
        return
    known = {revision.revision for revision in script().walk_revisions()}
    if present is not None and present not in known:
        raise DatabaseError(f"the database has schema {present}, which this version does not know")
    if not migrate:
        raise SchemaOldError(f"the database has schema {present or 'none'}; this version needs {head}")
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
