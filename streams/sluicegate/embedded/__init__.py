"""A real Apache Kafka inside the process's reach: one KRaft node from its released jars, with nothing but pip."""

from sluicegate.embedded.broker import EmbeddedKafka
from sluicegate.embedded.errors import BrokerUnavailable

__all__ = ["BrokerUnavailable", "EmbeddedKafka"]
