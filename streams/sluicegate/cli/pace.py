"""Sending on a schedule that does not wait for what was sent before (open loop)."""

import time
from collections.abc import Callable

__all__ = ["Pace"]


class Pace:
    """Times of sending at `rate` per second from `start` (default: now); None: at once. A delay is caught up.

    >>> clock = iter([100.0, 100.0, 100.0, 107.0])
    >>> slept = []
    >>> pace = Pace(2.0, now=clock.__next__, sleep=slept.append)
    >>> [pace.next() for _ in range(3)], slept
    ([100.0, 100.5, 101.0], [0.5])
    """

    def __init__(
        self,
        rate: float | None,
        *,
        start: float | None = None,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._now, self._sleep = rate, now, sleep
        self._start = start if start is not None else now() if rate else 0.0
        self._number = 0

    def next(self) -> float:
        """Wait for the next time of the schedule and give it back, in seconds of the clock."""
        now = self._now()
        if self._rate is None:
            return now
        due = self._start + self._number / self._rate
        self._number += 1
        if due > now:
            self._sleep(due - now)
        return due
