"""A schema registry in memory that speaks the part of Confluent's interface that is used, over real HTTP.

It knows one rule of compatibility: a new version requires no field that the one before did not.
"""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

Versions = dict[str, list[tuple[int, dict[str, Any]]]]


class Memory(ThreadingHTTPServer):
    """`fault`: status and body that it answers to everything from now on."""

    def __init__(self, login: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.login = login
        self.fault: tuple[int, bytes] | None = None
        self.held: Versions = {}
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def memory(login: str = "") -> Iterator[Memory]:
    server = Memory(login)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Memory

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def log_message(self, *_: object) -> None:
        pass

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path = [unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")]
        self.server.asked.append(f"{self.command} {'/'.join(path)}")
        status, answer = self.server.fault or self._answer(path, json.loads(body or b"{}"))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    def _answer(self, path: list[str], body: Any) -> tuple[int, Any]:
        given = self.headers.get("authorization", "").removeprefix("Basic ")
        if self.server.login and b64decode(given).decode() != self.server.login:
            return 401, {"error_code": 40101, "message": "Unauthorized"}
        subject = path[2] if path[0] == "compatibility" else path[1]
        held = self.server.held.get(subject, [])
        if self.command == "GET":
            return (200, list(range(1, len(held) + 1))) if held else (404, {"error_code": 40401, "message": "absent"})
        schema = json.loads(body["schema"])
        assert body["schemaType"] == "JSON"
        if path[0] == "compatibility":
            news = set(schema["required"]) - set(held[-1][1]["required"])
            messages = [f"REQUIRED_ATTRIBUTE_ADDED: {name}" for name in sorted(news)]
            return 200, {"is_compatible": not news, "messages": messages}
        known = next((number for number, one in held if one == schema), None)
        if path[-1] != "versions":
            if known is None:
                return 404, {"error_code": 40403 if held else 40401, "message": "absent"}
            return 200, {"subject": subject, "id": known, "version": 1, "schema": body["schema"]}
        if known is None:
            known = 1 + sum(map(len, self.server.held.values()))
            self.server.held.setdefault(subject, []).append((known, schema))
        return 200, {"id": known}
