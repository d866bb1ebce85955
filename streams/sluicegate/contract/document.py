"""The AsyncAPI 3.0 document: what the structs of the wire and the plan of the topics say, for generators and portals.

Made from the register of types, so a type or topic that is added there appears here. From Sluicegate's side, as
AsyncAPI wants it: it receives what producers send, and sends alerts.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sluicegate.contract.messages import LETTERS, Message, message_components, messages, schema_components
from sluicegate.contract.servers import security_schemes, servers
from sluicegate.settings import Settings
from sluicegate.topics import TopicPlan, plan

__all__ = ["VERSION", "document"]

Json = dict[str, Any]

VERSION = "1.0.0"
"""Of the contract: the major number is that of `…v1`; new optional fields and types raise the second."""
_BINDING = "0.5.0"
_DESCRIPTION = """\
Sluicegate reads events about payments from Kafka and answers with explained alerts.

Every record is a CloudEvents 1.0 event: structured mode (one JSON object) or binary mode (attributes in `ce_` headers,
`data` as the value). A value framed for a schema registry (0x00 and a schema id of four bytes) is accepted in both.
An event counts once by `source` and `id` within its tenant. Account numbers never travel: `fp` is a keyed hash made by
the producer. What does not fit comes back on `dead-letters` with its place.
"""


def document() -> Json:
    """The whole document, as JSON values."""
    plans = {topic.topic: topic for topic in plan(Settings())}
    by_topic: dict[str, list[Message]] = {}
    for message in messages():
        by_topic.setdefault(message.topic, []).append(message)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:sluicegate:contract",
        "info": {
            "title": "Sluicegate",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": "in", "description": "from producers"}, {"name": "out", "description": "to readers"}],
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": servers(),
        "channels": {topic: _channel(topic, held, plans.get(topic)) for topic, held in by_topic.items()},
        "operations": {_operation_name(topic, held): _operation(topic, held) for topic, held in by_topic.items()},
        "components": {
            "schemas": schema_components(),
            "messages": message_components(),
            "securitySchemes": security_schemes(),
        },
    }


def _channel(topic: str, held: Iterable[Message], planned: TopicPlan | None) -> Json:
    held = list(held)
    kafka: Json = {"topic": topic}
    if planned is not None:
        kafka |= {"partitions": planned.partitions, "topicConfiguration": _configuration(planned.configs)}
    return {
        "address": topic,
        "title": topic,
        "description": f"{held[0].about} Key: {held[0].key}. The deployment's topic prefix stands before the name.",
        "messages": {message.name: _reference("components", "messages", message.name) for message in held},
        "tags": [{"name": held[0].direction}],
        "bindings": {"kafka": kafka | {"bindingVersion": _BINDING}},
    }


def _configuration(configs: Mapping[str, str]) -> Json:
    """A topic's configuration with the types that the binding asks for; Kafka's default clean-up is said, too.

    >>> _configuration({"retention.ms": "-1"})
    {'cleanup.policy': ['delete'], 'retention.ms': -1}
    """
    typed: Json = {"cleanup.policy": configs.get("cleanup.policy", "delete").split(",")}
    for key in ("retention.ms", "retention.bytes", "max.message.bytes"):
        if key in configs:
            typed[key] = int(configs[key])
    return typed


def _operation_name(topic: str, held: list[Message]) -> str:
    verb = "receive" if held[0].direction == "in" else "send"
    return verb + "".join(word.capitalize() for word in topic.split("-"))


def _operation(topic: str, held: list[Message]) -> Json:
    receives = held[0].direction == "in"
    return {
        "action": "receive" if receives else "send",
        "channel": _reference("channels", topic),
        "summary": ("What producers send to " if receives else "What readers find on ") + topic,
        "messages": [_reference("channels", topic, "messages", message.name) for message in held],
        "tags": [{"name": held[0].direction}],
        "bindings": {"kafka": {"bindingVersion": _BINDING}},
    } | ({} if receives or held[0].name == LETTERS else {"description": "Read with `isolation.level=read_committed`."})


def _reference(*path: str) -> Json:
    return {"$ref": "#/" + "/".join(path)}
