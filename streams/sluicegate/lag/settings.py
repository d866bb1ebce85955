"""Settings of the lag exporter; read from the environment as SLUICEGATE_LAG_<NAME>.

Where Kafka is, and how topics and the group are called, are the settings of a worker.

>>> load({"SLUICEGATE_LAG_PORT": "7000"}).port
7000
>>> load({"SLUICEGATE_LAG_EVERY": "3"})
Traceback (most recent call last):
    ...
sluicegate.errors.SettingsError: SLUICEGATE_LAG_EVERY is not a setting
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sluicegate import configuration
from sluicegate.environment import about

__all__ = ["LagSettings", "load"]


class LagSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one lag exporter."""

    host: Annotated[str, about("address of /metrics, /livez and /readyz")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535), about("port of them; 0 takes a free one")] = 6067
    every_seconds: Annotated[Annotated[float, Meta(ge=0.1, le=600)], about("between two looks at Kafka", "s")] = 5.0


def load(environ: Mapping[str, str], **overrides: Any) -> LagSettings:
    """Settings from an environment mapping; `overrides` (options; None = not given) win. Raises SettingsError."""
    settings: LagSettings = configuration.read("lag", environ, overrides)
    return settings
