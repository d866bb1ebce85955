"""The metrics of a worker on real Kafka, against what stands in the topics."""

import time
from collections import Counter
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from sluicegate.log.progress import KEY
from sluicegate.wire.canary import CANARY_TENANT
from tests.streams import events
from tests.streams.kafka import Kafka, Value
from tests.streams.test_detect import changed_account
from tests.streams.test_recovery import applied, progress_of, until
from tests.streams.workers import WorkerProcess, running

TENANTS = [f"t{number}" for number in range(6)]


def samples(worker: WorkerProcess, name: str) -> dict[tuple[str, ...], float]:
    """Values of a metric that are not 0, by the values of its labels in the labels' order."""
    families = text_string_to_metric_families(worker.get("metrics")[1])
    found = {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if sample.name == f"sluicegate_{name}"
    }
    return {labels: value for labels, value in found.items() if value}


def live(kafka: Kafka) -> dict[tuple[int, bytes], bytes]:
    """The state topic's records that stand, without progress."""
    held: dict[tuple[int, bytes], bytes] = {}
    for record in kafka.read("state"):
        assert record.key is not None
        if record.value is None:
            held.pop((record.partition, record.key), None)
        elif record.key != KEY.encode():
            held[record.partition, record.key] = record.value
    return held


def send(kafka: Kafka) -> int:
    """Events that alert, one of them twice, a verdict and a list; how many events are to be applied."""
    for tenant in (*TENANTS, CANARY_TENANT):
        kafka.send("vendor-payments", changed_account(tenant), key=tenant)
    until(lambda: applied(kafka) == 4 * (len(TENANTS) + 1))
    again: list[Value] = [events.payment("t0", "V9")] * 3
    kafka.send("vendor-payments", again, key="t0")
    alert = next(record.json["data"] for record in kafka.read("alerts") if record.json["tenantid"] == "t1")
    kafka.send("dispositions", [events.verdict("t1", alert["alert_id"], minutes=100 * events.DAY)], key="t1")
    kafka.send("sanctions", [events.list_part()])
    kafka.send("payee-changes", [b"no event"])
    return 4 * (len(TENANTS) + 1) + 1


def check_state(kafka: Kafka, worker: WorkerProcess) -> None:
    held = live(kafka)
    assert samples(worker, "state_records") == {("detect",): len(held)}
    assert samples(worker, "state_bytes") == {("detect",): sum(map(len, held.values()))}


