"""Traces for OpenTelemetry, where a collector is named: a span for what takes time as a whole, none for an event.

Spans are made when they end, from times that are measured anyway; without a collector that is one comparison, and
nothing of OpenTelemetry is loaded. Their attributes are numbers, topics and names of ours, never a person's data.
How many are kept, and headers for the collector, are OpenTelemetry's own variables (OTEL_TRACES_SAMPLER,
OTEL_EXPORTER_OTLP_HEADERS).
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

from sluicegate.errors import SettingsError
from sluicegate.settings import Settings
from sluicegate.version import __version__

__all__ = ["SPANS", "record", "start", "stop"]

SPANS = {
    "checkpoint": "records of a partition worked through, in one transaction; events: work, write, commit",
    "intake": "a batch placed in the log; events: place, append",
    "recovery": "from the assignment of a partition until work on it begins",
    "rebalance": "from revocation, or start, to the assignment",
    "console": "a request to the console, by the function that answers",
}
"""Name of a span -> what it spans."""

_SEND_WITHIN = 3.0  # seconds for one request to the collector
_tracer: Any = None
_provider: Any = None


def start(settings: Settings, service: str) -> None:
    """Send spans from now on, if a collector is named. Raises SettingsError where OpenTelemetry is not installed."""
    global _tracer, _provider  # noqa: PLW0603 - one log, one tracer a process
    if not settings.otlp_endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise SettingsError(
            f"SLUICEGATE_OTLP_ENDPOINT is set, but {error.name} is not installed: "
            "install it with `pip install 'sluicegate[otel]'`, or unset the variable"
        ) from None
    url = settings.otlp_endpoint.rstrip("/").removesuffix("/v1/traces") + "/v1/traces"
    names = {"service.name": f"sluicegate-{service}", "service.version": __version__}
    if settings.instance_id:
        names["service.instance.id"] = settings.instance_id
    _provider = TracerProvider(resource=Resource.create(names), shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=_SEND_WITHIN)))
    _tracer = _provider.get_tracer("sluicegate", __version__)


def record(name: str, seconds: float, steps: Mapping[str, float] = {}, *, failed: str = "", **about: Any) -> None:
    """A span of SPANS that ends now. `steps`: seconds of its last parts, in order, each an event at its end.

    `failed`: why, by the class of an error.
    """
    if _tracer is None:
        return
    from opentelemetry.trace import Status, StatusCode

    end = time.time_ns()
    span = _tracer.start_span(name, attributes=about, start_time=end - int(seconds * 1e9))
    at = end - int(sum(steps.values()) * 1e9)
    for step, took in steps.items():
        at += int(took * 1e9)
        span.add_event(step, {"seconds": took}, timestamp=at)
    if failed:
        span.set_status(Status(StatusCode.ERROR, failed))
    span.end(end)


def stop(within: float = 1.0) -> None:
    """Send what waits, for at most so many seconds."""
    global _tracer, _provider
    provider, _tracer, _provider = _provider, None, None
    if provider is not None:
        ending = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        ending.start()
        ending.join(within)
