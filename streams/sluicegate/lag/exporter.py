"""Looks at Kafka again and again, and serves what it saw; a broker that is away is shown and waited for."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sluicegate.errors import SluicegateError
from sluicegate.kafka_clients import new_consumer, telling
from sluicegate.lag.figures import Figures
from sluicegate.lag.look import Look, Watch
from sluicegate.lag.settings import LagSettings
from sluicegate.logs import event, told
from sluicegate.ops import OpsServer
from sluicegate.settings import Settings
from sluicegate.topics import Admin

__all__ = ["Exporter", "watching"]

logger = logging.getLogger(__name__)

_FETCH_BYTES = 64 << 10
"""By partition: one record is looked at, and a larger one comes whatever this says."""
_STUCK = 300.0
"""Seconds after which a look that does not end is a hang of this process: each question to Kafka has its time."""


@contextmanager
def watching(settings: Settings) -> Iterator[Watch]:
    """A watch over the topics of a deployment. Raises BrokerAwayError, BrokerRefusedError."""
    with Admin(settings) as admin, telling(settings):
        consumer = new_consumer(
            settings,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=100,
        )
        with closing(consumer):
            yield Watch(settings, admin, consumer)


class Exporter:
    """One process of it: `run` until `stop` is set."""

    def __init__(self, stream: Settings, settings: LagSettings) -> None:
        """Raises SettingsError where the port is taken."""
        self._stream = stream
        self._every = settings.every_seconds
        self._beat = time.monotonic()
        self._away_since: float | None = None
        self._why = "starting"
        self.stop = threading.Event()
        self.figures = Figures(self._away)
        place = (settings.host, settings.port)
        self.ops = OpsServer(place, "SLUICEGATE_LAG_PORT", self.figures.registry, self._ready, self._stuck)

    def run(self) -> None:
        self.ops.start()
        try:
            while not self.stop.is_set():
                try:
                    with watching(self._stream) as watch:
                        self._follow(watch)
                except (SluicegateError, OSError) as error:
                    self._lost(error)
                    self.stop.wait(min(self._every, 2.0))
        finally:
            self.ops.ask_to_stop()

    def _follow(self, watch: Watch) -> None:
        while not self.stop.is_set():
            began = self._beat = time.monotonic()
            self._saw(watch.look())
            took = time.monotonic() - began
            self.figures.refresh.observe(took)
            self.stop.wait(max(0.0, self._every - took))

    def _saw(self, look: Look) -> None:
        if self._away_since is not None:
            away = self._away()
            logger.info("Kafka answers again after %.0f s", away, extra=event("broker.back", seconds=round(away)))
        self._away_since, self._why = None, ""
        if look.missing:
            self._why = f"waiting for topics: {', '.join(look.missing)}"
        self.figures.look = look

    def _lost(self, error: Exception) -> None:
        self._beat = time.monotonic()
        if self._away_since is None:
            self._away_since = self._beat
            logger.warning("Kafka does not answer (%s); trying again", told(error), extra=event("broker.away"))
        self._why = str(error)

    def _away(self) -> float:
        since = self._away_since
        return 0.0 if since is None else time.monotonic() - since

    def _ready(self) -> tuple[bool, dict[str, object]]:
        why = self._why
        return not why, {"why": why}

    def _stuck(self) -> str:
        late = time.monotonic() - self._beat
        return f"the last look began {late:.0f} s ago" if late > self._every + _STUCK else ""
