"""Runs the gateway: one process, uvicorn under it, health and metrics on a port of their own."""

import logging
import math
import signal
import threading

import uvicorn

from sluicegate import logs
from sluicegate.errors import SettingsError
from sluicegate.gateway.patience import bounded
from sluicegate.gateway.settings import GatewaySettings
from sluicegate.gateway.site import Gateway
from sluicegate.ops import OpsServer
from sluicegate.rights import enter
from sluicegate.settings import Settings

__all__ = ["serve"]

logger = logging.getLogger(__name__)

_KEEP_ALIVE = 20
"""Seconds: senders that pause between files keep their connection."""


def serve(stream: Settings, settings: GatewaySettings) -> None:
    """Serve until a signal. Raises DatabaseError, SettingsError, BrokerRefusedError."""
    logs.start(stream, "gateway")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what matters of it is said once by us
    enter(stream, "gateway")
    gateway = Gateway(stream, settings)
    place = (settings.ops_host, settings.ops_port)
    ops = OpsServer(place, "SLUICEGATE_GATEWAY_OPS_PORT", gateway.figures.registry, gateway.ready)
    ops.start()
    config = uvicorn.Config(
        gateway.app,
        host=settings.host,
        port=settings.port,
        http=bounded(settings.header_timeout_seconds),
        access_log=False,  # addresses may hold what no log should
        log_config=None,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=math.ceil(settings.ack_timeout_seconds) + 1,
        limit_concurrency=settings.connections,
        backlog=settings.connections,
        server_header=False,
        proxy_headers=True,
        ssl_certfile=settings.tls_cert_file or None,
        ssl_keyfile=settings.tls_key_file or None,
    )
    try:
        config.load()
    except OSError as error:  # of TLS files; ssl's errors are among them
        ops.ask_to_stop()
        raise SettingsError(
            f"SLUICEGATE_GATEWAY_TLS_CERT_FILE: no certificate with its key in PEM ({error.strerror or error})"
        ) from None
    server = uvicorn.Server(config)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            # uvicorn raises the signal again when it is done: an orderly end is no death by a signal
            signal.signal(number, server.handle_exit)
    url = f"http{'s' if config.is_ssl else ''}://{settings.host}:{settings.port}"
    logger.info("gateway: %s", url, extra=logs.event("process.started", url=url))
    try:
        server.run()
    except SystemExit as end:
        if end.code and gateway.error is not None:
            raise gateway.error from None
        if end.code:
            raise SettingsError(
                f"nothing can listen on {settings.host}:{settings.port}: set SLUICEGATE_GATEWAY_PORT to a free one"
            ) from None
    finally:
        ops.ask_to_stop()
    logger.info("stopped", extra=logs.event("process.stopped"))
