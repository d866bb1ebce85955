"""The topics: names, shapes, and the check that what exists can carry the guarantees.

Missing topics are made; existing ones are never changed, only refused or warned about.
"""

import logging
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import msgspec
from kafka.admin import ConfigResource
from kafka.errors import BrokerResponseError, KafkaError, TopicAlreadyExistsError, for_code

from sluicegate.connection import Connection
from sluicegate.errors import BrokerAwayError, BrokerRefusedError, TopicMismatchError, TopicRefusedError
from sluicegate.kafka_clients import new_admin, reason, refusal
from sluicegate.logs import event
from sluicegate.settings import Settings

__all__ = [
    "COUNTS",
    "INTAKE",
    "LOG",
    "OUTPUTS",
    "RUNS",
    "SHARED_STATE",
    "SIGHTINGS",
    "SOURCES",
    "STATE",
    "Admin",
    "TopicPlan",
    "ensure",
    "name_of",
    "plan",
]

logger = logging.getLogger(__name__)

LOG = "events"
STATE = "state"
SIGHTINGS = "sightings"
SHARED_STATE = "shared-state"
COUNTS = "counts"
SOURCES = (
    "payroll-payments",
    "vendor-payments",
    "payee-changes",
    "payout-requests",
    "payment-status",
    "worker-lifecycle",
    "policies",
    "sanctions",
    "dispositions",
)
RUNS = "runs"
"""What processors announce of their pay runs; no input of detection."""
INTAKE = (*SOURCES, COUNTS)
"""What intake places in the log: what producers send, and the counts across tenants."""
OUTPUTS = ("decisions", "alerts", "signals", "dead-letters", SIGHTINGS, COUNTS)
_STATE_OF = {STATE: LOG, SHARED_STATE: SIGHTINGS}
"""Topic of state -> the topic that it follows from, partition by partition."""

