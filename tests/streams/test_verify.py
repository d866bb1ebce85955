"""`sluicegate verify` and `replay --verify` against a real broker: what a worker wrote, and what was done to it."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from kafka import TopicPartition

from sluicegate.cli.main import cli
from tests.scenarios.build import DAY, HOUR, Tale, play
from tests.streams.kafka import Kafka, Record
from tests.streams.trial import until_drained, until_placed
from tests.streams.workers import WorkerProcess, running

Run = Callable[..., Result]
TENANTS = ("acme", "beta", "gamma")


@pytest.fixture
def alerts(kafka: Kafka, tmp_path: Path) -> list[Record]:
    """What a worker, restarted in between, made of some events: alerts of many subjects, so in all partitions."""
    worker = WorkerProcess(kafka, tmp_path, partitions=4)
    told = [events(tenant) for tenant in TENANTS]
    with running(worker):
        for half in (slice(0, 24), slice(24, None)):
            worker.start().ready()
            for tenant, own in zip(TENANTS, told, strict=True):
                kafka.send("vendor-payments", own[half], key=tenant)
            until_placed(kafka, timeout=60)
            until_drained(kafka, kafka.prefix, timeout=60)
            worker.terminate()
    return kafka.read("alerts")


def events(tenant: str) -> list[dict[str, Any]]:
    """Twelve accounts, each shared by more and more payees."""
    t = Tale(tenant)
    for n in range(4):
        for account in range(12):
            t.pay(f"V{n}-{account}", f"shared-{account}", f"{n + 1}.00", at=n * DAY + account * HOUR)
    return t.events


@pytest.mark.timeout(180)
def test_alerts_of_a_worker_are_whole_and_come_out_again_until_something_is_done_to_them(
    run: Run, kafka: Kafka, alerts: list[Record], tmp_path: Path
) -> None:
    assert len({record.partition for record in alerts}) > 1
    count = len(alerts) // len(TENANTS)

    whole = run("verify")
    assert whole.exit_code == 0, whole.output
    assert whole.stdout.splitlines() == [
        *(f"{tenant}: whole from 1 to {count}" for tenant in TENANTS),
        f"{len(alerts)} records: 3 chains whole",
    ]
    heads = run("verify", "--head").stdout
    (tmp_path / "heads").write_text(heads)
    assert run("verify", "--expect-from", tmp_path / "heads").exit_code == 0

    # a dump of the topic, as its partitions were read
    (tmp_path / "dump").write_bytes(b"\n".join(record.value or b"" for record in alerts))
    dumped = CliRunner().invoke(cli, ["verify", str(tmp_path / "dump"), "--expect-from", str(tmp_path / "heads")])
    assert dumped.exit_code == 0, dumped.output

    # an alert, from the topics alone, and from an exported log
    chosen = next(r.json["subject"] for r in alerts if r.json["tenantid"] == "beta" and r.json["data"]["revision"] == 3)
    again = run("replay", "--verify", chosen)
    assert again.exit_code == 0, again.output
    assert again.stdout.count("  equal\n") == 3
    assert again.stdout.rstrip().endswith(": whole")
    assert run("log", "export", "--out", tmp_path / "log").exit_code == 0
    files = sorted((tmp_path / "log").iterdir())
    exported = run("replay", *files, "--verify", chosen)
    assert exported.exit_code == 0, exported.output
    assert "up to offset" in exported.stdout

    # the yearly evidence of a tenant is the same from the broker and from the files
    period = ("--tenant", "beta", "--from", "2026-01-01", "--to", "2026-12-31", "--format", "html")
    reported = run("report", "nacha", *period, "--out", tmp_path / "from-broker")
    assert reported.exit_code == 0, reported.output
    filed = ["report", "nacha", *map(str, files), "--alerts", str(tmp_path / "dump"), *period]
    filed += ["--out", str(tmp_path / "from-files")]
    assert CliRunner().invoke(cli, filed).exit_code == 0
    (ours,), (theirs,) = (evidence(tmp_path / name) for name in ("from-broker", "from-files"))
    assert f"{len(events('beta'))}" in ours
    assert ours == theirs

    # retention takes the beginning of one partition
    (number, held) = next((n, [r for r in alerts if r.partition == n]) for n in range(4) if len(of(alerts, n)) > 6)
    place = TopicPartition(kafka.topic("alerts"), number)
    kafka.admin.delete_records({place: held[4].offset})
    begun = run("verify")
    assert begun.exit_code == 0, begun.output
    assert "is not here (retention, or only a part was given)" in begun.stdout

    # somebody appends a record that is none, and one that says something else
    last = alerts[-1]
    forged = (last.value or b"").replace(b'"activity":"', b'"activity": "')
    assert run_after(kafka, run, last, forged).exit_code == 0  # the same record, written otherwise
    other = (last.value or b"").replace(b'"score":', b'"score":1')
    broken = run_after(kafka, run, last, other)
    assert broken.exit_code == 1
    tenant, seq = last.json["tenantid"], last.json["chainseq"]
    assert f"{tenant}: NOT whole" in broken.stdout
    end = kafka.end_offsets("alerts", committed=True)[last.partition] - 1
    assert f"{place.topic}/{last.partition}@{end}: number {seq} is altered" in broken.stdout


def evidence(folder: Path) -> list[str]:
    """The sections of the reports in a folder: what comes before them says where it is from."""
    return [path.read_text(encoding="utf-8").partition("<section>")[2] for path in folder.iterdir()]


def lines(tenant: str) -> list[bytes]:
    return [json.dumps(event).encode() for event in events(tenant)]


def of(alerts: list[Record], partition: int) -> list[Record]:
    return [record for record in alerts if record.partition == partition]


def run_after(kafka: Kafka, run: Run, record: Record, value: bytes) -> Result:
    """Verify once the value was appended to the record's partition."""
    kafka.send("alerts", [value], key=record.key, partition=record.partition)
    return run("verify")


def test_partition_that_shows_its_records_a_moment_later_is_waited_for(run: Run, kafka: Kafka) -> None:
    """The end of one transaction reaches the partitions one after the other."""
    first, second, third, *_ = (one.value for one in play(lines("acme")).outputs if one.topic == "alerts")
    kafka.create("alerts", partitions=2)
    kafka.send("alerts", [first, third], partition=0)
    assert run("verify").exit_code == 1
    late = threading.Timer(1.0, kafka.send, ("alerts", [second]), {"partition": 1})
    late.start()
    found = run("verify")
    late.join()
    assert found.exit_code == 0, found.output
    assert "acme: whole from 1 to 3" in found.stdout


def test_topic_that_is_not_there_is_named(run: Run) -> None:
    for arguments in (["verify"], ["replay", "--verify", "al_" + "0" * 32]):
        missing = run(*arguments)
        assert missing.exit_code == 1
        assert "there is no topic" in str(missing.exception)
