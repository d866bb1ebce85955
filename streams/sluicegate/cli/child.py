"""A process of ours that is guarded: when this process ends, even by kill -9, so does it, and its folder goes."""

import os
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import click

from sluicegate.connection import Connection
from sluicegate.embedded.network import HOST
from sluicegate.embedded.reaper import Reaper

__all__ = ["Child", "ChildDiedError"]

_STOP_SECONDS = 6.0  # a worker ends within five
_SHOWN = 15


class ChildDiedError(click.ClickException):
    """A process that was started here has ended by itself; the text has the end of what it said.

    Operator action: see the lines it wrote; it needs a reachable broker and a free port.
    """


class Child:
    """One `sluicegate` command with a web port, over a temporary folder for its log and what else it keeps."""

    name = "child"

    def __init__(self, port: int) -> None:
        self.port = port
        self.folder = Path(tempfile.mkdtemp(prefix=f"sluicegate-{self.name}-"))
        self.log = self.folder / f"{self.name}.log"
        self._reaper = Reaper(self.folder)

    def run(self, *arguments: str, kafka: Connection) -> None:
        """Start the command; where that fails, nothing is left. How it gets into Kafka is nobody's to see in `ps`."""
        others = {name: text for name, text in os.environ.items() if not name.startswith("SLUICEGATE_KAFKA_")}
        command = [sys.executable, "-m", "sluicegate.cli.main", *arguments]
        try:
            self._reaper.run(command, self.folder, self.log, others | kafka.variables())
        except BaseException:
            self._reaper.close()
            raise

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._reaper.pid

    def check(self) -> None:
        """Raise ChildDiedError when it has ended."""
        if self._reaper.pid is None:
            status = self._reaper.wait(0)
            raise ChildDiedError(
                f"the {self.name} ended with status {status}. The end of its log:\n{self.last_lines()}"
            )

    def get(self, path: str) -> str:
        """The text of a page, whatever its status; empty while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/{path}", timeout=2) as answer:  # noqa: S310 (our own address)
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()
        except OSError:
            return ""

    def last_lines(self) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(f"  {line}" for line in text.splitlines()[-_SHOWN:]) or "  (it wrote nothing)"

    def stop(self) -> None:
        self._reaper.end(_STOP_SECONDS)
        self._reaper.close()
