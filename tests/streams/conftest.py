"""Fixtures of the tests against real Kafka."""

from collections.abc import Iterator

import pytest

from tests.streams.kafka import Kafka


@pytest.fixture
def kafka(broker: str) -> Iterator[Kafka]:
    """A view of the session's broker with topic names of this test's own."""
    with Kafka(broker) as view:
        yield view
