"""Alerts to export: those that detection makes of the examples' story, and variants."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from sluicegate.contract.examples import inputs, story
from sluicegate.replay import Replay

Json = dict[str, Any]


@cache
def _made() -> tuple[bytes, ...]:
    found: list[bytes] = []
    replay = Replay(lambda output: found.append(output.value or b"") if output.topic == "alerts" else None)
    verdict = deepcopy(inputs()["disposition.v1"])
    verdict |= {"id": "last", "time": "2026-06-18T00:00:00Z"}
    verdict["data"] |= {"verdict": "false_positive", "at": "2026-06-18T00:00:00Z"}
    replay.feed("story", [json.dumps(event).encode() for event in [*story(), verdict]])
    replay.finish()
    return tuple(found)


def made() -> list[Json]:
    """Every revision: created, updated, closed as a false positive."""
    return [json.loads(value) for value in _made()]


def written(path: Path, events: list[Json] | None = None) -> Path:
    path.write_text("".join(f"{json.dumps(event)}\n" for event in (made() if events is None else events)), "utf-8")
    return path


def variant(number: int = 1, **data: Any) -> Json:
    """An alert of its own."""
    event = deepcopy(made()[0])
    event["data"] |= {"alert_id": f"al_{number:032x}"} | data
    event["id"] = f"{event['data']['alert_id']}-{event['data']['revision']}"
    event["tenantid"] = event["data"]["tenant_id"]
    return event
