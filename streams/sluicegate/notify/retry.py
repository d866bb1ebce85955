"""When to try again: exponential back-off with full jitter, unless the receiver says when.

Full jitter: a uniform choice between 0 and the bound, which doubles (M. Brooker, Exponential Backoff And Jitter, AWS
Architecture Blog, 2015).
"""

from __future__ import annotations

import random
from email.utils import parsedate_to_datetime

__all__ = ["AWAY_AFTER", "bound", "delay", "retry_after"]

_FIRST, _MOST = 2.0, 900.0
_LONGEST = 86_400.0
AWAY_AFTER = 3
"""Failures in a row from which an endpoint counts as away, and is asked by one delivery at a time."""


def bound(attempts: int) -> float:
    """The longest wait in seconds after so many attempts.

    >>> [bound(n) for n in (1, 2, 3, 9, 10, 1000)]
    [2.0, 4.0, 8.0, 512.0, 900.0, 900.0]
    """
    return min(_MOST, _FIRST * 2.0 ** min(attempts - 1, 30))


def delay(attempts: int) -> float:
    """Seconds to wait after so many attempts, drawn anew each time."""
    return random.uniform(0.0, bound(attempts))


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds that a header Retry-After asks for (RFC 9110, 10.2.3), at most a day; None where it says nothing.

    >>> retry_after("7", 0.0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 15.0), retry_after("soon", 0.0)
    (7.0, 45.0, None)
    """
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(float(text), _LONGEST)
    try:
        at = parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, at - now), _LONGEST)
