"""The console's metrics, read when they are asked for. Labels are of closed sets, and none tells of a person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from sluicegate.console.people import Person
from sluicegate.console.store import outbox, queue
from sluicegate.console.tables import session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric

    from sluicegate.console.context import Context

__all__ = ["GAUGES", "REQUESTS", "collected"]

REQUESTS = Histogram(
    "sluicegate_console_request_seconds",
    "Time until an answer begins, by page",
    ["page"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)
GAUGES = {
    "feed_behind_records": ("Records of its topics that are not in the database yet", ["feed"]),
    "feed_away_seconds": ("Time for which Kafka or the database has not answered a feed", ["feed"]),
    "feed_refused_records": ("Records that could not be entered since the start", ["feed"]),
    "publisher_away_seconds": ("Time for which verdicts have not left although they should", []),
    "outbox_verdicts": ("Verdicts that have not left yet", []),
    "outbox_oldest_seconds": ("How long the oldest verdict could have left already", []),
    "waiting_alerts": ("Alerts that wait for a decision; 1,000 is at least", ["severity"]),
    "sessions": ("Sessions that have not ended", []),
}
"""Name after `sluicegate_console_` -> meaning and labels."""
_NOBODY = Person(0, "metrics", "viewer", ("*",))


def collected(context: Context) -> CollectorRegistry:
    """All metrics of one console."""
    registry = CollectorRegistry()
    registry.register(REQUESTS)
    registry.register(_Figures(context))
    return registry


class _Figures(Collector):
    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is asked of the database when this is registered

    def collect(self) -> Iterable[Metric]:
        behind = _gauge("feed_behind_records")
        away = _gauge("feed_away_seconds")
        refused = _gauge("feed_refused_records")
        now = time.monotonic()
        for feed in self._context.feeds:
            behind.add_metric([feed.name], feed.state.behind)
            away.add_metric([feed.name], _since(feed.state.away_since, now))
            refused.add_metric([feed.name], feed.state.refused)
        yield from (behind, away, refused)
        stuck = _gauge("publisher_away_seconds")
        stuck.add_metric([], _since(self._context.publisher.away_since, now))
        yield stuck
        try:
            yield from self._of_database()
        except DBAPIError:
            return  # /readyz says so; what is known without it is still told

    def _of_database(self) -> Iterable[Metric]:
        clock = self._context.now()
        with self._context.reading() as connection:
            waiting = outbox.waiting(connection, clock)
            counts = queue.counts(connection, _NOBODY, queue.Filter())
            sessions = connection.scalar(select(func.count()).select_from(session)) or 0
        depth = _gauge("outbox_verdicts")
        depth.add_metric([], waiting.count)
        oldest = _gauge("outbox_oldest_seconds")
        oldest.add_metric([], (clock - waiting.oldest) / 1e6 if waiting.oldest else 0.0)
        alerts = _gauge("waiting_alerts")
        for severity, count in counts.items():
            alerts.add_metric([severity], count)
        open_ = _gauge("sessions")
        open_.add_metric([], sessions)
        yield from (depth, oldest, alerts, open_)


def _gauge(name: str) -> GaugeMetricFamily:
    meaning, labels = GAUGES[name]
    return GaugeMetricFamily(f"sluicegate_console_{name}", meaning, labels=labels)


def _since(moment: float | None, now: float) -> float:
    return 0.0 if moment is None else now - moment
