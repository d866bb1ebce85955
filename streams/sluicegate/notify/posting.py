"""Webhooks and Slack messages by HTTP POST: TLS verified, no redirects, no proxies, no address within."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Sequence

import aiohttp

from sluicegate.errors import SettingsError
from sluicegate.notify import signature
from sluicegate.notify.endpoints import Slack, Webhook, url_problem
from sluicegate.notify.guard import BlockedAddressError, public_socket
from sluicegate.notify.outcomes import Result, of_status
from sluicegate.notify.rendering import Templates, UnrenderedError
from sluicegate.notify.secrets import secret
from sluicegate.notify.senders import Message
from sluicegate.version import __version__

__all__ = ["SlackSender", "WebhookSender"]

_MOST_READ = 64 << 10
"""Of an answer, so that its connection can be used again. It is read and dropped."""


class _Posting:
    """POSTs to the URL of one endpoint."""

    def __init__(self, endpoint: Webhook | Slack) -> None:
        """Raises SettingsError where a secret or a certificate cannot be read."""
        self._endpoint = endpoint
        self._url()
        try:
            self._tls = ssl.create_default_context(cafile=endpoint.ca_file or None)
        except OSError as error:
            raise SettingsError(f"ca_file {endpoint.ca_file}: {error.strerror or error}") from None
        self._session: aiohttp.ClientSession | None = None

    def _url(self) -> str:
        own = self._endpoint
        url = own.url or secret(own.url_file, own.url_env)
        if why := url_problem(url, plain=own.allow_private):
            raise SettingsError(f"the URL in {own.url_file or own.url_env or 'url'}: {why}")
        return url

    async def post(self, body: bytes, headers: dict[str, str]) -> Result:
        """One attempt. Raises SettingsError where the URL cannot be read."""
        url = self._url()
        try:
            async with self._open().post(url, data=body, headers=headers, allow_redirects=False) as answer:
                result = of_status(answer.status, answer.headers.get("retry-after"), time.time())
                await _drain(answer)
                return result
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, BlockedAddressError):
                return Result("blocked", f"{error.os_error}: set allow_private = true if that is meant")
            return Result("unreachable", _why(error))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Result("unreachable", _why(error))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            own = self._endpoint
            connector = aiohttp.TCPConnector(
                limit=own.concurrency,
                ssl=self._tls,
                socket_factory=None if own.allow_private else public_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=own.timeout_seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"user-agent": f"sluicegate/{__version__}"},
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class WebhookSender(_Posting):
    """The alert's CloudEvent in structured mode, signed."""

    def __init__(self, endpoint: Webhook) -> None:
        super().__init__(endpoint)
        self._own = endpoint
        self._keys()
        self._authorization()

    async def send(self, message: Message) -> Result:
        try:
            headers = signature.headers(message.id, int(time.time()), message.body, self._keys())
            headers |= {"content-type": "application/cloudevents+json; charset=utf-8"}
            if authorization := self._authorization():
                headers["authorization"] = authorization
            return await self.post(message.body, headers)
        except SettingsError as error:
            return Result("failed", str(error))

    async def send_digest(self, messages: Sequence[Message]) -> Result:
        raise NotImplementedError

    def _keys(self) -> list[bytes]:
        files = [secret(file=one) for one in self._own.secret_files]
        return [signature.key(one) for one in (*files, *(secret(variable=one) for one in self._own.secret_env))]

    def _authorization(self) -> str:
        text = secret(self._own.authorization_file, self._own.authorization_env)
        if not text.isprintable():
            raise SettingsError("what Authorization is to say is one line of printable characters")
        return text


class SlackSender(_Posting):
    """The alert as a message in Block Kit."""

    def __init__(self, endpoint: Slack, templates: Templates) -> None:
        super().__init__(endpoint)
        self._templates = templates

    async def send(self, message: Message) -> Result:
        try:
            body = self._templates.json("slack.json", message.event)
            return await self.post(body, {"content-type": "application/json; charset=utf-8"})
        except UnrenderedError as error:
            return Result("unrendered", str(error))
        except SettingsError as error:
            return Result("failed", str(error))

    async def send_digest(self, messages: Sequence[Message]) -> Result:
        raise NotImplementedError


async def _drain(answer: aiohttp.ClientResponse) -> None:
    """What matters has been said by the status: what the body does no longer matters."""
    try:
        await answer.content.readexactly(_MOST_READ)
    except (asyncio.IncompleteReadError, aiohttp.ClientError, OSError, TimeoutError):
        return


def _why(error: BaseException) -> str:
    """The kind of failure; its words may hold the URL, which may be a secret."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name has no address"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    cause = getattr(error, "os_error", error)
    return f"no connection ({type(cause).__name__})"
