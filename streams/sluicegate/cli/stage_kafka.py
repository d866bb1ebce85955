"""The Kafka of a demo or a stress test: one that is there, or an embedded one, open or guarded."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from sluicegate.acls import COMPONENTS, grants
from sluicegate.embedded import EmbeddedKafka
from sluicegate.embedded.guarded import Guarded
from sluicegate.settings import Settings, load

__all__ = ["StageKafka", "stage_kafka"]


class StageKafka:
    """Where it is, and how each component gets in."""

    def __init__(self, settings: Settings, broker: EmbeddedKafka | None, guarded: Guarded | None) -> None:
        self.broker = broker
        self._settings = settings
        self._guarded = guarded

    def settings(self, component: str) -> Settings:
        """Of a component of `sluicegate.acls`: of a user with its rights, where users are asked for."""
        if self._guarded is None:
            return self._settings
        return msgspec.structs.replace(
            self._settings,
            kafka_security_protocol="SASL_SSL",
            kafka_ca_file=str(self._guarded.ca_file),
            kafka_sasl_mechanism="SCRAM-SHA-512",
            kafka_username=component,
            kafka_password_file=str(self._guarded.password_file(component)),
        )


@contextmanager
def stage_kafka(
    broker: str | None, settings: Settings, say: Callable[[str], None], *, secure: bool = False
) -> Iterator[StageKafka]:
    """Kafka for these settings, but for where it is. `secure`: TLS, a user for each component, and no right too many.

    Raises BrokerUnavailable, SettingsError.
    """
    if broker is not None:
        given = load(os.environ, broker=broker)
        security = {field: getattr(given, field) for field in given.__struct_fields__ if field.startswith("kafka_")}
        say(f"Kafka: the one at {broker}; topics begin with {settings.topic_prefix}")
        yield StageKafka(msgspec.structs.replace(settings, broker=broker, **security), None, None)
        return
    say("Kafka: a real Apache Kafka on this machine, for as long as this runs")
    guarded = Guarded() if secure else None
    with EmbeddedKafka(report=lambda line: say(f"  {line}"), guarded=guarded) as kafka:
        if guarded is not None:
            for component in COMPONENTS:
                guarded.add_user(component.name)
                guarded.grant(f"User:{component.name}", grants(component.name, settings))
            say(f"  TLS; {len(COMPONENTS)} users with the rights of their component; passwords in {guarded.folder}")
        yield StageKafka(msgspec.structs.replace(settings, broker=kafka.bootstrap), kafka, guarded)
