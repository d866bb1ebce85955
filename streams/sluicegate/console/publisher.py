"""Verdicts out of the database to the topic `dispositions`, in order, until Kafka has acknowledged each."""

import logging
import time
from collections.abc import Callable

from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from sluicegate.console.background import Background
from sluicegate.console.store import alerts, outbox
from sluicegate.errors import SluicegateError
from sluicegate.kafka_clients import new_producer, refusal
from sluicegate.logs import event
from sluicegate.settings import Settings
from sluicegate.topics import name_of

__all__ = ["Publisher"]

logger = logging.getLogger(__name__)

_EVERY = 0.5
_AGAIN = 2.0
_LEADER = 727_511_003
"""Key of PostgreSQL's advisory lock: of several consoles over one database, one sends."""


class Publisher(Background):
    """A thread that empties the outbox, and wakes what was snoozed."""

    def __init__(self, engine: Engine, settings: Settings, on_change: Callable[[], None]) -> None:
        super().__init__("publisher")
        self._engine = engine
        self._settings = settings
        self._topic = name_of("dispositions", settings)
        self._on_change = on_change
        self._producer: KafkaProducer | None = None
        self._leading: Connection | None = None
        self.away_since: float | None = None
        """Since when (monotonic) nothing leaves, although it should."""

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY):
            self._turn()
        if self.away_since is None:
            self._turn()
        self._close()

    def _turn(self) -> None:
        try:
            self._wake()
            if self._leads():
                self._send()
        except (KafkaError, SluicegateError, DBAPIError, OSError) as error:
            self._away(str(refusal(self._settings, error) or type(error).__name__))
        except Exception:
            logger.exception("the publisher failed", extra=event("verdicts.failed"))
            self._away("a failure of its own; see the log")

    def _away(self, why: str) -> None:
        if self.away_since is None:
            self.away_since = time.monotonic()
            what = event("verdicts.waiting", why=why)
            logger.warning("verdicts wait: %s; trying again every %g s", why, _AGAIN, extra=what)
        self._close()
        self._stopping.wait(_AGAIN)

    def _back(self) -> None:
        if self.away_since is not None:
            away = round(time.monotonic() - self.away_since, 1)
            logger.info("verdicts leave again after %.0f s", away, extra=event("verdicts.leaving", seconds=away))
            self.away_since = None

    def _wake(self) -> None:
        with self._engine.connect().execution_options(reads=True) as connection:
            if not alerts.sleepers(connection, _now()):
                return
        with self._engine.begin() as connection:
            alerts.wake(connection, _now())
        self._on_change()

    def _leads(self) -> bool:
        """Whether it is this console that sends; one that ends, or loses the database, leaves it to another."""
        if self._engine.dialect.name != "postgresql":
            return True
        if self._leading is None:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LEADER})").scalar():
                self._leading = connection
            else:
                connection.close()
            return self._leading is not None
        self._leading.exec_driver_sql("SELECT 1")
        return True

    def _send(self) -> None:
        with self._engine.connect().execution_options(reads=True) as connection:
            if not outbox.any_due(connection, _now()):
                self._back()
                return
        producer = self._connected()
        with self._engine.begin() as connection:
            leaving = outbox.leave(connection, _now())
        futures = [(id, producer.send(self._topic, value=value, key=key.encode())) for id, key, value in leaving]
        try:
            producer.flush(timeout=20)
        finally:
            # what was acknowledged is not sent again, whatever became of the rest
            acknowledged = [id for id, future in futures if future.succeeded()]
            with self._engine.begin() as connection:
                outbox.sent(connection, acknowledged, _now())
        for _, future in futures:
            future.get(timeout=1)
        self._back()

    def _connected(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = new_producer(
                self._settings,
                bootstrap_timeout_ms=3_000,
                enable_idempotence=True,
                max_block_ms=3_000,
                delivery_timeout_ms=20_000,
                request_timeout_ms=10_000,
            )
        return self._producer

    def _close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=1)
            self._producer = None
        if self._leading is not None:
            self._leading.invalidate()  # the lock ends with the database's session, which a pool would keep
            self._leading.close()
            self._leading = None


def _now() -> int:
    return time.time_ns() // 1000
