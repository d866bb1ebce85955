"""The document says what the gateway does."""

import json
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from sluicegate.gateway.openapi import document
from tests.streams import events

DOCUMENT = document()


def schema(name: str) -> Any:
    return jsonschema.Draft202012Validator(DOCUMENT | {"$ref": f"#/components/schemas/{name}"})


def test_it_is_sound() -> None:
    OpenAPIV31SpecValidator(json.loads(json.dumps(DOCUMENT))).validate()
    assert list(DOCUMENT["paths"]) == ["/v1/events", "/v1/runs", "/v1/runs/{run_id}"]


@pytest.mark.parametrize("event", [events.payment(), events.payment(kind="employee"), events.policy()])
def test_an_event_fits_exactly_one_schema(event: Any) -> None:
    assert schema("cloud_event").is_valid(event)


def test_what_is_refused_does_not_fit() -> None:
    sound = events.payment()
    for wrong in (
        sound | {"tenantid": "*"},
        sound | {"type": "payee.change.v1"},
        {name: value for name, value in sound.items() if name != "time"},
        sound | {"data": sound["data"] | {"amount": {"value": 12.5, "currency": "USD"}}},
        events.list_part(),
    ):
        assert not schema("cloud_event").is_valid(wrong)


def test_an_announcement_needs_no_run_id() -> None:
    told = {"payments": 2, "totals": [{"value": "200.00", "currency": "USD"}]}
    assert schema("run_announced").is_valid(told)
    assert not schema("run_announced").is_valid({"payments": 2})
