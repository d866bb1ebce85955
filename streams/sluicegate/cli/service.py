"""A small process that runs until it is told to end: signals and the log."""

import logging
import signal
from collections.abc import Callable
from threading import Event
from types import FrameType

from sluicegate import logs
from sluicegate.logs import event
from sluicegate.settings import Settings

__all__ = ["until_stopped"]

logger = logging.getLogger(__name__)


def until_stopped(settings: Settings, name: str, url: str, run: Callable[[], None], stop: Event) -> None:
    """Run; SIGTERM, SIGINT and SIGHUP set `stop`, upon which `run` returns. `url`: where its metrics are."""
    logs.start(settings, name)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what matters of it is said once by us

    def end(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    logger.info("%s: %s", name, url, extra=event("process.started", url=url))
    run()
    logger.info("stopped", extra=event("process.stopped"))
