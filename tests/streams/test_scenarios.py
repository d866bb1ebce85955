"""Every scenario through real Kafka: the same alerts as the replay of the exported log, byte for byte."""

import json
import time
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from sluicegate.log.export import export, partitions_of
from sluicegate.replay import Replay
from sluicegate.settings import Settings
from sluicegate.wire.events import TYPES
from tests.scenarios.build import Tale
from tests.scenarios.register import Scenario, scenarios
from tests.streams.kafka import Kafka
from tests.streams.trial import until_drained, until_placed
from tests.streams.workers import WorkerProcess, running

LEAST = 20
ALL = scenarios()
HOUR_MS = 3_600_000


def place_of(event: dict[str, Any]) -> tuple[str, str]:
    return TYPES[event["type"]].topic, event["tenantid"]


def test_there_are_enough_scenarios_to_speak_of() -> None:
    assert len(ALL) >= LEAST


def told(scenario: Scenario, tenant: str) -> list[dict[str, Any]]:
    """The events of a scenario as one tenant's own, its lists among them."""
    tale = Tale(tenant)
    scenario.tell(tale)
    return [{**event, "tenantid": tenant} for event in tale.events]


@pytest.mark.timeout(180)
def test_scenarios_give_the_same_alerts_by_kafka_and_by_replay_of_the_exported_log(
    kafka: Kafka, tmp_path: Path
) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    events = [event for n, scenario in enumerate(ALL) for event in told(scenario, f"s{n:03d}")]
    with running(worker):
        worker.start().ready()
        worker.terminate()
        # a backlog is worked off by record timestamp: so the order in which a scenario is told holds across topics
        start = int(time.time() * 1000) - HOUR_MS
        for number, ((topic, tenant), run) in enumerate(groupby(events, place_of)):
            kafka.send(topic, list(run), key=tenant, timestamp=start + number)
        worker.start().ready()
        until_placed(kafka, timeout=90)
        until_drained(kafka, kafka.prefix, timeout=90)
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)
    stream: dict[str, list[bytes]] = defaultdict(list)
    for record in kafka.read("alerts"):
        assert record.value is not None
        stream[(record.key or b"").decode()].append(record.value)
    again: dict[str, list[bytes]] = defaultdict(list)
    for number in partitions_of(settings):
        replay = Replay(lambda out: again[out.key.decode()].append(out.value) if out.topic == "alerts" else None)
        replay.feed("export", export(settings, number))
        replay.finish()
    assert stream == again
    alerting = {json.loads(values[0])["tenantid"] for values in stream.values()}
    assert len(alerting) >= LEAST
