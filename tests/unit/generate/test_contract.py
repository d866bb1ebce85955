"""Every generated event against the contract's own JSON Schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from sluicegate.generate.stream import Generator

SCHEMA = Path(__file__).parents[4] / "shared" / "contract" / "events.schema.json"


@pytest.mark.realdata
@pytest.mark.skipif(not SCHEMA.exists(), reason="the contract's schema is not beside this project")
def test_events_fit_the_schema_of_the_contract() -> None:
    check = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    generator = Generator(13, start=1_781_161_200_000_000, tenants=3, payees=60, history_days=200, scheme_share=0.02)
    seen: dict[str, int] = {}
    for record in generator.history():
        event = json.loads(record.value)
        if seen.setdefault(event["type"], 0) < 300 or record.label:
            seen[event["type"]] += 1
            check.validate(event)
    assert len(seen) == 9
