"""Intake on real Kafka: every source record is in the log, by its tenant, or in the dead letters, with its place."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sluicegate.log.placement import Placer
from tests.streams import events
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running

PAST = int(time.time() * 1000) - 3_600_000


@pytest.fixture
def worker(kafka: Kafka, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(kafka, tmp_path, agents="intake")
    with running(process):
        yield process.start().ready()


def test_record_that_is_not_json_is_dead_lettered_and_the_next_one_placed(kafka: Kafka, worker: WorkerProcess) -> None:
    kafka.send("vendor-payments", [b"{", events.payment("acme")], partition=0, key="k1")
    letter, placed = kafka.read_one("dead-letters"), kafka.read_one("events")
    assert (letter.json["reason"], letter.json["partition"], letter.json["offset"]) == ("not_json", 0, 0)
    assert letter.json["topic"] == kafka.topic("vendor-payments")
    assert letter.key == f"{kafka.topic('vendor-payments')}/0/0".encode()
    assert placed.header("sg-topic") == kafka.topic("vendor-payments").encode()
    assert (placed.header("sg-partition"), placed.header("sg-offset"), placed.header("sg-key")) == (b"0", b"1", b"k1")
    assert (placed.partition, placed.key) == (Placer("", 4).partition("acme"), b"acme")


def test_value_is_placed_byte_for_byte_with_its_headers(kafka: Kafka, worker: WorkerProcess) -> None:
    raw = json.dumps(events.payment("acme"), indent=1).encode()
    kafka.send("vendor-payments", [raw], headers=[("trace", b"t1")], timestamp=PAST)
    placed = kafka.read_one("events")
    assert (placed.value, placed.header("trace")) == (raw, b"t1")
    assert worker.metric("sluicegate_intake_records_total", topic="vendor-payments") == 1


def test_binary_mode_and_confluent_framing_are_placed_as_structured_json(kafka: Kafka, worker: WorkerProcess) -> None:
    sent = events.payment("acme")
    attributes = [(f"ce_{name}", value.encode()) for name, value in sent.items() if name != "data"]
    framed = b"\x00\x00\x00\x00\x01" + json.dumps(sent["data"]).encode()
    kafka.send("vendor-payments", [framed], headers=[*attributes, ("content-type", b"application/json")])
    placed = kafka.read_one("events")
    assert placed.json["id"] == sent["id"]
    assert placed.json["data"] == sent["data"]
    assert placed.header("ce_id") is None


def test_wrong_topic_unknown_type_and_an_internal_type_are_dead_lettered(kafka: Kafka, worker: WorkerProcess) -> None:
    kafka.send("payroll-payments", [events.payment("acme")])
    kafka.send("vendor-payments", [events.event("no.such.v1", "acme", {})])
    kafka.send("policies", [events.event("clock.tick.v1", "*", {"at": "2026-06-11T09:00:00Z"})])
    reasons = sorted(kafka.read_one("dead-letters").json["reason"] for _ in range(3))
    assert reasons == ["unknown_type", "unknown_type", "wrong_topic"]


def test_event_a_day_ahead_of_its_arrival_is_dead_lettered(kafka: Kafka, worker: WorkerProcess) -> None:
    kafka.send("vendor-payments", [events.payment("acme", minutes=202 * events.DAY)])
    assert kafka.read_one("dead-letters").json["reason"] == "bad_time"


def test_list_part_is_copied_into_every_partition(kafka: Kafka, worker: WorkerProcess) -> None:
    kafka.send("sanctions", [events.list_part(1, 2), events.list_part(2, 2)], key="ofac-sdn", partition=0)
    copies = [kafka.read_one("events") for _ in range(8)]
    assert sorted(copy.partition for copy in copies) == [0, 0, 1, 1, 2, 2, 3, 3]
    assert {copy.key for copy in copies} == {b"*"}
    first = [copy.json["data"]["part"] for copy in copies if copy.partition == 0]
    assert first == [1, 2]


def test_tenant_keeps_its_order_within_a_source_partition(kafka: Kafka, worker: WorkerProcess) -> None:
    sent = [events.payment(f"t{number % 5}") for number in range(2000)]
    kafka.send("vendor-payments", sent, partition=2)
    placed: list[dict[str, Any]] = []
    while len(placed) < 2000:
        placed.append(kafka.read_one("events").json)
    for tenant in {one["tenantid"] for one in sent}:
        assert [e["id"] for e in placed if e["tenantid"] == tenant] == [
            e["id"] for e in sent if e["tenantid"] == tenant
        ]


def test_backlog_is_merged_by_record_timestamp_across_topics(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path, agents="intake")
    with running(worker):
        worker.start().ready()
        worker.terminate()
        sent = [events.payment("acme", kind="vendor" if n % 3 else "employee") for n in range(600)]
        for n, one in enumerate(sent):
            kafka.send("vendor-payments" if n % 3 else "payroll-payments", [one], key="acme", timestamp=PAST + n)
        worker.start().ready()
        order = [kafka.read_one("events").json["id"] for _ in sent]
    assert order == [one["id"] for one in sent]


def test_malformed_records_each_get_a_letter_with_reason_and_place(kafka: Kafka, worker: WorkerProcess) -> None:
    sound = json.dumps(events.payment("acme"))
    faults = {
        b"": "not_json",
        sound[:-7].encode(): "not_json",
        sound.encode("utf-16"): "not_json",
        b"\x00\x01": "bad_framing",
        b"[1]": "not_json",
        sound.replace('"100.00"', "100").encode(): "bad_amount",
        sound.replace('"us_aba"', "7").encode(): "schema_violation",
        sound.replace('"vendor.payment.v1"', '"vendor.payment.v9"').encode(): "unknown_type",
        sound.replace('"acme"', '"ACME!"').encode(): "missing_tenant",
        sound.replace('"1.0"', '"0.3"').encode(): "bad_envelope",
        b'{"a":' * 5000: "not_json",
        b"x" * ((1 << 20) + 1): "too_large",
    }
    values = list(faults) * 80
    places = kafka.send("vendor-payments", values)
    reasons = {(part, offset): faults[value] for (part, offset), value in zip(places, values, strict=True)}
    letters: dict[tuple[int, int], str] = {}
    while len(letters) < len(values):
        letter = kafka.read_one("dead-letters").json
        letters[letter["partition"], letter["offset"]] = letter["reason"]
    assert letters == reasons
    assert worker.get("readyz") == (200, "ok\n")


def test_only_health_and_metrics_are_served(kafka: Kafka, worker: WorkerProcess) -> None:
    assert worker.get("livez") == (200, "ok\n")
    assert [worker.get(path)[0] for path in ("", "tables/", "router/", "stats/")] == [404, 404, 404, 404]
    assert "# HELP sluicegate_dead_letters_total Records refused" in worker.get("metrics")[1]
