"""A broker that asks who is there, and what each component needs to get in: users with exactly their rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from click.testing import CliRunner, Result

from sluicegate.acls import COMPONENTS, Grant, grants
from sluicegate.cli.main import cli
from sluicegate.embedded import EmbeddedKafka
from sluicegate.embedded.guarded import Guarded
from sluicegate.settings import Settings
from tests.streams.kafka import Kafka

PREFIX = "safe."
APP = "safe-app"
PLAIN = {"pat": "plain-words"}


class Secured:
    """A running broker; a user with a password of its own for each component."""

    def __init__(self, broker: EmbeddedKafka, guarded: Guarded) -> None:
        self.broker = broker
        self.guarded = guarded
        self.place = Settings(topic_prefix=PREFIX, app_id=APP)
        for component in COMPONENTS:
            guarded.add_user(component.name)
            self.allow(component.name)

    def allow(self, name: str, principal: str = "") -> None:
        self.guarded.grant(principal or f"User:{name}", grants(name, self.place))

    def take(self, name: str, resource: str, right: str) -> list[Grant]:
        """Take the rights of this name away from a component's user; what was taken."""
        taken = [one for one in grants(name, self.place) if one.resource == resource and one.name.endswith(right)]
        assert taken
        self.guarded.revoke(f"User:{name}", taken)
        return taken

    def password(self, name: str) -> str:
        return (self.guarded.folder / f"{name}.password").read_text()

    def settings(self, name: str, **changes: Any) -> Settings:
        """Of a component's user."""
        own = Settings(
            broker=self.broker.bootstrap,
            topic_prefix=PREFIX,
            app_id=APP,
            kafka_security_protocol="SASL_SSL",
            kafka_ca_file=str(self.guarded.ca_file),
            kafka_sasl_mechanism="SCRAM-SHA-512",
            kafka_username=name,
            kafka_password_file=str(self.guarded.folder / f"{name}.password"),
        )
        return msgspec.structs.replace(own, **changes)

    @property
    def view(self) -> Kafka:
        """For what starts processes; it makes no client of its own."""
        return Kafka(self.broker.bootstrap, PREFIX)

    def worker_settings(self, **changes: Any) -> dict[str, Any]:
        """For `WorkerProcess`."""
        own = self.settings("worker", **changes)
        fields = (field for field in own.__struct_fields__ if field.startswith("kafka_") or field == "app_id")
        return {field: value for field in fields if (value := getattr(own, field)) not in ("", True)}

    def environment(self, name: str, **changes: Any) -> dict[str, str]:
        """The same as variables."""
        own = self.settings(name, **changes)
        return {"SLUICEGATE_BROKER": own.broker, "SLUICEGATE_TOPIC_PREFIX": PREFIX} | own.variables()

    def run(self, name: str, *arguments: object, text: str = "", **changes: Any) -> Result:
        """A command as a component's user."""
        return CliRunner(env=self.environment(name, **changes)).invoke(cli, [*map(str, arguments)], input=text)


@contextmanager
def secured() -> Iterator[Secured]:
    guarded = Guarded(plain=PLAIN)
    with EmbeddedKafka(guarded=guarded) as broker:
        yield Secured(broker, guarded)
