"""A record of the topic `alerts` as far as deliveries depend on it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sluicegate.notify.endpoints import Endpoint
from sluicegate.wire.canary import CANARY_TENANT

__all__ = ["Revision", "decode"]


def _short(most: int) -> Meta:
    """What a column of the database takes."""
    return Meta(min_length=1, max_length=most)


class _Subject(msgspec.Struct):
    kind: Annotated[str, _short(40)]
    id: Annotated[str, _short(512)]


class _Reason(msgspec.Struct):
    rule: str


class _Data(msgspec.Struct):
    alert_id: Annotated[str, _short(80)]
    revision: Annotated[int, Meta(ge=1, le=2**31)]
    activity: str
    family: str
    severity: Annotated[str, _short(16)]
    subject: _Subject
    reasons: list[_Reason]


class _Event(msgspec.Struct):
    type: Literal["alert.v1"]
    tenantid: Annotated[str, _short(63)]
    data: _Data


_DECODER = msgspec.json.Decoder(_Event)


class Revision(msgspec.Struct, frozen=True):
    """One revision of an alert."""

    alert: str
    number: int
    tenant: str
    subject: str
    """Tenant, kind and id of what it is about: deliveries that share it keep their order."""
    severity: str
    family: str
    activity: str
    rules: frozenset[str]
    body: bytes
    """The whole event."""

    @property
    def id(self) -> str:
        """Of the event, as the contract makes it; the same each time the revision is read."""
        return f"{self.alert}-{self.number}"

    def wanted_by(self, endpoint: Endpoint) -> bool:
        return endpoint.wants(self.tenant, self.severity, self.family, self.activity, self.rules)


def decode(value: bytes) -> Revision | None:
    """The revision in a record; None where it is the canary's. Raises MsgspecError, UnicodeDecodeError."""
    event = _DECODER.decode(value)
    if event.tenantid == CANARY_TENANT:
        return None
    data = event.data
    return Revision(
        data.alert_id,
        data.revision,
        event.tenantid,
        f"{event.tenantid}|{data.subject.kind}|{data.subject.id}".replace("\0", "\ufffd"),  # PostgreSQL holds no NUL
        data.severity,
        data.family,
        data.activity,
        frozenset(reason.rule for reason in data.reasons),
        value,
    )
