"""Every setting of a worker: type, unit, default, bounds, meaning; read from the environment as SLUICEGATE_<NAME>.

A variable of that prefix which is no setting is refused: a mistyped one would otherwise be ignored in silence.

>>> Settings().environment_name("web_port")
'SLUICEGATE_WEB_PORT'
>>> load({"SLUICEGATE_WEB_PORT": "7070"}).web_port
7070
>>> load({"SLUICEGATE_WEBPORT": "7070"})
Traceback (most recent call last):
    ...
sluicegate.errors.SettingsError: SLUICEGATE_WEBPORT is not a setting (did you mean SLUICEGATE_WEB_PORT?)
>>> load({"SLUICEGATE_WEB_PORT": "many"})
Traceback (most recent call last):
    ...
sluicegate.errors.SettingsError: SLUICEGATE_WEB_PORT: Expected `int`, got `str`
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta

from sluicegate import configuration
from sluicegate.configuration import PREFIX
from sluicegate.connection import Connection
from sluicegate.environment import about as _about

__all__ = ["PREFIX", "Settings", "load"]

Bytes = Annotated[int, Meta(ge=65536, le=1 << 30)]
Seconds = Annotated[float, Meta(gt=0, le=86400)]
Millis = Annotated[int, Meta(ge=0, le=10000)]
SecondsOrNone = Annotated[float, Meta(ge=0, le=86400)]
StopSeconds = Annotated[float, Meta(gt=2, le=600)]
TransactionSeconds = Annotated[float, Meta(ge=1, le=10)]
Slice = Annotated[int, Meta(ge=1, le=1000)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Records = Annotated[int, Meta(ge=1, le=100_000)]
TopicPrefix = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9._-]{0,100}$")]


class Settings(Connection, frozen=True, kw_only=True):
    """Settings of one worker process. Times are seconds unless the name says `_ms`."""

    app_id: Annotated[
        str, Meta(pattern=r"^[a-zA-Z0-9._-]{1,100}$"), _about("consumer group, and start of the transactional ids")
    ] = "sluicegate"
    instance_id: Annotated[str, _about("static group member id (a pod's name): a restart is then no rebalance")] = ""
    agents: Annotated[
        Literal["all", "intake", "detect"],
        _about("what this worker runs, detect with the counts across tenants; all workers of a group run the same"),
    ] = "all"
    topic_prefix: Annotated[TopicPrefix, _about("put in front of every topic's name")] = ""
    output_prefix: Annotated[
        TopicPrefix | None,
        _about("put in front of state and output topics instead: a second application reads the same log apart"),
    ] = None
    partitions: Annotated[
        int, Meta(ge=1, le=1024), _about("of topics that are made here; the log keeps the count it was made with")
    ] = 4
    replication_factor: Annotated[
        int, Meta(ge=-1, le=15), _about("of topics that are made here; -1 leaves it to the broker")
    ] = -1

    session_timeout: Annotated[
        Seconds, _about("silence after which the group gives a worker's partitions away", "s")
    ] = 10.0
    heartbeat_interval: Annotated[Seconds, _about("between signs of life to the group", "s")] = 2.0
    rebalance_timeout: Annotated[Seconds, _about("a rebalance waits so long for a worker's checkpoint", "s")] = 12.0
    request_timeout: Annotated[Seconds, _about("for one request to the broker", "s")] = 20.0
    transaction_timeout: Annotated[
        TransactionSeconds,
        _about("after which the broker ends a dead worker's transaction, which readers wait for", "s"),
    ] = 10.0
    rejoin_after: Annotated[Seconds, _about("a fenced partition waits so long for a new assignment", "s")] = 15.0

    intake_interval_ms: Annotated[Millis, _about("least time between two batches into the log", "ms")] = 15
    checkpoint_interval_ms: Annotated[Millis, _about("least time between two checkpoints of a partition", "ms")] = 30
    work_ms: Annotated[Slice, _about("most work on one partition before the others' turn", "ms")] = 50
    merge_idle_ms: Annotated[Millis, _about("intake waits so long for a source topic known to have more", "ms")] = 500
    poll_records: Annotated[Records, _about("most records in one chunk", "records")] = 2000
    fetch_bytes: Annotated[Bytes, _about("most bytes of one fetch and partition", "bytes")] = 1 << 20
    buffer_bytes: Annotated[Bytes, _about("waiting in memory per partition before it is paused", "bytes")] = 4 << 20

    starter_list: Annotated[
        bool, _about("publish the built-in starter list where the topic of sanctions lists is empty")
    ] = True

    tick_seconds: Annotated[Seconds, _about("between ticks of wall time in the log", "s")] = 60.0
    backlog_seconds: Annotated[Seconds, _about("a record unread for longer is a backlog: no ticks meanwhile", "s")] = (
        30.0
    )
    verify_seconds: Annotated[Seconds, _about("between checks that the log is still the same topic", "s")] = 5.0
    keep_state_seconds: Annotated[
        SecondsOrNone, _about("a revoked partition's state is kept, should it come back", "s")
    ] = 3600.0
    stop_timeout: Annotated[StopSeconds, _about("on SIGTERM, until the process ends at the latest", "s")] = 4.5

    web_host: Annotated[str, _about("address of /metrics, /livez and /readyz")] = "127.0.0.1"
    web_port: Annotated[Port, _about("port of them; 0 takes a free one")] = 6066
    stuck_after: Annotated[Seconds, _about("/livez fails when the loop or a checkpoint hangs for longer", "s")] = 60.0
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _about("least level that is logged")] = "info"
    log_format: Annotated[
        Literal["console", "json"], _about("lines for people, or one JSON object a line for a collector")
    ] = "console"
    otlp_endpoint: Annotated[
        str,
        Meta(pattern=r"^(https?://\S+)?$"),
        _about("OpenTelemetry collector (OTLP over HTTP) for traces; empty: none"),
    ] = ""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """(field, why) of settings that do not go together."""
        yield from super().conflicts()
        if self.heartbeat_interval >= self.session_timeout:
            yield "heartbeat_interval", f"must be shorter than session_timeout, which is {self.session_timeout:g} s"

    @property
    def outputs(self) -> str:
        """Prefix of state and output topics."""
        return self.topic_prefix if self.output_prefix is None else self.output_prefix

    @staticmethod
    def environment_name(field: str) -> str:
        return PREFIX + field.upper()


def load(environ: Mapping[str, str], **overrides: Any) -> Settings:
    """Settings from an environment mapping; `overrides` (from command-line options, None = not given) win.

    Raises SettingsError, naming the variable, and the option if the value came from there.
    """
    settings: Settings = configuration.read("worker", environ, overrides)
    return settings
