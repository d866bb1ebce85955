"""Drops what is no longer needed, little by little: old closed alerts and history, ended sessions, what was sent.

Verdicts and the audit trail stay for good.
"""

import logging
import time

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from sluicegate.console.background import Background
from sluicegate.console.settings import ConsoleSettings
from sluicegate.console.store import activity, alerts, outbox, searches, users
from sluicegate.logs import event

__all__ = ["Keeper"]

logger = logging.getLogger(__name__)

_EVERY = 60.0
_AT_ONCE = 500
"""Rows a transaction, so that nobody waits long for it."""
_REST = 0.2
_DAY = 86_400_000_000
_SENT_DAYS = 7
_SEARCH_DAYS = 90


class Keeper(Background):
    """A thread that keeps the database from growing without end."""

    def __init__(self, engine: Engine, settings: ConsoleSettings) -> None:
        super().__init__("keeper")
        self._engine = engine
        self._settings = settings

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY):
            try:
                self.tidy()
            except DBAPIError as error:
                logger.warning("old rows stay for now: %s", type(error).__name__, extra=event("rows.postponed"))

    def tidy(self) -> int:
        """Drop all that is old, or as much as can be done before the stop; how many rows."""
        dropped = 0
        for drop in (self._alerts, self._history, self._sent, self._sessions, self._searches):
            while not self._stopping.is_set():
                with self._engine.begin() as connection:
                    count = drop(connection, time.time_ns() // 1000)
                dropped += count
                if count < _AT_ONCE:
                    break
                self._stopping.wait(_REST)
        return dropped

    def _alerts(self, connection: Connection, now: int) -> int:
        return alerts.forget_old(connection, self._settings.closed_days, now, _AT_ONCE)

    def _history(self, connection: Connection, now: int) -> int:
        return activity.forget_old(connection, self._settings.history_days, now, _AT_ONCE)

    def _sent(self, connection: Connection, now: int) -> int:
        return outbox.forget_sent(connection, now - _SENT_DAYS * _DAY, _AT_ONCE)

    def _sessions(self, connection: Connection, now: int) -> int:
        users.forget_sessions(connection, now, self._settings)
        users.forget_tokens(connection, now)
        return 0

    def _searches(self, connection: Connection, now: int) -> int:
        return searches.forget_old(connection, now - _SEARCH_DAYS * _DAY, _AT_ONCE)
