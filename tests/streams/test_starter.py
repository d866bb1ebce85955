"""The starter list on real Kafka: there from the start, said to be partial, and gone with the first real list."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sluicegate.cli.list_notice import list_notice
from sluicegate.cli.main import cli
from sluicegate.lists.notice import PARTIAL_ONLY
from sluicegate.lists_shown import NO_LIST
from sluicegate.screening.lists.starter import VERSION
from sluicegate.settings import Settings
from sluicegate.starter import event
from sluicegate.topics import Admin, ensure
from tests.streams import events
from tests.streams.kafka import Kafka
from tests.streams.test_recovery import until
from tests.streams.workers import WorkerProcess, running

WALLET = "1HmqvgSXUVES1jn4TQPzk9dxo1NE8wim2T"


def payout(number: int) -> dict[str, Any]:
    data = {
        "request_id": f"R{number}",
        "payee": {"payee_id": f"C{number}", "kind": "contractor"},
        "method": "crypto",
        "amount": {"value": "100.00", "currency": "USD"},
        "destination": {
            "network": "bip122:000000000019d6689c085ae165831e93",
            "asset": "BTC",
            "hosted": "self",
            "address": WALLET,
        },
    }
    return events.event("payout.request.v1", "acme", data, minutes=number)


def settings_of(kafka: Kafka) -> Settings:
    return Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)


def screened(worker: WorkerProcess) -> bool:
    return worker.metric("sluicegate_list_updates_total", result="switched") >= 4


def sanctions(kafka: Kafka) -> list[dict[str, Any]]:
    return [alert for record in kafka.read("alerts") if (alert := record.json["data"])["family"] == "sanctions"]


def accounted(workers: list[WorkerProcess], outcome: str) -> float:
    return sum(worker.metric("sluicegate_log_accounted_records", outcome=outcome) for worker in workers)


def watched(kafka: Kafka) -> str:
    options = ["--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix, "--timeout", "0"]
    return CliRunner().invoke(cli, ["watch", *options], catch_exceptions=False).stderr


@pytest.mark.timeout(90)
def test_starter_list_screens_until_a_real_list_comes_and_every_surface_says_so(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path, starter_list=True)
    with running(worker):
        worker.start().ready()
        kafka.send("payout-requests", [payout(1)], key="acme")
        until(lambda: len(sanctions(kafka)) == 1)
        [alert] = sanctions(kafka)
        [reason] = alert["reasons"]
        assert reason["observed"] | {"list": "starter", "entry_id": "55065", "partial": True} == reason["observed"]
        assert "(built-in starter list, partial)" in reason["text"]
        assert alert["versions"]["lists"] == {"starter": VERSION}

        until(lambda: screened(worker))
        assert worker.metric("sluicegate_list_entries", list="starter") == 6
        assert worker.metric("sluicegate_lists_partial") == 1
        assert worker.get("readyz") == (200, f"ok\nlists: starter {VERSION} (6 entries)\n{PARTIAL_ONLY}\n")
        until(lambda: worker.text().count(PARTIAL_ONLY) == 1)
        assert PARTIAL_ONLY in watched(kafka)

        kafka.send("sanctions", [events.list_part()], key="ofac-sdn")
        until(lambda: worker.metric("sluicegate_lists_partial") == 0)
        assert worker.metric("sluicegate_list_entries", list="ofac-sdn") == 1
        assert worker.metric("sluicegate_list_entries", list="starter") == 0
        assert worker.get("readyz") == (200, "ok\nlists: ofac-sdn 1 (1 entries)\n")
        until(lambda: "list in force: ofac-sdn 1 (1 entries)" in worker.text())
        assert PARTIAL_ONLY not in watched(kafka)

        kafka.send("payout-requests", [payout(2)], key="acme")
        until(lambda: worker.metric("sluicegate_events_total", topic="payout-requests") == 2)
        worker.terminate()
    assert [alert["subject"]["id"] for alert in sanctions(kafka)] == ["C1"]


@pytest.mark.timeout(90)
def test_two_workers_and_a_restart_give_one_list(kafka: Kafka, tmp_path: Path) -> None:
    workers = [WorkerProcess(kafka, tmp_path, f"worker{n}", starter_list=True) for n in range(2)]
    with running(*workers):
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.ready()
        kafka.send("sanctions", [event()], key="starter")  # as a worker would that looked at the same moment
        sent = len(kafka.read("sanctions"))
        assert sent in (2, 3)
        assert len({record.value for record in kafka.read("sanctions")}) == 1
        until(lambda: accounted(workers, "applied") + accounted(workers, "duplicates") == 4 * sent)
        assert accounted(workers, "applied") == 4
        assert {worker.metric("sluicegate_list_entries", list="starter") for worker in workers} == {6}
        workers[0].terminate()
        workers[0].start().ready()
        assert len(kafka.read("sanctions")) == sent
        assert "published the built-in starter list" in "".join(worker.text() for worker in workers)


def test_nothing_is_published_where_it_is_not_wanted(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path, starter_list=False)
    with running(worker):
        worker.start().ready()
        assert worker.get("readyz") == (200, f"ok\nlists: none\n{NO_LIST}\n")
        until(lambda: NO_LIST in worker.text())
    assert sum(kafka.end_offsets("sanctions").values()) == 0
    assert NO_LIST in watched(kafka)


def test_list_that_is_only_half_there_is_no_list_yet(kafka: Kafka) -> None:
    settings = settings_of(kafka)
    assert list_notice(settings) == ""  # no topic: nothing is known
    with Admin(settings) as admin:
        ensure(admin, settings)
    kafka.send("sanctions", [b"no event", events.list_part(1, 2)], partition=0)
    assert list_notice(settings) == NO_LIST
    kafka.send("sanctions", [events.list_part(2, 2)], partition=0)
    assert list_notice(settings) == ""
