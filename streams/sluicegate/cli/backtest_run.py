"""The sides of a backtest over groups of tenants, on several processes; their number changes nothing but the time."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

import click

from sluicegate.backtest.change import Change
from sluicegate.backtest.trial import Outcome, Trial
from sluicegate.cli.backtest_split import Group
from sluicegate.detection.library import ListLibrary

__all__ = ["run"]

_STRIDE = 500
"""Lines between two reports of progress."""
_GLANCE = 0.5
"""Seconds between two looks at it."""

Task = tuple[Group, str, Change]


class _StoppedError(Exception):
    """The command was interrupted: a process ends its work."""


class _Process:
    """What a process keeps from task to task."""

    progress: Any = None
    """Lines done by all processes; negative once they are to stop."""
    library: ListLibrary | None = None


def run(
    groups: Sequence[Group], sides: Mapping[str, Change], jobs: int, advance: Callable[[int], None]
) -> dict[str, Outcome]:
    """The outcome of every side over all groups. `advance` is told how many lines were worked through.

    Raises ClickException where a process is killed.
    """
    tasks = [(group, name, change) for group in groups for name, change in sides.items()]
    parts: list[Outcome]
    if jobs == 1 or len(tasks) < 2:
        _Process.library = ListLibrary()
        parts = [_tried(task, advance) for task in tasks]
    else:
        parts = _spread(tasks, min(jobs, len(tasks)), advance)
    return {name: _joined([part for part, task in zip(parts, tasks, strict=True) if task[1] == name]) for name in sides}


def _spread(tasks: Sequence[Task], jobs: int, advance: Callable[[int], None]) -> list[Outcome]:
    context = multiprocessing.get_context("spawn")  # a fork would copy the thread of the progress bar half
    progress = context.Value("q", 0)
    shown = 0
    with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(progress,)) as pool:
        try:
            with _uninterrupted():  # the processes begin here
                futures = [pool.submit(_work, task) for task in tasks]
            waiting = set(futures)
            while waiting:
                done, waiting = wait(waiting, timeout=_GLANCE, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()  # or what went wrong, at once
                at = progress.value
                advance(at - shown)
                shown = at
            return [future.result() for future in futures]
        except BrokenProcessPool:
            raise click.ClickException(
                "a process was ended from outside, often for want of memory; try --jobs 1"
            ) from None
        except BaseException:
            with progress.get_lock():
                progress.value = -(1 << 62)
            pool.shutdown(wait=True, cancel_futures=True)
            raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A terminal interrupts all processes at once; those begun here leave that to the one that began them."""
    held = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, held)


def _begin(progress: Any) -> None:
    gc.set_threshold(50_000, 20, 20)
    _Process.progress, _Process.library = progress, ListLibrary()


def _work(task: Task) -> Outcome:
    def advance(by: int) -> None:
        with _Process.progress.get_lock():
            _Process.progress.value += by
            if _Process.progress.value < 0:
                raise _StoppedError

    return _tried(task, advance)


def _tried(task: Task, advance: Callable[[int], None]) -> Outcome:
    group, _, change = task
    return Trial(change, _Process.library).run(_told(group.read(), advance))


def _told(lines: Iterator[bytes], advance: Callable[[int], None]) -> Iterator[bytes]:
    number = 0
    for number, line in enumerate(lines, 1):
        yield line
        if number % _STRIDE == 0:
            advance(_STRIDE)
    advance(number % _STRIDE)


def _joined(parts: Sequence[Outcome]) -> Outcome:
    """All groups of a side as one."""
    signals: Counter[tuple[str, str]] = Counter()
    for part in parts:
        signals.update(part.signals)
    alerts = [seen for part in parts for seen in part.alerts]
    return Outcome(
        alerts=sorted(alerts, key=lambda seen: (seen.first_event_at, seen.alert_id)),
        verdicts={id: verdict for part in parts for id, verdict in part.verdicts.items()},
        signals=dict(sorted(signals.items())),
        refused=sum(part.refused for part in parts),
        faults=sum(part.faults for part in parts),
    )
