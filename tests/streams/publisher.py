"""A publisher of lists on this machine: a real HTTP server that can be told to misbehave."""

import asyncio
import hashlib
import threading
from collections import deque
from types import TracebackType
from typing import Self

from aiohttp import web


class Publisher:
    """Serves files by name. `answers` holds what to do instead with the next requests of a file, in order.

    An answer is a status, or one of: `slow` (silence after the head), `cut` (half of the announced bytes).
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.answers: dict[str, deque[int | str]] = {}
        self.statuses: list[tuple[str, int | str]] = []
        """File and status of each answer, in order."""
        self.chunked = False
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def misbehave(self, name: str, *answers: int | str) -> None:
        self.answers[name] = deque(answers)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_get("/{name}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        waiting = self.answers.get(name)
        answer: int | str = waiting.popleft() if waiting else 200
        content = self.files.get(name)
        etag = f'"{hashlib.sha256(content or b"").hexdigest()[:16]}"'
        if answer == 200 and content is None:
            answer = 404
        elif answer == 200 and request.headers.get("If-None-Match") == etag:
            answer = 304
        self.statuses.append((name, answer))
        if isinstance(answer, int) and answer != 200:
            return web.Response(status=answer)
        assert content is not None
        response = web.StreamResponse(headers={"ETag": etag, "Last-Modified": "Fri, 20 Nov 2026 08:00:00 GMT"})
        if self.chunked:
            response.enable_chunked_encoding()
        else:
            response.content_length = len(content)
        await response.prepare(request)
        if answer == "slow":
            await asyncio.sleep(30)
        await response.write(content[: len(content) // 2] if answer == "cut" else content)
        if answer == "cut" and request.transport is not None:
            request.transport.close()
        else:
            await response.write_eof()
        return response
