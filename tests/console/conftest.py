"""Fixtures of the console's tests: both databases, a broker's view, a console, a browser."""

import itertools
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, create_engine

from sluicegate.console.database import open_database
from tests.console import postgres
from tests.console.server import ConsoleProcess
from tests.streams.kafka import Kafka

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_names = itertools.count(1)


@pytest.fixture
def kafka(broker: str) -> Iterator[Kafka]:
    """A view of the session's broker with topic names of this test's own."""
    with Kafka(broker) as view:
        yield view


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if postgres.program("initdb") is None:
        pytest.skip("PostgreSQL is not installed (Debian, Ubuntu: apt install postgresql)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with postgres.server(port) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'console.db'}"
    base = request.getfixturevalue("postgres_url")
    name = f"test{next(_names)}"
    admin = create_engine(base + "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return str(base) + name


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """The database, its schema made."""
    made = open_database(database)
    yield made
    made.dispose()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Callable[..., ConsoleProcess]]:
    """Starts consoles on a SQLite database of this test, and ends them."""
    started: list[ConsoleProcess] = []

    def start(broker: str, prefix: str = "", database: str = "", **settings: Any) -> ConsoleProcess:
        url = database or f"sqlite:///{tmp_path / 'console.db'}"
        process = ConsoleProcess(url, tmp_path, broker, prefix, **settings)
        started.append(process)
        return process.start()

    yield start
    for process in started:
        process.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    if CHROMIUM is None:
        pytest.fail("no Chromium: install it (Debian, Ubuntu: apt install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()
