"""The gateway's OpenAPI 3.1 document, made from the structs that decode what is sent."""

from __future__ import annotations

from typing import Any

from sluicegate.gateway import openapi_runs
from sluicegate.gateway.events import BATCH, BATCH_BYTES, BATCH_EVENTS, BINARY, EVENT_BYTES, STRUCTURED
from sluicegate.version import __version__
from sluicegate.wire.schema import INPUT_TYPES, definition_name, definitions_of, input_envelope, only_type

__all__ = ["document"]

Json = dict[str, Any]

_AT = "#/components/schemas/"
_SENT = {name: kind for name, kind in INPUT_TYPES.items() if name != "sanctions.update.v1"}
_ATTRIBUTES = ("specversion", "id", "source", "type", "time", "tenantid")

_DESCRIPTION = (
    "Events go in as CloudEvents 1.0; 202 says that Kafka holds every one of them, on all replicas. After any other"
    " answer, or none, send the same events again with the same `source` and `id`: none counts twice. On 429 and 503"
    " wait as long as `Retry-After` says."
)
_ANSWERS: dict[str, str] = {
    "400": "a body that is no JSON of the kind expected",
    "401": "no token, or none that is good",
    "403": "what the token is not good for: a call, a type of event, another tenant; nothing was written",
    "408": "the body took too long to arrive",
    "413": f"more than {EVENT_BYTES} bytes an event, {BATCH_EVENTS} events or {BATCH_BYTES} bytes a batch",
    "415": "a content type other than those listed here",
    "404": "nothing is known of the run",
    "422": "events that do not fit; `errors` has the index and the JSON Pointer of each; nothing was written",
    "429": "too much is under way; send again",
    "503": "Kafka does not answer, or did not acknowledge in time; send again",
}


def document() -> Json:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sluicegate gateway", "version": __version__, "description": _DESCRIPTION},
        "paths": {"/v1/events": {"post": _post()}, **openapi_runs.paths()},
        "components": {
            "schemas": {**_schemas(), **_moved(openapi_runs.schemas())},
            "responses": {status: _answer(status, told) for status, told in _ANSWERS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _post() -> Json:
    return {
        "summary": "Send events",
        "operationId": "sendEvents",
        "description": "All of them are written, or none. The token's tenant must be that of every event.",
        "parameters": [
            {
                "name": f"ce-{name}",
                "in": "header",
                "description": "attribute of an event in binary mode, percent-encoded UTF-8",
                "schema": {"type": "string"},
            }
            for name in _ATTRIBUTES
        ],
        "requestBody": {
            "required": True,
            "content": {
                STRUCTURED: {"schema": _ref("cloud_event")},
                BATCH: {"schema": {"type": "array", "maxItems": BATCH_EVENTS, "items": _ref("cloud_event")}},
                BINARY: {"schema": {"description": "binary mode: the body is `data`", "anyOf": _data()}},
            },
        },
        "responses": {
            "202": {
                "description": "Kafka holds every event",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["accepted"],
                            "properties": {"accepted": {"type": "integer", "minimum": 0, "maximum": BATCH_EVENTS}},
                        }
                    }
                },
            },
            **{status: {"$ref": f"#/components/responses/{status}"} for status in _ANSWERS if status != "404"},
        },
    }


def _schemas() -> Json:
    own = definitions_of(kind.struct for kind in _SENT.values())
    return {
        "cloud_event": {"oneOf": [_ref(f"event_{_name(name)}") for name in _SENT]},
        **{f"event_{_name(name)}": _event(name) for name in _SENT},
        **_moved(own),
        "problem": _problem(),
    }


def _event(name: str) -> Json:
    """Of one type."""
    envelope: Json = _moved(input_envelope())
    return envelope | {"allOf": [{"properties": only_type(name, _AT)}]}


def _data() -> list[Json]:
    return [_ref(name) for name in sorted({definition_name(kind.struct) for kind in _SENT.values()})]


def _problem() -> Json:
    fault = {
        "type": "object",
        "required": ["index", "path", "message"],
        "properties": {
            "index": {"type": "integer", "minimum": 0, "description": "of the event in the batch"},
            "path": {"type": "string", "description": "JSON Pointer into the event; empty: the event as a whole"},
            "message": {"type": "string"},
        },
    }
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": fault},
        },
    }


def _answer(status: str, told: str) -> Json:
    own: Json = {"description": told, "content": {"application/problem+json": {"schema": _ref("problem")}}}
    if status in ("429", "503"):
        own["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return own


def _name(event_type: str) -> str:
    return event_type.replace(".", "_")


def _ref(name: str) -> Json:
    return {"$ref": f"{_AT}{name}"}


def _moved(schema: Any) -> Any:
    """References among definitions, as OpenAPI has them."""
    if isinstance(schema, dict):
        return {
            key: value.replace("#/$defs/", _AT) if key == "$ref" and isinstance(value, str) else _moved(value)
            for key, value in schema.items()
        }
    return [_moved(one) for one in schema] if isinstance(schema, list | tuple) else schema
