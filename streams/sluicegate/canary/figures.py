"""The canary's metrics."""

from prometheus_client import CollectorRegistry, ProcessCollector

from sluicegate.instruments import Instruments

__all__ = ["Figures"]

_BUCKETS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60)


class Figures:
    """One registry per process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.instruments = made = Instruments(self.registry)
        self.sent = made.counter("canary_sent", "Payments whose turn came, sent or not.")
        self.seen = made.counter("canary_seen", "Payments whose alert came in time.")
        self.lost = made.counter("canary_lost", "Payments whose alert did not come in time.")
        self.seconds = made.histogram("canary_seconds", "From sending a payment to reading its alert.", _BUCKETS)
        self.last_sent = made.gauge(
            "canary_last_sent_timestamp_seconds", "When the last payment's turn came; 0 before any."
        )
        self.last_seen = made.gauge(
            "canary_last_seen_timestamp_seconds", "When the last alert came in time; 0 before any."
        )
