"""A list changes in parts while payments flow: what was paid before is found once, and a removed entry is told of."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sluicegate.cli.main import cli
from sluicegate.log.export import export, partitions_of
from sluicegate.settings import Settings
from tests.streams import events
from tests.streams.kafka import Kafka, Record
from tests.streams.test_recovery import until
from tests.streams.trial import until_drained, until_placed
from tests.streams.workers import WorkerProcess, running

LIST = "watched"
TENANTS = tuple(f"t{number}" for number in range(8))
WORDS = ("Zemkora", "Traveld", "Ostquay", "Bruvenne", "Kilmarsk", "Yolvanda", "Pentrolla", "Wexhurd")
PARTS, ENTRIES = 4, 2
BOTH = ("alerts", "signals")

Outputs = dict[str, dict[bytes, list[bytes]]]
"""Values in order, by topic and key."""


def entry(number: int) -> dict[str, Any]:
    name = f"{WORDS[number % 8]} {WORDS[(number + 3) % 8]} Holdings"
    return {"entry_id": f"E{number}", "kind": "organisation", "names": [{"name": name, "quality": "primary"}]}


FORMER = entry(9) | {"names": [{"name": "Grelluvian Marpost Shipping", "quality": "primary"}]}


def update(version: int, *, minutes: float, **what: Any) -> dict[str, Any]:
    """One part of a list's version; versions are published a day after another."""
    published = events.event("", "", {}, minutes=version * events.DAY)["time"]
    return events.event(
        "sanctions.update.v1",
        "*",
        {"list": LIST, "version": str(version), "published_at": published} | what,
        minutes=minutes,
    )


def paid(tenant: str, payee: str, entry: dict[str, Any], *, minutes: float) -> dict[str, Any]:
    """A payment to somebody who bears the entry's name; no two amounts are alike, so that none looks paid twice."""
    value = f"{100 + 17 * minutes / events.DAY:.2f}"
    event = events.payment(tenant, payee, fp=f"fp_{tenant}_{payee}", value=value, minutes=minutes)
    event["data"]["payee"]["name"] = entry["names"][0]["name"]
    return event


