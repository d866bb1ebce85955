"""The folder watcher's metrics; labels are of closed sets."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sluicegate.instruments import Instruments

__all__ = ["FILE_OUTCOMES", "GAUGES", "Figures"]

FILE_OUTCOMES = ("done", "failed")
OUTCOMES = ("event", "dead_letter")
GAUGES = {
    "waiting_files": "Files in the folder that are not taken yet.",
    "oldest_seconds": "Since when the oldest of them has not been changed; 0 when none waits.",
    "broker_away_seconds": "For how long no broker has answered; 0 when one does.",
}
"""Name after `sluicegate_folder_` -> meaning."""


class Figures(Collector):
    """What is counted, and what is looked at when asked."""

    def __init__(self, look: Callable[[], dict[str, float]]) -> None:
        """`look`: gauges by name."""
        self._look = look
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.instruments = Instruments(self.registry)
        counter = self.instruments.counter
        self.files = counter(
            "folder_files_total", "Files that were read, by where they are now.", outcome=FILE_OUTCOMES
        )
        self.transactions = counter("folder_transactions_total", "Transactions of these files.", outcome=OUTCOMES)
        self.registry.register(self)

    def collect(self) -> Iterable[Metric]:
        found = self._look()
        for name, meaning in GAUGES.items():
            family = GaugeMetricFamily(f"sluicegate_folder_{name}", meaning)
            family.add_metric([], found[name])
            yield family
