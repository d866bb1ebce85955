"""A view in both kinds of database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from sluicegate.clearance.database import open_view
from tests.console.conftest import database, postgres_url

__all__ = ["database", "postgres_url", "view"]


@pytest.fixture
def view(database: str) -> Iterator[Engine]:
    made = open_view(database)
    yield made
    made.dispose()