@contextmanager
def flow(kafka: Kafka, start: float) -> Iterator[None]:
    """Payments of all tenants to people of no interest, one after another until the end."""
    stop = threading.Event()

    def send() -> None:
        number = 0
        with Kafka(kafka.bootstrap, kafka.prefix) as own:
            while not stop.wait(0.02):
                number += 1
                about: dict[str, Any] = {"value": f"{number}.00", "minutes": start + number}
                for tenant in TENANTS:
                    own.send("vendor-payments", [events.payment(tenant, "quiet", **about)], key=tenant)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def by_key(records: list[Record]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for record in records:
        found[record.key or b""].append(record.value or b"")
    return found


def replayed(kafka: Kafka, folder: Path) -> Outputs:
    """What `sluicegate replay` makes of the exported log."""
    found: Outputs = {topic: defaultdict(list) for topic in BOTH}
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)
    for number in partitions_of(settings):
        log = folder / f"log-{number}.jsonl"
        with log.open("wb") as file:
            file.writelines(export(settings, number))
        outputs = {topic: folder / f"{topic}-{number}.jsonl" for topic in BOTH}
        options = [f"--{topic}={path}" for topic, path in outputs.items()]
        result = CliRunner().invoke(cli, ["replay", str(log), *options], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        for topic, path in outputs.items():
            for line in path.read_bytes().splitlines():
                found[topic][json.loads(line)["partitionkey"].encode()].append(line)
    return found


def between_parts(kafka: Kafka, version: str) -> int:
    """Payments that lie between the first and the last part of a version, in any partition of the log."""
    count, waiting = 0, dict[int, int]()
    for record in kafka.read("events"):
        data = record.json["data"]
        if record.key != b"*":
            waiting[record.partition] = waiting.get(record.partition, 0) + 1
        elif data.get("version") == version:
            count += waiting.get(record.partition, 0) if data["part"] > 1 else 0
            waiting[record.partition] = 0
    return count


def sanctions(kafka: Kafka, *, retroactive: bool) -> list[dict[str, Any]]:
    """Revisions of alerts about the list."""
    alerts = (record.json["data"] for record in kafka.read("alerts"))
    return [one for one in alerts if one["family"] == "sanctions" and one["retroactive"] == retroactive]


def delisted(kafka: Kafka) -> list[dict[str, Any]]:
    return [event for r in kafka.read("signals") if "-delisted-" in (event := r.json)["id"]]


@pytest.mark.timeout(120)
def test_update_in_parts_while_payments_flow_finds_every_known_payee_once(kafka: Kafka, tmp_path: Path) -> None:
    added = [entry(number) for number in range(PARTS * ENTRIES)]
    history = {
        (tenant, f"V{number}"): [paid(tenant, f"V{number}", one, minutes=day * events.DAY + number) for day in range(3)]
        for tenant in TENANTS
        for number, one in enumerate(added)
    }
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("sanctions", [update(1, minutes=0, mode="snapshot", add=[FORMER])], key=LIST)
        until(lambda: worker.metric("sluicegate_list_updates_total", result="switched") == 4)
        for (tenant, _), payments in history.items():
            kafka.send("vendor-payments", payments, key=tenant)
        for tenant in TENANTS:
            kafka.send("vendor-payments", [paid(tenant, "F", FORMER, minutes=3 * events.DAY)], key=tenant)
        until(lambda: len(sanctions(kafka, retroactive=False)) == len(TENANTS))

        with flow(kafka, 4 * events.DAY):
            for part in range(PARTS):
                news = added[part * ENTRIES : (part + 1) * ENTRIES]
                about = {"mode": "delta", "part": part + 1, "parts": PARTS, "add": news}
                kafka.send("sanctions", [update(2, minutes=5 * events.DAY, **about)], key=LIST)
                time.sleep(0.2)  # for payments to come in between
            until(lambda: len(sanctions(kafka, retroactive=True)) >= len(history), timeout=30)
            removal = update(3, minutes=6 * events.DAY, mode="delta", add=[], remove=[FORMER["entry_id"]])
            kafka.send("sanctions", [removal], key=LIST)
            until(lambda: len(delisted(kafka)) >= len(TENANTS), timeout=30)
        for tenant in TENANTS:
            kafka.send("vendor-payments", [paid(tenant, "F", FORMER, minutes=7 * events.DAY)], key=tenant)
        until_placed(kafka, timeout=30)
        until_drained(kafka, kafka.prefix, timeout=30)
        unaccounted = worker.metric("sluicegate_log_unaccounted_records")
        letters = worker.metric("sluicegate_log_accounted_records", outcome="dead_letters")
        worker.terminate()

    assert (unaccounted, letters) == (0, 0)
    assert between_parts(kafka, "2") > 0
    found = sanctions(kafka, retroactive=True)
    assert {(data["tenant_id"], data["subject"]["id"]): data["payment_ids"] for data in found} == {
        payee: sorted(event["data"]["payment_id"] for event in payments) for payee, payments in history.items()
    }
    assert len(found) == len(history)

    of_former = sanctions(kafka, retroactive=False)
    assert [(one["subject"]["id"], one["activity"]) for one in of_former] == [("F", "create")] * len(TENANTS)
    told = delisted(kafka)
    assert sorted(one["data"]["alert_id"] for one in told) == sorted(one["alert_id"] for one in of_former)
    for one in told:
        [reason] = one["data"]["reasons"]
        assert (reason["observed"]["entry_id"], reason["observed"]["listed"]) == (FORMER["entry_id"], False)

    streamed: Outputs = {topic: by_key(kafka.read(topic)) for topic in BOTH}
    assert streamed == replayed(kafka, tmp_path)
