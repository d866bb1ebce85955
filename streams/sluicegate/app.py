"""The Faust app of a worker, and the process around it: `python -m sluicegate.app` runs one from the environment."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from types import FrameType
from typing import Any

import faust
import uvloop

from sluicegate import logs, tracing
from sluicegate.agents import detect, intake, shared
from sluicegate.detection.library import ListLibrary
from sluicegate.detection.partition import Partition
from sluicegate.errors import SluicegateError
from sluicegate.health import HealthServer
from sluicegate.log.chunks import ChunkConsumer
from sluicegate.logs import event, told
from sluicegate.security import faust_credentials
from sluicegate.settings import Settings, load
from sluicegate.signals import feedback
from sluicegate.starter import publish_starter
from sluicegate.worker import Worker

__all__ = ["App", "create_app", "run_worker"]

logger = logging.getLogger("sluicegate.app")  # also where this file is the program

_LEAVE = 1.0  # seconds for each step of a farewell to a broker that may be away


class App(faust.App):
    """A Faust app whose dead agent stops the worker, and which keeps nothing on disk."""

    logger = logging.getLogger("faust.sluicegate")
    worker: Worker

    async def _on_agent_error(self, agent: Any, exc: BaseException) -> None:
        self.worker.fail(exc, where=f"agent {agent.fun.__name__}")

    async def _on_partitions_assigned(self, assigned: Any, generation_id: int = 0) -> None:
        # before Faust's own part, which lets records flow
        await self.worker.on_assigned(assigned, generation_id)
        await super()._on_partitions_assigned(assigned, generation_id)

    async def _on_partitions_revoked(self, revoked: Any) -> None:
        # after Faust's own part, which stops the flow
        await super()._on_partitions_revoked(revoked)
        await self.worker.on_revoked()

    def _create_directories(self) -> None:
        """There are no tables."""


def create_app(worker: Worker) -> App:
    """The Faust app for a worker: chunked consumer, agents, and the worker's part in rebalances."""
    settings = worker.settings
    app = App(
        settings.app_id,
        broker=[f"kafka://{server}" for server in settings.broker.split(",")],
        broker_credentials=faust_credentials(settings),
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        topic_partitions=worker.partitions,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=settings.fetch_bytes,
        consumer_group_instance_id=settings.instance_id or None,
        broker_max_poll_records=settings.poll_records,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.heartbeat_interval,
        broker_rebalance_timeout=settings.rebalance_timeout,
        broker_request_timeout=max(settings.request_timeout, settings.session_timeout),
        broker_commit_interval=1.0,
        # counts chunks: a few are enough, the inboxes are what bounds memory
        stream_buffer_maxsize=16,
        stream_wait_empty=False,
        # without tables and standbys Faust would choose an assignor that tears equal partition numbers apart
        table_standby_replicas=1,
    )
    app.worker = worker
    app.gates = worker.gates
    app.transport.Consumer = ChunkConsumer
    worker.app = app
    if worker.runs_intake:
        intake.register(app, worker)
    if worker.runs_detect:
        detect.register(app, worker)
        shared.register(app, worker)
    return app


async def _run(settings: Settings, new_core: Callable[[], Partition]) -> int:
    worker = Worker(settings, new_core)
    if worker.runs_intake and settings.starter_list:
        publish_starter(worker.admin, settings)
    app = create_app(worker)
    health = HealthServer(worker)
    _stop_on_signals(worker)
    await health.start()
    url = f"http://{settings.web_host}:{health.port}/metrics"
    logger.info("worker %s: %s", settings.app_id, url, extra=event("process.started", url=url))
    starting = asyncio.create_task(app.start(), name="app")
    crashed = asyncio.create_task(app._crashed.wait(), name="crash")
    worker.start_watching()
    stopping = asyncio.create_task(worker.stopping.wait(), name="stop")
    waiting: set[asyncio.Task[Any]] = {starting, crashed, stopping}
    while not worker.stopping.is_set():
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if crashed in done:
            worker.fail(app.crash_reason or RuntimeError("Faust crashed"), where="Faust")
        if starting in done and (error := starting.exception()) is not None:
            worker.fail(error, where="Faust")
    await _leave(worker, app, health)
    if worker.error is not None:
        raise worker.error
    logger.info("stopped; all checkpoints finished", extra=event("process.stopped"))
    return 0


async def _leave(worker: Worker, app: App, health: HealthServer) -> None:
    """Finish checkpoints, close producers, leave the group; each within bounds."""
    logger.info("stopping", extra=event("process.stopping"))
    worker.consumer.stop_flow()
    steps: tuple[tuple[str, Callable[[], Awaitable[Any]]], ...] = (
        ("checkpoints", worker.close),
        ("admin", partial(asyncio.to_thread, worker.admin.close)),
        ("group", partial(_leave_group, worker)),
        ("health", health.stop),
        ("app", app.stop),
        ("traces", partial(asyncio.to_thread, tracing.stop)),
    )
    for name, step in steps:
        try:
            async with asyncio.timeout(_LEAVE if name != "checkpoints" else worker.settings.stop_timeout - 2 * _LEAVE):
                await step()
        except TimeoutError:
            logger.warning("stopping: %s took too long", name, extra=event("process.farewell", step=name))
        except asyncio.CancelledError:
            # without a broker aiokafka cancels tasks of its own and lets that out; it is not meant for us
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            logger.warning("stopping: %s was cut short", name, extra=event("process.farewell", step=name))
        except Exception as error:  # noqa: BLE001 - a farewell; whatever is left open ends with the process
            logger.warning("stopping: %s: %s", name, told(error), extra=event("process.farewell", step=name))


async def _leave_group(worker: Worker) -> None:
    await worker.consumer.in_thread(worker.consumer.client.stop())


def _stop_on_signals(worker: Worker) -> None:
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        # the process ends in time even if the loop does not come to it
        deadline = threading.Timer(worker.settings.stop_timeout, lambda: os._exit(0 if worker.finished else 3))
        deadline.daemon = True
        deadline.start()
        loop.call_soon_threadsafe(worker.stopping.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def run_worker(settings: Settings, new_core: Callable[[], Partition] | None = None) -> int:
    """Run a worker until a signal or a failure. Gives the exit status; raises SluicegateError with what went wrong."""
    feedback.load()
    # state lives long and has no cycles: the collector's default pace costs a quarter of the worker's time
    gc.set_threshold(20_000, 5, 200)  # often and little: a rare large collection would hold up every payment
    gc.freeze()
    logs.start(settings, "worker")
    tracing.start(settings, "worker")
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    return asyncio.run(_run(settings, new_core or partial(Partition, ListLibrary())))


def main() -> None:
    try:
        status = run_worker(load(os.environ))
    except SluicegateError as error:
        logs.report(error, type(error).__name__)
        status = 1
    sys.stderr.flush()
    os._exit(status)  # Faust's threads would hold the interpreter up


if __name__ == "__main__":
    main()
