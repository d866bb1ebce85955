"""What a signal is: a River anomaly detector whose state is ours, and which says in words what it saw."""

from abc import abstractmethod
from typing import Any

from river.base import AnomalyDetector


class Signal(AnomalyDetector):
    """Compares a payment with what is usual. `score_one` changes nothing; `learn_one` is the only method that does."""

    VERSION: str = ""
    """Part of what alerts carry; changes when equal input may score differently."""

    @abstractmethod
    def learn_one(self, x: dict[str, Any]) -> None:
        """Take the payment into what is usual."""

    @abstractmethod
    def score_one(self, x: dict[str, Any]) -> float:
        """How unusual the payment is; 0 is as usual as can be."""

    @abstractmethod
    def explain(self, x: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """A clause in words, what was observed, what was expected."""
