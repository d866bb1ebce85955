"""One endpoint's deliveries: in order by subject, so many at once and a minute, and again later where one fails."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from sluicegate.logs import event
from sluicegate.notify import retry
from sluicegate.notify.endpoints import Email, Endpoint
from sluicegate.notify.figures import Figures
from sluicegate.notify.names import bare
from sluicegate.notify.outcomes import PERMANENT, Result
from sluicegate.notify.pace import Pace
from sluicegate.notify.senders import Message, Sender, message_id
from sluicegate.notify.store import outbox
from sluicegate.notify.store.outbox import Due
from sluicegate.notify.store.tables import DEAD, SENT

__all__ = ["Lane"]

logger = logging.getLogger(__name__)

T = TypeVar("T")
Change = Callable[[Connection], int]
"""Of the database; how many more deliveries than the ones meant are given up by it."""
_LOOK = 1.0
"""Seconds between looks into the database, where nothing calls earlier."""
_AGAIN = 2.0
"""Seconds before another try, when the database does not answer."""
_MOST_PAUSE = 60.0
_MOST_DIGEST = 200
_HOUR = 3_600_000_000


class Lane:
    """Delivers to one endpoint until it is cancelled; what was under way is then finished."""

    def __init__(self, endpoint: Endpoint, sender: Sender, engine: Engine, threads: Executor, figures: Figures) -> None:
        self.endpoint = endpoint
        self.news = asyncio.Event()
        self._sender = sender
        self._engine = engine
        self._threads = threads
        self._figures = figures
        self._pace = Pace(endpoint.per_minute)
        self._under_way: dict[asyncio.Task[None], Sequence[Due]] = {}
        self._digest: asyncio.Task[None] | None = None
        self._failures = 0
        """In a row."""
        self._quiet_until = 0.0
        """Nothing leaves before (monotonic)."""
        self._began = _now()

    async def run(self) -> None:
        """Deliver what is due."""
        while True:
            self.news.clear()
            try:
                if together := await self._due_digest():
                    self._digest = self._start(together)
                for one in await self._due():
                    self._start([one])
            except DBAPIError as error:
                what = event("notify.database", error=type(error).__name__)
                logger.warning("the database does not answer; trying again every %g s", _AGAIN, extra=what)
                await asyncio.sleep(_AGAIN)
            await self._wait()

    async def finish(self, timeout: float) -> None:
        """Wait for what is under way, `timeout` seconds at most, and let go."""
        if self._under_way:
            _, late = await asyncio.wait(list(self._under_way), timeout=timeout)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._sender.close()

    def _room(self) -> int:
        """How many deliveries may start now."""
        now = time.monotonic()
        if now < self._quiet_until:
            return 0
        at_once = 1 if self._failures >= retry.AWAY_AFTER else self.endpoint.concurrency
        return max(0, min(at_once - len(self._under_way), self._pace.free(now)))

    async def _due(self) -> list[Due]:
        if not (room := self._room()):
            return []
        name, now = self.endpoint.name, _now()
        subjects = [one.subject for task, group in self._under_way.items() if task is not self._digest for one in group]
        return await self._read(lambda connection: outbox.due(connection, name, now, room, subjects))

    async def _due_digest(self) -> list[Due]:
        """What makes the next digest, if one is due."""
        own = self.endpoint
        if not isinstance(own, Email) or not own.digest_minutes or self._digest in self._under_way or not self._room():
            return []
        return await self._read(lambda connection: outbox.due_digest(connection, own.name, _now(), _MOST_DIGEST))

    def _start(self, group: list[Due]) -> asyncio.Task[None]:
        self._pace.take(time.monotonic())
        task = asyncio.create_task(self._deliver(group))
        self._under_way[task] = group
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self.news.set()

    async def _wait(self) -> None:
        now = time.monotonic()
        quiet = max(self._quiet_until - now, self._pace.rest(now))
        if quiet > 0:
            await asyncio.sleep(min(quiet, _LOOK))
            return
        try:
            await asyncio.wait_for(self.news.wait(), _LOOK)
        except TimeoutError:
            return

    async def _deliver(self, group: list[Due]) -> None:
        began = time.monotonic()
        try:
            messages = [self._message(one) for one in group]
            digest = isinstance(self.endpoint, Email) and len(messages) > 1
            sending = self._sender.send_digest(messages) if digest else self._sender.send(messages[0])
            result = await sending
        except Exception:
            logger.exception("%s: a delivery failed", self.endpoint.name, extra=event("notify.failed"))
            result = Result("failed", "a failure of its own; see the log")
        kind = self.endpoint.kind
        self._figures.attempts.labels(kind, result.outcome).inc()
        self._figures.seconds.labels(kind).observe(time.monotonic() - began)
        await self._record(group, result)

    def _message(self, one: Due) -> Message:
        whole = msgspec.json.decode(one.body)
        shown = whole if self.endpoint.personal_data else bare(whole)
        body = one.body if self.endpoint.personal_data else msgspec.json.encode(shown)
        return Message(message_id(one.event_id, self.endpoint.name), one.alert_id, shown, body)

    async def _record(self, group: list[Due], result: Result) -> None:
        """Note what came of an attempt. It is noted once the database answers: else it would be repeated."""
        returned = self._heed(result)
        given_up = result.outcome in PERMANENT or (result.outcome != "sent" and self._is_over(group))
        change = self._given_up(group, result) if given_up else self._noted(group, result, rouse=returned)
        while True:
            try:
                more = await self._write(change)
                break
            except DBAPIError:
                await asyncio.sleep(_AGAIN)
        if given_up or result.outcome == "sent":
            ended = self._figures.deliveries.labels(self.endpoint.kind, "dead" if given_up else "sent")
            ended.inc(len(group) + more)

    def _heed(self, result: Result) -> bool:
        """What an attempt says of the endpoint as a whole: whether it is to be spared; True where it is back."""
        name, was_away = self.endpoint.name, self._failures >= retry.AWAY_AFTER
        if result.outcome in PERMANENT:
            return False  # it answers, and has no use for this one delivery
        if result.outcome == "sent":
            self._failures = 0
            if was_away:
                logger.info("%s answers again", name, extra=event("notify.back", endpoint=name))
            return was_away
        self._failures += 1
        rest = result.wait or 0.0
        if self._failures >= retry.AWAY_AFTER:
            rest = max(rest, min(_MOST_PAUSE, retry.delay(self._failures - retry.AWAY_AFTER + 1)))
            if not was_away:
                what = event("notify.away", endpoint=name, why=result.reason)
                logger.warning("%s: %s; trying again", name, result.reason, extra=what)
        self._quiet_until = max(self._quiet_until, time.monotonic() + rest)
        return False

    def _is_over(self, group: list[Due]) -> bool:
        own = self.endpoint
        if own.give_up_attempts and group[0].attempts + 1 >= own.give_up_attempts:
            return True
        # what this process was not there for does not count
        return _now() - max(group[0].created_at, self._began) >= own.give_up_hours * _HOUR

    def _noted(self, group: list[Due], result: Result, *, rouse: bool) -> Change:
        """Delivered, or to be tried again."""
        name, ids, now = self.endpoint.name, [one.id for one in group], _now()
        again = now + int(1e6 * max(retry.delay(group[0].attempts + 1), result.wait or 0.0))

        def noted(connection: Connection) -> int:
            if result.outcome == "sent":
                outbox.finish(connection, ids, SENT, result.reason, now)
            else:
                outbox.later(connection, ids, result.reason, again)
            if rouse:
                outbox.rouse(connection, name, now)
            return 0

        return noted

    def _given_up(self, group: list[Due], result: Result) -> Change:
        """Never delivered, unless it is replayed."""
        own, ids, now, gone = self.endpoint, [one.id for one in group], _now(), result.outcome == "gone"
        hours = own.give_up_hours * _HOUR
        # away for so long, it gets none of what is as old, without another attempt for each
        long_away = hours > 0 and self._failures >= retry.AWAY_AFTER and self._began <= now - hours

        def buried(connection: Connection) -> int:
            outbox.finish(connection, ids, DEAD, result.reason, now)
            if gone:
                return outbox.disable(connection, own.name, result.reason, now)
            if long_away:
                return outbox.bury(connection, own.name, result.reason, now, created_before=now - hours)
            return 0

        if gone:
            what = event("notify.gone", endpoint=own.name)
            logger.error("%s answered 410 Gone: it is told nothing any more", own.name, extra=what)
        events = [one.event_id for one in group]
        what = event("notify.dead", endpoint=own.name, ids=events, why=result.reason)
        logger.error("%s: %s given up: %s", own.name, ", ".join(events), result.reason, extra=what)
        return buried

    async def _read(self, ask: Callable[[Connection], T]) -> T:
        def asked() -> T:
            with self._engine.connect().execution_options(reads=True) as connection:
                return ask(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, asked)

    async def _write(self, change: Change) -> int:
        def changed() -> int:
            with self._engine.begin() as connection:
                return change(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, changed)


def _now() -> int:
    return time.time_ns() // 1000
