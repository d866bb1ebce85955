"""Health and metrics on a port of their own, which stands open to nobody but those who watch the machines."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sluicegate.console.background import Background
from sluicegate.errors import SettingsError

__all__ = ["OpsServer"]

_JSON = "application/json"


class OpsServer(Background):
    """Answers `/livez` (the process runs), `/readyz` (it does its work, or why not) and `/metrics`."""

    def __init__(
        self,
        place: tuple[str, int],
        setting: str,
        registry: CollectorRegistry,
        ready: Callable[[], tuple[bool, dict[str, object]]],
        stuck: Callable[[], str] = lambda: "",
    ) -> None:
        """Take the port. `ready`: whether, and what more is to be told; `stuck`: why the process should be restarted.

        Raises SettingsError, which names the `setting` of the port, where nothing can listen there.
        """
        super().__init__("ops")

        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # somebody who says nothing holds a thread no longer

            def do_GET(self) -> None:
                if self.path == "/livez":
                    why = stuck()
                    self._answer(503 if why else 200, msgspec.json.encode({"why": why} if why else {}), _JSON)
                elif self.path == "/readyz":
                    well, told = ready()
                    self._answer(200 if well else 503, msgspec.json.encode({"ready": well, **told}), _JSON)
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

        try:
            self._server = ThreadingHTTPServer(place, Handler)
        except OSError as error:
            raise SettingsError(
                f"nothing can listen on {place[0]}:{place[1]} ({error.strerror}): set {setting} to a free one"
            ) from None
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def ask_to_stop(self) -> None:
        super().ask_to_stop()
        self._server.shutdown()

    def _run(self) -> None:
        with self._server:
            self._server.serve_forever(poll_interval=0.2)
