"""What the console's port for operations tells: whether requests can be served and alerts arrive, and its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from sluicegate.console.figures import collected
from sluicegate.ops import OpsServer

if TYPE_CHECKING:
    from sluicegate.console.context import Context

__all__ = ["Ops"]


class Ops(OpsServer):
    """`/readyz`: the database answers and alerts are read. Raises SettingsError where the port is taken."""

    def __init__(self, context: Context) -> None:
        settings = context.settings
        place = (settings.ops_host, settings.ops_port)
        super().__init__(place, "SLUICEGATE_CONSOLE_OPS_PORT", collected(context), lambda: _ready(context))


def _ready(context: Context) -> tuple[bool, dict[str, object]]:
    try:
        with context.reading() as connection:
            connection.execute(select(1))
        database = True
    except SQLAlchemyError:
        database = False
    feeds = {
        feed.name: {"behind": feed.state.behind, "caught_up": feed.state.caught_up, "why": feed.state.why}
        for feed in context.feeds
    }
    alerts = context.feeds[0].state
    return database and alerts.caught_up and alerts.away_since is None, {"database": database, "feeds": feeds}
