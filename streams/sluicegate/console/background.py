"""Threads beside the pages: each works until it is asked to stop."""

import threading
from abc import ABC, abstractmethod

__all__ = ["Background"]


class Background(ABC):
    """One thread. It ends with the process, should it not end before."""

    def __init__(self, name: str) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stopping.set()

    def join(self, timeout: float) -> None:
        """Wait for its end; after `timeout` seconds no longer."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    @abstractmethod
    def _run(self) -> None: ...
