"""Where downloads stay between runs: outside the repository, shared by every process of this user."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Report = Callable[[str], None]


def cache_folder() -> Path:
    """`SLUICEGATE_CACHE`, else `$XDG_CACHE_HOME/sluicegate`, else `~/.cache/sluicegate`; made when absent."""
    if own := os.environ.get("SLUICEGATE_CACHE"):
        folder = Path(own)
    else:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sluicegate"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def exclusive(lock: Path, report: Report, waiting: str) -> Iterator[None]:
    """Hold `lock` against other processes; says `waiting` when one has it.

    The lock is the kernel's, on the open file: a process that is killed releases it, and the file itself means nothing.
    """
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
