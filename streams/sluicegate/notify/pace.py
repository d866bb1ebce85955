"""A rate: so many a minute, and at most those of one second at once."""

from __future__ import annotations

__all__ = ["Pace"]


class Pace:
    """The generic cell rate algorithm (ITU-T I.371): each turn moves a clock on, which may be a second ahead.

    >>> pace = Pace(120)
    >>> pace.free(0.0)
    2
    >>> pace.take(0.0), pace.take(0.0), pace.free(0.0), pace.rest(0.0), pace.free(0.5)
    (None, None, 0, 0.5, 1)
    """

    def __init__(self, per_minute: int) -> None:
        self._each = 60.0 / per_minute
        self._burst = max(1, per_minute // 60)
        self._clock = 0.0

    def free(self, now: float) -> int:
        """How many turns may be taken at this instant (s)."""
        ahead = max(0.0, self._clock - now) / self._each
        return max(0, int(self._burst - ahead + 1e-9))

    def take(self, now: float) -> None:
        """Take a turn."""
        self._clock = max(self._clock, now) + self._each

    def rest(self, now: float) -> float:
        """Seconds until a turn may be taken."""
        return max(0.0, self._clock - now - (self._burst - 1) * self._each)
