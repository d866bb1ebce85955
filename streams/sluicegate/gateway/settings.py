"""Settings of the HTTP gateway; read from the environment as SLUICEGATE_GATEWAY_<NAME>.

Where Kafka is, and how topics are called, are the settings of a worker.

>>> load({"SLUICEGATE_GATEWAY_PORT": "9000"}).port
9000
>>> load({"SLUICEGATE_GATEWAY_TLS_CERT_FILE": "/dev/null"})
Traceback (most recent call last):
    ...
sluicegate.errors.SettingsError: SLUICEGATE_GATEWAY_TLS_CERT_FILE: is of no use without tls_key_file
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sluicegate import configuration
from sluicegate.environment import about

__all__ = ["GatewaySettings", "load"]

Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[float, Meta(ge=0.1, le=600)]
Bytes = Annotated[int, Meta(ge=8 << 20, le=1 << 33)]
Connections = Annotated[int, Meta(ge=1, le=100_000)]
Failures = Annotated[int, Meta(ge=1, le=10_000)]

_FILES = ("tls_cert_file", "tls_key_file")


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one gateway."""

    host: Annotated[str, about("address to listen on")] = "127.0.0.1"
    port: Annotated[Port, about("port to listen on; 0 takes a free one")] = 8090
    ops_host: Annotated[str, about("address of /livez, /readyz and /metrics")] = "127.0.0.1"
    ops_port: Annotated[Port, about("port of them, without token; 0 takes a free one")] = 6070
    tokens: Annotated[
        str, Meta(min_length=1), about("file of the tokens' digests; `sluicegate gateway token new` makes it")
    ] = "sluicegate-gateway-tokens.json"
    database: Annotated[
        str,
        Meta(min_length=1),
        about("SQLAlchemy URL of the view of pay runs: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"),
    ] = "sqlite:///sluicegate-gateway.db"
    tls_cert_file: Annotated[str, about("certificate chain in PEM; empty: plain HTTP, for behind a proxy")] = ""
    tls_key_file: Annotated[str, about("its private key in PEM")] = ""

    ack_timeout_seconds: Annotated[
        Annotated[float, Meta(ge=0.5, le=60)], about("Kafka has so long to acknowledge; then 503", "s")
    ] = 5.0
    body_timeout_seconds: Annotated[Seconds, about("a request's body has so long to arrive; then 408", "s")] = 30.0
    header_timeout_seconds: Annotated[
        Seconds, about("its head has so long to arrive; then the connection is closed", "s")
    ] = 10.0
    in_flight_bytes: Annotated[Bytes, about("most bytes of requests that are worked on at once; then 429", "bytes")] = (
        128 << 20
    )
    tenant_in_flight_bytes: Annotated[Bytes, about("and of those of one tenant", "bytes")] = 32 << 20
    connections: Annotated[Connections, about("most connections at once; further ones get 503")] = 1000
    failures_per_minute: Annotated[
        Failures, about("requests of one address without a good token that get 401; further ones get 429")
    ] = 30

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """(field, why) of settings that do not go together."""
        for one, other in (_FILES, _FILES[::-1]):
            if getattr(self, one) and not getattr(self, other):
                yield one, f"is of no use without {other}"
        if self.tenant_in_flight_bytes > self.in_flight_bytes:
            yield "tenant_in_flight_bytes", f"must not be above in_flight_bytes, which is {self.in_flight_bytes}"
        if self.ops_port and (self.ops_host, self.ops_port) == (self.host, self.port):
            yield "ops_port", "must not be that of the gateway itself"

    def absent(self) -> Iterator[tuple[str, str]]:
        """Files that cannot be read here: field, and what is wrong. Tokens may be made later."""
        for field in _FILES:
            if path := getattr(self, field):
                try:
                    with open(path, "rb"):
                        pass
                except OSError as error:
                    yield field, f"cannot read {path} ({error.strerror}): correct the path, or let this user read it"


def load(environ: Mapping[str, str], **overrides: Any) -> GatewaySettings:
    """Settings from an environment mapping; `overrides` (options; None = not given) win. Raises SettingsError."""
    settings: GatewaySettings = configuration.read("gateway", environ, overrides)
    return settings
