"""Clearance's metrics, read when they are asked for. Labels are of closed sets, and none tells of a tenant or a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError

from sluicegate.clearance.runs import overdue
from sluicegate.wire.decisions import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client import Metric

    from sluicegate.clearance.service import Clearance

__all__ = ["COUNTERS", "GAUGES", "Figures"]

GAUGES = {
    "stuck_holds": "Runs past their time with payments that are not scored, and held for it.",
    "stuck_oldest_seconds": "For how long the oldest of these has been late.",
    "waiting_payments": "Announced payments that are not scored yet.",
    "behind_records": "Records of decisions, runs and policies that the view does not hold yet.",
    "away_seconds": "For how long Kafka or the view's database has not answered; 0 when both do.",
}
"""Name after `sluicegate_clearance_` -> meaning."""
COUNTERS = {
    "decisions_read": "Decisions taken into the view since the start, by what they decide.",
    "records_omitted": "Records that could not be taken into the view since the start; the log names each.",
}


class Figures(Collector):
    """Of one gateway's view."""

    def __init__(self, clearance: Clearance) -> None:
        self._clearance = clearance

    def describe(self) -> Iterable[Metric]:
        return ()  # nothing is asked of the database when this is registered

    def collect(self) -> Iterable[Metric]:
        feed = self._clearance.feed
        if feed is None:
            return
        read = CounterMetricFamily(
            "sluicegate_clearance_decisions_read", COUNTERS["decisions_read"], labels=["decision"]
        )
        for kind in get_args(Verdict):
            read.add_metric([kind], feed.read[kind])
        yield read
        omitted = feed.unsound + feed.state.refused
        yield CounterMetricFamily("sluicegate_clearance_records_omitted", COUNTERS["records_omitted"], value=omitted)
        yield _gauge("behind_records", feed.state.behind)
        since = feed.state.away_since
        yield _gauge("away_seconds", 0.0 if since is None else time.monotonic() - since)
        try:
            with self._clearance.reading() as connection:
                late = overdue(connection, self._clearance.now())
        except DBAPIError:
            return  # /readyz says so; what is known without it is still told
        yield _gauge("stuck_holds", late.stuck)
        yield _gauge("stuck_oldest_seconds", late.oldest)
        yield _gauge("waiting_payments", late.waiting)


def _gauge(name: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sluicegate_clearance_{name}", GAUGES[name], value=value)
