"""The alert console beside a demo: a process of its own over a temporary database, with one person who may do all."""

import secrets
import sqlite3
import time
from contextlib import closing

from sluicegate.cli.child import Child
from sluicegate.embedded.network import free_port, port_is_free
from sluicegate.settings import Settings

__all__ = ["ConsoleChild"]

_USUAL_PORT = 8080
_USUAL_OPS_PORT = 6069


class ConsoleChild(Child):
    """`sluicegate console serve`. It answers a few seconds after the start; nobody waits for it."""

    name = "console"
    person = "demo"

    def __init__(self, settings: Settings) -> None:
        from sluicegate.console.database import open_database
        from sluicegate.console.store import users

        super().__init__(_USUAL_PORT if port_is_free(_USUAL_PORT) else free_port())
        self.ops_port = _USUAL_OPS_PORT if port_is_free(_USUAL_OPS_PORT) else free_port()
        self.password = secrets.token_urlsafe(12)
        self._file = self.folder / "console.db"
        try:
            engine = open_database(f"sqlite:///{self._file}")
            with engine.begin() as connection:
                users.add(connection, self.person, self.password, "admin", ["*"], time.time_ns() // 1000)
            engine.dispose()
        except BaseException:
            self._reaper.close()
            raise
        # one person alone closes alerts here
        ports = ("--port", str(self.port), "--ops-port", str(self.ops_port))
        own = ("--database", f"sqlite:///{self._file}", *ports, "--second-person", "false")
        place = ("--broker", settings.broker, "--topic-prefix", settings.topic_prefix)
        self.run("console", "serve", *own, *place, kafka=settings)

    def verdicts(self) -> int:
        """How many were given and not taken back."""
        with closing(sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True)) as connection:
            (count,) = connection.execute("SELECT count(*) FROM verdict WHERE state = 'given'").fetchone()
        return int(count)
