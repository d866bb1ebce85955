"""Fixtures of the tests against real Kafka."""

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from tests.streams.kafka import Kafka

Run = Callable[..., Result]


@pytest.fixture
def kafka(broker: str) -> Iterator[Kafka]:
    """A view of the session's broker with topic names of this test's own."""
    with Kafka(broker) as view:
        yield view


@pytest.fixture
def run(kafka: Kafka) -> Run:
    """Run a command at the test's broker and prefix."""

    def command(*arguments: object) -> Result:
        place = ["--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix]
        return CliRunner().invoke(cli, [*map(str, arguments), *place])

    return command
