"""Runs the console: one process, uvicorn under it."""

import logging
import signal
import threading

import uvicorn

from sluicegate import logs, tracing
from sluicegate.console.context import Context
from sluicegate.console.database import open_database
from sluicegate.console.settings import ConsoleSettings
from sluicegate.console.web.site import site
from sluicegate.errors import SettingsError
from sluicegate.rights import enter
from sluicegate.settings import Settings

__all__ = ["serve"]

logger = logging.getLogger(__name__)


def serve(stream: Settings, settings: ConsoleSettings) -> None:
    """Serve until a signal. Raises DatabaseError, SettingsError, BrokerRefusedError."""
    logs.start(stream, "console")
    tracing.start(stream, "console")
    enter(stream, "console")
    context = Context(open_database(settings.database), settings, stream)
    config = uvicorn.Config(
        site(context),
        host=settings.host,
        port=settings.port,
        access_log=False,  # addresses may hold what no log should
        log_config=None,
        timeout_graceful_shutdown=3,
        server_header=False,
        proxy_headers=True,
    )
    server = uvicorn.Server(config)
    place = settings.base_url or f"http://{settings.host}:{settings.port}"
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            # uvicorn raises the signal again when it is done: an orderly end is no death by a signal
            signal.signal(number, server.handle_exit)
    logger.info("console: %s", place, extra=logs.event("process.started", url=place))
    try:
        server.run()
    except SystemExit as end:
        if end.code:
            raise SettingsError(
                f"nothing can listen on {settings.host}:{settings.port}: set SLUICEGATE_CONSOLE_PORT to a free one"
            ) from None
    finally:
        tracing.stop()
