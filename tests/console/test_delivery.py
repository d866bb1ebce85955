"""Between Kafka and the console: nothing lost, nothing twice, whatever goes away in between."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from sqlalchemy import create_engine, select

from sluicegate.console.tables import outbox
from sluicegate.embedded import EmbeddedKafka
from tests.console import made
from tests.console.server import ConsoleProcess, opened, person, token
from tests.streams.kafka import Kafka, Record
from tests.streams.workers import _free_port

TOPICS = ("alerts", "events", "signals", "sanctions", "dispositions")
Start = Callable[..., ConsoleProcess]
OUTAGE = float(os.environ.get("OUTAGE_SECONDS", "15"))


@pytest.fixture
def own() -> Iterator[EmbeddedKafka]:
    """A broker that a test may kill."""
    with EmbeddedKafka(report=lambda _: None) as embedded:
        yield embedded


def until(condition: Callable[[], object], what: str, timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(0.1)


def duplicates(count: int, first: int = 1) -> list[bytes]:
    return [made.duplicate(payee=f"V{number}", number=number) for number in range(first, first + count)]


def listed(console: ConsoleProcess, key: str, **query: str) -> list[dict[str, Any]]:
    """All alerts of a view, by the JSON interface."""
    found: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        asked = "&".join(
            f"{name}={value}" for name, value in ({"size": "200", "after": after} | query).items() if value
        )
        status, answer = console.api("GET", f"/api/v1/alerts?{asked}", key)
        assert status == 200, answer
        found += answer["alerts"]
        after = answer["after"]
    return found


def confirm(console: ConsoleProcess, key: str, alert_id: str) -> None:
    body = {"verdict": "confirmed", "reason_code": "internal_fraud"}
    status, answer = console.api("POST", f"/api/v1/alerts/{alert_id}/verdicts", key, body)
    assert status == 201, answer


def said(records: list[Record]) -> list[str]:
    """Alert ids of dispositions, in the order of their first records; that no verdict has two event ids."""
    first: dict[str, str] = {}
    for record in records:
        first.setdefault(record.json["id"], record.json["data"]["alert_id"])
    alert_ids = list(first.values())
    assert len(set(alert_ids)) == len(alert_ids), "one verdict under two event ids"
    return alert_ids


def unsent(database: str) -> int:
    engine = create_engine(database)
    with engine.connect() as connection:
        count = len(connection.execute(select(outbox.c.id).where(outbox.c.sent_at.is_(None))).all())
    engine.dispose()
    return count


def test_two_hundred_alerts_within_a_second_are_all_there(kafka: Kafka, console: Start) -> None:
    kafka.create(*TOPICS)
    running = console(kafka.bootstrap, kafka.prefix)
    engine = opened(running.database)
    key = token(engine, person(engine, "ann"))
    values = duplicates(200)
    kafka.send("signals", ["{}"])  # the sender is connected: what follows goes out at once
    kafka.send("alerts", values)
    until(lambda: len(listed(running, key)) == 200, "200 alerts")
    assert {row["alert_id"] for row in listed(running, key)} == {made.revision(value).data.alert_id for value in values}


def test_alert_of_an_aborted_transaction_never_shows(kafka: Kafka, console: Start) -> None:
    kafka.create(*TOPICS)
    ops = _free_port()
    running = console(kafka.bootstrap, kafka.prefix, ops_port=ops)
    engine = opened(running.database)
    key = token(engine, person(engine, "ann"))
    aborted, committed = duplicates(2)
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=f"{kafka.prefix}trial")
    producer.init_transactions()
    for value, end in ((aborted, producer.abort_transaction), (committed, producer.commit_transaction)):
        producer.begin_transaction()
        producer.send(kafka.topic("alerts"), value).get(timeout=20)
        end()
    producer.close()
    until(lambda: listed(running, key), "the committed alert")
    assert [row["alert_id"] for row in listed(running, key)] == [made.revision(committed).data.alert_id]
    until(lambda: 'sluicegate_console_feed_behind_records{feed="alerts"} 0.0' in running.ops("metrics", ops)[1], "idle")
    assert json.loads(running.ops("readyz", ops)[1])["ready"]


@pytest.mark.timeout(420)
def test_broker_outage_loses_no_verdict_and_keeps_their_order(own: EmbeddedKafka, console: Start) -> None:
    with Kafka(own.bootstrap, "") as kafka:
        kafka.create(*TOPICS)
        kafka.send("alerts", duplicates(60))
    ops = _free_port()
    running = console(own.bootstrap, ops_port=ops)
    engine = opened(running.database)
    key = token(engine, person(engine, "ann"))
    until(lambda: len(listed(running, key)) == 60, "60 alerts")
    order = [row["alert_id"] for row in listed(running, key)]
    own.kill()
    began = time.monotonic()
    for id in order[:40]:
        confirm(running, key, id)
        time.sleep(0.2)
    until(lambda: running.ops("readyz", ops)[0] == 503, "the outage is told of")
    time.sleep(max(0.0, OUTAGE - (time.monotonic() - began)))
    assert unsent(running.database) == 40
    own.start()
    for id in order[40:]:
        confirm(running, key, id)
    until(lambda: unsent(running.database) == 0, "all sent")
    with Kafka(own.bootstrap, "") as kafka:
        assert said(kafka.read("dispositions")) == order
        kafka.send("alerts", duplicates(5, first=100))
    until(lambda: len(listed(running, key)) == 5, "alerts after the outage")
    until(lambda: running.ops("readyz", ops)[0] == 200, "ready again")


def test_killed_between_verdict_and_sending_it_is_sent_after_the_restart(kafka: Kafka, console: Start) -> None:
    kafka.create(*TOPICS)
    running = console(kafka.bootstrap, kafka.prefix, undo_seconds=3)
    engine = opened(running.database)
    key = token(engine, person(engine, "ann"))
    kafka.send("alerts", duplicates(8))
    until(lambda: len(listed(running, key)) == 8, "8 alerts")
    order = [row["alert_id"] for row in listed(running, key)]
    for id in order:
        confirm(running, key, id)
    running.kill()
    assert kafka.read("dispositions") == []
    assert unsent(running.database) == 8
    running.start()
    until(lambda: unsent(running.database) == 0, "all sent")
    assert said(kafka.read("dispositions")) == order


def test_killed_while_reading_it_comes_back_with_the_same_queue(kafka: Kafka, console: Start) -> None:
    kafka.create(*TOPICS, partitions=2)
    values = duplicates(600)
    for at in range(0, 600, 50):
        kafka.send("alerts", values[at : at + 50], partition=at // 50 % 2)
    running = console(kafka.bootstrap, kafka.prefix)
    engine = opened(running.database)
    key = token(engine, person(engine, "ann"))
    for _ in range(3):
        running.kill()
        running.start()
    until(lambda: len(listed(running, key)) == 600, "600 alerts")
    assert {row["alert_id"] for row in listed(running, key)} == {made.revision(value).data.alert_id for value in values}


def test_rebuilt_queue_is_the_same_even_under_a_running_console(kafka: Kafka, console: Start, tmp_path: Path) -> None:
    kafka.create(*TOPICS)
    running = console(kafka.bootstrap, kafka.prefix)
    engine = opened(running.database)
    key = token(engine, person(engine, "ann"))
    kafka.send("alerts", duplicates(30))
    until(lambda: len(listed(running, key)) == 30, "30 alerts")
    order = [row["alert_id"] for row in listed(running, key)]
    confirm(running, key, order[0])
    assert running.api("POST", f"/api/v1/alerts/{order[1]}/claim", key)[0] == 204
    snooze = {"days": 2, "note": "known"}
    assert running.api("POST", f"/api/v1/alerts/{order[2]}/snooze", key, snooze)[0] == 200

    def seen() -> list[dict[str, Any]]:
        rows = [row for status in ("new", "decided", "snoozed") for row in listed(running, key, status=status)]
        return [{name: value for name, value in row.items() if name != "seq"} for row in rows]

    before = seen()
    assert len(before) == 30
    running.command("rebuild")
    kafka.send("alerts", duplicates(1, first=500))
    until(lambda: len(seen()) == 31, "all read anew")
    late = made.revision(duplicates(1, first=500)[0]).data.alert_id
    assert [row for row in seen() if row["alert_id"] != late] == before
    running.stop()
    running.command("rebuild")
    running.start()
    until(lambda: len(seen()) == 31, "all read anew")
    assert [row for row in seen() if row["alert_id"] != late] == before


def test_topics_that_come_late_or_are_made_anew(kafka: Kafka, console: Start) -> None:
    ops = _free_port()
    running = console(kafka.bootstrap, kafka.prefix, ops_port=ops)
    engine = opened(running.database)
    key = token(engine, person(engine, "ann"))
    until(lambda: "waiting for topics" in running.ops("readyz", ops)[1], "the missing topics are named")
    kafka.create(*TOPICS)
    kafka.send("alerts", duplicates(3))
    until(lambda: len(listed(running, key)) == 3, "3 alerts")
    kafka.delete("alerts")
    kafka.create("alerts")
    kafka.send("alerts", duplicates(9, first=50))
    until(lambda: "made anew" in running.ops("readyz", ops)[1], "the new topic is noticed")
    assert len(listed(running, key)) == 3, "nothing of the new topic is mixed in"
    running.command("rebuild")
    until(lambda: len(listed(running, key)) == 9, "the new topic alone")


def test_it_stops_within_seconds_while_kafka_is_away(console: Start) -> None:
    running = console(f"127.0.0.1:{_free_port()}")
    time.sleep(2)
    began = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - began < 10
