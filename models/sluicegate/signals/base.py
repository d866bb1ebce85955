"""What a signal is: a River anomaly detector whose state is ours, and which says in words what it saw."""

from abc import abstractmethod
from typing import Any, ClassVar

from river.base import AnomalyDetector

X = dict[str, Any]
"""A payment as signals see it; `detection.features` says what stands in it."""
Explanation = tuple[str, dict[str, Any], dict[str, Any]]
"""A clause in words, what was observed, what was expected."""

VENDOR, PAYROLL = "vendor", "payroll"
BOTH = (VENDOR, PAYROLL)


class Signal(AnomalyDetector):
    """Compares a payment with what is usual. `score_one` changes nothing; `learn_one` is the only method that does.

    `own` is what it keeps of one payee, packed (at most `MOST_OWN` bytes); `common` what it keeps of a stream, changed
    in place. Both are all its state: a signal made of them goes on to the bit.
    """

    NAME: ClassVar[str] = ""
    TITLE: ClassVar[str] = ""
    """Of an alert that it carries."""
    VERSION: ClassVar[str] = ""
    """Part of what alerts carry; changes when equal input may score differently, or `own` is packed otherwise."""
    STREAMS: ClassVar[tuple[str, ...]] = BOTH
    WEIGHT: ClassVar[float] = 1.0
    """Its p-value is divided by this weight before it is combined: below 1 where what is rare is seldom wrong."""
    MOST_OWN: ClassVar[int] = 0
    LEARNS: ClassVar[bool] = True
    """False where `learn_one` does nothing, for all it needs stands in the payment."""

    def __init__(self, own: bytes | None = None, common: dict[Any, Any] | None = None) -> None:
        self.own = own or b""
        self.common: dict[Any, Any] = {} if common is None else common

    @abstractmethod
    def learn_one(self, x: X) -> None:
        """Take the payment into what is usual."""

    @abstractmethod
    def score_one(self, x: X) -> float:
        """How unusual the payment is; 0 is as usual as can be."""

    @abstractmethod
    def explain(self, x: X) -> Explanation:
        """A clause in words, what was observed, what was expected."""
