"""Reads what comes into a folder, sends it, and puts each file where it belongs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sluicegate.cli.import_run import Options, Outlet, import_one, to_kafka
from sluicegate.connectors.base import Connector, Context
from sluicegate.connectors.importing import Imported, Refused, seekable, sniffed
from sluicegate.errors import FileRefusedError, SluicegateError
from sluicegate.folder.figures import Figures
from sluicegate.folder.inbox import Inbox
from sluicegate.folder.settings import FolderSettings
from sluicegate.logs import event, told
from sluicegate.ops import OpsServer
from sluicegate.settings import Settings
from sluicegate.wire.letters import DeadLetter

__all__ = ["Watcher"]

logger = logging.getLogger(__name__)

_AGAIN = 5.0
"""Seconds before Kafka is tried again."""


class _StoppedError(Exception):
    """The watcher is told to end in the middle of a file, which stays where it is."""


class _Stoppable(Outlet):
    """Passes everything on, until the watcher is told to end."""

    live = True

    def __init__(self, outlet: Outlet, stop: threading.Event) -> None:
        self._outlet, self._stop = outlet, stop

    def event(self, topic: str, value: bytes) -> None:
        self._go_on()
        self._outlet.event(topic, value)

    def letter(self, letter: DeadLetter) -> None:
        self._go_on()
        self._outlet.letter(letter)

    def announce(self, value: bytes) -> None:
        self._outlet.announce(value)

    def flush(self) -> None:
        self._outlet.flush()

    def _go_on(self) -> None:
        if self._stop.is_set():
            raise _StoppedError


class Watcher:
    """One process of it: `run` until `stop` is set."""

    def __init__(
        self,
        stream: Settings,
        settings: FolderSettings,
        inbox: Inbox,
        context: Context,
        connectors: Mapping[str, Connector],
        *,
        announced: bool,
    ) -> None:
        """`connectors`: those that a file may be of; the right one is told by its content, then by its name.

        Raises SettingsError where the port is taken.
        """
        self._stream, self._settings, self._inbox = stream, settings, inbox
        self._context, self._connectors, self._announced = context, connectors, announced
        self._away_since: float | None = None
        self.stop = threading.Event()
        self.figures = Figures(self._look)
        place = (settings.ops_host, settings.ops_port)
        self.ops = (
            OpsServer(place, "SLUICEGATE_FOLDER_OPS_PORT", self.figures.registry, self._ready)
            if settings.ops_port
            else None
        )

    def run(self) -> None:
        """Raises SettingsError while another process watches the folder."""
        with self._inbox.held():
            if self.ops is not None:
                self.ops.start()
            try:
                while not self.stop.is_set():
                    if self._turn():
                        self.stop.wait(self._settings.every_seconds)
                    else:
                        self.stop.wait(_AGAIN)
            finally:
                if self.ops is not None:
                    self.ops.ask_to_stop()

    def _turn(self) -> bool:
        """Everything that is there now; False while Kafka is away."""
        try:
            for path in self._inbox.begun():
                self._try(path)
            for path in self._inbox.settled(self._settings.settle_seconds):
                self._try(self._inbox.take(path))
        except _StoppedError:
            return True
        except SluicegateError as error:
            if self._away_since is None:
                self._away_since = time.monotonic()
            logger.warning("%s", told(error), extra=event("folder.postponed"))
            return False
        except OSError as error:
            logger.warning("%s", error.strerror, extra=event("folder.unreadable"))
        self._away_since = None
        return True

    def _try(self, path: Path) -> None:
        """Read a file; one that cannot be opened or moved, or breaks its reader, holds up no other."""
        try:
            self._read(path)
        except (_StoppedError, SluicegateError):
            raise
        except OSError as error:
            logger.warning("a file: %s", error.strerror, extra=event("folder.unreadable"))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one file must not stop the others
            logger.error("a file broke its reader: %s", type(error).__name__, extra=event("folder.failed"))  # noqa: TRY400 - its text may name somebody
            fault = FileRefusedError(f"its reader failed ({type(error).__name__}), which is a fault of ours: report it")
            self._put(path, None, Imported(), [], fault, time.time())

    def _read(self, path: Path) -> None:
        began = time.time()
        connector = sniffed(path, self._connectors)
        if connector is None:
            known = ", ".join(self._connectors)
            fault = FileRefusedError(f"is none of {known}, by its first bytes or its name; say which by --format")
            self._put(path, None, Imported(), [], fault, began)
            return
        try:
            with (
                path.open("rb") as raw,
                seekable(raw, "the file") as file,
                to_kafka(self._stream, connector, self._context.tenant, announced=self._announced) as outlet,
            ):
                options = Options(connector, self._context)
                done, refused, broken = import_one(options, file, "the file", _Stoppable(outlet, self.stop))
        except FileRefusedError as error:
            done, refused, broken = Imported(), [], error
        self._put(path, connector, done, refused, broken, began)

    def _put(
        self,
        path: Path,
        connector: Connector | None,
        done: Imported,
        refused: list[Refused],
        broken: FileRefusedError | None,
        began: float,
    ) -> None:
        well = broken is None
        report: dict[str, object] = {
            "format": connector.name if connector is not None else None,
            "began": datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds"),
            "seconds": round(time.time() - began, 3),
            "transactions": done.transactions,
            "events": dict(done.events),
            "refused": dict(done.refused),
            "refusals": [
                {"place": one.letter.detail.path, "reason": one.letter.reason, "message": one.letter.detail.message}
                for one in refused
            ],
            "not_payments": done.skipped,
            "controls": [
                {
                    "of": control.scope,
                    "what": control.what,
                    "announced": f"{control.announced:f}",
                    "found": f"{control.found:f}",
                    "agrees": control.ok,
                }
                for control in done.controls
                if control.announced is not None
            ],
            "fault": str(broken) if broken is not None else None,
        }
        self._inbox.put(path, report, well=well)
        self.figures.files.labels("done" if well else "failed").inc()
        self.figures.transactions.labels("event").inc(done.events.total())
        self.figures.transactions.labels("dead_letter").inc(done.refused.total())
        counts = {"transactions": done.transactions, "refused": done.refused.total()}
        if well:
            logger.info("a file is done", extra=event("folder.done", **counts))
        else:
            logger.warning("a file failed: %s", broken, extra=event("folder.failed", **counts))

    def _look(self) -> dict[str, float]:
        ages = []
        for path in self._inbox.waiting():
            try:
                ages.append(max(0.0, time.time() - path.stat().st_mtime))
            except FileNotFoundError:
                continue
        away = time.monotonic() - self._away_since if self._away_since is not None else 0.0
        return {
            "waiting_files": float(len(ages)),
            "oldest_seconds": max(ages, default=0.0),
            "broker_away_seconds": away,
        }

    def _ready(self) -> tuple[bool, dict[str, object]]:
        away = self._away_since is not None
        return not away, {"why": "Kafka is away"} if away else {}
