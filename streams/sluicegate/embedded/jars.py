"""The broker's class path: the pinned jars in the cache, downloaded when they are not all there."""

from pathlib import Path
from typing import NamedTuple

from sluicegate.embedded.cache import Report, cache_folder, exclusive
from sluicegate.embedded.errors import BrokerUnavailable

VERSION = "4.3.0"
KAFKA = f"org.apache.kafka:kafka_2.13:{VERSION}"
LOGGING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"  # Kafka's tarball has it, its Maven dependencies do not
LOCK_FILE = Path(__file__).with_name("jars.lock")


class Pinned(NamedTuple):
    """One jar: its SHA-256 in hex and its Maven coordinate."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def file(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def pinned_jars() -> tuple[Pinned, ...]:
    """The lines of jars.lock: `SHA-256  group:artifact:version`."""
    rows = (line.split() for line in LOCK_FILE.read_text().splitlines())
    return tuple(Pinned(digest, *coordinate.split(":")) for digest, coordinate in rows)


def class_path(report: Report) -> str:
    """Java's class path of the broker. Downloads what is missing, once for all processes that ask at the same time.

    Raises BrokerUnavailable when it has to download and cannot.
    """
    folder = cache_folder() / f"kafka-{VERSION}"
    pinned = pinned_jars()
    if not _complete(folder, pinned):
        waiting = f"Apache Kafka {VERSION}: another process is downloading it; waiting for that"
        with exclusive(folder.with_name(f"{folder.name}.lock"), report, waiting):
            if not _complete(folder, pinned):  # the other process may have done it
                _fetch(pinned, folder, report)
    return f"{folder}/*"


def _fetch(pinned: tuple[Pinned, ...], folder: Path, report: Report) -> None:
    try:
        from sluicegate.embedded.download import download  # here, as later starts do without jgo
    except ImportError as error:
        raise BrokerUnavailable(
            f"Apache Kafka's jars are not in {folder}, and {error.name}, which downloads them, is not installed. "
            f"Install what the embedded Kafka needs with `pip install 'sluicegate[embedded]'`."
        ) from None
    download(pinned, folder, report)


def _complete(folder: Path, pinned: tuple[Pinned, ...]) -> bool:
    return all((folder / jar.file).is_file() for jar in pinned)
