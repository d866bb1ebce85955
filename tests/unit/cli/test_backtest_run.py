"""Processes of a backtest that die or fail: said at once, and the others end too."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import click
import pytest

from sluicegate.backtest.change import Change
from sluicegate.cli.backtest_run import run
from sluicegate.cli.backtest_split import Group

SIDES = {"before": Change(), "after": Change(policy={})}


class Killed(Group, frozen=True):
    """Work in which the process is killed, as for want of memory."""

    def read(self) -> Iterator[bytes]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield b""


class Broken(Group, frozen=True):
    """Work that fails."""

    def read(self) -> Iterator[bytes]:
        yield b""
        raise ZeroDivisionError("a fault of ours")


class Endless(Group, frozen=True):
    """Work that ends only when it is told to."""

    def read(self) -> Iterator[bytes]:
        while True:
            yield b"{}"


def test_process_that_is_killed_is_said() -> None:
    with pytest.raises(click.ClickException, match="ended from outside"):
        run([Killed((), 1)], SIDES, 2, lambda _: None)


def test_fault_in_one_process_ends_the_others() -> None:
    with pytest.raises(ZeroDivisionError):
        run([Endless((), 1), Broken((), 1)], {"before": Change()}, 2, lambda _: None)


def test_interrupt_ends_all_processes() -> None:
    def interrupt(by: int) -> None:
        raise KeyboardInterrupt

    held = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        run([Endless((), 1), Endless((), 1)], {"before": Change()}, 2, interrupt)
    assert signal.getsignal(signal.SIGINT) is held
