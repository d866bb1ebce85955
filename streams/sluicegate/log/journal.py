"""A topic that is worked through in checkpoints, and what its agent makes of it: the log of events, the sightings."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sluicegate.detection.log import Counts, LogRecord, Outcome, Output, Volume
from sluicegate.log.identity import LogIdentity

__all__ = ["Core", "CoreRun", "Journal"]


class CoreRun(Protocol):
    """One checkpoint under way."""

    outputs: list[Output]
    counts: Counts
    tallies: Counter[tuple[str, ...]]
    faults: list[Exception]
    full: bool
    """Asks for a commit now."""

    def apply(self, record: LogRecord) -> Outcome: ...

    def changes(self) -> dict[str, bytes | None]: ...

    def merge(self) -> None: ...


class Core(Protocol):
    """The state of one partition; pure, so that a run dropped leaves nothing behind."""

    volume: Volume
    """Of the committed state, kept up with every merge."""

    def load(self, key: str, value: bytes | None) -> None: ...

    def ready(self) -> None: ...

    def begin(self) -> CoreRun: ...


C = TypeVar("C", bound=Core)


@dataclass(frozen=True)
class Journal(Generic[C]):
    """What recovery and checkpoints need to know of a topic."""

    agent: str
    """Who works through it, as metrics and messages say it."""
    name: str
    """Of the topic, on the broker."""
    state: str
    """Topic of the state that follows from it, as the contract calls it; as many partitions."""
    partitions: int
    identity: LogIdentity
    transactional_id: Callable[[int], str]
    """Of a partition's only writer."""
    new_core: Callable[[int], C]
    """Empty state for a partition."""
    gapless: bool
    """Offsets follow each other. They do not where transactions write: their markers take offsets too."""
    unsourced: str
    """How metrics call records that no source topic brought."""

    def at(self, partition: int) -> str:
        """A partition, as messages name it."""
        return f"{self.name}/{partition}"

    def place(self, partition: int) -> dict[str, object]:
        """A partition, as fields of an event of the log."""
        return {"topic": self.name, "partition": partition}
