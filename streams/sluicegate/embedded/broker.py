"""A single-node Apache Kafka in KRaft mode that this process starts, stops, kills and restarts."""

import base64
import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from sluicegate.embedded.cache import Report
from sluicegate.embedded.errors import BrokerUnavailable
from sluicegate.embedded.jars import VERSION, class_path
from sluicegate.embedded.javaruntime import find_java
from sluicegate.embedded.network import HOST, broker_answers, free_port, port_is_free
from sluicegate.embedded.reaper import Reaper
from sluicegate.embedded.server import (
    LOG_NAME,
    format_command,
    formatted,
    in_use,
    last_lines,
    open_listeners,
    serve_command,
    write_settings,
)

if TYPE_CHECKING:
    from sluicegate.embedded.guarded import Guarded

START_SECONDS = 60.0  # some 3 s on a free machine; a loaded one may be slow, and says so
STOP_SECONDS = 15.0  # a broker closes its files within one
PORT_ATTEMPTS = 3  # another process may take a port between our look and the broker's
SAY_SECONDS = 2.0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class EmbeddedKafka:
    """One Kafka broker on the loopback interface, for as long as this process lives and no longer.

    `data_dir` keeps its data and log (`kafka.log`) between runs; None means a temporary folder (below TMPDIR) that is
    deleted at `stop`. `port` None takes a free one. `report` receives lines about anything that takes a while.
    `guarded`: TLS, users and rights; without it whoever comes from this machine may do all. When this process dies,
    even by kill -9, the broker ends and a temporary folder goes too. Not for several threads.

    Every method that starts the broker raises BrokerUnavailable when that cannot be done, and leaves nothing behind.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        port: int | None = None,
        report: Report = _say,
        *,
        guarded: "Guarded | None" = None,
    ) -> None:
        self._given_folder = data_dir.absolute() if data_dir else None
        self._report = report
        self._guarded = guarded
        self._folder: Path | None = None
        self._reaper: Reaper | None = None
        self._port = port

    @property
    def bootstrap(self) -> str:
        """`127.0.0.1:PORT`, for clients. It stays the same over kill, restart and stop."""
        if self._port is None:
            raise RuntimeError("the broker was never started: it has no port yet")
        return f"{HOST}:{self._port}"

    @property
    def pid(self) -> int | None:
        """The broker's process id; None while it does not run."""
        return self._reaper.pid if self._reaper else None

    @property
    def data_dir(self) -> Path:
        """The folder of its data, settings and log. RuntimeError when it is temporary and there is none now."""
        folder = self._folder or self._given_folder
        if folder is None:
            raise RuntimeError("the broker has no data folder: it is not started")
        return folder

    def __enter__(self) -> "EmbeddedKafka":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until it serves. After `kill` with the same data. Nothing happens when it runs."""
        if self.pid is not None:
            return
        try:
            self._start()
        except BaseException:  # Ctrl-C during a start is one too
            self.stop()
            raise

    def stop(self) -> None:
        """Close it in order (by force after 15 s) and delete temporary data. May be called at any time."""
        reaper, self._reaper = self._reaper, None
        if reaper:
            reaper.end(STOP_SECONDS)
            reaper.close()
        if self._folder and not self._given_folder:
            shutil.rmtree(self._folder, ignore_errors=True)  # the guard does it as a rule, if nobody killed it
        self._folder = None

    def kill(self) -> None:
        """kill -9 the broker, keep its data: a crash. `start` or `restart` brings it back."""
        if self._reaper:
            self._reaper.end(0)

    def restart(self) -> None:
        """Close it in order when it runs, and start it again with the same port and data."""
        if self._reaper:
            self._reaper.end(STOP_SECONDS)
        self.start()

    def _start(self) -> None:
        java, jars = find_java(), class_path(self._report)
        began = time.monotonic()
        folder, reaper = self._open()
        if in_use(folder):
            raise BrokerUnavailable(f"The data folder {folder} is in use by another Kafka: stop that one first.")
        if self._guarded:
            self._guarded.begin(folder)
        for attempt in range(1, PORT_ATTEMPTS + 1):
            fixed = self._port is not None  # asked for, or known to clients from an earlier start
            if self._port is None:
                self._port = free_port()
            elif not port_is_free(self._port):
                raise BrokerUnavailable(f"Port {self._port} of {HOST} is in use: free it, or take another.")
            controller = free_port()
            listeners = self._guarded.listeners if self._guarded else open_listeners
            write_settings(folder, controller, listeners(self._port, controller))
            if not formatted(folder):
                self._format(reaper, format_command(java, jars, folder, _cluster_id()))
            reaper.run(serve_command(java, jars, folder), folder, folder / LOG_NAME)
            if self._serves(reaper, began):
                return
            told = last_lines(folder)
            if "Address already in use" not in told or fixed or attempt == PORT_ATTEMPTS:
                raise BrokerUnavailable(f"Apache Kafka {VERSION} ended while it started. Its log says:\n{told}")
            self._port = None

    def _open(self) -> tuple[Path, Reaper]:
        """The data folder and the guard; those of before after a kill or for a restart."""
        if self._folder is None:
            if self._given_folder:
                self._given_folder.mkdir(parents=True, exist_ok=True)
                self._folder = self._given_folder
            else:
                self._folder = Path(tempfile.mkdtemp(prefix="sluicegate-kafka-"))
        if self._reaper and self._reaper.lost:
            self._reaper.close()
            self._reaper = None
        if self._reaper is None:
            self._reaper = Reaper(None if self._given_folder else self._folder)
        return self._folder, self._reaper

    def _format(self, reaper: Reaper, command: list[str]) -> None:
        folder = self.data_dir
        reaper.run(command, folder, folder / LOG_NAME)
        if reaper.wait(START_SECONDS) != 0:
            raise BrokerUnavailable(f"The data folder {folder} cannot be formatted for Kafka:\n{last_lines(folder)}")

    def _serves(self, reaper: Reaper, began: float) -> bool:
        """Wait until clients are served: True; False when the broker ended instead."""
        said = began
        port = self._port or 0
        while (now := time.monotonic()) - began < START_SECONDS:
            if self._guarded.answers() if self._guarded else broker_answers(port):
                self._report(f"Apache Kafka {VERSION} is ready at {self.bootstrap} ({now - began:.1f} s)")
                return True
            if reaper.wait(0.05) is not None:
                return False
            if now - said >= SAY_SECONDS:
                said = now
                self._report(f"Apache Kafka {VERSION} is starting ({now - began:.0f} s)")
        raise BrokerUnavailable(
            f"Apache Kafka {VERSION} did not answer at {self.bootstrap} within {START_SECONDS:.0f} s: is the machine "
            f"overloaded? Its log says:\n{last_lines(self.data_dir)}"
        )


def _cluster_id() -> str:
    """A new cluster id as Kafka writes them: 16 random bytes in URL-safe base64, without padding.

    It never begins with a hyphen: Kafka's own formatter would take it for an option.
    """
    return base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).rstrip(b"=").decode()
