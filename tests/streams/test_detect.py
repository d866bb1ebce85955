"""Detect on real Kafka: alerts of real events, equal to a replay of the exported log."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluicegate.detection.partition import Output
from sluicegate.log.export import export, partitions_of
from sluicegate.replay import Replay
from sluicegate.settings import Settings
from tests.streams import events
from tests.streams.kafka import Kafka
from tests.streams.test_recovery import applied, until
from tests.streams.workers import WorkerProcess, running


@pytest.fixture
def worker(kafka: Kafka, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(kafka, tmp_path)
    with running(process):
        yield process.start().ready()


def settings_of(kafka: Kafka) -> Settings:
    return Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)


def changed_account(tenant: str) -> list[dict[str, object]]:
    """Payments to a known account, then one to an account never seen."""
    days = [30 * number * events.DAY for number in range(4)]
    known = [events.payment(tenant, "V3", fp="fp_old", value=f"{100 + day % 97}.00", minutes=day) for day in days[:3]]
    return [*known, events.payment(tenant, "V3", fp="fp_new", value="317.00", minutes=days[3])]


def test_payment_to_an_unseen_account_becomes_an_explained_alert(kafka: Kafka, worker: WorkerProcess) -> None:
    sent = changed_account("acme")
    kafka.send("vendor-payments", sent, key="acme")
    alert = kafka.read_one("alerts")
    [reason] = [reason for reason in alert.json["data"]["reasons"] if reason["rule"] == "changed-account"]
    assert alert.key == b"acme|payee|V3"
    assert reason["event_ids"] == [f"/feeds/acme#{sent[-1]['id']}"]
    assert worker.metric("sluicegate_outputs_total", topic="alerts") == 1
    assert worker.metric("sluicegate_event_to_alert_seconds_count") == 1


def test_verdict_closes_the_alert_it_is_about(kafka: Kafka, worker: WorkerProcess) -> None:
    kafka.send("vendor-payments", changed_account("acme"), key="acme")
    opened = kafka.read_one("alerts").json["data"]
    kafka.send("dispositions", [events.verdict("acme", opened["alert_id"], minutes=100 * events.DAY)], key="acme")
    closed = kafka.read_one("alerts").json["data"]
    assert (closed["activity"], closed["close_reason"], closed["revision"]) == ("close", "false_positive", 2)


def test_replay_of_the_exported_log_gives_the_alerts_byte_for_byte(kafka: Kafka, worker: WorkerProcess) -> None:
    tenants = [f"t{number}" for number in range(12)]
    for tenant in tenants:
        kafka.send("vendor-payments", changed_account(tenant), key=tenant)
    until(lambda: applied(kafka) == 4 * len(tenants))
    streamed: dict[bytes | None, list[bytes | None]] = defaultdict(list)
    for record in kafka.read("alerts"):
        streamed[record.key].append(record.value)
    replayed: dict[bytes | None, list[bytes | None]] = defaultdict(list)
    for partition in partitions_of(settings_of(kafka)):
        outputs: list[Output] = []
        replay = Replay(outputs.append)
        replay.feed("export", export(settings_of(kafka), partition))
        replay.finish()
        for output in outputs:
            if output.topic == "alerts":
                replayed[output.key].append(output.value)
    assert len(streamed) == len(tenants)
    assert streamed == replayed


def test_export_of_one_tenant_holds_its_events_and_what_concerns_all(kafka: Kafka, worker: WorkerProcess) -> None:
    kafka.send("sanctions", [events.list_part()])
    kafka.send("vendor-payments", [events.payment("acme"), events.payment("bolt"), b'{"specversion":\n"1.0"}'])
    until(lambda: applied(kafka) == 4 + 2)
    [partition] = partitions_of(settings_of(kafka), ["acme"])
    head, *lines = export(settings_of(kafka), partition, ["acme"])
    assert head.startswith(b'{"type":"log.export.v1"')
    assert len(lines) == 2
    assert sorted(b"acme" in line for line in lines) == [False, True]


def test_record_in_the_log_that_detect_refuses_is_dead_lettered_with_its_place(
    kafka: Kafka, worker: WorkerProcess
) -> None:
    place = [("sg-topic", b"elsewhere"), ("sg-partition", b"3"), ("sg-offset", b"77")]
    kafka.send("events", [b"{}"], key="acme", headers=place)
    letter = kafka.read_one("dead-letters").json
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("elsewhere", 3, 77)
    assert worker.metric("sluicegate_log_accounted_records", outcome="dead_letters") == 1
    assert worker.metric("sluicegate_log_unaccounted_records") == 0


def test_idle_partitions_get_one_tick_an_interval(kafka: Kafka, tmp_path: Path) -> None:
    first = WorkerProcess(kafka, tmp_path, "first", tick_seconds=2)
    second = WorkerProcess(kafka, tmp_path, "second", tick_seconds=2)
    with running(first, second):
        first.start()
        second.start().ready()
        first.ready()
        until(lambda: first.metric("sluicegate_ticks_written_total") >= 4)
        first.terminate()
        second.terminate()
    by_partition = defaultdict(list)
    for record in kafka.read("events"):
        assert (record.key, record.json["type"], record.json["id"]) == (
            b"*",
            "clock.tick.v1",
            record.json["data"]["at"],
        )
        by_partition[record.partition].append(record.json["id"])
    assert sorted(by_partition) == [0, 1, 2, 3]
    for ids in by_partition.values():
        assert ids == sorted(set(ids))
