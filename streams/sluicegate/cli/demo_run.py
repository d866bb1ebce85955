"""What happens in the demo once the stage is set: history, then live events, and the alerts they raise."""

import threading
import time
from collections import Counter

from sluicegate.cli.alert_text import View
from sluicegate.cli.kafka import Sender, sender
from sluicegate.cli.pace import Pace
from sluicegate.generate.drafts import Case
from sluicegate.generate.stream import Generator
from sluicegate.settings import Settings
from sluicegate.topics import name_of

__all__ = ["Feed", "Tally"]

_LATE = 5.0
"""Seconds within which a scheme should be found; younger ones are not counted as missed."""


class Feed:
    """Sends the generator's events; the live ones in a thread of its own."""

    def __init__(self, settings: Settings, generator: Generator, *, rate: float, scheme_every: float) -> None:
        self._settings = settings
        self._generator = generator
        self._rate = rate
        self._scheme_every = scheme_every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="generator", daemon=True)
        self.error: Exception | None = None
        self.sent = 0
        self.schemes: list[tuple[float, Case]] = []
        """When each hidden scheme was begun (monotonic seconds), and what it is."""

    def history(self) -> int:
        """Send the past, and give the number of its events."""
        with sender(self._settings) as out:
            for event in self._generator.history():
                out.send(name_of(event.topic, self._settings), event.value, event.key)
                self.sent += 1
        return self.sent

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """May be called at any time, and more than once."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def check(self) -> None:
        """Raise what stopped the sending."""
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            with sender(self._settings, linger_ms=5) as out:
                self._live(out)
        except Exception as error:  # noqa: BLE001 (shown by the main thread, which ends the demo)
            self.error = error

    def _live(self, out: Sender) -> None:
        pace = Pace(self._rate, sleep=self._stop.wait)
        next_scheme = time.monotonic()
        while not self._stop.is_set():
            at = pace.next()
            if time.monotonic() >= next_scheme:
                next_scheme += self._scheme_every
                case = self._generator.inject()
                if case is not None:
                    self.schemes.append((time.monotonic(), case))
            event = self._generator.next_live(int(at * 1_000_000))
            out.send(name_of(event.topic, self._settings), event.value, event.key)
            self.sent += 1


class Tally:
    """What was seen so far."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self._ids: set[str] = set()

    def add(self, alert: View) -> None:
        if alert.activity == "create":
            self.opened[alert.severity] += 1
        self._ids.add(alert.alert_id)

    def text(self) -> str:
        """
        >>> Tally().text()
        'no alerts'
        """
        found = [f"{self.opened[level]} {level}" for level in ("critical", "high", "medium", "low") if self.opened[level]]
        return f"{self.opened.total()} alerts ({', '.join(found)})" if found else "no alerts"

    def found(self, schemes: list[tuple[float, Case]], now: float) -> tuple[int, int]:
        """How many of the schemes that can be told by their alert were found, and how many there are."""
        due = [case for at, case in schemes if case.alert_id is not None and now - at > _LATE]
        return sum(case.alert_id in self._ids for case in due), len(due)
