"""Whether what the settings point to is there: files, Kafka with these credentials, the console's database."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from sluicegate.configuration import in_effect
from sluicegate.errors import DatabaseError, SluicegateError, operator_action

__all__ = ["connections"]


def connections(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """What was looked at, what is wrong with it (empty: nothing), and what to do. The settings have no fault."""
    for one in in_effect(environ):
        if one.setting.field.endswith("_file") and one.value:
            yield f"{one.setting.variable} {one.value}", *_readable(Path(one.value))
    yield _database(environ)
    yield _kafka(environ)


def _readable(path: Path) -> tuple[str, str]:
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        return str(error.strerror), "Operator action: put the file there, or let this user read it."
    return "", ""


def _kafka(environ: Mapping[str, str]) -> tuple[str, str, str]:
    from sluicegate.cli.kafka import topics_at
    from sluicegate.settings import load

    settings = load(environ)
    name = f"Kafka at {settings.broker}"
    try:
        topics_at(settings)
    except SluicegateError as error:
        return name, str(error), operator_action(error)
    return name, "", ""


def _database(environ: Mapping[str, str]) -> tuple[str, str, str]:
    """Nothing is made: an empty or older database is brought up to date when the console starts."""
    from contextlib import suppress

    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from sluicegate.console.database import SchemaOldError, open_database
    from sluicegate.console.settings import load

    url, name = load(environ).database, "the console's database"
    try:
        address = make_url(url)
        name = f"{name} {address.render_as_string(hide_password=True)}"
        file = Path(address.database or "") if address.get_backend_name() == "sqlite" else None
        if file is not None and not file.is_file():
            folder = file.resolve().parent
            wrong = "" if os.access(folder, os.W_OK) else f"no file can be made in {folder}"
            return name, wrong, operator_action(DatabaseError()) if wrong else ""
        with suppress(SchemaOldError):
            open_database(url, migrate=False).dispose()
    except ArgumentError:
        return name, "its URL is not one", operator_action(DatabaseError())
    except DatabaseError as error:
        return name, str(error), operator_action(error)
    return name, "", ""
