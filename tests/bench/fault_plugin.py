"""Faults within a worker, for `faults.py`: each is there while a file of its name lies in a folder.

What a worker does wrong only through a defect cannot be brought about from outside, so that it is put into the worker
here: a rule that raises, a record that detection fails on, a commit or a recovery that is held back, a group that is
asked to rejoin again and again. `unaccounted` is a figure put into the metric: there is no known way to make it true.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaProducer

from sluicegate import metrics
from sluicegate.detection import plan
from sluicegate.detection.step import Step
from sluicegate.log.membership import Membership
from sluicegate.log.reading import Reader
from sluicegate.worker import Worker

__all__ = ["FAULTS", "PROGRAM", "install"]

FAULTS = ("rule", "internal", "unaccounted", "commit", "recovery", "rejoin")
RULE = "missing-descriptor"
_REJOIN_EVERY = 1.0

PROGRAM = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.bench.fault_plugin import install
from sluicegate.app import run_worker
from sluicegate.settings import load
install(Path({folder!r}))
status = run_worker(load(os.environ))
sys.stderr.flush()
os._exit(status)
"""


class MadeError(Exception):
    """A fault made on purpose."""


def install(folder: Path) -> None:
    """Put the faults into this process, to be switched by files of `folder`."""

    def on(name: str) -> bool:
        return (folder / name).exists()

    _rules(on)
    _records(on)
    _figures(on)
    _transactions(on)
    _recovery(on)
    _group(on)


def _rules(on: Any) -> None:
    usual = plan.looks

    def failing(*_: Any) -> Iterator[Any]:
        raise MadeError(RULE)

    def looks(*given: Any) -> Iterator[Any]:
        for rule, check, params in usual(*given):
            yield rule, (failing if rule.slug == RULE and on("rule") else check), params

    plan.looks = looks  # type: ignore[assignment]


def _records(on: Any) -> None:
    usual = Step.record

    def record(self: Step, one: Any) -> Any:
        if one.offset % 20 == 0 and on("internal"):
            raise MadeError("record")
        return usual(self, one)

    Step.record = record  # type: ignore[method-assign, assignment]


def _figures(on: Any) -> None:
    usual = metrics.Worked.show

    def show(self: metrics.Worked, partition: int, progress: Any) -> None:
        usual(self, partition, progress)
        if self.unaccounted is not None and on("unaccounted"):
            self.unaccounted.labels(str(partition)).inc()

    metrics.Worked.show = show  # type: ignore[method-assign]


def _transactions(on: Any) -> None:
    usual = AIOKafkaProducer.commit_transaction

    async def commit(self: Any) -> None:
        while on("commit"):
            await asyncio.sleep(0.2)
        await usual(self)

    AIOKafkaProducer.commit_transaction = commit


def _recovery(on: Any) -> None:
    usual = Reader.until_end

    async def until_end(self: Reader, topic: str, partition: int, start: int, each: Any, left: Any = None) -> int:
        while on("recovery") and left is not None:
            left(1000)
            await asyncio.sleep(0.2)
        return await (
            usual(self, topic, partition, start, each, left) if left else usual(self, topic, partition, start, each)
        )

    Reader.until_end = until_end  # type: ignore[method-assign]


def _group(on: Any) -> None:
    usual = Worker.start_watching

    async def rejoining(worker: Worker) -> None:
        while True:
            await asyncio.sleep(_REJOIN_EVERY)
            if on("rejoin"):
                await Membership(worker.consumer).rejoin()

    def start_watching(self: Worker) -> None:
        usual(self)
        self.spawn(rejoining(self), "made rejoins")

    Worker.start_watching = start_watching  # type: ignore[method-assign]
