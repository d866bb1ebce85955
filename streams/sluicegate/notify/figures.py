"""The notifier's metrics. Labels are of closed sets; the names of endpoints are not among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, ProcessCollector

from sluicegate.instruments import Instruments
from sluicegate.notify.endpoints import KINDS, Endpoint
from sluicegate.notify.outcomes import OUTCOMES
from sluicegate.notify.store.outbox import Waiting

__all__ = ["Figures"]

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_KINDS = tuple(KINDS)
_ENDS = ("sent", "dead")


class Figures:
    """One registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.instruments = made = Instruments(self.registry)
        self.attempts = made.counter(
            "notify_attempts", "Attempts to deliver, by what they came to.", kind=_KINDS, outcome=OUTCOMES
        )
        self.seconds = made.histogram("notify_attempt_seconds", "Time of an attempt.", _BUCKETS, kind=_KINDS)
        self.deliveries = made.counter(
            "notify_deliveries", "Alerts that a receiver has, or that were given up.", kind=_KINDS, outcome=_ENDS
        )
        self.waiting = made.gauge("notify_waiting", "Deliveries that wait, or are tried again.", kind=_KINDS)
        self.oldest = made.gauge(
            "notify_oldest_waiting_seconds", "How long the oldest of them has been due; 0 where none is.", kind=_KINDS
        )
        self.dead = made.gauge("notify_dead", "Deliveries given up, and neither replayed nor forgotten.", kind=_KINDS)
        self.disabled = made.gauge(
            "notify_disabled_endpoints", "Endpoints that answered 410 Gone and are told nothing any more.", kind=_KINDS
        )
        self.behind = made.gauge("notify_behind_records", "Records of the topic alerts that are not entered yet.")
        self.away = made.gauge("notify_away_seconds", "Time for which Kafka or the database has not answered.")
        self.omitted = made.counter("notify_omitted_records", "Records of the topic alerts that could not be read.")
        self.leading = made.gauge("notify_leading", "1 where this process delivers, 0 where it stands by.")

    def show(
        self,
        endpoints: Iterable[Endpoint],
        waiting: Mapping[str, Waiting],
        dead: Mapping[str, int],
        disabled: Iterable[str],
        now: int,
    ) -> None:
        """What the database holds, summed over the endpoints of each kind. `now`: µs."""
        off = set(disabled)
        own = list(endpoints)
        for kind in _KINDS:
            names = [one.name for one in own if one.kind == kind]
            held = [waiting[name] for name in names if name in waiting]
            oldest = min((one.oldest for one in held if one.oldest), default=now)
            self.waiting.labels(kind).set(sum(one.count for one in held))
            self.oldest.labels(kind).set((now - oldest) / 1e6)
            self.dead.labels(kind).set(sum(dead.get(name, 0) for name in names))
            self.disabled.labels(kind).set(len(off.intersection(names)))
