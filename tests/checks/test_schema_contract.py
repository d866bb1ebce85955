"""The exported schemas against the contract's own files: the same fields and limits, the same verdict on real events.

Where ours is narrower, `NARROWER` says so: whole numbers are those of 64 bits, and what decoding checks beyond any
schema (days of the calendar, the range of event time) is a refusal with that very place.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sluicegate.wire.decode import Event, Reject, decode
from sluicegate.wire.schema import alert_schema, events_schema
from tests.unit.wire.samples import DATA, drop, event, put

pytestmark = pytest.mark.realdata

MUTATIONS = 3000
SEED = 20260611
NARROWER = {"minimum": -(2**63), "maximum": 2**63 - 1}
ADDED = (("policy_update", "clearance", ("clearance_policy",)),)
"""(block, field, definitions it refers to): what is ours, and optional, as the contract lets a version grow."""
LIMITS = (
    *("type", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "uniqueItems", "required"),
    *("enum", "properties", "items", "additionalProperties", "propertyNames", "anyOf"),
)
VALUES: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1,
        2,
        33,
        2.0,
        2.5,
        "",
        " ",
        "x" * 129,
        "y" * 2100,
        "US",
        "usd",
        "US\n",
        "1.00",
        "-1.00",
        "1e3",
    ),
    *("2026-06-11", "2026-02-30", "2026-6-1", "2026-06-11T09:00:00Z", "2026-06-11T09:00:00.123456789+05:30", "٣"),
    *("wallet", "account", "crypto", "hire", "pay-spike", "sanctioned-name", [], [[]], [1], ["x"], {}, {"x": 1}),
]


def contract(shared: Path, name: str) -> dict[str, Any]:
    """A schema of the contract, with the optional fields that we know beyond it."""
    loaded: dict[str, Any] = json.loads((shared / "contract" / name).read_text())
    if name == "events.schema.json":
        ours = events_schema()["$defs"]
        for block, field, needs in ADDED:
            assert field not in loaded["$defs"][block]["properties"], f"{field} has come into the contract"
            loaded["$defs"][block]["properties"][field] = ours[block]["properties"][field]
            loaded["$defs"] |= {name: ours[name] for name in needs}
    return loaded


def shape(schema: Any, root: dict[str, Any]) -> Any:
    """A schema reduced to its limits: references followed, constants as enumerations, `\\d` spelled out."""
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return shape(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    limits = {key: schema[key] for key in LIMITS if key in schema and schema[key] != NARROWER.get(key)}
    if "const" in schema:
        limits["enum"] = [schema["const"]]
    for key in ("items", "additionalProperties", "propertyNames"):
        if key in limits:
            limits[key] = shape(limits[key], root)
    if "properties" in limits:
        limits["properties"] = {name: shape(one, root) for name, one in limits["properties"].items()}
    if "anyOf" in limits:
        either = [shape(one, root) for one in limits["anyOf"]]
        types = [one.get("type") for one in either if set(one) == {"type"}]
        limits.pop("anyOf")
        limits |= {"type": sorted(types)} if len(types) == len(either) else {"anyOf": sorted(map(json.dumps, either))}
    if isinstance(limits.get("type"), list):
        limits["type"] = sorted(limits["type"])
    for key in ("enum", "required"):
        if key in limits:
            limits[key] = sorted(limits[key])
    if "pattern" in limits:
        limits["pattern"] = limits["pattern"].replace(r"\d", "[0-9]")
    return {key: value for key, value in limits.items() if value != [] and value != {}}


@pytest.mark.parametrize(
    ("file", "ours"), [("events.schema.json", events_schema()), ("alert.schema.json", alert_schema())]
)
def test_fields_and_limits_are_those_of_the_contract(shared: Path, file: str, ours: dict[str, Any]) -> None:
    theirs = contract(shared, file)
    assert ours["$id"] == theirs["$id"]
    assert shape(ours, ours) == shape(theirs, theirs)
    assert _kinds(ours) == _kinds(theirs)


def _kinds(root: dict[str, Any]) -> dict[str, Any]:
    """The shape of `data` by type."""
    found = {}
    for choice in root["allOf"]:
        condition = choice["if"]["properties"]
        if "type" in condition:
            (name,) = shape(condition["type"], root)["enum"]
            found[name] = shape(choice["then"]["properties"]["data"], root)
    return found


def real_events(shared: Path) -> list[Any]:
    files = sorted((shared / "scenarios").glob("*/events.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines() if line.strip()]


def mutated(events: list[Any]) -> Iterator[Any]:
    """Seeded: a real or a full event with one to three places dropped or given another value."""
    dice = random.Random(SEED)
    full = [event(name) for name in DATA]
    for _ in range(MUTATIONS):
        root = json.loads(json.dumps(dice.choice(dice.choice([events, full]))))
        for _ in range(dice.choice([1, 1, 1, 2, 3])):
            place = dice.choice(list(_pointers(root)))
            if dice.random() < 0.3:
                drop(root, place)
            else:
                put(root, place, copy.deepcopy(dice.choice(VALUES)))
        yield root


def _pointers(value: Any, path: str = "") -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield f"{path}/{key}"
        yield from _pointers(inner, f"{path}/{key}")


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """With patterns as JSON Schema means them: Python's `\\d` takes every script, its `$` lets a line feed pass."""
    text = json.dumps(schema).replace(json.dumps(r"\d")[1:-1], "[0-9]")
    return Draft202012Validator(
        json.loads(text, object_hook=lambda one: one | _ends(one["pattern"]) if "pattern" in one else one)
    )


def _ends(pattern: Any) -> dict[str, str]:
    return {"pattern": pattern.removesuffix("$") + r"\Z"} if isinstance(pattern, str) else {}


@pytest.mark.parametrize("damaged", [False, True], ids=["real events", "mutations"])
def test_contract_export_and_decoding_agree(shared: Path, damaged: bool) -> None:
    theirs, ours = validator(contract(shared, "events.schema.json")), validator(events_schema())
    events = real_events(shared)
    verdicts = {True: 0, False: 0}
    for root in mutated(events) if damaged else events:
        valid = theirs.is_valid(root)
        verdicts[valid] += 1
        decoded = decode(json.dumps(root).encode())
        assert ours.is_valid(root) == valid, root
        if valid != isinstance(decoded, Event):
            assert isinstance(decoded, Reject), root
            assert _no_such_day(root, decoded), (decoded, root)
    assert min(verdicts.values()) > MUTATIONS // 10 if damaged else not verdicts[False], verdicts


def _no_such_day(root: Any, reject: Reject) -> bool:
    """Whether what is refused looks like a date or time: no pattern knows the calendar, or the range of event time."""
    for name in reject.path.split("/")[1:]:
        root = root[int(name)] if isinstance(root, list) else root[name]
    return isinstance(root, str) and re.match("[0-9]{4}-[0-9]{2}-[0-9]{2}", root) is not None
