"""Drops runs that nobody asks about any more, little by little."""

import logging
import time
from typing import Any

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import DBAPIError

from sluicegate.clearance.tables import announced_id, announcement, decision, run
from sluicegate.console.background import Background
from sluicegate.logs import event

__all__ = ["KEPT_DAYS", "Keeper", "forget_old"]

logger = logging.getLogger(__name__)

KEPT_DAYS = 90
"""After its last decision, or its announcement; decisions themselves do not change for so long."""
_EVERY = 60.0
_AT_ONCE = 5
"""Runs in a transaction, so that nobody waits long for it."""
_DAY = 86_400_000_000


class Keeper(Background):
    """A thread that keeps the view from growing without end."""

    def __init__(self, engine: Engine) -> None:
        super().__init__("keeper")
        self._engine = engine

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY):
            try:
                while not self._stopping.is_set():
                    with self._engine.begin() as connection:
                        if not forget_old(connection, time.time_ns() // 1000 - KEPT_DAYS * _DAY):
                            break
            except DBAPIError as error:
                logger.warning("old runs stay for now: %s", type(error).__name__, extra=event("rows.postponed"))


def forget_old(connection: Connection, before: int) -> int:
    """Drop some runs of which nothing was told since `before` (µs); how many."""
    old: set[tuple[str, str]] = set()
    for table, at, other, other_at in (
        (run, run.c.updated_at, announcement, announcement.c.at),
        (announcement, announcement.c.at, run, run.c.updated_at),
    ):
        same = (other.c.tenant == table.c.tenant) & (other.c.run_id == table.c.run_id) & (other_at >= before)
        query = select(table.c.tenant, table.c.run_id).where(at < before, ~select(other.c.run_id).where(same).exists())
        old |= {(row.tenant, row.run_id) for row in connection.execute(query.order_by(at).limit(_AT_ONCE))}
    for tenant, name in sorted(old):
        tables: tuple[Any, ...] = (decision, announced_id, announcement, run)
        for table in tables:
            connection.execute(delete(table).where(table.c.tenant == tenant, table.c.run_id == name))
    return len(old)
