"""Worker processes for tests: started as an operator would, killed as a machine would."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.streams.kafka import Kafka

# short times: a dead worker's partitions are to move within a test; and no records but the test's own
QUICK = {
    "SESSION_TIMEOUT": "6",
    "HEARTBEAT_INTERVAL": "1",
    "REBALANCE_TIMEOUT": "8",
    "VERIFY_SECONDS": "1",
    "REJOIN_AFTER": "5",
    "TICK_SECONDS": "3600",
    "STARTER_LIST": "false",
}


class WorkerProcess:
    """`python -m sluicegate.app` over the topics of one test. Settings are given as agents="intake" and so on.

    `program`: Python source run instead, to break something on purpose.
    """

    def __init__(
        self, kafka: Kafka, folder: Path, name: str = "worker", *, program: str = "", **settings: object
    ) -> None:
        self._command = ["-c", program] if program else ["-m", "sluicegate.app"]
        self.log = folder / f"{name}.log"
        self.port = _free_port()
        own = {"BROKER": kafka.bootstrap, "TOPIC_PREFIX": kafka.prefix, "APP_ID": f"{kafka.prefix}app"}
        values = (
            own | QUICK | {key.upper(): str(value) for key, value in settings.items()} | {"WEB_PORT": str(self.port)}
        )
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SLUICEGATE_")}
        self._environment = clean | {f"SLUICEGATE_{key}": value for key, value in values.items()}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._command], env=self._environment, stdout=log, stderr=log
            )
        return self

    def ready(self, timeout: float = 30) -> Self:
        """Wait until it works."""
        deadline = time.monotonic() + timeout
        while self.get("readyz")[0] != 200:
            assert self.process.poll() is None, f"the worker ended:\n{self.text()}"
            assert time.monotonic() < deadline, f"not ready within {timeout} s:\n{self.text()}"
            time.sleep(0.05)
        return self

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page; (0, reason) where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def metric(self, name: str, **labels: str) -> float:
        """Sum over all samples of the name that carry these labels."""
        total = 0.0
        for line in self.get("metrics")[1].splitlines():
            head, _, value = line.rpartition(" ")
            if head.partition("{")[0] == name and all(f'{key}="{want}"' in head for key, want in labels.items()):
                total += float(value)
        return total

    def kill(self) -> None:
        """As a crash of the machine: nothing is finished."""
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def terminate(self, timeout: float = 10) -> tuple[int, float]:
        """Ask it to stop; exit status and seconds."""
        started = time.monotonic()
        self.process.terminate()
        return self.process.wait(timeout), time.monotonic() - started

    def wait(self, timeout: float = 30) -> int:
        """Exit status of a worker that ends by itself."""
        return self.process.wait(timeout)

    def text(self) -> str:
        return self.log.read_text()

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self.kill()


@contextmanager
def running(*workers: WorkerProcess) -> Iterator[None]:
    """End the workers whatever happens, and show what they said when the test fails."""
    try:
        yield
    except BaseException:
        for worker in workers:
            if worker.log.exists():
                sys.stderr.write(f"--- {worker.log.name}\n{worker.text()[-4000:]}\n")
        raise
    finally:
        for worker in workers:
            worker.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
