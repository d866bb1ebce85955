"""JSON Schema (2020-12) of what goes in and what comes out, exported from the structs that decode it.

msgspec knows the fields, types and limits; added here are the shapes of dates and timestamps, requirements that depend
on another field, and the envelope's choice of `data` by `type`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sluicegate.wire.alerts import AlertData, SignalData
from sluicegate.wire.block import Block, Need
from sluicegate.wire.decisions import DecisionData, RunAnnounced
from sluicegate.wire.decode import ALL_TENANTS, Envelope
from sluicegate.wire.events import TYPES, EventType
from sluicegate.wire.letters import DeadLetter
from sluicegate.wire.scalars import Instant

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIMESTAMP: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
}

INPUT_TYPES = {name: kind for name, kind in TYPES.items() if not kind.internal}
"""What producers send."""
OUTPUT_TYPES = {
    "alert.v1": EventType(AlertData, "alerts"),
    "signal.v1": EventType(SignalData, "signals"),
    "decision.v1": EventType(DecisionData, "decisions"),
}
"""What comes out as CloudEvents."""
BESIDE_TYPES = {"run.announced.v1": EventType(RunAnnounced, "runs")}
"""What producers may tell clearance, in structured mode; no input of detection, so intake does not know it."""


def events_schema() -> Schema:
    """Of input events in structured mode."""
    kinds = {name: kind.struct for name, kind in INPUT_TYPES.items()}
    definitions = definitions_of(kinds.values())
    envelope = input_envelope()
    lists_only = _when("tenantid", [ALL_TENANTS], {"properties": {"type": {"const": "sanctions.update.v1"}}})
    return {
        "$schema": _DIALECT,
        "$id": "urn:sluicegate:events:v1",
        "title": "sluicegate input events, CloudEvents 1.0 structured mode",
        "type": "object",
        "required": envelope["required"],
        "properties": envelope["properties"] | {"type": {"enum": list(kinds)}},
        "allOf": [*_data_by_type(kinds), lists_only],
        "$defs": definitions,
    }


def alert_schema() -> Schema:
    """Of alerts and signals."""
    kinds: dict[str, type[Block]] = {"alert.v1": AlertData, "signal.v1": SignalData}
    envelope = output_envelope()
    return {
        "$schema": _DIALECT,
        "$id": "urn:sluicegate:alert:v1",
        "title": "sluicegate output events: alerts and signals",
        "type": "object",
        "required": envelope["required"],
        "properties": envelope["properties"] | {"type": {"enum": list(kinds)}},
        "allOf": _data_by_type(kinds),
        "$defs": definitions_of(kinds.values()),
    }


def type_schema(name: str) -> Schema:
    """Of the events of one type alone, in structured mode: what its topic holds. Raises KeyError for no such type."""
    envelope = output_envelope() if name in OUTPUT_TYPES else input_envelope()
    kind = OUTPUT_TYPES.get(name) or BESIDE_TYPES.get(name) or INPUT_TYPES[name]
    only = only_type(name, "#/$defs/")
    return {
        "$schema": _DIALECT,
        "$id": f"urn:sluicegate:{name}",
        "title": name,
        "type": "object",
        "required": envelope["required"],
        "properties": envelope["properties"],
        "allOf": [{"properties": only}],
        "$defs": definitions_of([kind.struct]),
    }


def letter_schema() -> Schema:
    """Of dead letters."""
    definitions = definitions_of([DeadLetter])
    own = definitions.pop("dead_letter")
    return {"$schema": _DIALECT, "$id": "urn:sluicegate:dead-letter", "title": "dead letter", **own} | {
        "$defs": definitions
    }


def only_type(name: str, definitions: str) -> dict[str, Schema]:
    """What a type asks of attributes beyond the envelope's own; `definitions` is where its struct's schema lies."""
    kind = OUTPUT_TYPES.get(name) or BESIDE_TYPES.get(name) or INPUT_TYPES[name]
    own: dict[str, Schema] = {
        "type": {"const": name},
        "data": {"$ref": f"{definitions}{definition_name(kind.struct)}"},
    }
    if name not in OUTPUT_TYPES and name != "sanctions.update.v1":
        own["tenantid"] = {"not": {"const": ALL_TENANTS}}
    return own


def input_envelope() -> Schema:
    """Attributes of input events, whatever their type."""
    envelope: Schema = definitions_of([Envelope])["envelope"]
    return envelope | {"properties": envelope["properties"] | {"time": _TIMESTAMP, "data": {"type": "object"}}}


def output_envelope() -> Schema:
    """Attributes of what comes out, whatever its type."""
    text: Schema = {"type": "string"}
    properties: dict[str, Schema] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"const": "/sluicegate"},
        "type": text,
        "time": _TIMESTAMP,
        "subject": text,
        "tenantid": text,
        "partitionkey": text,
        "data": {"type": "object"},
    }
    optional = {"datacontenttype": {"const": "application/json"}}
    return {"type": "object", "required": list(properties), "properties": properties | optional}


def _data_by_type(kinds: Mapping[str, type[Block]]) -> list[Schema]:
    return [
        _when("type", [name], {"properties": {"data": {"$ref": f"#/$defs/{definition_name(kind)}"}}})
        for name, kind in kinds.items()
    ]


def definition_name(kind: type[msgspec.Struct]) -> str:
    """Under which `definitions_of` has a struct."""
    return _snake(kind.__name__)


def definitions_of(kinds: Iterable[type[msgspec.Struct]]) -> dict[str, Schema]:
    """A definition per struct that the kinds use, by its name in small letters; they refer to `#/$defs/`."""
    _, components = msgspec.json.schema_components(set(kinds), schema_hook=_timestamp, ref_template="{name}")
    structs = {struct.__name__: struct for struct in _descendants(Block)}
    return {
        _snake(name): _tidy(component) | _conditions(structs[name].NEEDS if name in structs else ())
        for name, component in sorted(components.items())
    }


def _descendants(kind: type[Block]) -> Iterable[type[Block]]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _timestamp(kind: type) -> Schema:
    if kind is Instant:
        return dict(_TIMESTAMP)
    raise NotImplementedError(f"no schema of {kind.__name__}")


def _tidy(schema: Any) -> Any:
    """Without defaults that mean absence, with readers' anchors, and with references among the definitions."""
    if isinstance(schema, list | tuple):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {key: _tidy(value) for key, value in schema.items() if not _is_noise(key, value)}
    if isinstance(pattern := tidy.get("pattern"), str):
        tidy["pattern"] = pattern.removesuffix(r"\Z") + "$" * pattern.endswith(r"\Z")
    if tidy.get("format") == "date":
        tidy["pattern"] = _DATE
    if isinstance(target := tidy.get("$ref"), str):
        tidy["$ref"] = f"#/$defs/{_snake(target)}"
    return tidy


def _is_noise(key: str, value: Any) -> bool:
    """A struct's title repeats its name, a null default says that a field may be absent. (A field may be a `title`.)"""
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None)


def _conditions(needs: Iterable[Need]) -> Schema:
    conditions = [_when(need.field, need.values, _required(need.fields), _required(need.otherwise)) for need in needs]
    return {"allOf": conditions} if conditions else {}


def _when(field: str, values: Iterable[str], then: Schema, otherwise: Schema | None = None) -> Schema:
    condition = {"if": {"properties": {field: {"enum": list(values)}}, "required": [field]}, "then": then}
    return condition | ({"else": otherwise} if otherwise else {})


def _required(paths: Iterable[str]) -> Schema:
    """The paths of a `Need` as a schema: blocks inside become nested schemas, alternatives an `anyOf`."""
    here: Schema = {}
    inside: dict[str, list[str]] = {}
    for path in paths:
        name, slash, rest = path.partition("/")
        if slash:
            inside.setdefault(name, []).append(rest)
        elif "|" in name:
            here["anyOf"] = [{"required": [one]} for one in name.split("|")]
        else:
            here.setdefault("required", []).append(name)
    if inside:
        here["properties"] = {name: _required(rest) for name, rest in inside.items()}
    return here


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
