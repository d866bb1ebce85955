"""Policies change while events flow: each event is judged by the one policy at its place in the log; no restart."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from sluicegate.cli.main import cli
from tests.streams import events
from tests.streams.kafka import Kafka
from tests.streams.test_recovery import until
from tests.streams.trial import until_drained, until_placed
from tests.streams.workers import WorkerProcess, running

TENANTS = ("t0", "t1", "t2")
CHANGES = 8
UNCAPPED = 75
"""Points of the request, more than any policy's cap."""


class Judged(NamedTuple):
    """What an alert shows of its policy: the id, a field of the policy, a parameter of the rule."""

    policy: str | None
    providers: tuple[str, ...]
    score: int


def request(tenant: str, number: int) -> dict[str, Any]:
    """A payee's first request, for a wallet of their own: an alert by itself, capped by the policy."""
    return events.event(
        "payout.request.v1",
        tenant,
        {
            "request_id": f"R{number}",
            "payee": {"payee_id": f"E{number}", "kind": "employee"},
            "method": "crypto",
            "amount": {"value": "100.00", "currency": "USD"},
            "share_of_pay": "0.1",
            "destination": {
                "address": f"T{number:033d}",
                "network": "tron:mainnet",
                "asset": "USDT",
                "hosted": "self",
            },
        },
        minutes=number,
    )


@contextmanager
def flow(kafka: Kafka) -> Iterator[None]:
    """Requests of all tenants, some 25 a second of each, until the end."""
    stop = threading.Event()

    def send() -> None:
        number = 0
        with Kafka(kafka.bootstrap, kafka.prefix) as own:
            while not stop.wait(0.04):
                number += 1
                for tenant in TENANTS:
                    own.send("payout-requests", [request(tenant, number)], key=tenant)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def sluicegate(kafka: Kafka, *arguments: str) -> str:
    place = ("--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix)
    done = CliRunner().invoke(cli, ["policy", *arguments, *place], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def policy_file(folder: Path, tenant: str, number: int) -> str:
    """Policy number so and so: its provider and its cap say which."""
    path = folder / f"{tenant}-{number}.toml"
    path.write_text(
        f'tenant = "{tenant}"\n[crypto]\nallowed = false\nproviders = ["provider-{number}"]\n'
        f"[rules.crypto-request.params]\ncap = {40 + number}\n"
    )
    return str(path)


def published(text: str) -> str:
    """The id that the command says."""
    return text.rpartition("published as ")[2].partition(";")[0]


def by_place_in_the_log(kafka: Kafka) -> dict[str, Judged]:
    """Of every request, what its tenant's policy was at its place."""
    held: dict[str, Judged] = {}
    found = {}
    for record in kafka.read("events"):
        event = record.json
        if event["type"] == "policy.update.v1":
            data = event["data"]
            cap = data["rules"]["crypto-request"]["params"]["cap"]
            held[event["tenantid"]] = Judged(event["id"], tuple(data["crypto"]["providers"]), cap)
        elif event["type"] == "payout.request.v1":
            policy = held.get(event["tenantid"], Judged(None, (), UNCAPPED))
            found[f"{event['source']}#{event['id']}"] = policy
    return found


def alerts(kafka: Kafka) -> dict[str, Judged]:
    """What the alert of each request shows."""
    found = {}
    for record in kafka.read("alerts"):
        data = record.json["data"]
        reason = next(one for one in data["reasons"] if one["rule"] == "crypto-request")
        (event_id,) = reason["event_ids"]
        assert event_id not in found
        shown = Judged(data["versions"]["policy"], tuple(reason["expected"]["providers"]), reason["score"])
        found[event_id] = shown
    return found


@pytest.mark.timeout(120)
def test_every_alert_is_judged_by_the_one_policy_at_its_place_in_the_log(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        with flow(kafka):
            until(lambda: len(kafka.read("alerts")) >= 10)
            files = [policy_file(tmp_path, "t0", number) for number in (*range(1, CHANGES + 1), 1)]
            ids = [published(sluicegate(kafka, "publish", file)) for file in files]
            sluicegate(kafka, "publish", policy_file(tmp_path, "t1", 9))
            until(lambda: any(one.policy == ids[-1] for one in alerts(kafka).values()))
        until_placed(kafka, timeout=30)
        until_drained(kafka, kafka.prefix, timeout=30)
        assert worker.process.poll() is None
        assert worker.metric("sluicegate_rebalances_total") == 1
        worker.terminate()

    found = alerts(kafka)
    assert found == by_place_in_the_log(kafka)
    assert len(found) < 1000 * len(TENANTS)  # beyond that the circuit breaker would have its say
    assert len(set(ids)) == CHANGES + 1
    assert {None, ids[0], ids[-1]} <= {one.policy for one in found.values()}
    assert {one.providers for id, one in found.items() if id.startswith("/feeds/t2")} == {()}

    shown = sluicegate(kafka, "show", "t0")
    assert shown.startswith(f"{ids[-1]} of ")
    assert "parameter crypto-request.cap = 41, by default 79" in shown
    history = sluicegate(kafka, "show", "t0", "--history")
    assert [line.split()[3] for line in history.splitlines() if not line.startswith(" ")] == ids
    assert "~ rules.crypto-request.params.cap: 41 -> 42" in history

    edited = tmp_path / "edited.toml"
    edited.write_text(sluicegate(kafka, "show", "t0", "--toml"))
    assert "no difference" in sluicegate(kafka, "publish", str(edited), "--dry-run")
    edited.write_text(f"limits = ['5']\n{edited.read_text()}")
    assert '+ limits: "5"' in sluicegate(kafka, "publish", str(edited), "--dry-run")
    assert sluicegate(kafka, "show", "t0").startswith(ids[-1])
    assert "t2 has no policy" in sluicegate(kafka, "show", "t2")


@pytest.mark.timeout(120)
def test_rule_that_fires_all_the_time_goes_on_in_shadow_until_a_policy_is_published(
    kafka: Kafka, tmp_path: Path
) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("payout-requests", [request("t0", number) for number in range(1010)], key="t0")
        until(lambda: worker.metric("sluicegate_rule_trips_total", rule="crypto-request", cause="fired") == 1)
        until(lambda: len(shadowed(kafka)) == 10)
        assert "no difference" in sluicegate(kafka, "publish", default_policy(tmp_path))
        until_placed(kafka, timeout=30)
        until_drained(kafka, kafka.prefix, timeout=30)
        kafka.send("payout-requests", [request("t0", 2000)], key="t0")
        until(lambda: len(alerts(kafka)) == 1001)
        worker.terminate()
    [notice] = [one for one in signals(kafka) if one["notice"] and "circuit breaker" in one["reasons"][0]["text"]]
    observed = {"rule": "crypto-request", "cause": "fired", "times": 1000, "events": 1000}
    assert notice["reasons"][0]["observed"] == observed


def default_policy(folder: Path) -> str:
    path = folder / "default.toml"
    path.write_text('tenant = "t0"\n')
    return str(path)


def signals(kafka: Kafka) -> list[dict[str, Any]]:
    return [json.loads(record.value or b"")["data"] for record in kafka.read("signals")]


def shadowed(kafka: Kafka) -> list[dict[str, Any]]:
    return [one for one in signals(kafka) if one["mode"] == "shadow"]
