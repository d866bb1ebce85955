"""The process: reads, delivers, tidies up; of several over one database one works, and the next takes over from it."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from sluicegate.logs import event
from sluicegate.notify.endpoint_file import EndpointFile
from sluicegate.notify.endpoints import Email, Slack, Webhook
from sluicegate.notify.figures import Figures
from sluicegate.notify.lane import Lane
from sluicegate.notify.mailing import EmailSender
from sluicegate.notify.posting import SlackSender, WebhookSender
from sluicegate.notify.reader import Reader
from sluicegate.notify.rendering import Templates
from sluicegate.notify.sample import sample
from sluicegate.notify.senders import Sender
from sluicegate.notify.settings import NotifySettings
from sluicegate.notify.store import outbox
from sluicegate.notify.store.database import Leadership, open_database
from sluicegate.notify.store.tables import DEAD
from sluicegate.ops import OpsServer
from sluicegate.settings import Settings

__all__ = ["Notifier", "senders_of"]

logger = logging.getLogger(__name__)

T = TypeVar("T")
_LEAD = 1.0
"""Seconds between questions for the turn."""
_SHOW = 1.0
_TIDY = 600.0
_AT_ONCE = 500
_FINISH = 10.0
"""Seconds for what is under way when the process is to end."""
_JOIN = 2.0
"""Seconds for the reader: one that waits for Kafka may be left; it enters nothing where another has moved on."""
_STUCK = 300.0
_DAY = 86_400_000_000


def senders_of(file: EndpointFile) -> dict[str, Sender]:
    """The way out to each endpoint, by name. Raises SettingsError where a secret, certificate or template is bad."""
    return {one.name: _sender(one, file.console_url) for one in file.endpoints}


def _sender(endpoint: Webhook | Slack | Email, console_url: str) -> Sender:
    if isinstance(endpoint, Webhook):
        return WebhookSender(endpoint)
    templates = Templates(endpoint, console_url, [sample()])
    return SlackSender(endpoint, templates) if isinstance(endpoint, Slack) else EmailSender(endpoint, templates)


class Notifier:
    """`run` until `stop` is set."""

    def __init__(self, stream: Settings, settings: NotifySettings, file: EndpointFile) -> None:
        """Raises SettingsError where the port is taken or an endpoint is not usable, DatabaseError."""
        self._stream = stream
        self._settings = settings
        self._file = file
        senders_of(file)
        self._engine = open_database(settings.database)
        self._leadership = Leadership(self._engine)
        self._reader: Reader | None = None
        self._why = "starting"
        self._beat = time.monotonic()
        self._tidied = 0.0
        self.stop = threading.Event()
        self.figures = Figures()
        place = (settings.host, settings.port)
        self.ops = OpsServer(place, "SLUICEGATE_NOTIFY_PORT", self.figures.registry, self._ready, self._stuck)

    def run(self) -> None:
        self.ops.start()
        try:
            while not self.stop.is_set():
                if self._leads():
                    asyncio.run(self._work())
                else:
                    self.stop.wait(_LEAD)
        finally:
            self._leadership.lose()
            self._engine.dispose()
            self.ops.ask_to_stop()

    def _leads(self) -> bool:
        self._beat = time.monotonic()
        try:
            leads = self._leadership.take()
            why = "" if leads else "another process works on this database"
        except DBAPIError as error:
            self._leadership.lose()
            leads, why = False, f"the database does not answer ({type(error).__name__})"
        if why and why != self._why:
            logger.warning("%s; standing by", why, extra=event("notify.standby", why=why))
        self._why = why
        self.figures.leading.set(int(leads))
        return leads

    async def _work(self) -> None:
        """Read and deliver until the end, or until the turn is lost."""
        loop = asyncio.get_running_loop()
        # where names are looked up: one that takes long is not to hold up the others
        loop.set_default_executor(ThreadPoolExecutor(len(self._file.endpoints) + 4, "names"))
        ways = senders_of(self._file)
        with ThreadPoolExecutor(4, "database") as threads:
            lanes = [Lane(one, ways[one.name], self._engine, threads, self.figures) for one in self._file.endpoints]

            def news() -> None:
                for lane in lanes:
                    lane.news.set()

            def tell() -> None:
                with suppress(RuntimeError):  # the loop is closed: nobody needs to know any more
                    loop.call_soon_threadsafe(news)

            reader = self._reader = Reader(
                self._stream,
                self._engine,
                self._file.endpoints,
                self._settings.start,
                self.figures,
                tell,
            )
            running: list[asyncio.Task[None]] = []
            try:
                await loop.run_in_executor(threads, self._bury_strangers)
                reader.start()
                running = [asyncio.create_task(lane.run(), name=lane.endpoint.name) for lane in lanes]
                await self._watch(running, threads)
            except DBAPIError as error:
                logger.warning(
                    "the database does not answer", extra=event("notify.database", error=type(error).__name__)
                )
            finally:
                reader.ask_to_stop()
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                await asyncio.gather(*(lane.finish(_FINISH) for lane in lanes))
                await loop.run_in_executor(threads, reader.join, _JOIN)

    async def _watch(self, running: Sequence[asyncio.Task[None]], threads: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        looked = 0.0
        while not self.stop.is_set():
            for task in running:
                if task.done():
                    task.result()
            if time.monotonic() - looked > _SHOW:
                looked = time.monotonic()
                if not await loop.run_in_executor(threads, self._leads):
                    return
                await loop.run_in_executor(threads, self._look)
            await asyncio.sleep(0.1)

    def _look(self) -> None:
        """Refresh the figures, and drop what is old."""
        now = time.time_ns() // 1000
        with self._engine.connect().execution_options(reads=True) as connection:
            waiting = outbox.waiting(connection, now)
            dead, off = outbox.state_counts(connection, DEAD), outbox.disabled(connection)
        self.figures.show(self._file.endpoints, waiting, dead, off, now)
        if time.monotonic() - self._tidied > _TIDY:
            before = now - self._settings.keep_days * _DAY
            if self._changed(lambda connection: outbox.forget(connection, before, _AT_ONCE)) < _AT_ONCE:
                self._tidied = time.monotonic()

    def _bury_strangers(self) -> None:
        """What waits for an endpoint that is in the file no more will never leave."""
        names = {one.name for one in self._file.endpoints}
        now = time.time_ns() // 1000

        def bury(connection: Connection) -> None:
            for name in outbox.known(connection) - names:
                count = outbox.bury(connection, name, "no endpoint of the file has this name", now)
                what = event("notify.unknown", endpoint=name, count=count)
                logger.warning("%s is in the endpoint file no more: %d given up", name, count, extra=what)

        self._changed(bury)

    def _changed(self, change: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return change(connection)

    def _ready(self) -> tuple[bool, dict[str, object]]:
        reader = self._reader
        if self._why or reader is None:
            return self._why == "another process works on this database", {"why": self._why, "leading": False}
        why = reader.why if reader.away_since is not None or not reader.caught_up else ""
        return not why, {"why": why, "leading": True}

    def _stuck(self) -> str:
        late = time.monotonic() - self._beat
        return f"the loop stands still for {late:.0f} s" if late > _STUCK else ""
