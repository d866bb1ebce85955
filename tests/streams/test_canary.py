"""The canary through a real worker: its alerts come, whoever starts anew; and where they do not, that is counted."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.canary.events import PARTS
from sluicegate.detection.log import LogRecord
from sluicegate.detection.partition import Partition
from sluicegate.wire.canary import CANARY_TENANT
from tests.streams import events
from tests.streams.conftest import Run
from tests.streams.kafka import Kafka
from tests.streams.services import ServiceProcess
from tests.streams.workers import WorkerProcess, running


def until(condition: Callable[[], bool], what: str, timeout: float = 40) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(0.1)


def counted(canary: ServiceProcess, what: str) -> float:
    return canary.metric(f"sluicegate_canary_{what}_total")


def named(kafka: Kafka) -> set[str]:
    """Ids of the canary's events that its alerts name."""
    alerts = [record.json for record in kafka.read("alerts")]
    assert {alert["tenantid"] for alert in alerts} == {CANARY_TENANT}
    refs = {ref for alert in alerts for reason in alert["data"]["reasons"] for ref in reason["event_ids"]}
    return {ref.rpartition("#")[2] for ref in refs}


@pytest.mark.timeout(200)
def test_alerts_come_round_after_round_over_restarts_of_canary_and_worker(kafka: Kafka, tmp_path: Path) -> None:
    rounds = {"every_seconds": 1, "lost_after_seconds": 30}
    first, second = (ServiceProcess(kafka, tmp_path, "canary", name, **rounds) for name in ("first", "second"))
    worker, successor = (WorkerProcess(kafka, tmp_path, name) for name in ("worker", "successor"))
    with running(first, second, worker, successor):
        first.start()
        until(lambda: "waiting for topics" in first.get("readyz")[1], "topics are waited for")
        worker.start().ready()
        until(lambda: counted(first, "seen") >= 4, "four alerts")
        assert first.get("readyz")[0] == 200
        first.kill()
        second.start()
        until(lambda: counted(second, "seen") >= 2, "two alerts after the canary's restart")
        worker.kill()
        successor.start().ready()
        until(lambda: counted(second, "seen") >= 2 * PARTS, "a whole alert after the worker's restart", 60)
        status, seconds = second.terminate()
        assert status == 0
        assert seconds < 5
        assert counted_at_end(second) == 0

        sent = {record.json["id"] for record in kafka.read("vendor-payments")}
        until(lambda: named(kafka) == sent, "every payment is named by an alert")
        activities = [record.json["data"]["activity"] for record in kafka.read("alerts")]
        assert activities.count("close") >= 1
        assert kafka.read("signals") == []
        assert kafka.read("dead-letters") == []
        assert len({record.json["id"] for record in kafka.read("policies")}) == 1
        # the metrics of alerts do not tell of it
        assert successor.metric("sluicegate_alerts_total") == 0
        assert sorted(replayed(kafka)) == sorted(record.value or b"" for record in kafka.read("alerts"))


def counted_at_end(canary: ServiceProcess) -> int:
    return canary.text().count("canary.lost")


def replayed(kafka: Kafka) -> list[bytes]:
    """The alerts that the log gives when it is worked through once more."""
    (number,) = {record.partition for record in kafka.read("events") if record.key == CANARY_TENANT.encode()}
    partition, found = Partition(), defaultdict[str, list[bytes]](list)
    for record in kafka.read("events", number):
        run = partition.begin()
        run.apply(LogRecord(record.offset, record.timestamp, record.key, record.value, record.headers))
        run.changes()
        run.merge()
        for output in run.outputs:
            found[output.topic].append(output.value)
    return found["alerts"]


def test_lost_ones_are_counted_and_it_recovers(kafka: Kafka, tmp_path: Path) -> None:
    canary = ServiceProcess(kafka, tmp_path, "canary", every_seconds=1, lost_after_seconds=4)
    worker, successor = (WorkerProcess(kafka, tmp_path, name) for name in ("worker", "successor"))
    with running(canary, worker, successor):
        worker.start().ready()
        canary.start()
        until(lambda: counted(canary, "seen") >= 2, "two alerts")
        last = canary.metric("sluicegate_canary_last_seen_timestamp_seconds")
        assert last == pytest.approx(time.time(), abs=10)
        worker.terminate()
        until(lambda: counted(canary, "lost") >= 2, "lost ones")
        status, body = canary.get("readyz")
        assert (status, json.loads(body)["why"]) == (503, "the last payment's alert did not come")
        assert canary.get("livez")[0] == 200
        successor.start().ready()
        seen = counted(canary, "seen")
        until(lambda: counted(canary, "seen") >= seen + 2, "alerts again")
        until(lambda: canary.get("readyz")[0] == 200, "ready again")
        assert canary.metric("sluicegate_canary_last_seen_timestamp_seconds") > last
        waiting = counted(canary, "sent") - counted(canary, "seen") - counted(canary, "lost")
        assert 0 <= waiting <= 5
        assert canary.metric("sluicegate_canary_seconds_count") == pytest.approx(counted(canary, "seen"), abs=1)


def test_watch_leaves_the_canary_out_unless_asked(kafka: Kafka, run: Run, tmp_path: Path) -> None:
    canary = ServiceProcess(kafka, tmp_path, "canary", every_seconds=1)
    worker = WorkerProcess(kafka, tmp_path)
    with running(canary, worker):
        worker.start().ready()
        canary.start()
        until(lambda: counted(canary, "seen") >= 2, "two alerts")
        kafka.send("vendor-payments", [events.payment("acme", "V1"), events.payment("acme", "V1")], key="acme")
    shown = ["watch", "--from-beginning", "--json", "--timeout", 3]
    tenants = [
        {json.loads(line)["tenantid"] for line in run(*more).stdout.splitlines() if line.startswith("{")}
        for more in (shown, [*shown, "--canary"], [*shown, "--tenant", CANARY_TENANT])
    ]
    assert CANARY_TENANT not in tenants[0]
    assert CANARY_TENANT in tenants[1]
    assert tenants[2] == {CANARY_TENANT}
