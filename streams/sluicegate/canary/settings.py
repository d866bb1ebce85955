"""Settings of the canary; read from the environment as SLUICEGATE_CANARY_<NAME>.

Where Kafka is, and how topics are called, are the settings of a worker.

>>> load({"SLUICEGATE_CANARY_EVERY_SECONDS": "10"}).every_seconds
10.0
>>> load({"SLUICEGATE_CANARY_EVERY_SECOND": "10"})
Traceback (most recent call last):
    ...
sluicegate.errors.SettingsError: SLUICEGATE_CANARY_EVERY_SECOND is not a setting (did you mean \
SLUICEGATE_CANARY_EVERY_SECONDS?)
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sluicegate import configuration
from sluicegate.environment import about

__all__ = ["CanarySettings", "load"]


class CanarySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one canary."""

    host: Annotated[str, about("address of /metrics, /livez and /readyz")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535), about("port of them; 0 takes a free one")] = 6068
    every_seconds: Annotated[Annotated[float, Meta(ge=1, le=3600)], about("between two payments", "s")] = 60.0
    lost_after_seconds: Annotated[
        Annotated[float, Meta(gt=0, le=3600)], about("a payment without its alert for longer counts as lost", "s")
    ] = 30.0


def load(environ: Mapping[str, str], **overrides: Any) -> CanarySettings:
    """Settings from an environment mapping; `overrides` (options; None = not given) win. Raises SettingsError."""
    settings: CanarySettings = configuration.read("canary", environ, overrides)
    return settings
