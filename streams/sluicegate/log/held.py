"""What a worker has of one partition: as it is assigned, and its state as it is kept after that."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sluicegate.log.checkpoint import Checkpointer
from sluicegate.log.inbox import Inbox
from sluicegate.log.journal import Core
from sluicegate.log.progress import Progress

__all__ = ["Held", "Kept"]

C = TypeVar("C", bound=Core)


@dataclass
class Kept(Generic[C]):
    """State of a partition in memory, as of an offset of its state topic."""

    core: C
    progress: Progress
    position: int
    since: float = field(default_factory=time.monotonic)


@dataclass
class Held(Generic[C]):
    """A partition as assigned in one generation of the group."""

    partition: int
    generation: int
    inbox: Inbox
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    checkpointer: Checkpointer[C] | None = None
    expected: int = -1
    """What the next chunk has to follow."""
    task: "asyncio.Task[None] | None" = None
    assigned: float = field(default_factory=time.monotonic)
    remaining: int = 0
    """Offsets of the state topic still to be read; 0 while that is not known."""
    waiting: float | None = None
    """Since when records are known to wait; None: none does."""
    committed: float = 0.0
    """When the last checkpoint ended."""

    @property
    def open(self) -> bool:
        return self.checkpointer is not None

    def waited(self, backlog: int | None) -> float:
        """For how many seconds records have waited since the last checkpoint; 0 while none does.

        `backlog` is the number that waits as far as it is known: while the partition is opened again they wait on.
        """
        now = time.monotonic()
        if backlog == 0:
            self.waiting = None
        elif backlog is not None and self.waiting is None:
            self.waiting = now
        return 0.0 if self.waiting is None else now - max(self.waiting, self.committed)
