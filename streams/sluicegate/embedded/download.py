"""Apache Kafka's released jars, downloaded once from Maven Central by jgo and checked against jars.lock.

The lock file holds the SHA-256 and the Maven coordinate of every jar of the broker, so that each start runs the same
bytes and no dependency graph has to be walked. After a change of KAFKA or LOGGING it is written anew by

    python -m sluicegate.embedded.download
"""

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jgo
import requests
from jgo.maven import MavenContext, PythonResolver

from sluicegate.embedded.cache import Report
from sluicegate.embedded.errors import BrokerUnavailable
from sluicegate.embedded.jars import KAFKA, LOCK_FILE, LOGGING, Pinned

CENTRAL = "https://repo.maven.apache.org/maven2"
ATTEMPTS = 4  # a download that breaks off is common on a train; four in a row say that the network is gone
SAY_SECONDS = 1.5


def download(pinned: tuple[Pinned, ...], folder: Path, report: Report) -> None:
    """Put every pinned jar into `folder`, whole and checked, or raise BrokerUnavailable and leave none there.

    They arrive in a folder beside it that takes its name at the end: whoever sees `folder` sees all of it. The caller
    holds the lock, so what stands beside it already was left by a process that was killed.
    """
    for left in folder.parent.glob(f".{folder.name}-*"):
        shutil.rmtree(left, ignore_errors=True)
    source = os.environ.get("SLUICEGATE_MAVEN", CENTRAL).rstrip("/")
    report(f"Apache Kafka: downloading {len(pinned)} jars (45 MB) from {source}, once")
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as staging:
        context = MavenContext(
            resolver=_Patient(_Progress(report)),
            repo_cache=Path(staging, "maven"),
            local_repos=[],
            remote_repos={"central": source},
            timeout=30,
        )
        whole = Path(staging, "jars")
        whole.mkdir()
        with ThreadPoolExecutor(8) as pool:
            for jar in pool.map(lambda jar: _fetch(context, jar, whole), pinned):
                _check(jar, whole)
        shutil.rmtree(folder, ignore_errors=True)
        whole.rename(folder)
    report(f"Apache Kafka: the jars are in {folder}")


def _fetch(context: MavenContext, jar: Pinned, into: Path) -> Pinned:
    try:
        path: Path = context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (requests.RequestException, RuntimeError) as error:
        raise BrokerUnavailable(
            f"Apache Kafka's jars are not in the cache, and {jar.file} cannot be had from Maven: {_cause(error)}. "
            f"Connect this machine to {CENTRAL} for the first start, name a mirror in SLUICEGATE_MAVEN, set "
            f"HTTPS_PROXY, or copy the folder ~/.cache/sluicegate from a machine that has it."
        ) from error
    path.rename(into / jar.file)
    return jar


def _check(jar: Pinned, folder: Path) -> None:
    digest = hashlib.sha256((folder / jar.file).read_bytes()).hexdigest()
    if digest != jar.sha256:
        raise BrokerUnavailable(
            f"{jar.file} came with SHA-256 {digest}, but jars.lock says {jar.sha256}: nothing of it was run. "
            f"Try again; if it stays so, the mirror or a proxy changes what it serves."
        )


def _cause(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


class _Progress:
    """jgo's progress callback: what has come so far, a line every second or two. Several threads share it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._files = self._bytes = 0
        self._said = time.monotonic()

    @contextmanager
    def __call__(self, _file: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self._add
        with self._lock:
            self._files += 1

    def _add(self, count: int) -> None:
        with self._lock:
            self._bytes += count
            now = time.monotonic()
            if now - self._said >= SAY_SECONDS:
                self._said = now
                self._report(f"  {self._files} jars, {self._bytes / 1e6:.0f} MB")


class _Patient(PythonResolver):
    """jgo's resolver in Python (no mvn), which tries again and never leaves half a file to be taken for a whole one."""

    def __init__(self, progress: _Progress) -> None:
        super().__init__(progress_callback=progress)

    def download(self, artifact: Any) -> Path | None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                path: Path | None = super().download(artifact)
                return path
            except (requests.RequestException, RuntimeError):  # RuntimeError: no 200 from any repository
                artifact.cached_path.unlink(missing_ok=True)
                if attempt == ATTEMPTS:
                    raise
                time.sleep(attempt)
        return None


def write_lock() -> None:
    """Resolve the broker's dependency graph with jgo and write the lock file."""
    artifacts = {artifact.filename: artifact for top in (KAFKA, LOGGING) for artifact in jgo.resolve(top)}
    lines = []
    for _, artifact in sorted(artifacts.items()):
        digest = hashlib.sha256(artifact.resolve().read_bytes()).hexdigest()
        lines.append(f"{digest}  {artifact.groupId}:{artifact.artifactId}:{artifact.version}\n")
    LOCK_FILE.write_text("".join(lines))


if __name__ == "__main__":
    write_lock()
