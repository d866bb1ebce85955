"""A collector of traces for tests: OTLP over HTTP, decoded by OpenTelemetry's own protocol definitions."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

__all__ = ["Collected", "Span", "collector"]


@dataclass(frozen=True)
class Span:
    """As received. `events`: name, and seconds since the start of the span."""

    name: str
    seconds: float
    attributes: dict[str, Any]
    events: list[tuple[str, float]]
    failed: str
    resource: dict[str, Any]


@dataclass
class Collected:
    url: str
    spans: list[Span] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        self.raw.append(body)
        for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = _plain(of_resource.resource.attributes)
            for one in (span for scope in of_resource.scope_spans for span in scope.spans):
                start = one.start_time_unix_nano
                self.spans.append(
                    Span(
                        one.name,
                        (one.end_time_unix_nano - start) / 1e9,
                        _plain(one.attributes),
                        [(event.name, (event.time_unix_nano - start) / 1e9) for event in one.events],
                        one.status.message,
                        resource,
                    )
                )


@contextmanager
def collector() -> Iterator[Collected]:
    """Receives until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.path == "/v1/traces"
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            received.take(body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received = Collected(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield received
        finally:
            server.shutdown()


def _plain(attributes: Any) -> dict[str, Any]:
    found = {}
    for one in attributes:
        value = getattr(one.value, one.value.WhichOneof("value"))
        found[one.key] = value
    return found
