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
from sluicegate.wire.decode import ALL_TENANTS, Envelope
from sluicegate.wire.events import TYPES
from sluicegate.wire.scalars import Instant

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_TIMESTAMP: Schema = {
    "type": "string",
    "format": "date-time",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$",
}


def events_schema() -> Schema:
    """Of input events in structured mode."""
    kinds = {name: kind.struct for name, kind in TYPES.items() if not kind.internal}
    definitions = _definitions([Envelope, *kinds.values()])
    envelope = definitions.pop("envelope")
    lists_only = _when("tenantid", [ALL_TENANTS], {"properties": {"type": {"const": "sanctions.update.v1"}}})
    return {
        "$schema": _DIALECT,
        "$id": "urn:sluicegate:events:v1",
        "title": "sluicegate input events, CloudEvents 1.0 structured mode",
        "type": "object",
        "required": envelope["required"],
        "properties": envelope["properties"]
        | {"type": {"enum": list(kinds)}, "time": _TIMESTAMP, "data": {"type": "object"}},
        "allOf": [*_data_by_type(kinds), lists_only],
        "$defs": definitions,
    }


def alert_schema() -> Schema:
    """Of alerts and signals."""
    kinds: dict[str, type[Block]] = {"alert.v1": AlertData, "signal.v1": SignalData}
    text: Schema = {"type": "string"}
    properties: dict[str, Schema] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"const": "/sluicegate"},
        "type": {"enum": list(kinds)},
        "time": _TIMESTAMP,
        "subject": text,
        "tenantid": text,
        "partitionkey": text,
        "data": {"type": "object"},
    }
    return {
        "$schema": _DIALECT,
        "$id": "urn:sluicegate:alert:v1",
        "title": "sluicegate output events: alerts and signals",
        "type": "object",
        "required": list(properties),
        "properties": properties | {"datacontenttype": {"const": "application/json"}},
        "allOf": _data_by_type(kinds),
        "$defs": _definitions(kinds.values()),
    }


def _data_by_type(kinds: Mapping[str, type[Block]]) -> list[Schema]:
    return [
        _when("type", [name], {"properties": {"data": {"$ref": f"#/$defs/{_snake(kind.__name__)}"}}})
        for name, kind in kinds.items()
    ]


def _definitions(kinds: Iterable[type[Block]]) -> dict[str, Schema]:
    """A definition per struct that the kinds use, by its name in small letters."""
    _, components = msgspec.json.schema_components(set(kinds), schema_hook=_timestamp, ref_template="{name}")
    structs = {struct.__name__: struct for struct in _descendants(Block)}
    return {
        _snake(name): _tidy(component) | _conditions(structs[name].NEEDS)
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
