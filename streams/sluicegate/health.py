"""/metrics, /livez and /readyz on the worker's port, and nothing else."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from aiohttp import web

from sluicegate.errors import SettingsError
from sluicegate.lists_shown import described

if TYPE_CHECKING:
    from sluicegate.worker import Worker

__all__ = ["HealthServer"]


class HealthServer:
    """A small HTTP server in the worker's own loop: a loop that hangs does not answer either."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        routes = [
            web.get("/metrics", self._metrics),
            web.get("/livez", self._livez),
            web.get("/readyz", self._readyz),
        ]
        site = web.Application()
        site.add_routes(routes)
        self._runner = web.AppRunner(site, access_log=None)
        self.port = 0

    async def start(self) -> None:
        """Listen. Raises SettingsError when the port is taken."""
        await self._runner.setup()
        settings = self._worker.settings
        try:
            await web.TCPSite(self._runner, settings.web_host, settings.web_port).start()
        except OSError as error:
            place = f"{settings.web_host}:{settings.web_port}"
            raise SettingsError(
                f"nothing can listen on {place} ({error.strerror}): set SLUICEGATE_WEB_PORT to a free one, or 0 for any"
            ) from error
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        self._worker.measure()
        self._worker.lists()
        return web.Response(
            body=self._worker.metrics.render(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    async def _livez(self, _: web.Request) -> web.Response:
        return _answer(self._worker.unhealthy())

    async def _readyz(self, _: web.Request) -> web.Response:
        lists = self._worker.lists()
        return _answer(self._worker.unready(), described(lists) if lists is not None else ())


def _answer(reason: str, details: Iterable[str] = ()) -> web.Response:
    """The reason why not; or `ok`, then details, one a line."""
    lines = [reason] if reason else ["ok", *details]
    return web.Response(status=503 if reason else 200, text="".join(f"{line}\n" for line in lines))
