"""Payment files into a real broker and a worker: imported twice, watched in a folder, killed in the middle."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.settings import Settings
from sluicegate.topics import plan
from tests.streams.kafka import Kafka
from tests.streams.trial import until_drained, until_placed
from tests.streams.workers import WorkerProcess, running

SAMPLES = Path(__file__).parents[1] / "unit" / "connectors" / "samples"
PAYROLL = SAMPLES / "csv" / "payroll-de.csv"
MAPPING = PAYROLL.with_suffix(".toml")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "acme.secret"
    path.write_text("0123456789abcdef0123456789abcdef")
    return path


@pytest.fixture
def topics(kafka: Kafka) -> None:
    kafka.create(*(topic.topic for topic in plan(Settings(topic_prefix=kafka.prefix))))


class FolderProcess(WorkerProcess):
    """`sluicegate watch-folder` over a folder of the test."""

    def __init__(self, kafka: Kafka, folder: Path, inbox: Path, secret: Path, name: str) -> None:
        super().__init__(kafka, folder, name)
        given = ("--tenant", "acme", "--secret-file", str(secret), "--mapping", str(MAPPING))
        self._command = ["-m", "sluicegate.cli.main", "watch-folder", str(inbox), *given]
        own = {"EVERY_SECONDS": "0.1", "SETTLE_SECONDS": "0.2", "OPS_PORT": str(self.port)}
        for name in ("INSTANCE_ID", "WEB_PORT"):
            self._environment.pop(f"SLUICEGATE_{name}", None)
        self._environment |= {f"SLUICEGATE_FOLDER_{key}": value for key, value in own.items()}


@pytest.fixture
def watch(kafka: Kafka, tmp_path: Path, secret: Path, topics: None) -> Iterator[Callable[[str], FolderProcess]]:
    (tmp_path / "in").mkdir()
    made: list[FolderProcess] = []

    def start(name: str) -> FolderProcess:
        made.append(FolderProcess(kafka, tmp_path, tmp_path / "in", secret, name))
        return made[-1]

    try:
        yield start
    finally:
        for process in made:
            process.close()


def run(kafka: Kafka, *args: object) -> Result:
    place = ("--broker", kafka.bootstrap, "--topic-prefix", kafka.prefix)
    return CliRunner().invoke(cli, [*map(str, args), *place])


def until(what: Callable[[], bool], process: WorkerProcess, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, process.text()
        assert process.process.poll() is None, process.text()
        time.sleep(0.02)


def drop(folder: Path, name: str, content: bytes) -> None:
    """As a careful sender does: under another name, then renamed."""
    (folder / f"{name}.part").write_bytes(content)
    (folder / f"{name}.part").rename(folder / name)


@pytest.mark.timeout(120)
def test_file_that_is_imported_twice_is_counted_once(kafka: Kafka, tmp_path: Path, secret: Path) -> None:
    bad = tmp_path / "again.csv"
    bad.write_bytes(PAYROLL.read_bytes().replace(b"2.100,00", b"-2.100,00"))
    given = ("--tenant", "acme", "--mapping", MAPPING, "--secret-file", secret, "--send")
    worker = WorkerProcess(kafka, tmp_path, partitions=1)
    with running(worker):
        worker.start().ready()
        assert run(kafka, "import", "csv", bad, *given).exit_code == 1
        for _ in range(2):
            done = run(kafka, "import", "csv", PAYROLL, *given)
            assert done.exit_code == 0, done.output
        until_placed(kafka, timeout=30)
        until_drained(kafka, kafka.prefix, timeout=30)
        assert len(kafka.read("payroll-payments")) == 8
        outcomes = {"applied": 3, "duplicate": 5}
        found = {
            name: worker.metric("sluicegate_events_total", topic="payroll-payments", outcome=name) for name in outcomes
        }
        assert found == outcomes
    ids = [record.json["id"] for record in kafka.read("payroll-payments")]
    assert len({*ids}) == 3
    (letter,) = kafka.read("dead-letters")
    assert (letter.json["reason"], letter.json["offset"]) == ("bad_amount", 2)
    announced = [record.json["data"] for record in kafka.read("runs")]
    assert announced[-1] == {
        "run_id": "JUNI-26",
        "payments": 3,
        "totals": [{"value": "7350.49", "currency": "EUR"}],
    }


@pytest.mark.timeout(120)
def test_files_of_a_folder_go_to_done_or_failed_with_a_report(
    kafka: Kafka, tmp_path: Path, watch: Callable[[str], FolderProcess]
) -> None:
    inbox = tmp_path / "in"
    process = watch("watch").start()
    with running(process):
        process.ready()
        drop(inbox, "june.csv", PAYROLL.read_bytes())
        drop(inbox, "pain.xml", (SAMPLES / "pain001" / "sepa-payroll-03.xml").read_bytes())
        drop(inbox, "cut.xml", (SAMPLES / "pain001" / "sepa-payroll-03.xml").read_bytes()[:-300])
        drop(inbox, "noise.bin", bytes(range(256)))
        until(lambda: len([*(inbox / "done").glob("*.json")]) == 2, process)
        until(lambda: len([*(inbox / "failed").glob("*.json")]) == 2, process)
        assert process.metric("sluicegate_folder_files_total", outcome="failed") == 2
        assert process.metric("sluicegate_folder_waiting_files") == 0
        second = watch("second").start()
        assert second.wait() == 1
        assert "watched by another process" in second.text()
        status, seconds = process.terminate()
        assert (status, seconds < 5) == (0, True)
    report = json.loads((inbox / "done" / "june.csv.report.json").read_bytes())
    assert (report["format"], report["transactions"], report["events"]) == ("csv", 3, {"payroll-payments": 3})
    assert all(control["agrees"] for control in report["controls"])
    failed = json.loads((inbox / "failed" / "cut.xml.report.json").read_bytes())
    assert "line " in failed["fault"]
    assert "--format" in json.loads((inbox / "failed" / "noise.bin.report.json").read_bytes())["fault"]
    assert sorted(path.name for path in inbox.iterdir() if path.is_file()) == []


@pytest.mark.timeout(120)
def test_each_transaction_is_counted_once_though_the_watcher_is_killed_in_the_middle(
    kafka: Kafka, tmp_path: Path, watch: Callable[[str], FolderProcess]
) -> None:
    inbox, rows = tmp_path / "in", 6_000
    head, body = PAYROLL.read_text(encoding="utf-8").split("2026-06-001", 1)
    line = "2026-06-001" + body.split("\n", 1)[0]
    lines = [line.replace("2026-06-001", f"R{n:05}").replace("E1001", f"E{n:05}") for n in range(rows)]
    total = f"TOTAL;{rows};;;{3250.50 * rows:.2f};;;".replace(".", ",")
    whole = "\n".join((head.rstrip("\n"), *lines, total, "")).encode()
    sent = 0
    for attempt in range(3):
        process = watch(f"watch-{attempt}").start()
        with running(process):
            if attempt == 0:
                drop(inbox, "large.csv", whole)
            before = sent
            until(lambda: sum(kafka.end_offsets("payroll-payments").values()) > before + 500, process)  # noqa: B023
            process.kill()
        sent = sum(kafka.end_offsets("payroll-payments").values())
    last = watch("last").start()
    with running(last):
        until((inbox / "done" / "large.csv").exists, last, 40)
    records = kafka.read("payroll-payments")
    assert len(records) > rows
    assert {record.json["data"]["payment_id"] for record in records} == {f"R{n:05}" for n in range(rows)}
    assert len({record.json["id"] for record in records}) == rows
    assert json.loads((inbox / "done" / "large.csv.report.json").read_bytes())["transactions"] == rows
