"""Clearance on real Kafka: a run announced, scored, held and released, asked of a gateway as a processor would."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from sluicegate.clearance.database import open_view
from sluicegate.clearance.feed import RunFeed
from sluicegate.clearance.runs import RunState, run_state
from sluicegate.detection.partition import Output
from sluicegate.log.export import export, partitions_of
from sluicegate.replay import Replay
from sluicegate.settings import Settings
from tests.streams import events
from tests.streams.gateways import GatewayProcess
from tests.streams.kafka import Kafka
from tests.streams.test_recovery import applied, until
from tests.streams.workers import WorkerProcess, running
from tests.unit.clearance.records import announced_value, decision_value, policy_record

RUN = "RUN-7/batch 1"
PATH = "/v1/runs/RUN-7/batch%201"
DAYS = [30 * number * events.DAY for number in range(4)]
Json = dict[str, Any]


class Processor:
    """Asks a gateway about runs, as a payroll processor would."""

    def __init__(self, gateway: GatewayProcess, tenant: str = "acme") -> None:
        self._gateway = gateway
        self._token = gateway.token(tenant, "runs")

    def ask(self, path: str = PATH, body: Json | None = None) -> tuple[int, Json]:
        request = urllib.request.Request(
            self._gateway.url + path,
            method="GET" if body is None else "PUT",
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def announce(self, payments: int, total: str, **more: Any) -> None:
        body = {"payments": payments, "totals": [{"value": total, "currency": "USD"}], **more}
        status, _ = self.ask(PATH, body)
        assert status == 202
        until(lambda: (self.ask()[1].get("announced") or {}).get("payments") == payments)

    def wait(self, **wanted: Any) -> Json:
        """The run, once these fields say so."""
        until(lambda: self.ask()[1].items() >= wanted.items())
        return self.ask()[1]


def paid(payee: str, fp: str, value: str, minutes: float, run: str | None = RUN) -> Json:
    made = events.payment("acme", payee, fp=fp, value=value, minutes=minutes)
    if run is not None:
        made["data"]["schedule"]["run_id"] = run
    return made


@pytest.fixture
def worker(kafka: Kafka, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(kafka, tmp_path)
    with running(process):
        yield process.start().ready()


@pytest.fixture
def gateway(kafka: Kafka, worker: WorkerProcess, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(kafka, tmp_path)
    with running(process):
        yield process.start().ready()


def decide(kafka: Kafka, **clearance: Any) -> None:
    """Put the policy in force, and pay V1 and V2 for three months."""
    kafka.send("policies", [events.policy(clearance=clearance)], key="acme")
    until(lambda: applied(kafka) == 1)
    history = [paid(payee, f"fp_{payee}", "100.00", day, None) for day in DAYS[:3] for payee in ("V1", "V2")]
    kafka.send("vendor-payments", history, key="acme")
    until(lambda: applied(kafka) == 7)


def test_run_is_open_then_held_and_clear_once_an_analyst_released_what_was_held(
    kafka: Kafka, gateway: GatewayProcess
) -> None:
    processor = Processor(gateway)
    decide(kafka, hold_from=25)
    until(lambda: processor.ask()[0] == 404)
    processor.announce(3, "300.00")
    assert processor.wait(status="open")["waiting"] == 3
    changed = paid("V1", "fp_new", "100.00", DAYS[3])
    clean = paid("V2", "fp_V2", "100.00", DAYS[3] + 1)
    last = paid("V2", "fp_V2", "100.00", DAYS[3] + 9)
    kafka.send("vendor-payments", [changed, clean], key="acme")
    run = processor.wait(scored=2)
    assert (run["status"], run["waiting"], run["decisions"]["release"], run["decisions"]["hold"]) == ("open", 1, 1, 1)
    kafka.send("vendor-payments", [last], key="acme")
    run = processor.wait(status="held")
    held = {one["payment_id"]: one for one in run["payments"] if one["decision"] == "hold"}
    assert {*held} == {changed["data"]["payment_id"]}
    [alert] = [record.json["data"] for record in kafka.read("alerts")][-1:]
    assert held[changed["data"]["payment_id"]]["alert_ids"] == [alert["alert_id"]]
    assert (run["totals"], run["mismatch"]) == ([{"value": "300.00", "currency": "USD"}], [])
    kafka.send("dispositions", [events.verdict("acme", alert["alert_id"], minutes=DAYS[3] + 20)], key="acme")
    run = processor.wait(status="clear")
    assert {one["decision"] for one in run["payments"]} == {"release"}
    assert Processor(gateway, "bolt").ask()[0] == 404
    assert run["view"]["away_seconds"] == 0
    kafka.send("vendor-payments", [paid("V2", "fp_V2", "1.00", DAYS[3] + 30)], key="acme")
    assert processor.wait(status="mismatch")["mismatch"] == ["payments", "totals"]


@pytest.mark.parametrize(("unscored", "stuck"), [("hold", 1), ("release", 0)])
def test_what_is_not_scored_in_time_reads_as_the_policy_says(
    kafka: Kafka, gateway: GatewayProcess, unscored: str, stuck: int
) -> None:
    processor = Processor(gateway)
    decide(kafka, unscored=unscored)
    sent = paid("V2", "fp_V2", "100.00", DAYS[3])
    at = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    processor.announce(2, "200.00", payment_ids=[sent["data"]["payment_id"], "PM-never"], release_at=at)
    kafka.send("vendor-payments", [sent], key="acme")
    run = processor.wait(scored=1)
    assert (run["status"], run["clearance"]) == ("open", True)
    run = processor.wait(overdue=True)
    [late] = [one for one in run["payments"] if one["status"] == "waiting"]
    assert (late["payment_id"], late["decision"], late["unscored"]) == ("PM-never", unscored, True)
    assert (run["unscored"], run["waiting"], run["status"]) == (unscored, 1, "open")
    assert gateway.metric("sluicegate_clearance_stuck_holds") == stuck
    assert gateway.metric("sluicegate_clearance_waiting_payments") == 1
    assert gateway.metric("sluicegate_clearance_decisions_read_total", decision="release") == 1
    assert json.loads(gateway.get("readyz")[1])["clearance"]["caught_up"]


def test_worker_killed_in_between_decides_each_payment_exactly_once(kafka: Kafka, tmp_path: Path) -> None:
    first, second = WorkerProcess(kafka, tmp_path, "first"), WorkerProcess(kafka, tmp_path, "second")
    with running(first, second):
        first.start().ready()
        decide(kafka, hold_from=25)
        sent = [paid(f"V{n % 40}", f"fp_{n % 7}", "10.00", DAYS[3] + n) for n in range(240)]
        kafka.send("vendor-payments", sent[:120], key="acme")
        until(lambda: applied(kafka) > 20)
        first.kill()
        kafka.send("vendor-payments", sent[120:], key="acme")
        second.start().ready()
        until(lambda: applied(kafka) == 247, 40)
    streamed = [record.value for record in kafka.read("decisions") if record.key == b"acme"]
    revisions: dict[str, list[int]] = defaultdict(list)
    for value in streamed:
        event = json.loads(value or b"")
        revisions[event["data"]["payment_id"]].append(event["data"]["revision"])
    assert {*revisions} == {one["data"]["payment_id"] for one in sent}
    assert all(found == list(range(1, len(found) + 1)) for found in revisions.values())
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)
    outputs: list[Output] = []
    for partition in partitions_of(settings, ["acme"]):
        replay = Replay(outputs.append)
        replay.feed("export", export(settings, partition))
        replay.finish()
    assert [output.value for output in outputs if output.topic == "decisions"] == streamed


def seen(view: Engine) -> RunState | None:
    with view.connect() as connection:
        return run_state(connection, "acme", "R1", time.time_ns() // 1000)


def test_feeds_over_one_view_enter_each_record_once_and_a_topic_made_anew_is_read_again(
    kafka: Kafka, tmp_path: Path
) -> None:
    kafka.create("decisions", "runs", "policies", partitions=2)
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)
    view = open_view(f"sqlite:///{tmp_path / 'view.db'}")
    feeds = [RunFeed(view, settings, lambda: None) for _ in range(2)]
    for feed in feeds:
        feed.start()
    try:
        kafka.send("policies", [policy_record(clearance={"wait_minutes": 7}).value], key="acme")
        kafka.send("runs", [announced_value(300, "3000.00 USD"), b"{", None], key="acme")
        for part in range(10):
            kafka.send("decisions", [decision_value(f"P{n}") for n in range(30 * part, 30 * part + 30)], key="acme")
        kafka.send("decisions", [decision_value("P7", "hold", 2), b"nonsense"], key="acme")
        until(lambda: (found := seen(view)) is not None and found.status == "held")
        found = seen(view)
        assert found is not None
        assert (found.scored, dict(found.decisions)) == (300, {"release": 299, "review": 0, "hold": 1})
        assert found.announced is not None
        assert found.due == parse(found.announced["at"]) + 7 * 60_000_000
        assert sum(feed.read["release"] for feed in feeds) == 300
        assert sum(feed.unsound for feed in feeds) == 3
        kafka.delete("decisions")
        kafka.create("decisions", partitions=2)
        kafka.send("decisions", [decision_value("P7", "release", 1)], key="acme")
        until(lambda: (found := seen(view)) is not None and found.scored == 1, 60)
        found = seen(view)
        assert found is not None
        assert (found.status, found.waiting, found.decisions["hold"]) == ("open", 299, 0)
    finally:
        for feed in feeds:
            feed.ask_to_stop()
        for feed in feeds:
            feed.join(10)
        view.dispose()


def parse(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1e6)
