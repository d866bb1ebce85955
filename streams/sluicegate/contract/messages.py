"""Messages and schemas of the AsyncAPI document: each type in structured and in binary mode, from one schema."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sluicegate.contract import examples
from sluicegate.contract.draft7 import placed
from sluicegate.wire.letters import DeadLetter
from sluicegate.wire.schema import (
    BESIDE_TYPES,
    INPUT_TYPES,
    OUTPUT_TYPES,
    Schema,
    definition_name,
    definitions_of,
    input_envelope,
    only_type,
    output_envelope,
)

__all__ = ["LETTERS", "Message", "message_components", "messages", "schema_components"]

LETTERS = "dead-letter"
STRUCTURED = "application/cloudevents+json"
PLAIN = "application/json"
_SCHEMAS = "#/components/schemas/"
_ENVELOPES = {"in": "cloudevent-in", "out": "cloudevent-out"}
_HEADERS = {"in": "headers-binary-in", "structured": "headers-structured"}
_KEYS = {
    "sanctions.update.v1": "name of the list",
    "alert.v1": "`tenantid|subject.kind|subject.id`",
    "signal.v1": "`tenantid|subject.kind|subject.id`",
}
_MODES = {
    "structured": "CloudEvents structured mode",
    "binary": "CloudEvents binary mode: attributes in headers, `data` alone as the value",
}


@dataclass(frozen=True)
class Message:
    """One message of one channel. `type`: of its CloudEvent; empty for dead letters, which are none."""

    name: str
    type: str
    topic: str
    direction: str
    """in, out; from Sluicegate's side."""
    mode: str
    """structured, binary; plain for what is no CloudEvent."""
    about: str
    """One sentence."""

    @property
    def key(self) -> str:
        """What records are keyed by."""
        return _KEYS.get(self.type, "`tenantid`") if self.type else "`topic/partition/offset` of the refused record"


@cache
def messages() -> tuple[Message, ...]:
    """Every message there is. Binary mode is for what intake reads."""
    found = []
    for direction, types in (("in", INPUT_TYPES), ("in", BESIDE_TYPES), ("out", OUTPUT_TYPES)):
        for name, kind in types.items():
            about = _sentence(kind.struct)
            found.append(Message(name, name, kind.topic, direction, "structured", about))
            if types is INPUT_TYPES:
                found.append(Message(f"{name}.binary", name, kind.topic, direction, "binary", about))
    found.append(Message(LETTERS, "", "dead-letters", "out", "plain", _sentence(DeadLetter)))
    return tuple(found)


def message_components() -> dict[str, Schema]:
    """Name -> AsyncAPI message."""
    return {message.name: _component(message) for message in messages()}


def schema_components() -> dict[str, Schema]:
    """Name -> schema: every struct of the wire, the envelopes, and the headers of both modes."""
    structs = [kind.struct for types in (INPUT_TYPES, BESIDE_TYPES, OUTPUT_TYPES) for kind in types.values()]
    found = {name: placed(schema, _SCHEMAS) for name, schema in definitions_of([*structs, DeadLetter]).items()}
    envelope = input_envelope()
    own = {
        _ENVELOPES["in"]: envelope,
        _ENVELOPES["out"]: output_envelope(),
        _HEADERS["structured"]: {
            "type": "object",
            "properties": {"content-type": {"type": "string", "pattern": f"^{STRUCTURED.replace('+', '[+]')}(;.*)?$"}},
        },
        _HEADERS["in"]: _binary_headers(envelope),
    }
    return own | found


def _binary_headers(envelope: Schema) -> Schema:
    attributes = {f"ce_{name}": schema for name, schema in envelope["properties"].items() if not _elsewhere(name)}
    return {
        "type": "object",
        "required": [f"ce_{name}" for name in envelope["required"] if not _elsewhere(name)],
        "properties": {"content-type": {"const": PLAIN}} | attributes,
    }


def _elsewhere(attribute: str) -> bool:
    """In binary mode the value is `data`, and its content type a header without prefix."""
    return attribute in ("data", "datacontenttype")


def _component(message: Message) -> Schema:
    common = {
        "name": message.type or message.name,
        "title": message.name,
        "summary": message.about,
        "tags": [{"name": message.direction}],
        "bindings": {"kafka": {"key": {"type": "string", "description": message.key}, "bindingVersion": "0.5.0"}},
    }
    if message.mode == "plain":
        payload = {"$ref": f"{_SCHEMAS}{definition_name(DeadLetter)}"}
        return common | {"contentType": PLAIN, "payload": payload, "examples": [_example(message)]}
    described = common | {"description": f"{_MODES[message.mode]}."}
    only = only_type(message.type, _SCHEMAS)
    if message.mode == "structured":
        own = {
            "contentType": STRUCTURED,
            "headers": {"$ref": f"{_SCHEMAS}{_HEADERS['structured']}"},
            "payload": {"allOf": [{"$ref": f"{_SCHEMAS}{_ENVELOPES[message.direction]}"}, {"properties": only}]},
        }
    else:
        in_headers = {f"ce_{name}": schema for name, schema in only.items() if not _elsewhere(name)}
        own = {
            "contentType": PLAIN,
            "headers": {"allOf": [{"$ref": f"{_SCHEMAS}{_HEADERS['in']}"}, {"properties": in_headers}]},
            "payload": only["data"],
        }
    return described | own | {"examples": list(_examples(message))}


def _examples(message: Message) -> Iterator[Schema]:
    if message.type in (examples.inputs() if message.direction == "in" else examples.outputs()):
        yield _example(message)


def _example(message: Message) -> Schema:
    if message.mode == "plain":
        return {"name": message.name, "summary": "an amount that is a number", "payload": examples.letter()}
    event = (examples.inputs() if message.direction == "in" else examples.outputs())[message.type]
    if message.mode == "structured":
        return {"name": message.name, "headers": {"content-type": STRUCTURED}, "payload": event}
    headers = {f"ce_{name}": value for name, value in event.items() if not _elsewhere(name)}
    return {"name": message.name, "headers": {"content-type": PLAIN} | headers, "payload": event["data"]}


def _sentence(kind: type) -> str:
    """The first paragraph of the docstring, on one line."""
    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())
