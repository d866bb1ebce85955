"""How metrics are declared: each label with the closed set of its values, so that all series are known beforehand."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise, product
from math import prod
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase

from sluicegate.label_sets import PARTITIONS, Values

__all__ = ["BulkHistogram", "Instrument", "Instruments"]


class BulkHistogram(Histogram):
    """A histogram that takes the values of a whole checkpoint at once, at a fraction of a microsecond each.

    >>> histogram = BulkHistogram("ages_seconds", "Of records.", buckets=(1, 2), registry=None)
    >>> histogram.observe_all([1.5, 0.5, 2.0, 9.0])
    >>> [sample.value for sample in next(iter(histogram.collect())).samples[:5]]
    [1.0, 3.0, 4.0, 4.0, 13.0]
    """

    def observe_all(self, values: Iterable[float]) -> None:
        ordered = sorted(values)
        places = [0, *(bisect_right(ordered, bound) for bound in self._upper_bounds)]
        for bucket, (first, following) in zip(self._buckets, pairwise(places), strict=True):
            if following > first:
                bucket.inc(following - first)
        self._sum.inc(sum(ordered))


class Instrument(NamedTuple):
    """A metric, and the values of its labels by name."""

    metric: MetricWrapperBase
    sets: Mapping[str, Values]
    buckets: int
    """Of a histogram; 0 for others."""

    @property
    def kind(self) -> str:
        """counter, gauge or histogram."""
        return next(iter(self.metric.describe())).type

    @property
    def name(self) -> str:
        """As it is scraped; of a histogram without `_bucket` and the like."""
        family = next(iter(self.metric.describe()))
        return f"{family.name}_total" if family.type == "counter" else family.name

    @property
    def meaning(self) -> str:
        return next(iter(self.metric.describe())).documentation

    def children(self, partitions: int) -> Iterable[Values]:
        """Every combination of label values, where the log has so many partitions."""
        numbers = tuple(map(str, range(partitions)))
        return product(*(values or numbers for values in self.sets.values()))

    def series(self, partitions: int) -> int:
        """The most series that it has."""
        each = self.buckets + 2 if self.buckets else 1
        return each * prod(len(values) or partitions for values in self.sets.values())


class Instruments:
    """Declares metrics of one registry. Series of closed sets are there from the start: rates then see the first event.

    `sparse` ones come when they are first used, because most combinations of their labels never do.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, of when it began
        self._registry = registry
        self.declared: list[Instrument] = []

    def counter(self, name: str, text: str, *, sparse: bool = False, **sets: Values) -> Counter:
        metric = Counter(f"sluicegate_{name}", text, tuple(sets), registry=self._registry)
        self._declare(metric, sets, sparse)
        return metric

    def gauge(self, name: str, text: str, *, sparse: bool = False, **sets: Values) -> Gauge:
        metric = Gauge(f"sluicegate_{name}", text, tuple(sets), registry=self._registry)
        self._declare(metric, sets, sparse)
        return metric

    def histogram(self, name: str, text: str, buckets: tuple[float, ...], **sets: Values) -> BulkHistogram:
        metric = BulkHistogram(f"sluicegate_{name}", text, tuple(sets), buckets=buckets, registry=self._registry)
        self._declare(metric, sets, sparse=False, buckets=len(buckets) + 1)
        return metric

    def _declare(
        self, metric: MetricWrapperBase, sets: Mapping[str, Values], sparse: bool, *, buckets: int = 0
    ) -> None:
        instrument = Instrument(metric, sets, buckets)
        self.declared.append(instrument)
        if sets and not sparse and PARTITIONS not in sets.values():
            for values in instrument.children(0):
                metric.labels(*values)

    def series(self, partitions: int) -> int:
        """The most series of all together."""
        return sum(instrument.series(partitions) for instrument in self.declared)
