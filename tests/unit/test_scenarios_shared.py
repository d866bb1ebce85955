"""The shared scenarios, in this process: replayed, and compared by their own runner's functions."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from sluicegate.detection.partition import Output
from sluicegate.replay import Replay
from sluicegate.rules.registry import RULES
from tests.conftest import SHARED

pytestmark = pytest.mark.realdata

FOLDER = SHARED / "scenarios"
IDS = sorted(file.parent.name for file in FOLDER.glob("*/expect.yaml"))


@cache
def runner() -> ModuleType:
    """check.py, for its comparisons."""
    spec = importlib.util.spec_from_file_location("shared_scenarios_check", FOLDER / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expected(id: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / id / "expect.yaml").read_text())
    return loaded


def waits_for(expect: dict[str, Any]) -> set[str]:
    """Expected rules that are not there yet."""
    return {alert["rule"] for alert in expect.get("alerts") or []} - set(RULES)


def replayed(file: Path) -> list[Output]:
    outputs: list[Output] = []
    replay = Replay(outputs.append)
    with file.open("rb") as lines:
        replay.feed(file.name, lines)
    replay.finish()
    assert replay.faults == []
    return outputs


@pytest.mark.parametrize("id", IDS)
def test_scenario(id: str) -> None:
    expect = expected(id)
    if missing := waits_for(expect):
        pytest.skip(f"waits for {', '.join(sorted(missing))}")
    outputs = replayed(FOLDER / id / "events.jsonl")
    alerts = [json.loads(o.value) for o in outputs if o.topic == "alerts"]
    letters = [json.loads(o.value) for o in outputs if o.topic == "dead-letters"]
    assert runner().compare(expect, alerts, letters) == []
