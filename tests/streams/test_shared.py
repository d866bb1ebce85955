"""Counts across tenants on real Kafka: each tenant that opted in learns the number, nobody learns anything else."""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sluicegate.log.export import export, partitions_of
from sluicegate.log.placement import Placer
from sluicegate.log.progress import KEY, Progress
from sluicegate.replay import Replay
from sluicegate.settings import Settings
from tests.streams import events
from tests.streams.kafka import Kafka
from tests.streams.test_recovery import progress_of
from tests.streams.workers import WorkerProcess, running

RULES = ("many-employers", "shared-wallet")
ADDRESS = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
Alerts = dict[bytes | None, list[bytes | None]]


def until(condition: Callable[[], bool], timeout: float = 30) -> None:
    """Look seldom: the conditions here read whole topics."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.5)


def apart(count: int) -> list[str]:
    """Names of tenants, the first four each in a partition of the log of its own."""
    placer = Placer("", 4)
    names = [f"tenant-{number}" for number in range(400)]
    first = [next(name for name in names if placer.partition(name) == number) for number in range(4)]
    return (first + [name for name in names if name not in first])[:count]


def wages(tenant: str, account: str, *, minutes: float = 0) -> dict[str, Any]:
    return events.payment(tenant, f"of-{tenant}", fp=account, value="1800.00", kind="employee", minutes=minutes)


def request(tenant: str, address: str = ADDRESS, *, minutes: float = 0) -> dict[str, Any]:
    data = {
        "request_id": f"R-{tenant}-{minutes}",
        "payee": {"payee_id": f"of-{tenant}", "kind": "contractor"},
        "method": "crypto",
        "amount": {"value": "900.00", "currency": "USD"},
        "destination": {"address": address, "network": "eip155:1", "asset": "USDT", "hosted": "self"},
    }
    return events.event("payout.request.v1", tenant, data, minutes=minutes)


def opt_in(kafka: Kafka, tenants: Iterable[str], **policy: Any) -> None:
    """And wait until the log holds the policies, before any payment."""
    wanted = [events.policy(tenant, cross_tenant_counts=True, **policy) for tenant in tenants]
    before = sum(kafka.end_offsets("events").values())
    kafka.send("policies", wanted)
    until(lambda: sum(kafka.end_offsets("events").values()) >= before + len(wanted))


def told(records: Iterable[bytes | None], rule: str) -> dict[str, Any]:
    """Tenant -> what the rule says in the last of its alerts."""
    bodies = [json.loads(value or b"")["data"] for value in records]
    return {body["tenant_id"]: reason for body in bodies for reason in body["reasons"] if reason["rule"] == rule}


def alerts(kafka: Kafka) -> list[bytes | None]:
    return [record.value for record in kafka.read("alerts")]


def replayed(kafka: Kafka) -> Alerts:
    """The alerts that a replay of each exported partition gives."""
    found: Alerts = defaultdict(list)
    settings = Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix)
    for partition in partitions_of(settings):
        replay = Replay(lambda output: found[output.key].append(output.value) if output.topic == "alerts" else None)
        replay.feed("export", export(settings, partition))
        replay.finish()
    return dict(found)


def streamed(kafka: Kafka) -> Alerts:
    found: Alerts = defaultdict(list)
    for record in kafka.read("alerts"):
        found[record.key].append(record.value)
    return dict(found)


def answered(kafka: Kafka) -> bool:
    """Whether every sighting is worked through, its answers placed, and these worked through."""
    shared = shared_progress(kafka)
    seen = len(kafka.read("sightings"))
    placed = sum(1 for record in kafka.read("events") if record.header("sg-topic") == kafka.topic("counts").encode())
    counts = len(kafka.read("counts"))
    ends = kafka.end_offsets("events")
    return (
        sum(progress.counts.applied for progress in shared.values()) == seen
        and placed >= counts
        and all(progress.following == ends[number] for number, progress in progress_of(kafka).items())
    )


def shared_progress(kafka: Kafka) -> dict[int, Progress]:
    return {
        record.partition: Progress.decode(record.value)
        for record in kafka.read("shared-state")
        if record.key == KEY.encode() and record.value is not None
    }


def test_tenants_that_opted_in_learn_the_number_and_nothing_else(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    *opted, outside = apart(4)
    with running(worker):
        worker.start().ready()
        opt_in(kafka, opted)
        kafka.send("payroll-payments", [wages(tenant, "fp_one") for tenant in (*opted, outside)])
        kafka.send("payout-requests", [request(tenant) for tenant in (*opted[:2], outside)])
        until(
            lambda: len(told(alerts(kafka), "many-employers")) == 3 and len(told(alerts(kafka), "shared-wallet")) == 2
        )
        until(lambda: answered(kafka))
        until(lambda: worker.metric("sluicegate_sightings_backlog_records") == 0)
        assert worker.metric("sluicegate_sightings_accounted_records", outcome="applied") == 5
        assert worker.metric("sluicegate_intake_records_total", topic="counts") == len(kafka.read("counts"))
        assert worker.metric("sluicegate_log_unaccounted_records") == 0
    for rule, tenants, count in zip(RULES, (opted, opted[:2]), (3, 2), strict=True):
        found = told(alerts(kafka), rule)
        assert sorted(found) == sorted(tenants)
        assert {reason["observed"]["tenants"] for reason in found.values()} == {count}
    everybody = apart(4)
    for value in alerts(kafka):
        body = json.loads(value or b"")["data"]
        assert not [name for name in everybody if name != body["tenant_id"] and name in (value or b"").decode()]
    assert outside not in "".join((record.value or b"").decode() for record in kafka.read("sightings"))
    assert streamed(kafka) == replayed(kafka)


def test_counts_survive_kill_9_without_loss_or_double(kafka: Kafka, tmp_path: Path) -> None:
    """Forty accounts, each of which three tenants pay; the workers die again and again while they do."""
    workers = [WorkerProcess(kafka, tmp_path, f"worker{number}") for number in range(2)]
    tenants = apart(9)
    accounts = [f"fp_{number}" for number in range(40)]
    with running(*workers):
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.ready()
        opt_in(kafka, tenants)
        expected: dict[str, set[str]] = defaultdict(set)
        for number, account in enumerate(accounts):
            chosen = [tenants[(number + step) % len(tenants)] for step in (0, 1, 2)]
            for tenant in chosen:
                expected[tenant].add(account)
            kafka.send("payroll-payments", [wages(tenant, account, minutes=number) for tenant in chosen])
            if number in (10, 20, 30):
                victim = workers[number // 10 % 2]
                victim.kill()
                victim.start()
        until(lambda: found_by(kafka) == expected, 90)
        until(lambda: answered(kafka), 60)
        for worker in workers:
            worker.terminate()
    assert found_by(kafka) == expected
    values = alerts(kafka)
    ids = [json.loads(value or b"")["id"] for value in values]
    assert len(ids) == len(set(ids))
    shown = [record.json["id"] for record in kafka.read("sightings")]
    assert len(shown) == len(set(shown)) == 3 * len(accounts)
    counts = [record.json["id"] for record in kafka.read("counts")]
    assert len(counts) == len(set(counts))
    assert {r["observed"]["tenants"] for r in told(values, "many-employers").values()} == {3}
    assert streamed(kafka) == replayed(kafka)


def found_by(kafka: Kafka) -> dict[str, set[str]]:
    """Tenant -> accounts that it was warned of."""
    found: dict[str, set[str]] = defaultdict(set)
    for value in alerts(kafka):
        body = json.loads(value or b"")["data"]
        if any(reason["rule"] == "many-employers" for reason in body["reasons"]):
            found[body["tenant_id"]].add(body["subject"]["id"])
    return found


def test_count_from_an_input_topic_is_refused(kafka: Kafka, tmp_path: Path) -> None:
    """Who may write payments may not claim what other tenants do."""
    worker = WorkerProcess(kafka, tmp_path)
    at = "2026-06-11T09:00:00Z"
    data = {"rule": RULES[0], "pivot": "account:fp_1", "count": 9, "source": "/feeds/acme", "id": "e1", "time": at}
    with running(worker):
        worker.start().ready()
        for topic in ("payroll-payments", "policies"):
            kafka.send(topic, [events.event("shared.count.v1", "acme", data)])
            assert kafka.read_one("dead-letters").json["reason"] == "unknown_type"
        kafka.send("counts", [events.event("clock.tick.v1", "acme", {"at": at}), b"{"])
        assert {kafka.read_one("dead-letters").json["reason"] for _ in range(2)} == {"wrong_topic", "not_json"}
        assert kafka.read("events") == []


def test_record_that_is_no_sighting_is_dead_lettered_with_its_place(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("sightings", [b"{}"], partition=3)
        letter = kafka.read_one("dead-letters").json
    assert (letter["topic"], letter["partition"], letter["offset"]) == (kafka.topic("sightings"), 3, 0)


def test_sighting_that_is_lost_on_its_way_is_read_again(kafka: Kafka, tmp_path: Path) -> None:
    """Offsets with gaps do not tell that one is missing; the chunks do."""
    program = (
        "from sluicegate.log.recovery import Holdings\n"
        "offer, lost = Holdings.offer, []\n"
        "def losing(self, *chunk):\n"
        "    if self.journal.agent == 'shared' and not lost: return lost.append(chunk)\n"
        "    offer(self, *chunk)\n"
        "Holdings.offer = losing\n"
        "from sluicegate.app import main\n"
        "main()\n"
    )
    worker = WorkerProcess(kafka, tmp_path, program=program)
    one, other, *_ = apart(2)
    with running(worker):
        worker.start().ready()
        opt_in(kafka, (one, other))
        for number, tenant in enumerate((one, other)):
            kafka.send("payout-requests", [request(tenant)])
            until(lambda so_far=number: len(kafka.read("sightings")) > so_far)  # type: ignore[misc]
        until(lambda: sorted(told(alerts(kafka), "shared-wallet")) == sorted((one, other)))
    assert "looking at it again" in worker.text()
    assert [progress.counts.applied for progress in shared_progress(kafka).values() if progress.counts.total] == [2]
