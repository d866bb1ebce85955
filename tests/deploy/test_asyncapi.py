"""deploy/asyncapi.yaml: current, an AsyncAPI 3.0 document by the standard's own schema, every example sound."""

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from sluicegate.contract.document import document
from sluicegate.contract.messages import Message, messages
from sluicegate.contract.yaml import to_yaml
from sluicegate.settings import Settings
from sluicegate.topics import OUTPUTS, RUNS, SOURCES, plan
from sluicegate.wire.decode import Event, Reject, decode
from sluicegate.wire.framing import unframe
from sluicegate.wire.letters import decode_letter
from tests.deploy.monitoring import DEPLOY

FILE = DEPLOY / "asyncapi.yaml"
STANDARD = Path(__file__).with_name("schemas") / "asyncapi-3.0.0.json.gz"
INTERNAL = {"sightings", "counts"}
BINARY = [message for message in messages() if message.mode == "binary"]


@cache
def published() -> dict[str, Any]:
    held: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return held


@cache
def standard() -> Draft7Validator:
    return Draft7Validator(json.loads(gzip.decompress(STANDARD.read_bytes())))


def test_document_is_current() -> None:
    current = FILE.read_text("utf-8") == to_yaml(document())
    assert current, f"`sluicegate schema asyncapi --out {FILE.relative_to(DEPLOY.parent)}` writes it anew"


def test_yaml_holds_the_same_values() -> None:
    assert published() == json.loads(json.dumps(document()))


def test_document_is_of_the_standard() -> None:
    assert [error.message for error in standard().iter_errors(published())] == []


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        (("asyncapi",), "2.6.0"),
        (("operations", "sendAlerts", "action"), "publish"),
        (("channels", "alerts", "bindings", "kafka", "partitions"), 0),
        (("channels", "alerts", "bindings", "kafka", "topicConfiguration", "cleanup.policy"), "delete"),
        (("components", "securitySchemes", "plain", "type"), "password"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_standard_refuses_what_is_wrong(path: tuple[str, ...], wrong: Any) -> None:
    broken = json.loads(json.dumps(document()))
    *outer, last = path
    place = broken
    for name in outer:
        place = place[name]
    place[last] = wrong
    assert not standard().is_valid(broken)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(target := value.get("$ref"), str):
            yield target
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def resolve(reference: str) -> Any:
    place: Any = published()
    for name in reference.removeprefix("#/").split("/"):
        place = place[name]
    return place


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    used = set(references(published()))
    for reference in used:
        assert resolve(reference)
    schemes, schemas = published()["components"]["securitySchemes"], published()["components"]["schemas"]
    for kind, names in (("securitySchemes", schemes), ("schemas", schemas)):
        assert {f"#/components/{kind}/{name}" for name in names} <= used


def test_every_topic_of_others_is_a_channel() -> None:
    assert set(published()["channels"]) == {*SOURCES, RUNS, *OUTPUTS} - INTERNAL


def test_partitions_and_clean_up_are_those_of_the_plan() -> None:
    planned = {topic.topic: topic for topic in plan(Settings())}
    for name, channel in published()["channels"].items():
        kafka = channel["bindings"]["kafka"]
        assert kafka["partitions"] == planned[name].partitions
        for key, value in kafka["topicConfiguration"].items():
            if key != "cleanup.policy":
                assert str(value) == planned[name].configs[key]


def validator(schema: dict[str, Any]) -> Draft7Validator:
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema | {"components": published()["components"]})


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.name)
def test_examples_fit_their_message(message: Message) -> None:
    component = published()["components"]["messages"][message.name]
    assert component["examples"], message.name
    for example in component["examples"]:
        validator(component["payload"]).validate(example["payload"])
        if "headers" in component:
            validator(component["headers"]).validate(example["headers"])


@pytest.mark.parametrize("message", BINARY, ids=lambda message: message.name)
def test_both_modes_of_an_example_are_the_same_event(message: Message) -> None:
    components = published()["components"]["messages"]
    structured, binary = components[message.type]["examples"][0], components[message.name]["examples"][0]
    value, headers = json.dumps(binary["payload"]).encode(), binary["headers"]
    unframed = unframe(value, [(name, text.encode()) for name, text in headers.items()])
    assert not isinstance(unframed, Reject)
    event = decode(unframed, topic=message.topic)
    assert isinstance(event, Event), event
    assert event == decode(json.dumps(structured["payload"]).encode(), topic=message.topic)


def test_schema_refuses_what_decoding_refuses() -> None:
    component = published()["components"]["messages"]["payroll.payment.v1"]
    schema = validator(component["payload"])
    sound = json.dumps(component["examples"][0]["payload"])
    for old, new in (('"2450.00"', "2450.0"), ("payroll.payment", "vendor.payment"), ("example-works", "*")):
        broken = sound.replace(old, new)
        assert broken != sound
        assert not schema.is_valid(json.loads(broken))
        assert isinstance(decode(broken.encode(), topic="payroll-payments"), Reject)


def test_letter_is_one() -> None:
    letter = published()["components"]["messages"]["dead-letter"]["examples"][0]["payload"]
    assert decode_letter(json.dumps(letter).encode()) is not None
    assert (letter["reason"], letter["detail"]["path"]) == ("bad_amount", "/data/amount/value")
