"""What an attempt came to: a closed set, which metrics and decisions share."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from sluicegate.notify.retry import retry_after

__all__ = ["OUTCOMES", "PERMANENT", "Outcome", "Result", "of_status"]

Outcome = Literal["sent", "refused", "gone", "throttled", "failed", "unreachable", "blocked", "unrendered"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
PERMANENT: frozenset[Outcome] = frozenset({"refused", "gone", "blocked", "unrendered"})
"""Another attempt would come to the same."""
_AGAIN = frozenset({408, 425})


class Result(NamedTuple):
    """Of an attempt; `reason` in our words, nothing of the receiver's but a status."""

    outcome: Outcome
    reason: str = ""
    wait: float | None = None
    """Seconds after which the receiver wants to be asked again."""


def of_status(status: int, retry: str | None, now: float) -> Result:
    """What an HTTP status and a header Retry-After say. `now`: s since 1970.

    >>> of_status(204, None, 0.0).outcome, of_status(429, "30", 0.0)
    ('sent', Result(outcome='throttled', reason='answered 429', wait=30.0))
    >>> of_status(307, None, 0.0)
    Result(outcome='refused', reason='answered 307: redirects are not followed', wait=None)
    >>> [of_status(code, None, 0.0).outcome for code in (400, 410, 408, 500)]
    ['refused', 'gone', 'failed', 'failed']
    """
    if 200 <= status < 300:
        return Result("sent")
    reason = f"answered {status}"
    if status == 410:
        return Result("gone", reason)
    if status == 429:
        return Result("throttled", reason, retry_after(retry, now))
    if status in _AGAIN or status >= 500:
        return Result("failed", reason, retry_after(retry, now))
    if 300 <= status < 400:
        return Result("refused", f"{reason}: redirects are not followed")
    return Result("refused", reason)