def test_metrics_are_what_the_topics_say(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        scored = send(kafka)
        records = scored + 2 + 1 + 4  # and two duplicates, the verdict, and the list in each of four partitions
        until(lambda: sum(p.counts.total for p in progress_of(kafka).values()) == records)
        until(lambda: worker.metric("sluicegate_events_total") == records)
        assert samples(worker, "events_total") == {
            ("applied", "vendor-payments"): scored,
            ("duplicate", "vendor-payments"): 2,
            ("applied", "dispositions"): 1,
            ("applied", "sanctions"): 4,
        }
        assert worker.metric("sluicegate_log_accounted_records") == records
        assert worker.metric("sluicegate_log_unaccounted_records") == 0
        assert samples(worker, "dead_letters_total") == {("not_json",): 1}

        assert worker.metric("sluicegate_event_age_seconds_count") == scored
        assert worker.metric("sluicegate_event_age_seconds_bucket", le="60.0") == scored
        assert 0 < worker.metric("sluicegate_event_age_seconds_sum") < 60 * scored
        alerts = [record.json["data"] for record in kafka.read("alerts")]
        told = Counter(
            (alert["activity"], alert["family"], alert["severity"])
            for alert in alerts
            if alert["tenant_id"] != CANARY_TENANT
        )
        assert [times for (activity, *_), times in told.items() if activity == "close"] == [1]
        assert samples(worker, "alerts_total") == told
        assert samples(worker, "outputs_total")["alerts",] == len(alerts) == sum(told.values()) + 1
        assert samples(worker, "dispositions_total") == {("false_positive",): 1}
        assert samples(worker, "anomaly_payments_total") == {("warming", "vendor"): scored - 4}
        assert worker.metric("sluicegate_anomaly_score_count") == 0
        assert samples(worker, "list_updates_total") == {("switched",): 4}

        check_state(kafka, worker)
        checkpoints = samples(worker, "checkpoints_total")
        assert checkpoints.keys() == {("detect", "committed")}
        for name in ("checkpoint_seconds_count", "checkpoint_records_count", "checkpoint_bytes_count"):
            assert samples(worker, name) == {("detect",): checkpoints["detect", "committed"]}
        assert samples(worker, "checkpoint_records_sum") == {("detect",): records}
        written = sum(len(r.key or b"") + len(r.value or b"") for r in kafka.read("state"))
        assert samples(worker, "checkpoint_bytes_sum") == {("detect",): written}
        assert worker.metric("sluicegate_state_written_bytes_total") == written
        steps = samples(worker, "step_seconds_count")
        assert steps["place",] == steps["append",] >= 1
        assert steps["work",] == steps["write",] == steps["commit",] == checkpoints["detect", "committed"]

        until(lambda: not samples(worker, "commit_age_seconds"))
        for idle in ("open_transaction_seconds", "recovery_remaining_records", "intake_backlog_records"):
            assert worker.metric(f"sluicegate_{idle}") == 0
        assert worker.metric("sluicegate_rebalances_total") == 1
        assert worker.metric("sluicegate_rebalance_seconds_count") == 1
        assert 0 < worker.metric("sluicegate_rebalance_seconds_sum") < 30
        assert worker.metric("sluicegate_build_info") == 1


def test_state_is_told_after_recovery_and_as_a_partition_moves(kafka: Kafka, tmp_path: Path) -> None:
    """The one that recovers reads its state slowly, so that one can see it at that."""
    program = (
        "import asyncio\n"
        "from sluicegate.log import reading\n"
        "reading._BATCH = 2\n"
        "real = reading.AIOKafkaConsumer.getmany\n"
        "async def slow(self, *tps, **how):\n"
        "    await asyncio.sleep(0.1)\n"
        "    return await real(self, *tps, **how)\n"
        "reading.AIOKafkaConsumer.getmany = slow\n"
        "from sluicegate.app import main\n"
        "main()\n"
    )
    gone, second = (WorkerProcess(kafka, tmp_path, name, keep_state_seconds=0) for name in ("gone", "second"))
    first = WorkerProcess(kafka, tmp_path, "first", program=program, keep_state_seconds=0)
    with running(gone, first, second):
        gone.start().ready()
        for tenant in TENANTS:
            kafka.send("vendor-payments", changed_account(tenant), key=tenant)
        until(lambda: applied(kafka) == 4 * len(TENANTS))
        gone.kill()
        first.start()
        until(lambda: first.metric("sluicegate_recovery_remaining_records") > 20, timeout=60)
        assert first.get("readyz")[0] == 503
        first.ready()
        check_state(kafka, first)
        assert first.metric("sluicegate_recovered_state_records_total") >= len(live(kafka))
        assert first.metric("sluicegate_recovery_remaining_records") == 0
        assert first.metric("sluicegate_event_age_seconds_count") == 0, "nothing is scored twice"

        second.start().ready()
        workers = (first, second)
        until(lambda: [worker.metric("sluicegate_open_partitions") for worker in workers] == [2, 2], timeout=60)
        held = [samples(worker, "state_records").get(("detect",), 0) for worker in workers]
        mine = [{int(number) for number, *_ in samples(worker, "log_position")} for worker in workers]
        assert held == [sum(partition in mine_of for partition, _ in live(kafka)) for mine_of in mine]
        assert sum(held) == len(live(kafka))
        assert first.metric("sluicegate_rebalances_total") == first.metric("sluicegate_rebalance_seconds_count") == 2
        assert 0 < first.metric("sluicegate_rebalance_seconds_sum") < 30


def test_partition_that_cannot_commit_shows_how_long_its_records_wait(kafka: Kafka, tmp_path: Path) -> None:
    """Commits hang on purpose: the transaction stays open, and what came in waits."""
    program = (
        "import asyncio, os\n"
        "from sluicegate.log.checkpoint import Checkpointer\n"
        "real = Checkpointer._send_state\n"
        "async def slow(self, *given):\n"
        "    while os.path.exists(os.environ['HANGS']): await asyncio.sleep(0.05)\n"
        "    return await real(self, *given)\n"
        "Checkpointer._send_state = slow\n"
        "from sluicegate.app import main\n"
        "main()\n"
    )
    hangs = tmp_path / "hangs"
    worker = WorkerProcess(kafka, tmp_path, program=f"import os\nos.environ['HANGS'] = {str(hangs)!r}\n{program}")
    with running(worker):
        worker.start().ready()
        assert worker.metric("sluicegate_open_transaction_seconds") == 0
        hangs.touch()
        began = time.monotonic()
        kafka.send("vendor-payments", [events.payment("acme")], key="acme")
        until(lambda: worker.metric("sluicegate_commit_age_seconds", agent="detect") > 2)
        assert 2 < worker.metric("sluicegate_open_transaction_seconds") < time.monotonic() - began
        assert worker.metric("sluicegate_events_total") == 0, "nothing counts before its commit"
        hangs.unlink()
        until(lambda: worker.metric("sluicegate_events_total") == 1)
        until(lambda: not samples(worker, "commit_age_seconds"))
        assert worker.metric("sluicegate_open_transaction_seconds") == 0
        assert worker.metric("sluicegate_event_age_seconds_bucket", le="1.0") == 0
        assert worker.metric("sluicegate_event_age_seconds_count") == 1
