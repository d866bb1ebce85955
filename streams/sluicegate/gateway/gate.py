"""What stands before every call: token, scope, limits in bytes and in time. It answers each refusal, and counts."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sluicegate.errors import BrokerAwayError, SettingsError
from sluicegate.gateway.budget import Budget
from sluicegate.gateway.events import BATCH_BYTES, mode_of
from sluicegate.gateway.failures import Failures
from sluicegate.gateway.figures import ROUTES, Figures, status_label
from sluicegate.gateway.producer import Producer
from sluicegate.gateway.refusals import RefusedError
from sluicegate.gateway.settings import GatewaySettings
from sluicegate.gateway.tokens import Token, TokenBook
from sluicegate.logs import event

__all__ = ["Gate"]

logger = logging.getLogger(__name__)

_PATHS = "/v1/"
_DRAIN_BYTES, _DRAIN_SECONDS = 16 << 20, 1.0
_ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Gate:
    """ASGI middleware. Behind it no body is too large; `request.state` has tenant, token, and of events the mode."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: GatewaySettings,
        tokens: TokenBook,
        producer: Producer,
        budget: Budget,
        figures: Figures,
    ) -> None:
        self._app = app
        self._settings = settings
        self._tokens = tokens
        self._producer = producer
        self._budget = budget
        self._figures = figures
        self._failures = Failures(settings.failures_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        call = _Call(scope, receive, send)
        try:
            if scope["path"].startswith(_PATHS):
                await self._behind(scope, call)
            else:
                await self._app(scope, receive, call.send)
        except RefusedError as refused:
            self._figures.refused.labels(refused.reason).inc()
            await call.refuse(refused)
        except BrokerAwayError:
            self._figures.refused.labels("kafka_away").inc()
            await call.refuse(RefusedError("kafka_away", "Kafka does not answer; send again", retry_after=2))
        except ClientDisconnect:
            pass
        except Exception:
            logger.exception("a request failed", extra=event("gateway.failed", route=call.route))
            self._figures.refused.labels("other").inc()
            await call.refuse(RefusedError("other", "the gateway failed; it is in its log", retry_after=5))
        finally:
            if call.status:
                self._figures.requests.labels(call.route, status_label(call.status)).inc()
                self._figures.seconds.labels(call.route).observe(time.perf_counter() - began)

    async def _behind(self, scope: Scope, call: _Call) -> None:
        token = self._let_in(scope, call)
        scope.setdefault("state", {}).update(tenant=token.tenant, token=token)
        most = BATCH_BYTES
        if scope["method"] in ("POST", "PUT"):
            if call.route == "events":
                mode = scope["state"]["mode"] = mode_of(scope["headers"])
                most = mode.most_bytes
            self._producer.check()
        body = _Body(call, token.tenant, self._budget, most, self._settings.body_timeout_seconds)
        try:
            await self._app(scope, body.receive, call.send)
        finally:
            body.give_back()

    def _let_in(self, scope: Scope, call: _Call) -> Token:
        """Raises RefusedError: token, token_rate, scope, tokens_unreadable."""
        try:
            if self._tokens.check():
                logger.info("%d tokens are in force", len(self._tokens), extra=event("gateway.tokens"))
        except SettingsError as error:
            logger.error("%s; nobody is let in", error, extra=event("gateway.tokens_unreadable"))  # noqa: TRY400
            raise RefusedError("tokens_unreadable", "tokens cannot be checked at present", retry_after=10) from None
        kind, _, text = call.headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        token = self._tokens.find(text.strip(), time.time_ns() // 1000) if kind.lower() == "bearer" else None
        if token is None:
            address = (scope.get("client") or ("",))[0]
            if self._failures.too_many(address, time.monotonic()):
                raise RefusedError("token_rate", "too many requests without a good token", retry_after=60)
            raise RefusedError("token", "no token, or none that is good")
        if call.route == "runs" and "runs" not in token.scopes:
            raise RefusedError("scope", "the token lacks the scope runs")
        return token


class _Call:
    """One request on its way: which route, what was answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.route = _route(scope["path"])
        self.status = 0
        self.read_all = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self.read_all = True
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _ALWAYS.items():
                headers[name] = value
        await self._send(message)

    async def refuse(self, refused: RefusedError) -> None:
        """Answer; a sender that is still sending would see a broken connection instead, so it may finish first."""
        if self.status:
            return
        headers = refused.headers
        if not self.read_all and b"100-continue" not in self.headers.get(b"expect", b"").lower():
            with suppress(TimeoutError):
                async with asyncio.timeout(_DRAIN_SECONDS):
                    await self._drain()
        if not self.read_all:
            headers["connection"] = "close"
        await Response(refused.body, refused.status, headers)(self._scope, self._receive, self.send)

    async def _drain(self) -> None:
        passed = 0
        while not self.read_all and passed < _DRAIN_BYTES:
            message = await self.receive()
            if message["type"] != "http.request":
                return
            passed += len(message.get("body", b""))


class _Body:
    """A request's body as it comes in, counted against the limits before anybody keeps it."""

    def __init__(self, call: _Call, tenant: str, budget: Budget, most: int, patience: float) -> None:
        """Raises RefusedError: too_large, busy, busy_tenant."""
        self._call = call
        self._tenant = tenant
        self._budget = budget
        self._most = most
        self._until = asyncio.get_running_loop().time() + patience
        self._taken = self._come = 0
        announced = call.headers.get(b"content-length", b"")
        if announced.isdigit() and len(announced) < 20:
            self._take(int(announced))

    async def receive(self) -> Message:
        if self._call.read_all:
            return await self._call.receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._call.receive()
        except TimeoutError:
            raise RefusedError("slow_body", "the body took too long to arrive") from None
        self._come += len(message.get("body", b""))
        if self._come > self._taken:
            self._take(self._come - self._taken)
        return message

    def give_back(self) -> None:
        if self._taken:
            self._budget.give(self._tenant, self._taken)
            self._taken = 0

    def _take(self, count: int) -> None:
        if self._taken + count > self._most:
            raise RefusedError("too_large", f"expected at most {self._most} bytes")
        if why := self._budget.take(self._tenant, count):
            whose = "of this tenant " if why == "busy_tenant" else ""
            raise RefusedError(why, f"too much {whose}is under way; send again later", retry_after=1)
        self._taken += count


def _route(path: str) -> str:
    """The label of a path.

    >>> [_route(path) for path in ("/v1/events", "/v1/runs/R1", "/openapi.json", "/v1/event")]
    ['events', 'runs', 'openapi', 'other']
    """
    name = path.removeprefix(_PATHS).partition("/")[0] if path.startswith(_PATHS) else path
    known: dict[str, str] = {"events": "events", "runs": "runs", "/openapi.json": "openapi"}
    return known.get(name, ROUTES[-1])
