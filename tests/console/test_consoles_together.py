"""Several consoles over one PostgreSQL database, whose sessions end; records that it refuses; health and metrics."""

import itertools
import json
from collections.abc import Callable, Iterator
from functools import partial

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, create_engine, func, select

from sluicegate.console.tables import signal_day
from tests.console import made
from tests.console.server import ConsoleProcess, opened, person, token
from tests.console.test_delivery import TOPICS, confirm, duplicates, listed, said, unsent, until
from tests.streams.kafka import Kafka
from tests.streams.workers import _free_port

Start = Callable[..., ConsoleProcess]
_names = itertools.count(1)


@pytest.fixture
def postgres_database(postgres_url: str) -> str:
    name = f"together{next(_names)}"
    admin = create_engine(postgres_url + "postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return postgres_url + name


@pytest.fixture
def engine(postgres_database: str) -> Iterator[Engine]:
    made = opened(postgres_database)
    yield made
    made.dispose()


def signal(number: int) -> bytes:
    data = {
        "tenant_id": "acme",
        "title": "seen",
        "score": 10,
        "reasons": [{"rule": "pay-spike"}],
        "updated_at": f"2026-06-11T09:00:{number:02}Z",
    }
    return msgspec.json.encode({"type": "signal.v1", "data": data})


@pytest.mark.timeout(240)
def test_two_consoles_enter_and_send_everything_once(
    kafka: Kafka, console: Start, postgres_database: str, engine: Engine
) -> None:
    kafka.create(*TOPICS, partitions=2)
    pair = [console(kafka.bootstrap, kafka.prefix, postgres_database) for _ in range(2)]
    key = token(engine, person(engine, "ann"))
    for at in range(4):
        kafka.send("alerts", duplicates(10, first=1 + 10 * at), partition=at % 2)
        kafka.send("signals", [signal(number) for number in range(20)], partition=at % 2)
    for one in pair:
        until(partial(_has, one, key, 40), "40 alerts")
    order = [row["alert_id"] for row in listed(pair[0], key)]
    for at, id in enumerate(order[:20]):
        confirm(pair[at % 2], key, id)
    until(lambda: unsent(postgres_database) == 0, "all sent")
    admin = create_engine(postgres_database, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    admin.dispose()
    engine.dispose()
    for at, id in enumerate(order[20:30]):
        until(partial(_confirmed, pair[at % 2], key, id), "the database is found again")
    until(lambda: unsent(postgres_database) == 0, "all sent by whoever leads now")
    pair[0].kill()
    for id in order[30:]:
        confirm(pair[1], key, id)
    until(lambda: unsent(postgres_database) == 0, "all sent by the one that is left")
    records = sorted(kafka.read("dispositions"), key=lambda record: (record.timestamp, record.offset))
    assert len(records) == 40, "each once"
    assert said(records) == order

    def counted() -> int:
        with engine.connect() as connection:
            return int(connection.scalar(select(func.sum(signal_day.c.count))) or 0)

    until(lambda: counted() >= 80, "80 signals")
    assert counted() == 80, "each once"


def _has(console: ConsoleProcess, key: str, count: int) -> bool:
    return len(listed(console, key)) == count


def _confirmed(console: ConsoleProcess, key: str, alert_id: str) -> bool:
    body = {"verdict": "confirmed", "reason_code": "internal_fraud"}
    return console.api("POST", f"/api/v1/alerts/{alert_id}/verdicts", key, body)[0] == 201


def test_a_record_that_the_database_refuses_is_named_and_left_out(
    kafka: Kafka, console: Start, postgres_database: str, engine: Engine
) -> None:
    kafka.create(*TOPICS)
    ops = _free_port()
    running = console(kafka.bootstrap, kafka.prefix, postgres_database, ops_port=ops)
    key = token(engine, person(engine, "ann"))
    odd = msgspec.json.decode(made.duplicate(number=99))
    odd["data"]["revision"] = 1 << 40
    kafka.send(
        "alerts", [*duplicates(3), msgspec.json.encode(odd), b"no json", None, *duplicates(3, first=10)], key="k"
    )
    until(lambda: len(listed(running, key)) == 6, "the six others")
    assert 'feed_refused_records{feed="alerts"} 1.0' in running.ops("metrics", ops)[1]
    assert "alerts/0 offset 3 is left out: DataError" in running.log.read_text()
    assert "Fernhill" not in running.log.read_text()


def test_metrics_have_closed_labels_and_name_nobody(kafka: Kafka, console: Start) -> None:
    kafka.create(*TOPICS)
    ops = _free_port()
    running = console(kafka.bootstrap, kafka.prefix, ops_port=ops, undo_seconds=600)
    engine = opened(running.database)
    who = person(engine, "ann")
    key = token(engine, who)
    kafka.send("alerts", duplicates(3))
    until(lambda: len(listed(running, key)) == 3, "3 alerts")
    confirm(running, key, listed(running, key)[0]["alert_id"])
    running.get("/alerts/secret-of-a-person?name=fernhill", running.sign_in("ann"))
    running.get("/nothing/here")
    assert running.ops("livez", ops) == (200, "{}")
    until(lambda: running.ops("readyz", ops)[0] == 200, "ready")
    assert json.loads(running.ops("readyz", ops)[1])["database"] is True
    assert running.ops("alerts", ops)[0] == 404
    text = running.ops("metrics", ops)[1]
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    values = {(sample.name, *sample.labels.values()): sample.value for sample in samples}
    prefix = "sluicegate_console_"
    assert all(sample.name.startswith(prefix) for sample in samples)
    assert values[f"{prefix}outbox_verdicts",] == 1
    assert values[f"{prefix}outbox_oldest_seconds",] == 0
    assert values[f"{prefix}waiting_alerts", "high"] == 2
    assert values[f"{prefix}sessions",] == 1
    assert values[f"{prefix}feed_behind_records", "alerts"] == 0
    assert values[f"{prefix}feed_away_seconds", "history"] == 0
    assert values[f"{prefix}request_seconds_count", "none"] == 1
    assert values[f"{prefix}request_seconds_count", "api.listed"] > 0
    assert {name for sample in samples for name in sample.labels} == {"feed", "severity", "page", "le"}
    for word in ("ann", "fernhill", "secret", "acme", "V1"):
        assert f'"{word}' not in text
    assert running.get("/metrics")[0] == 404, "not on the port that browsers reach"
