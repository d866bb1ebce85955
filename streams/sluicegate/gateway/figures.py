"""The gateway's metrics. No tenant, token or address becomes a label."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, ProcessCollector

from sluicegate.gateway.refusals import REASONS
from sluicegate.instruments import Instruments
from sluicegate.wire.schema import INPUT_TYPES

__all__ = ["ROUTES", "Figures", "status_label"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ROUTES = ("events", "runs", "openapi", "other")
STATUSES = ("200", "202", "400", "401", "403", "404", "405", "408", "409", "413", "415", "422", "429", "500", "503")
OTHER = "other"


class Figures:
    """One registry a process."""

    def __init__(self, held: Callable[[], float] = lambda: 0.0) -> None:
        """`held`: bytes that are worked on."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.instruments = made = Instruments(self.registry)
        self.requests = made.counter(
            "gateway_requests",
            "Requests answered, by route and status.",
            sparse=True,
            route=ROUTES,
            status=(*STATUSES, OTHER),
        )
        self.seconds = made.histogram(
            "gateway_request_seconds", "From a request's head to the end of its answer.", _BUCKETS, route=ROUTES
        )
        self.refused = made.counter("gateway_refused", "Requests refused, by reason.", reason=REASONS)
        self.accepted = made.counter(
            "gateway_events_accepted", "Events that Kafka has acknowledged, by type.", type=tuple(INPUT_TYPES)
        )
        self.unknown = made.counter(
            "gateway_events_unacknowledged",
            "Events of which nobody knows whether Kafka has them: their sender was told to send again.",
            type=tuple(INPUT_TYPES),
        )
        self.faulty = made.counter("gateway_events_faulty", "Events that were refused for what is in them.")
        self.ack_seconds = made.histogram(
            "gateway_ack_seconds",
            "From handing a request's events to the producer to the last acknowledgement.",
            _BUCKETS,
        )
        self.in_flight = made.gauge("gateway_in_flight_bytes", "Bytes of requests that are worked on.")
        self.in_flight.set_function(held)
        self.kafka_up = made.gauge("gateway_kafka_up", "1 where Kafka answers and has the topics, else 0.")


def status_label(status: int) -> str:
    """A status as a label's value."""
    return text if (text := str(status)) in STATUSES else OTHER
