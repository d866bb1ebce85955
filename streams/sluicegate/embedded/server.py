"""How the embedded broker is configured: a single node for tests and the demo, quick to start, small in memory."""

import errno
import fcntl
from collections.abc import Mapping
from pathlib import Path

from sluicegate.embedded.javaruntime import Java
from sluicegate.embedded.network import HOST

LOG_NAME = "kafka.log"
FORMAT, SERVE = "kafka.tools.StorageTool", "kafka.Kafka"  # main classes

_PROPERTIES: Mapping[str, str | int] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "log.dirs": "logs",  # relative to the data folder, in which the broker runs: no path needs escaping
    # one node: nothing is replicated, few partitions of the internal topics
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 3,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 3,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # a misspelt topic is an error, as in production
    "auto.create.topics.enable": "false",
    "message.max.bytes": 4 * 1024 * 1024,
    # payments of past years are sent with their own timestamps: retention by time would delete them
    "log.retention.ms": -1,
    "log.segment.delete.delay.ms": 1_000,
    # tests start, kill and restart consumers: no waiting for more members, short sessions allowed
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 500,
    # a killed broker may come back when its old registration has run out, by default after 9 s
    "broker.session.timeout.ms": 3_000,
    "broker.heartbeat.interval.ms": 500,
    # a dead producer's transaction is aborted within about a second of its timeout
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1_000,
    # memory and threads of a laptop
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    "num.network.threads": 2,
    "num.io.threads": 4,
}

_LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


def open_listeners(port: int, controller: int) -> dict[str, str]:
    """Settings of a broker that takes whoever comes from this machine."""
    return {
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
    }


def write_settings(folder: Path, controller: int, listeners: Mapping[str, str]) -> None:
    """server.properties and log4j2.properties of the broker, and the folders it needs."""
    places = {**listeners, "controller.quorum.voters": f"1@{HOST}:{controller}"}
    lines = [f"{key}={value}\n" for key, value in {**_PROPERTIES, **places}.items()]
    properties = folder.joinpath("server.properties")
    properties.touch(mode=0o600)  # it may hold passwords
    properties.write_text("".join(lines))
    folder.joinpath("log4j2.properties").write_text(_LOGGING)
    folder.joinpath("tmp").mkdir(exist_ok=True)


def formatted(folder: Path) -> bool:
    """Whether the data folder has been formatted for Kafka before."""
    return folder.joinpath("logs", "meta.properties").exists()


def in_use(folder: Path) -> bool:
    """Whether a running broker holds the data folder (by a record lock, as Java takes them)."""
    try:
        with folder.joinpath("logs", ".lock").open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EAGAIN):
            return True
        raise
    return False


def format_command(java: Java, class_path: str, folder: Path, cluster_id: str) -> list[str]:
    """The command that formats an empty data folder, to be run in it."""
    quick = ["-Xmx128m", "-XX:TieredStopAtLevel=1"]
    return [*_jvm(java, class_path, folder), *quick, FORMAT, "format", "-t", cluster_id, "-c", "server.properties"]


def serve_command(java: Java, class_path: str, folder: Path) -> list[str]:
    """The command that serves, to be run in the data folder."""
    heap = ["-Xms64m", "-Xmx512m", "-XX:+ExitOnOutOfMemoryError"]
    return [*_jvm(java, class_path, folder), *heap, SERVE, "server.properties"]


def _jvm(java: Java, class_path: str, folder: Path) -> list[str]:
    flags = [
        "-XX:+UseSerialGC",  # the smallest of the collectors, and good enough for half a gigabyte
        "-XX:-UsePerfData",  # no file of its own in /tmp/hsperfdata_*
        f"-Djava.io.tmpdir={folder / 'tmp'}",  # compression libraries are unpacked there
        "-Dlog4j2.configurationFile=log4j2.properties",
        "-Djava.awt.headless=true",
    ]
    if java.major >= 24:  # Kafka maps files by Unsafe, and compresses by native code; both only warn so far
        flags += ["--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"]
    return [str(java.path), "-cp", class_path, *flags]


def last_lines(folder: Path, count: int = 12) -> str:
    """The end of the broker's log, for an error text."""
    try:
        with folder.joinpath(LOG_NAME).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - 16_384))
            text = file.read().decode(errors="replace")
    except OSError:
        return "(it wrote no log)"
    # Java's stack traces bury the cause: their frames say little to an operator
    told = [line for line in text.splitlines() if line.strip() and not line.startswith("\tat ")]
    return "\n".join(f"  {line[:300]}" for line in told[-count:]) or "(its log is empty)"
