"""Health and metrics on a port of their own, which stands open to nobody but those who watch the machines."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import msgspec
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from sluicegate.console.background import Background
from sluicegate.console.figures import collected
from sluicegate.errors import SettingsError

if TYPE_CHECKING:
    from sluicegate.console.context import Context

__all__ = ["Ops"]


class Ops(Background):
    """Answers `/livez` (the process runs), `/readyz` (the database answers and alerts are read) and `/metrics`."""

    def __init__(self, context: Context) -> None:
        super().__init__("ops")
        registry = collected(context)

        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # somebody who says nothing holds a thread no longer

            def do_GET(self) -> None:
                if self.path == "/livez":
                    self._answer(200, b"{}", "application/json")
                elif self.path == "/readyz":
                    ready, body = _ready(context)
                    self._answer(200 if ready else 503, body, "application/json")
                elif self.path == "/metrics":
                    self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                else:
                    self._answer(404, b"/livez, /readyz and /metrics are here", "text/plain")

            def _answer(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *_: object) -> None:
                """Nothing: probes come every few seconds."""

        settings = context.settings
        try:
            self._server = ThreadingHTTPServer((settings.ops_host, settings.ops_port), Handler)
        except OSError as error:
            raise SettingsError(
                f"nothing can listen on {settings.ops_host}:{settings.ops_port} ({error.strerror}): "
                "set SLUICEGATE_CONSOLE_OPS_PORT to a free one"
            ) from None
        self._server.daemon_threads = True

    def ask_to_stop(self) -> None:
        super().ask_to_stop()
        self._server.shutdown()

    def _run(self) -> None:
        with self._server:
            self._server.serve_forever(poll_interval=0.2)


def _ready(context: Context) -> tuple[bool, bytes]:
    """Whether requests can be served and alerts arrive, and what is wrong."""
    try:
        with context.reading() as connection:
            connection.execute(select(1))
        database = True
    except SQLAlchemyError:
        database = False
    feeds = {
        feed.name: {"behind": feed.state.behind, "caught_up": feed.state.caught_up, "why": feed.state.why}
        for feed in context.feeds
    }
    alerts = context.feeds[0].state
    ready = database and alerts.caught_up and alerts.away_since is None
    return ready, msgspec.json.encode({"ready": ready, "database": database, "feeds": feeds})
