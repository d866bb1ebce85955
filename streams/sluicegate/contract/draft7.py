"""Schemas of the wire for readers that know JSON Schema draft 07: AsyncAPI's tools, and most schema registries.

Nothing is lost: what is exported uses keywords that both drafts have, under the same meaning, but for `$defs`.
"""

from typing import Any

from sluicegate.wire.schema import Schema

__all__ = ["draft_7", "placed"]


def draft_7(schema: Schema) -> Schema:
    """A whole schema. Without `$id`: registries resolve references against it, and then find nothing.

    >>> draft_7({"$schema": "x", "$id": "urn:x", "$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}})["$ref"]
    '#/definitions/a'
    """
    body = {key: value for key, value in schema.items() if key not in ("$schema", "$id", "$defs")}
    definitions = placed(schema["$defs"], "#/definitions/")
    return {"$schema": "http://json-schema.org/draft-07/schema#", **placed(body, "#/definitions/")} | {
        "definitions": definitions
    }


def placed(schema: Any, where: str) -> Any:
    """The schema with its references to `#/$defs/` leading to `where`."""
    if isinstance(schema, list):
        return [placed(one, where) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(target := schema.get("$ref"), str):  # siblings of a reference count for nothing in this draft
        return {"$ref": target.replace("#/$defs/", where)}
    return {key: placed(value, where) for key, value in schema.items()}
