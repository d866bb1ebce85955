"""Start, stop, failure and refusal of a worker on real Kafka."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from kafka import TopicPartition

from sluicegate.errors import TopicMissingError
from sluicegate.log.export import partitions_of
from sluicegate.log.progress import KEY, Progress
from sluicegate.log.recovery import _FENCED_LIMIT
from sluicegate.settings import Settings
from tests.streams import events
from tests.streams.kafka import Kafka
from tests.streams.workers import WorkerProcess, running


def progress_of(kafka: Kafka) -> dict[int, Progress]:
    """The last progress record of each partition."""
    return {
        record.partition: Progress.decode(record.value)
        for record in kafka.read("state")
        if record.key == KEY.encode() and record.value is not None
    }


def applied(kafka: Kafka) -> int:
    return sum(progress.counts.applied for progress in progress_of(kafka).values())


def until(condition: Callable[[], bool], timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.1)


def test_restarted_worker_goes_on_after_its_last_checkpoint(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment(f"t{n % 9}", f"V{n}") for n in range(300)])
        until(lambda: applied(kafka) == 300)
        assert worker.terminate()[0] == 0
        kafka.send("vendor-payments", [events.payment(f"t{n % 9}", f"V{n}") for n in range(100)])
        worker.start().ready()
        until(lambda: applied(kafka) == 400)
    for partition, progress in progress_of(kafka).items():
        assert progress.balanced
        assert progress.counts.duplicates == 0
        assert progress.following == kafka.end_offsets("events")[partition]


def test_repeated_record_is_counted_as_duplicate_and_changes_nothing(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        one = events.payment("acme")
        kafka.send("vendor-payments", [one, one, one])
        until(lambda: sum(p.counts.total for p in progress_of(kafka).values()) == 3)
    [progress] = [p for p in progress_of(kafka).values() if p.counts.total]
    assert (progress.counts.applied, progress.counts.duplicates) == (1, 2)


def test_sigterm_under_load_ends_within_five_seconds_with_status_0(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment(f"t{n % 9}", f"V{n % 50}") for n in range(5000)])
        until(lambda: worker.metric("sluicegate_checkpoints_total", result="committed") > 0)
        status, seconds = worker.terminate()
    assert (status, "all checkpoints finished" in worker.text()) == (0, True)
    assert seconds < 5
    assert all(progress.balanced for progress in progress_of(kafka).values())


def test_agent_that_dies_stops_the_worker_with_its_error(kafka: Kafka, tmp_path: Path) -> None:
    program = (
        "from sluicegate.log.recovery import Holdings\n"
        "def broken(self, *_): raise ValueError('broken on purpose')\n"
        "Holdings.offer = broken\n"
        "from sluicegate.app import main\n"
        "main()\n"
    )
    worker = WorkerProcess(kafka, tmp_path, program=program)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment()])
        assert worker.wait() == 1
    assert "AgentDiedError: agent detect died: ValueError" in worker.text()
    assert "Operator action:" in worker.text()


def test_log_made_anew_under_a_worker_is_refused(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment(f"t{n}") for n in range(20)])
        until(lambda: applied(kafka) == 20)
        before = progress_of(kafka)
        kafka.delete("events")
        kafka.create("events", partitions=4)
        kafka.send("vendor-payments", [events.payment(f"t{n}") for n in range(20)])
        assert worker.wait() == 1
    assert "LogReplacedError" in worker.text()
    assert progress_of(kafka) == before, "nothing of the new log is applied"


def test_log_made_anew_before_the_start_is_refused_even_with_as_many_records(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment(f"t{n}") for n in range(20)])
        until(lambda: applied(kafka) == 20)
        worker.terminate()
        kafka.delete("events")
        kafka.create("events", partitions=4)
        for partition in range(4):
            kafka.send("events", [events.payment() for _ in range(30)], partition=partition)
        worker.start()
        assert worker.wait() == 1
    assert "LogReplacedError" in worker.text()
    assert applied(kafka) == 20


def test_records_that_retention_removed_unread_stop_the_worker(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment("acme") for _ in range(10)])
        until(lambda: applied(kafka) == 10)
        [partition] = [number for number, progress in progress_of(kafka).items() if progress.counts.total]
        worker.terminate()
        kafka.send("events", [events.payment("acme") for _ in range(10)], key="acme", partition=partition)
        kafka.admin.delete_records({TopicPartition(kafka.topic("events"), partition): 15})
        worker.start()
        assert worker.wait() == 1
    assert "LogTruncatedError" in worker.text()
    assert "offset 10 is due, the log begins at 15" in worker.text()


def test_state_topic_that_was_emptied_is_refused(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment("acme") for _ in range(10)])
        until(lambda: applied(kafka) == 10)
        worker.terminate()
        kafka.delete("state")
        worker.start()
        assert worker.wait() == 1
    assert "StateLostError" in worker.text()


def test_state_topic_made_anew_under_a_worker_stops_it(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        kafka.send("vendor-payments", [events.payment("acme") for _ in range(10)])
        until(lambda: applied(kafka) == 10)
        kafka.delete("state")
        kafka.create("state", partitions=4, config={"cleanup.policy": "compact"})
        kafka.send("vendor-payments", [events.payment("acme") for _ in range(10)])
        assert worker.wait(60) == 1
    assert "StateLostError" in worker.text()


def test_progress_of_an_unknown_version_is_refused(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        worker.terminate()
        kafka.send("state", [json.dumps({"version": 99})], key=KEY, partition=1)
        worker.start()
        assert worker.wait() == 1
    assert "StateUnreadableError" in worker.text()


@pytest.mark.parametrize(
    ("topic", "partitions", "config", "said"),
    [
        ("events", 3, {"cleanup.policy": "compact"}, "cleanup.policy is compact, must be delete"),
        ("state", 3, {"cleanup.policy": "compact"}, "state has 3 partitions"),
        ("state", 4, {"cleanup.policy": "delete"}, "cleanup.policy is delete, must be compact"),
    ],
)
def test_topic_of_the_wrong_shape_is_refused(
    kafka: Kafka, tmp_path: Path, topic: str, partitions: int, config: dict[str, str], said: str
) -> None:
    kafka.create(topic, partitions=partitions, config=config)
    worker = WorkerProcess(kafka, tmp_path).start()
    with running(worker):
        assert worker.wait() == 1
    assert "TopicMismatchError" in worker.text()
    assert said in worker.text()


def test_broker_that_does_not_answer_is_reported(tmp_path: Path, kafka: Kafka) -> None:
    worker = WorkerProcess(kafka, tmp_path, broker="127.0.0.1:1").start()
    with running(worker):
        assert worker.wait() == 1
    assert "BrokerAwayError: no Kafka broker answers at 127.0.0.1:1" in worker.text()


def test_topics_that_the_broker_refuses_are_reported_in_its_words(tmp_path: Path, kafka: Kafka) -> None:
    worker = WorkerProcess(kafka, tmp_path, replication_factor=3).start()
    with running(worker):
        assert worker.wait() == 1
    assert "TopicRefusedError: the broker does not make" in worker.text()
    assert "only 1 broker(s) are registered" in worker.text()
    assert "Traceback" not in worker.text()


def test_export_says_what_is_missing(kafka: Kafka) -> None:
    with pytest.raises(TopicMissingError, match="there is no log"):
        partitions_of(Settings(broker=kafka.bootstrap, topic_prefix=kafka.prefix))


async def _take_over(kafka: Kafka, partition: int) -> None:
    """What a second worker that believes it owns the partition would do."""
    async with AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap,
        transactional_id=f"{kafka.prefix}app-{partition}",
        transaction_timeout_ms=5000,
    ):
        pass


def test_fenced_owner_opens_its_partition_again_and_loses_nothing(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        for partition in range(4):
            asyncio.run(_take_over(kafka, partition))
        kafka.send("vendor-payments", [events.payment(f"t{n % 20}", f"V{n}") for n in range(500)])
        until(lambda: applied(kafka) == 500)
        assert worker.metric("sluicegate_fenced_total") == 4
        assert worker.terminate()[0] == 0
    assert all(progress.balanced for progress in progress_of(kafka).values())


def test_partition_taken_again_and_again_ends_the_worker(kafka: Kafka, tmp_path: Path) -> None:
    worker = WorkerProcess(kafka, tmp_path)
    with running(worker):
        worker.start().ready()
        for _ in range(_FENCED_LIMIT):
            for partition in range(4):
                asyncio.run(_take_over(kafka, partition))
            kafka.send("vendor-payments", [events.payment(f"t{n}") for n in range(20)])
            time.sleep(3)
        assert worker.wait() == 1
    assert "FencedError" in worker.text()
