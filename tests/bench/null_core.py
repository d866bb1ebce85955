"""A core that detects nothing: what a worker with it costs is transport alone.

It writes what a real one writes in kind and amount: a state record an event, and an alert for one event in fifty.
"""

from sluicegate.detection.partition import LogRecord, Outcome, Output, Partition, Run

_EVERY = 50
_STATE = b"s" * 300  # bytes; records of the real core have about as many
_ALERT = b'{"data":{"alert_id":"al_%032d"},"filler":"' + b"a" * 1800 + b'"}'
_KEYS = 5000  # of state records a partition


class NullPartition(Partition):
    """No state but a number; nothing to load."""

    seen = 0

    def load(self, key: str, value: bytes | None) -> None:
        pass

    def ready(self) -> None:
        pass

    def begin(self) -> Run:
        return NullRun(self)


class NullRun(Run):
    """Counts."""

    def __init__(self, partition: NullPartition) -> None:
        super().__init__(partition)
        self._null = partition
        self._written: dict[str, bytes | None] = {}
        self._seen = partition.seen

    def apply(self, record: LogRecord) -> Outcome:
        self._seen += 1
        key = record.key or b"*"
        self._written[f"{key.decode()}|null|{self._seen % _KEYS}"] = _STATE
        if self._seen % _EVERY == 0:
            self.outputs.append(Output("alerts", key, _ALERT % self._seen))
        self.counts.add(Outcome.APPLIED)
        return Outcome.APPLIED

    def changes(self) -> dict[str, bytes | None]:
        return self._written

    def merge(self) -> None:
        self._null.seen = self._seen
