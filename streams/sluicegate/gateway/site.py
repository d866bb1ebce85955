"""The gateway as an ASGI application: its routes, and what starts and stops with them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sluicegate.clearance.api import routes as clearance_routes
from sluicegate.clearance.service import Clearance
from sluicegate.errors import SluicegateError
from sluicegate.gateway import events
from sluicegate.gateway.budget import Budget
from sluicegate.gateway.figures import Figures
from sluicegate.gateway.gate import Gate
from sluicegate.gateway.openapi import document
from sluicegate.gateway.producer import Producer
from sluicegate.gateway.refusals import RefusedError, problem
from sluicegate.gateway.settings import GatewaySettings
from sluicegate.gateway.tokens import TokenBook
from sluicegate.settings import Settings
from sluicegate.topics import RUNS, SOURCES

__all__ = ["Gateway"]

_TOPICS = (*(topic for topic in SOURCES if topic != "sanctions"), RUNS)


class Gateway:
    """All that one process holds. `app` is what uvicorn serves."""

    def __init__(self, stream: Settings, settings: GatewaySettings) -> None:
        """Raises SettingsError where the file of tokens is not sound."""
        self.budget = Budget(settings.in_flight_bytes, settings.tenant_in_flight_bytes)
        self.figures = Figures(lambda: self.budget.held)
        self.tokens = TokenBook(settings.tokens)
        self.producer = Producer(stream, _TOPICS, settings.ack_timeout_seconds, self.figures)
        self.clearance = Clearance(stream, settings)
        self.figures.registry.register(self.clearance.figures)
        self.error: SluicegateError | None = None
        """Why it could not start."""
        self.started = self.stopping = False
        own: list[BaseRoute] = [
            Route("/v1/events", self._events, methods=["POST"]),
            Route("/openapi.json", self._openapi, methods=["GET"]),
            *clearance_routes(),
        ]
        self._document = msgspec.json.encode(document())
        gate = Middleware(
            Gate,
            settings=settings,
            tokens=self.tokens,
            producer=self.producer,
            budget=self.budget,
            figures=self.figures,
        )
        self.app = Starlette(
            routes=own,
            middleware=[gate],
            exception_handlers={HTTPException: _http_problem},
            lifespan=self._lifespan,
        )
        self.app.state.producer = self.producer
        self.app.state.clearance = self.clearance

    def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether events are taken, and why not."""
        why = "it ends" if self.stopping else self.producer.lacking if self.started else "starting"
        # a view of pay runs that is behind is told, and keeps no event out
        return not why, {"why": why, "clearance": self.clearance.ready()[1]}

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                await self.producer.start()
                stack.push_async_callback(self.producer.stop)
                await self.clearance.start()
                stack.push_async_callback(self.clearance.stop)
            except SluicegateError as error:
                self.error = error
                raise
            self.started = True
            yield
            self.stopping = True

    async def _events(self, request: Request) -> Response:
        body = await request.body()
        try:
            records = events.read(body, request.state.mode, request.state.token, time.time_ns() // 1_000_000)
        except RefusedError as refused:
            self.figures.faulty.inc(len(refused.faults))
            raise
        try:
            await self.producer.send_all([(one.topic, one.key, one.value) for one in records])
        except RefusedError as refused:
            if refused.reason == "unacknowledged":
                self._count(self.figures.unknown, records)
            raise
        self._count(self.figures.accepted, records)
        return Response(b'{"accepted":%d}' % len(records), 202, media_type="application/json")

    @staticmethod
    def _count(counter: Any, records: list[events.Record]) -> None:
        for one in records:
            counter.labels(one.type).inc()

    async def _openapi(self, _: Request) -> Response:
        return Response(self._document, media_type="application/json")


async def _http_problem(_: Request, error: Exception) -> Response:
    """No such path, no such method, and what the calls on runs say."""
    assert isinstance(error, HTTPException)
    headers = {**(error.headers or {}), "content-type": "application/problem+json"}
    return Response(problem("http", error.status_code, error.detail), error.status_code, headers)
