"""A console as an operator starts it: a process of its own, over a database of the test."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine

from sluicegate.console.database import open_database
from sluicegate.console.people import Person, Role
from sluicegate.console.store import users

PASSWORD = "correct horse battery"


class ConsoleProcess:
    """`sluicegate console serve`; settings are given as second_person="false" and so on."""

    def __init__(
        self,
        database: str,
        folder: Path,
        broker: str,
        prefix: str = "",
        *,
        stream: Mapping[str, str] = {},
        **settings: object,
    ) -> None:
        """`stream`: variables of the settings that the console shares with the worker."""
        self.database = database
        self.log = folder / "console.log"
        self.port = _free_port()
        values = {"DATABASE": database, "PORT": self.port, "UNDO_SECONDS": 0} | {
            name.upper(): value for name, value in settings.items()
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SLUICEGATE_")}
        self._environment = (
            clean
            | {f"SLUICEGATE_CONSOLE_{name}": str(value) for name, value in values.items()}
            | {"SLUICEGATE_BROKER": broker, "SLUICEGATE_TOPIC_PREFIX": prefix}
            | dict(stream)
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout: float = 40) -> Self:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "sluicegate.cli.main", "console", "serve"]
            self._process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)
        deadline = time.monotonic() + timeout
        while self.get("/sign-in")[0] != 200:
            assert self._process.poll() is None, f"the console ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"no answer within {timeout} s:\n{self.log.read_text()}"
            time.sleep(0.1)
        return self

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to end; the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def command(self, *words: str) -> None:
        """`sluicegate console` with these words, over the same database."""
        subprocess.run(
            [sys.executable, "-m", "sluicegate.cli.main", "console", *words],
            env=self._environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def ops(self, path: str, port: int) -> tuple[int, str]:
        """A page of the port that needs no sign-in."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def get(self, path: str, cookie: str = "", **headers: str) -> tuple[int, str]:
        return self.ask("GET", path, None, cookie, **headers)

    def ask(
        self, method: str, path: str, body: bytes | None = None, cookie: str = "", **headers: str
    ) -> tuple[int, str]:
        """Status and text; (0, reason) where nobody answers. Redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            named["cookie"] = f"sluicegate_session={cookie}"
        request = urllib.request.Request(self.url + path, data=body, headers=named, method=method)
        try:
            with _opener.open(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                location = error.headers.get("location")
                return error.code, location if location is not None else error.read().decode()
        except OSError as error:
            return 0, str(error)

    def sign_in(self, name: str) -> str:
        """The session's cookie of a person made by `person`."""
        form = urlencode({"name": name, "password": PASSWORD}).encode()
        request = urllib.request.Request(self.url + "/sign-in", data=form, method="POST")
        with pytest.raises(urllib.error.HTTPError) as caught, _opener.open(request, timeout=20):
            pass
        with caught.value as answer:
            assert answer.code == 303, answer.read().decode()
            return SimpleCookie(answer.headers["set-cookie"])["sluicegate_session"].value

    def api(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
        """A call of the JSON interface with a token; status and JSON (None where there is none)."""
        sent = json.dumps(body).encode() if body is not None else (b"" if method == "POST" else None)
        status, text = self.ask(method, path, sent, authorization=f"Bearer {token}", content_type="application/json")
        return status, json.loads(text) if text else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect)


def person(engine: Engine, name: str, role: Role = "analyst", tenants: tuple[str, ...] = ("*",)) -> Person:
    """Somebody who can sign in with PASSWORD."""
    with engine.begin() as connection:
        return users.add(connection, name, PASSWORD, role, list(tenants), time.time_ns() // 1000)


def token(engine: Engine, who: Person, days: int = 1) -> str:
    now = time.time_ns() // 1000
    with engine.begin() as connection:
        return users.token_for(connection, who, "test", now, now + days * 86_400_000_000)


def opened(url: str) -> Engine:
    return open_database(url)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
