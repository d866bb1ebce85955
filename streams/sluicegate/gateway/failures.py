"""How often an address came without a good token; guessing is hopeless anyway, but it need not cost anything."""

from __future__ import annotations

from collections import OrderedDict

__all__ = ["Failures"]

_MOST = 10_000
_MINUTE = 60.0


class Failures:
    """Counts per address and minute, for the addresses seen last.

    >>> failures = Failures(2)
    >>> [failures.too_many("192.0.2.1", now) for now in (0.0, 1.0, 2.0, 61.0)]
    [False, False, True, False]
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def too_many(self, address: str, now: float) -> bool:
        """Count one more at `now` (s, monotonic); whether that is one too many within a minute of the first."""
        began, count = self._counts.pop(address, (now, 0))
        if now - began >= _MINUTE:
            began, count = now, 0
        self._counts[address] = (began, count + 1)
        if len(self._counts) > _MOST:
            self._counts.popitem(last=False)
        return count >= self._most
