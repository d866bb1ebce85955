"""Those who are told of alerts, as they really are: an HTTP server that checks signatures, and an SMTP server."""

import base64
import json
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from standardwebhooks import Webhook

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


class Got(NamedTuple):
    """One request that came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def verified(self, secret: str = SECRET) -> Any:
        """The body, its signature checked by the library that receivers use."""
        return Webhook(secret).verify(self.body, dict(self.headers))


Answer = int | tuple[int, Mapping[str, str]] | float
"""A status, perhaps with headers; or so many seconds of silence, and 200."""


class Receiver:
    """Answers POST as planned for each path, then 200; keeps what came."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.planned: dict[str, deque[Answer]] = {}
        self.always: dict[str, Answer] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                plan = receiver.planned.get(self.path)
                answer = plan.popleft() if plan else receiver.always.get(self.path, 200)
                if isinstance(answer, float):
                    time.sleep(answer)
                    answer = 200
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                named = {key.lower(): value for key, value in self.headers.items()}
                receiver.got.append(Got(self.path, named, body, status, time.monotonic()))
                with suppress(ConnectionError):  # who has no patience is gone
                    self.send_response(status)
                    for key, value in ({"content-length": "2"} | dict(headers)).items():
                        self.send_header(key, value)
                    self.end_headers()
                    self.wfile.write(b"no")

            def log_message(self, format: str, *_: object) -> None:
                """Nothing."""

        self._handler = Handler
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the port of before where there was one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def at(self, path: str, *, status: int | None = None) -> list[Got]:
        """What came there, in order; with an answer of this status only."""
        return [one for one in list(self.got) if one.path == path and status in (None, one.status)]


@contextmanager
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    try:
        yield made
    finally:
        made.stop()


class _Box:
    """aiosmtpd's handler: keeps mails; may refuse."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusals: deque[str] = deque()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.popleft()
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


@contextmanager
def mail_server(**options: Any) -> Iterator[tuple[_Box, int]]:
    """A mail server and its port."""
    box = _Box()
    with socket.socket() as probe:  # the controller asks itself at the port given: 0 does not do
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def until(condition: Callable[[], bool], what: str, timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(0.03)
