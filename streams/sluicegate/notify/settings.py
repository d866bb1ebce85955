"""Settings of the notifier; read from the environment as SLUICEGATE_NOTIFY_<NAME>. Endpoints have a file of their own.

Where Kafka is, and how topics are called, are the settings of a worker.

>>> load({"SLUICEGATE_NOTIFY_KEEP_DAYS": "7"}).keep_days
7
>>> load({"SLUICEGATE_NOTIFY_KEEP_DAY": "7"})
Traceback (most recent call last):
    ...
sluicegate.errors.SettingsError: SLUICEGATE_NOTIFY_KEEP_DAY is not a setting (did you mean SLUICEGATE_NOTIFY_KEEP_DAYS?)
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sluicegate import configuration
from sluicegate.environment import about

__all__ = ["NotifySettings", "load"]


class NotifySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one notifier."""

    endpoints: Annotated[str, about("TOML file of those who are told: webhooks, Slack, e-mail")] = ""
    database: Annotated[
        str, Meta(min_length=1), about("SQLAlchemy URL: sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")
    ] = "sqlite:///sluicegate-notify.db"
    host: Annotated[str, about("address of /metrics, /livez and /readyz")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535), about("port of them; 0 takes a free one")] = 6071
    start: Annotated[
        Literal["end", "beginning"],
        about("where the very first start begins in the topic alerts; later ones go on where the last one came to"),
    ] = "end"
    keep_days: Annotated[
        Annotated[int, Meta(ge=1, le=3650)],
        about("what was delivered or given up is kept so long, to be listed and replayed", "d"),
    ] = 30


def load(environ: Mapping[str, str], **overrides: Any) -> NotifySettings:
    """Settings from an environment mapping; `overrides` (options; None = not given) win. Raises SettingsError."""
    settings: NotifySettings = configuration.read("notify", environ, overrides)
    return settings