# a record is an event of at most 1 MiB and intake's headers: the broker's default of 1 MiB would refuse the largest
_ROOMY = {"max.message.bytes": str(2 << 20)}
_KEPT = {"retention.ms": "-1", "retention.bytes": "-1"}
_CONFIGS: Mapping[str, dict[str, str]] = {
    LOG: {"cleanup.policy": "delete", "message.timestamp.type": "CreateTime"} | _KEPT | _ROOMY,
    STATE: {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.3"} | _ROOMY,
    SIGHTINGS: {"cleanup.policy": "delete"} | _KEPT | _ROOMY,
    SHARED_STATE: {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.3"} | _ROOMY,
    "policies": _KEPT | _ROOMY,
    "sanctions": _KEPT | _ROOMY,
    "dispositions": _KEPT | _ROOMY,
    RUNS: _KEPT | _ROOMY,
    # as long as decisions can change: a view of pay runs that is made anew is then whole
    "decisions": {"retention.ms": str(60 * 86_400_000)} | _ROOMY,
}
# what an existing topic must have; the rest may differ
_DEMANDED: Mapping[str, tuple[str, ...]] = {
    LOG: ("cleanup.policy", "message.timestamp.type"),
    STATE: ("cleanup.policy",),
    SIGHTINGS: ("cleanup.policy",),
    SHARED_STATE: ("cleanup.policy",),
}


_UNSEEN = "\nIf they are there already, this client lacks the right Describe on them: see deploy/kafka/acls.md."


class TopicPlan(msgspec.Struct, frozen=True):
    """A topic as it is to be: contract name, name with prefix, partitions, configuration."""

    topic: str
    name: str
    partitions: int
    configs: dict[str, str]


def name_of(topic: str, settings: Settings) -> str:
    """Name on the broker of a topic of the contract.

    >>> name_of("state", Settings(topic_prefix="eu.", output_prefix="trial."))
    'trial.state'
    >>> name_of("events", Settings(topic_prefix="eu.", output_prefix="trial."))
    'eu.events'
    """
    own = topic in _STATE_OF or topic in OUTPUTS
    return (settings.outputs if own else settings.topic_prefix) + topic


def plan(settings: Settings) -> list[TopicPlan]:
    """Every topic a deployment with these settings needs."""
    return [
        TopicPlan(topic, name_of(topic, settings), settings.partitions, dict(_CONFIGS.get(topic, _ROOMY)))
        for topic in (*SOURCES, RUNS, LOG, STATE, *OUTPUTS, SHARED_STATE)
    ]


class Admin:
    """kafka-python's admin client, behind the few questions asked here. Blocking; safe from several threads."""

    def __init__(self, connection: Connection, *, timeout: float = 10.0) -> None:
        """Connect. Raises BrokerAwayError when no broker answers within `timeout` seconds, BrokerRefusedError."""
        self.lock = threading.Lock()
        self._connection = connection
        patience = int(timeout * 1000)
        self.client = new_admin(connection, bootstrap_timeout_ms=patience, request_timeout_ms=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        with self.lock:
            self.client.close()

    def refusal(self, error: BaseException) -> BrokerRefusedError | None:
        """The error as a refusal of this connection, if it is one. Blocking: a broker that hung up is asked why."""
        return reason(self._connection, error)

    def describe(self, names: list[str]) -> dict[str, Any]:
        """Metadata of those of the topics that exist, by name (partitions, topic_id). Raises KafkaError."""
        with self.lock:
            known = set(self.client.list_topics())
            wanted = [name for name in names if name in known]
            found = self.client.describe_topics(wanted) if wanted else []
        return {topic["name"]: topic for topic in found if topic["error_code"] == 0}

    def told(self, names: list[str]) -> list[dict[str, Any]]:
        """What Kafka says of each topic, also of those that it does not have or does not show (error_code).

        Raises BrokerAwayError, BrokerRefusedError, TopicRefusedError.
        """
        with self._asking():
            found: list[dict[str, Any]] = self.client.describe_topics(names)
            return found

    def topic_id(self, name: str) -> uuid.UUID | None:
        """The id Kafka gave the topic when it was made; None where there is no such topic."""
        topic = self.describe([name]).get(name)
        return None if topic is None else uuid.UUID(str(topic["topic_id"]))

    def partitions(self, name: str) -> int | None:
        topic = self.describe([name]).get(name)
        return None if topic is None else len(topic["partitions"])

    def configs(self, names: list[str]) -> dict[str, dict[str, str]]:
        """Configuration by topic. Raises TopicRefusedError, BrokerAwayError."""
        with self._asking():
            found = self.client.describe_configs([ConfigResource("TOPIC", name) for name in names], config_filter="all")
        return {
            name: {key: config["value"] for key, config in configs.items()}
            for name, configs in found.get("topic", {}).items()
        }

    def create(self, missing: list[TopicPlan], replication: int) -> None:
        """Make topics, and wait until they can be used. Raises TopicRefusedError with the broker's words for each."""
        wanted = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": topic.configs,
            }
            for topic in missing
        }
        with self._asking():
            answer = self.client.create_topics(wanted, raise_errors=False)
            refusals: dict[str, list[str]] = {}
            for topic in answer["topics"]:
                kind = for_code(topic["error_code"])
                if kind is TopicAlreadyExistsError:
                    what = event("topic.raced", topic=topic["name"])
                    logger.info("%s: another process made it at the same time", topic["name"], extra=what)
                elif topic["error_code"]:
                    words = f"{kind.__name__}: {topic['error_message'] or kind.description}"
                    refusals.setdefault(words, []).append(topic["name"])
            if refusals:
                raise TopicRefusedError(
                    "\n".join(
                        f"the broker does not make {', '.join(names)}: {words}" for words, names in refusals.items()
                    )
                    + _UNSEEN * any("Authorization" in words for words in refusals)
                )
            self.client.wait_for_topics(list(wanted))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """The lock, and errors in the operator's terms."""
        with self.lock:
            try:
                yield
            except BrokerResponseError as error:
                if (refused := refusal(self._connection, error)) is not None:
                    raise refused from None
                raise TopicRefusedError(f"{type(error).__name__}: {error.description}") from None
            except KafkaError as error:
                raise BrokerAwayError(f"the broker does not answer any more: {error!r}") from None


def ensure(admin: Admin, settings: Settings) -> int:
    """Make the missing topics, check the others, and give the number of partitions of the log.

    Raises TopicMismatchError with all that is wrong, one line each; TopicRefusedError.
    """
    plans = plan(settings)
    for _ in range(2):  # once more when another worker made some of them in between
        found = admin.describe([topic.name for topic in plans])
        missing = [topic for topic in plans if topic.name not in found]
        if not missing:
            break
        partitions = {name: len(topic["partitions"]) for name, topic in found.items()}
        followed = {state: partitions.get(name_of(topic, settings)) for state, topic in _STATE_OF.items()}
        missing = [
            msgspec.structs.replace(topic, partitions=followed.get(topic.topic) or topic.partitions)
            for topic in missing
        ]
        admin.create(missing, settings.replication_factor)
        names = [topic.name for topic in missing]
        logger.info("made topics: %s", ", ".join(names), extra=event("topic.made", topics=names))
    found = admin.describe([topic.name for topic in plans])
    counts = {name: len(topic["partitions"]) for name, topic in found.items()}
    faults = _faults(plans, counts, admin.configs([topic.name for topic in plans if topic.topic in _DEMANDED]))
    if faults:
        raise TopicMismatchError("\n".join(faults))
    return counts[name_of(LOG, settings)]


def _faults(plans: list[TopicPlan], counts: Mapping[str, int], configs: Mapping[str, Mapping[str, str]]) -> list[str]:
    by_topic = {topic.topic: topic for topic in plans}
    log = by_topic[LOG]
    faults = [f"{topic.name}: could not be made" for topic in plans if topic.name not in counts]
    for state, followed in ((by_topic[state], by_topic[topic]) for state, topic in _STATE_OF.items() if not faults):
        if counts[followed.name] != counts[state.name]:
            faults.append(
                f"{state.name} has {counts[state.name]} partitions, {followed.name} {counts[followed.name]}: "
                "they must be equal"
            )
    for topic in (by_topic[name] for name in _DEMANDED):
        held = configs.get(topic.name, {})
        faults.extend(
            f"{topic.name}: {key} is {held.get(key)}, must be {topic.configs[key]}"
            for key in _DEMANDED[topic.topic]
            if held.get(key) != topic.configs[key]
        )
    for key in ("retention.ms", "retention.bytes"):
        if configs.get(log.name, {}).get(key) != "-1":
            what = event("log.retention", topic=log.name, key=key)
            logger.warning("%s: %s is not -1: records leave the log; export them first", log.name, key, extra=what)
    return faults
