"""Settings of the folder watcher; read from the environment as SLUICEGATE_FOLDER_<NAME>.

>>> load({"SLUICEGATE_FOLDER_SETTLE_SECONDS": "30"}).settle_seconds
30.0
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from sluicegate import configuration
from sluicegate.environment import about

__all__ = ["FolderSettings", "load"]

Seconds = Annotated[float, Meta(ge=0.1, le=3600)]


class FolderSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of one folder watcher."""

    every_seconds: Annotated[Seconds, about("between two looks at the folder", "s")] = 2.0
    settle_seconds: Annotated[
        Seconds, about("a file is taken once it has neither grown nor been touched for this long", "s")
    ] = 5.0
    ops_host: Annotated[str, about("address of /metrics, /livez and /readyz")] = "127.0.0.1"
    ops_port: Annotated[int, Meta(ge=0, le=65535), about("port of them; 0: none")] = 0


def load(environ: Mapping[str, str], **overrides: Any) -> FolderSettings:
    """Settings from an environment mapping; `overrides` (options; None = not given) win. Raises SettingsError."""
    settings: FolderSettings = configuration.read("folder", environ, overrides)
    return settings
