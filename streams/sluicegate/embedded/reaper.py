"""A guard between a program and its broker: whatever becomes of the program, the broker ends and its folder goes.

`Reaper` starts this file as a small process of its own, in its own session (so that Ctrl-C in a terminal reaches the
program only, which then stops things in order). It runs the commands it is given on its standard input as children,
and takes the end of that input, or a new parent, as the death of the program: then it ends the child and deletes the
folder. Neither needs anything of the dying program, so kill -9 is no different from an exit. Should the guard itself
be killed, Linux kills the child with it.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

GRACE_SECONDS = 10.0  # for a broker whose data are kept to close its files; one whose data go is killed at once


class Reaper:
    """Runs one child process at a time for this program, and outlives it just long enough to clean up.

    `folder` is deleted when the program dies, and at `close()`; None when nothing is to be deleted.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._pid: int | None = None
        self._exit: int | None = None
        self._pending = b""
        # -I -S: neither site-packages nor the environment can slow it down or change it
        guard = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(folder or "")]
        self._guard = subprocess.Popen(
            guard, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, bufsize=0
        )

    @property
    def pid(self) -> int | None:
        """Process id of the child while it runs."""
        self._hear(0)
        return self._pid

    @property
    def lost(self) -> bool:
        """Whether the guard itself is gone, killed by somebody: it can run nothing more."""
        return self._guard.poll() is not None

    def run(self, command: list[str], folder: Path, log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start `command` in `folder`, its output appended to `log`. One child at a time.

        `environment`: its variables; those of this program where none are given.
        """
        if self.pid is not None:
            raise RuntimeError("the reaper's child still runs")
        self._exit = None
        self._tell(
            {"run": command, "folder": str(folder), "log": str(log), "environment": environment and dict(environment)}
        )
        while self._pid is None and self._exit is None:
            self._hear(None)

    def wait(self, timeout: float) -> int | None:
        """Exit status of the last child (negative: killed by that signal), None when it still runs after `timeout`."""
        deadline = time.monotonic() + timeout
        while self._exit is None and (left := deadline - time.monotonic()) > 0:
            self._hear(left)
        return self._exit

    def end(self, grace: float) -> None:
        """Ask the child to end, and kill it when it has not within `grace` seconds (0: kill it at once)."""
        if self.pid is None:
            return
        if grace > 0:
            self._tell({"signal": int(signal.SIGTERM)})
            if self.wait(grace) is not None:
                return
        self._tell({"signal": int(signal.SIGKILL)})
        self.wait(10)

    def close(self) -> None:
        """Let the guard end: it kills a child that still runs, and deletes the folder."""
        if self._guard.stdin and self._guard.stdout:
            self._guard.stdin.close()
            self._guard.stdout.close()
        self._guard.wait()

    def _tell(self, order: dict[str, object]) -> None:
        if self._guard.stdin:
            with contextlib.suppress(BrokenPipeError):  # a guard that is gone shows in _hear
                self._guard.stdin.write(json.dumps(order).encode() + b"\n")

    def _hear(self, timeout: float | None) -> None:
        """Take in what the guard has reported; wait for it up to `timeout` seconds (None: until it reports)."""
        if self._guard.stdout is None or self._guard.stdout.closed:
            return
        if not select.select([self._guard.stdout], [], [], timeout)[0]:
            return
        got = os.read(self._guard.stdout.fileno(), 65536)
        if not got:  # the guard was killed: what it held is killed with it
            if self._pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)
            self._pid, self._exit = None, -signal.SIGKILL if self._exit is None else self._exit
            return
        *lines, self._pending = (self._pending + got).split(b"\n")
        for line in lines:
            report = json.loads(line)
            self._pid = report.get("pid")
            self._exit = report.get("exit")


class _Guard:
    """The other side: what runs in the process of its own."""

    def __init__(self, parent: int, folder: str) -> None:
        self._parent = parent
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        wake = _wake_on_child()
        pending = b""
        try:
            while os.getppid() == self._parent:
                # the parent is looked at as well: a child it forked may hold its end of the pipe open
                ready, _, _ = select.select([0, wake], [], [], 0.5)
                if wake in ready:
                    os.read(wake, 4096)
                if 0 in ready:
                    got = os.read(0, 65536)
                    if not got:
                        return
                    *orders, pending = (pending + got).split(b"\n")
                    for order in orders:
                        self._obey(json.loads(order))
                self._report_exit()
        except OSError:
            return  # the program went away while we spoke to it
        finally:
            self._clean()

    def _obey(self, order: dict[str, object]) -> None:
        if "run" in order:
            try:
                with open(str(order["log"]), "ab") as log:
                    self._child = subprocess.Popen(
                        order["run"],  # type: ignore[call-overload]
                        cwd=str(order["folder"]),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        env=order["environment"],
                        preexec_fn=_die_with_parent(),  # noqa: PLW1509  (no threads here)
                    )
            except OSError:
                self._say({"exit": 127})
            else:
                self._say({"pid": self._child.pid})
        elif self._child:
            self._child.send_signal(int(str(order["signal"])))

    def _report_exit(self) -> None:
        if self._child and (status := self._child.poll()) is not None:
            self._child = None
            self._say({"exit": status})

    @staticmethod
    def _say(report: dict[str, int]) -> None:
        os.write(1, json.dumps(report).encode() + b"\n")

    def _clean(self) -> None:
        if self._child:
            if not self._folder:
                self._child.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(GRACE_SECONDS)
            self._child.kill()
            self._child.wait()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _wake_on_child() -> int:
    """A file descriptor that becomes readable when a child ends; SIGTERM makes the guard clean up and go."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    return read


def _die_with_parent() -> Callable[[], object] | None:
    """What a child calls before it becomes the broker: Linux kills it when the guard dies. None elsewhere."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    set_death_signal = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
    return lambda: libc.prctl(set_death_signal, signal.SIGKILL)


if __name__ == "__main__":
    _Guard(int(sys.argv[1]), sys.argv[2]).serve()
