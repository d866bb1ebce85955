"""`sluicegate export` with real Kafka: the topic `alerts` to a file, and to the topic `ocsf` across a kill."""

import json
from pathlib import Path

from tests.streams.conftest import Run
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running
from tests.unit.export.alerts import Json, made, variant


class Follower(WorkerProcess):
    """`sluicegate export ocsf --follow` over the topics of one test."""

    def __init__(self, kafka: Kafka, folder: Path, name: str) -> None:
        super().__init__(kafka, folder, name)
        self._command = ["-m", "sluicegate.cli.main", "export", "ocsf", "--follow"]


def put(kafka: Kafka, events: list[Json]) -> None:
    for event in events:
        kafka.send("alerts", [event], key=event["partitionkey"])


def ids(events: list[Json]) -> list[str]:
    return sorted(event["id"] for event in events)


def test_alerts_of_the_topic_are_written(kafka: Kafka, run: Run, tmp_path: Path) -> None:
    kafka.create("alerts", partitions=2)
    others = [variant(number) | {"partitionkey": f"acme|payee|V{number}"} for number in range(9)]
    put(kafka, [*made(), *others, variant(99)])
    last = {event["data"]["alert_id"]: event["id"] for event in (*made(), *others, variant(99))}
    done = run("export", "alerts")
    assert done.exit_code == 0, done.output
    assert ids([json.loads(line) for line in done.stdout.splitlines()]) == sorted(last.values())
    done = run("export", "ocsf", "--out", tmp_path / "findings.jsonl")
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in (tmp_path / "findings.jsonl").read_text().splitlines()]
    assert sorted(one["metadata"]["uid"] for one in found) == ids([*made(), *others, variant(99)])
    kafka.send("alerts", [b"{"])
    done = run("export", "ocsf", "--topic")
    assert done.exit_code == 1
    assert f"{kafka.topic('alerts')}/" in done.stderr
    records = kafka.read("ocsf")
    assert sorted(record.json["metadata"]["uid"] for record in records) == ids([*made(), *others, variant(99)])
    keys = {record.json["metadata"]["uid"]: record.key for record in records}
    assert keys[made()[0]["id"]] == made()[0]["partitionkey"].encode()


def test_missing_topic_is_told(run: Run) -> None:
    done = run("export", "ocsf", "--follow")
    assert "there is no topic" in str(done.exception)


def test_follow_goes_on_after_a_kill_with_none_missing(kafka: Kafka, tmp_path: Path) -> None:
    kafka.create("alerts", partitions=2)
    events = [variant(number) | {"partitionkey": f"acme|payee|V{number}"} for number in range(40)]
    first, second, third = (Follower(kafka, tmp_path, name) for name in ("first", "second", "third"))
    with running(first, second, third):
        put(kafka, events[:10])
        kafka.create("ocsf", partitions=2)
        first.start()
        seen = [take(kafka) for _ in range(10)]
        put(kafka, events[10:25])
        seen += [take(kafka) for _ in range(3)]
        first.kill()
        put(kafka, events[25:30])
        second.start()
        while len(set(seen)) < 30:
            seen.append(take(kafka))
        assert second.terminate()[0] == 0
        again = len(kafka.read("ocsf"))
        put(kafka, events[30:])
        third.start()
        while len(set(seen)) < 40:
            seen.append(take(kafka))
        assert third.terminate()[0] == 0
    assert set(seen) == {event["id"] for event in events}
    assert len(kafka.read("ocsf")) == again + 10, "what was committed is not sent again"
    assert "10 findings written" in third.text()


def take(kafka: Kafka) -> str:
    """`metadata.uid` of the next finding."""
    uid: str = kafka.read_one("ocsf", 40).json["metadata"]["uid"]
    return uid
