"""`sluicegate warm` against real Kafka: learned in shadow, the policy in force again in any case, harmless twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from sluicegate.cli import warm_log
from sluicegate.cli.warm_files import Line, lines_in
from sluicegate.cli.warm_policies import Present
from sluicegate.log.placement import Placer
from sluicegate.settings import Settings
from sluicegate.wire.events import PolicyUpdate
from tests.scenarios.build import HOUR, Tale
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running

Json = dict[str, Any]
Run = Callable[..., Result]
COUNT = 510


@pytest.fixture
def worker(kafka: Kafka, tmp_path: Path) -> Iterator[WorkerProcess]:
    process = WorkerProcess(kafka, tmp_path, partitions=2)
    with running(process):
        yield process.start().ready()


def history() -> Tale:
    """Ordinary payments to ten vendors, and two far out of line that are long past."""
    t = Tale()
    for n in range(COUNT):
        amount = "20000.00" if n >= COUNT - 2 else f"{950 + n * 37 % 101}.{n % 100:02d}"
        t.pay(f"V{n % 10}", amount=amount, at=n * HOUR, invoice=f"N{n}")
    return t


def policies(kafka: Kafka) -> list[Json]:
    """Policies in the log, in order."""
    return [record.json for record in kafka.read("events") if record.json["type"] == "policy.update.v1"]


def mode(policy: Json) -> str:
    modes = {rule["mode"] for rule in policy["data"]["rules"].values()}
    return modes.pop() if len(modes) == 1 else "mixed"


def test_history_is_learned_without_alerts_and_the_policy_is_in_force_again(
    run: Run, kafka: Kafka, worker: WorkerProcess, tmp_path: Path
) -> None:
    tale = history()
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"\n".join([*tale.lines, b"{"]) + b"\n")
    own = Tale().policy(base_currency="USD", rules={"off-cycle": {"mode": "off"}})
    own["id"] = "own"
    kafka.send("policies", [own], key="acme")
    worked = kafka.read_one("events", timeout=20)
    assert worked.json["id"] == "own"

    warmed = run("warm", path)
    assert warmed.exit_code == 1, warmed.output
    assert "history.jsonl:511: not_json" in warmed.stderr
    assert "in shadow under policy own on policies" in warmed.stdout
    assert "Vendor payments: learned, 500 of 500 payments." in warmed.stdout
    assert "unusual-payment 2" in warmed.stdout
    assert kafka.read("alerts") == []
    modes = {record.json["data"]["mode"] for record in kafka.read("signals") if not record.json["data"]["notice"]}
    assert modes == {"shadow"}
    (letter,) = kafka.read("dead-letters")
    assert (letter.json["topic"], letter.json["offset"], letter.json["reason"]) == ("history.jsonl", COUNT, "not_json")

    _, shadow, last = policies(kafka)[:3]
    assert {setting["mode"] for setting in shadow["data"]["rules"].values()} == {"shadow", "off"}
    assert last["data"]["rules"] == {"off-cycle": {"mode": "off"}}
    first = next(record for record in kafka.read("events") if record.header("sg-topic") == b"history.jsonl")
    assert (first.header("sg-offset"), first.header("sg-partition"), first.header("sg-key")) == (b"0", b"0", b"acme")
    shown = run("policy", "show", "acme")
    assert last["id"] in shown.stdout, "the topic names the policy that alerts name"

    # live from here on: a known payment is known, a new one raises an alert under that policy
    late = tale.pay("V3", amount="30000.00", at=COUNT * HOUR, invoice="late")
    kafka.send("vendor-payments", [tale.events[0], late], key="acme")
    alert = kafka.read_one("alerts", timeout=20)
    assert alert.json["data"]["payment_ids"] == [late["data"]["payment_id"]]
    assert alert.json["data"]["versions"]["policy"] == last["id"]

    again = run("warm", path)
    assert "No payment was new: the models are as they were.\n  No findings." in again.stdout
    assert len(kafka.read("alerts")) == 1
    assert mode(policies(kafka)[-1]) == "off"


def fails() -> None:
    raise KeyboardInterrupt


def is_terminated() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize(("breaks", "error"), [(fails, KeyboardInterrupt), (is_terminated, click.Abort)])
def test_policy_is_in_force_again_where_the_writing_is_broken_off(
    kafka: Kafka, tmp_path: Path, breaks: Callable[[], None], error: type[BaseException]
) -> None:
    kafka.create("events", "policies", "dead-letters")
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"\n".join(history().lines))

    def broken() -> Iterator[Line]:
        for line in lines_in([path, path], lambda _: None):
            yield line
            if line.number == 3:
                breaks()

    held = {"acme": Present(PolicyUpdate(base_currency="EUR"), "test")}
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)
    with pytest.raises(error):
        warm_log.write(settings, Placer(kafka.prefix, 1), broken(), ["acme"], held, lambda: held, lambda _: None)
    shadow, last = policies(kafka)
    assert (mode(shadow), shadow["data"]["base_currency"]) == ("shadow", "EUR")
    assert last["data"] == {"base_currency": "EUR"}
    assert kafka.read("events")[-1].json == last
    assert [record.json["id"] for record in kafka.read("policies")] == [last["id"]]
