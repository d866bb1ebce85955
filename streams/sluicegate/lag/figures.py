"""The lag exporter's metrics, from the last look at Kafka. Labels are of closed sets."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Metric, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sluicegate.instruments import Instruments
from sluicegate.lag.look import Look

__all__ = ["GAUGES", "Figures"]

_PLACE = ["stage", "topic", "partition"]
GAUGES = {
    "records": ("Records that wait in a partition for a stage: intake, as of its last commit, detect, shared.", _PLACE),
    "seconds": (
        "For how long the oldest of them has been waiting, by the time of its record; 0 when none does.",
        _PLACE,
    ),
    "position": ("Offset of the next record to work through.", _PLACE),
    "end": ("Offset after the last committed record.", _PLACE),
    "group_members": ("Workers in the group.", []),
    "broker_away_seconds": ("For how long no broker has answered; 0 when one does.", []),
    "refreshed_timestamp_seconds": ("When all of this was last looked at; 0 before.", []),
}
"""Name after `sluicegate_lag_` -> meaning and labels."""
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Figures(Collector):
    """What is shown; `look` is the last one. Between looks nothing is made up: a wait grows with the next look."""

    def __init__(self, away: Callable[[], float]) -> None:
        """`away`: for how long no broker has answered, in seconds."""
        self.look: Look | None = None
        self._away = away
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.instruments = Instruments(self.registry)
        self.refresh = self.instruments.histogram("lag_refresh_seconds", "Of one look at Kafka.", _BUCKETS)
        self.registry.register(self)

    def collect(self) -> Iterable[Metric]:
        families = {
            name: GaugeMetricFamily(f"sluicegate_lag_{name}", meaning, labels=labels)
            for name, (meaning, labels) in GAUGES.items()
        }
        look = self.look
        families["broker_away_seconds"].add_metric([], self._away())
        families["refreshed_timestamp_seconds"].add_metric([], look.at if look is not None else 0.0)
        if look is not None:
            families["group_members"].add_metric([], look.members)
            for place in look.places:
                labels = [place.stage, place.topic, str(place.partition)]
                families["records"].add_metric(labels, place.records)
                families["seconds"].add_metric(labels, place.seconds(look.at))
                families["position"].add_metric(labels, place.position)
                families["end"].add_metric(labels, place.end)
        return families.values()
