"""What a request is refused for: one answer each, as a problem document (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Literal, get_args

import msgspec

__all__ = ["MOST_ERRORS", "REASONS", "Fault", "Reason", "RefusedError", "problem"]

Reason = Literal[
    "token",
    "token_rate",
    "tokens_unreadable",
    "scope",
    "tenant",
    "content_type",
    "too_large",
    "too_many",
    "slow_body",
    "invalid",
    "busy_tenant",
    "busy",
    "kafka_away",
    "unacknowledged",
    "other",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
MOST_ERRORS = 100
"""Of one answer; a thousand events that lack the same field need not be told apart."""

_STATUS: dict[Reason, int] = {
    "token": 401,
    "token_rate": 429,
    "tokens_unreadable": 503,
    "scope": 403,
    "tenant": 403,
    "content_type": 415,
    "too_large": 413,
    "too_many": 413,
    "slow_body": 408,
    "invalid": 422,
    "busy_tenant": 429,
    "busy": 429,
    "kafka_away": 503,
    "unacknowledged": 503,
    "other": 500,
}


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with one event: its index in the batch (0 of a single one), and a JSON Pointer into it."""

    index: int
    path: str
    message: str


class RefusedError(Exception):
    """A request that is not accepted; nothing of it is, or nobody knows (`unacknowledged`)."""

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        faults: list[Fault] | None = None,
        retry_after: int | None = None,
        status: int | None = None,
    ) -> None:
        """`retry_after` in seconds; `status` where the reason alone does not tell it."""
        super().__init__(detail)
        self.reason: Reason = reason
        self.status = status or _STATUS[reason]
        self.faults = faults or []
        self.retry_after = retry_after

    @property
    def body(self) -> bytes:
        return problem(self.reason, self.status, str(self), self.faults)

    @property
    def headers(self) -> dict[str, str]:
        own = {"content-type": "application/problem+json"}
        if self.retry_after is not None:
            own["retry-after"] = str(self.retry_after)
        if self.status == HTTPStatus.UNAUTHORIZED:
            own["www-authenticate"] = 'Bearer realm="sluicegate"'
        return own


def problem(kind: str, status: int, detail: str, faults: list[Fault] | None = None) -> bytes:
    """The document.

    >>> problem("token", 401, "no token that is good").decode()
    '{"type":"urn:sluicegate:problem:token","title":"Unauthorized","status":401,"detail":"no token that is good"}'
    """
    document: dict[str, Any] = {
        "type": f"urn:sluicegate:problem:{kind}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if faults:
        document["errors"] = faults[:MOST_ERRORS]
    return msgspec.json.encode(document)
