"""Every setting of the console; read from the environment as SLUICEGATE_CONSOLE_<NAME>.

Where Kafka is, and how topics are called, are the settings of a worker: SLUICEGATE_BROKER, SLUICEGATE_TOPIC_PREFIX.

>>> load({"SLUICEGATE_CONSOLE_PORT": "9000"}).port
9000
>>> load({"SLUICEGATE_CONSOLE_PORTS": "9000"})
Traceback (most recent call last):
    ...
sluicegate.errors.SettingsError: SLUICEGATE_CONSOLE_PORTS is not a setting (did you mean SLUICEGATE_CONSOLE_PORT?)
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sluicegate import configuration
from sluicegate.environment import about

__all__ = ["ConsoleSettings", "load"]

Hours = Annotated[float, Meta(gt=0, le=720)]
Days = Annotated[int, Meta(ge=1, le=3650)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


class ConsoleSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one console process."""

    database: Annotated[
        str, Meta(min_length=1), about("SQLAlchemy URL: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    ] = "sqlite:///sluicegate-console.db"
    host: Annotated[str, about("address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535), about("port to listen on; 0 takes a free one")] = 8080
    ops_port: Annotated[
        int, Meta(ge=0, le=65535), about("port of /livez, /readyz and /metrics, without sign-in; 0: none")
    ] = 0
    ops_host: Annotated[str, about("address on which ops_port listens")] = "127.0.0.1"
    base_url: Annotated[
        str,
        about(
            "address by which browsers reach the console, where a proxy stands before it; https makes cookies secure"
        ),
    ] = ""
    session_hours: Annotated[Hours, about("a session ends after this time without use", "h")] = 8.0
    session_most_hours: Annotated[Hours, about("and at the latest after this time", "h")] = 24.0
    undo_seconds: Annotated[Seconds, about("a verdict waits so long before it leaves, and can be undone", "s")] = 10.0
    claim_minutes: Annotated[
        Annotated[int, Meta(ge=1, le=1440)], about("a claim lapses after this time without use", "min")
    ] = 30
    second_person: Annotated[
        bool, about("closing a sanctions or critical alert needs the agreement of a second person")
    ] = True
    history_days: Annotated[Days, about("payments and changes of a payee are kept so long for its timeline", "d")] = 100
    closed_days: Annotated[
        Days, about("closed alerts are kept so long; verdicts and the audit trail always are", "d")
    ] = 400
    allow_days: Annotated[Days, about("longest time for which an alert can be snoozed or a finding allowed", "d")] = 365
    signins_per_minute: Annotated[
        Annotated[int, Meta(ge=1, le=1000)], about("attempts to sign in, by address and by user, before waiting")
    ] = 10
    oidc_issuer: Annotated[str, about("OpenID Connect issuer; empty: local users only")] = ""
    oidc_client_id: Annotated[str, about("client id at the issuer")] = ""
    oidc_secret_file: Annotated[str, about("file that holds the client secret")] = ""
    oidc_roles_claim: Annotated[str, about("claim of the id token that names the role")] = "sluicegate_role"
    oidc_tenants_claim: Annotated[str, about("claim that lists the tenants; `*` is all")] = "sluicegate_tenants"

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """(field, why) of settings that do not go together."""
        if self.session_hours > self.session_most_hours:
            yield "session_hours", f"must not be above session_most_hours, which is {self.session_most_hours:g} h"
        if self.ops_port and (self.ops_host, self.ops_port) == (self.host, self.port):
            yield "ops_port", "must not be that of the console itself"
        if self.oidc_issuer and not self.oidc_client_id:
            yield "oidc_client_id", "is needed with oidc_issuer"


def load(environ: Mapping[str, str], **overrides: Any) -> ConsoleSettings:
    """Settings from an environment mapping; `overrides` (options; None = not given) win. Raises SettingsError."""
    settings: ConsoleSettings = configuration.read("console", environ, overrides)
    return settings
