"""Revisions of alerts out of records or lines: which are wanted, and the last of each alert."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from sluicegate.notify.names import bare
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.scalars import Instant, dec_hook

__all__ = ["Revision", "Wanted", "decode", "last_of_each"]


class _Party(msgspec.Struct):
    kind: str
    id: str


class _Reason(msgspec.Struct):
    rule: str
    version: str
    text: str
    score: float
    observed: dict[str, Any]
    expected: dict[str, Any]
    event_ids: list[str]
    sources: list[str]


class _Sum(msgspec.Struct):
    """A sum may have more digits than its addends."""

    value: Annotated[str, Meta(pattern=r"^-?[0-9]{1,60}(\.[0-9]{1,18})?\Z")]
    currency: str
    count: int


class _Versions(msgspec.Struct):
    ruleset: str
    policy: str | None = None


class _Data(msgspec.Struct):
    """What exports lean on; unknown fields and values of enumerations are let through (contract section 9)."""

    alert_id: str
    revision: Annotated[int, Meta(ge=1, lt=1 << 53)]
    activity: str
    severity: str
    tenant_id: str
    family: str
    title: str
    score: float
    subject: _Party
    entities: list[_Party]
    reasons: Annotated[list[_Reason], Meta(min_length=1)]
    money: list[_Sum]
    payment_ids: list[str]
    recommended_action: str
    versions: _Versions
    first_event_at: Instant
    last_event_at: Instant
    created_at: Instant
    updated_at: Instant
    retroactive: bool = False
    close_reason: str | None = None


class _Event(msgspec.Struct):
    type: Literal["alert.v1"]
    id: str
    tenantid: str
    data: _Data


class _Typed(msgspec.Struct):
    type: str = ""


_EVENT = msgspec.json.Decoder(_Event, dec_hook=dec_hook)
_TYPED = msgspec.json.Decoder(_Typed)
_LEVELS = ("low", "medium", "high", "critical")
_CHAIN = ("chainhash", "chainprev", "chainseq")
"""They are of the record as it was written: without them where something is left out of it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of an alert, as it came. `updated_at`: microseconds since 1970 UTC."""

    alert: str
    number: int
    tenant: str
    subject: str
    """`tenant|kind|id`."""
    severity: str
    updated_at: int
    body: bytes

    @property
    def key(self) -> bytes:
        """On a topic, as alerts are keyed: what is about the same subject stays in order."""
        return self.subject.encode()

    def event(self, *, personal_data: bool) -> dict[str, Any]:
        """The CloudEvent; without names, labels and what repeats them unless they are wanted."""
        whole: dict[str, Any] = msgspec.json.decode(self.body)
        if personal_data:
            return whole
        clean = bare(whole)
        return {name: value for name, value in clean.items() if name not in _CHAIN}


def decode(value: bytes | None) -> Revision | str | None:
    """The revision in a record; None where it holds something else that is sound; else what is wrong.

    >>> decode(b'{"type":"signal.v1"}') is None
    True
    >>> decode(b"{")
    'not an event (no JSON object)'
    >>> decode(b'{"type":"alert.v1","id":"a-1"}')
    'not an alert of the contract: Object missing required field `tenantid`'
    """
    try:
        event = _EVENT.decode(value or b"")
    except msgspec.ValidationError as error:
        try:
            kind = _TYPED.decode(value or b"").type
        except msgspec.ValidationError:
            return "not an event (no JSON object)"
        return None if kind and kind != "alert.v1" else f"not an alert of the contract: {error}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "not an event (no JSON object)"
    data = event.data
    subject = f"{event.tenantid}|{data.subject.kind}|{data.subject.id}"
    return Revision(data.alert_id, data.revision, event.tenantid, subject, data.severity, data.updated_at, value or b"")


@dataclass(frozen=True)
class Wanted:
    """Which revisions are exported; `since` (from) and `until` (before) as microseconds since 1970 UTC."""

    since: int | None = None
    until: int | None = None
    tenants: frozenset[str] = frozenset()
    severity: str = "low"
    """The least."""

    def takes(self, one: Revision) -> bool:
        return self.in_reach(one) and self.severe(one)

    def in_reach(self, one: Revision) -> bool:
        """Of the tenants asked for and in the period; a canary's alerts only where its tenant is named."""
        if one.tenant not in self.tenants if self.tenants else one.tenant == CANARY_TENANT:
            return False
        return (self.since is None or one.updated_at >= self.since) and (
            self.until is None or one.updated_at < self.until
        )

    def severe(self, one: Revision) -> bool:
        """At least as severe; a level that this version does not know counts as severe."""
        return one.severity not in _LEVELS or _LEVELS.index(one.severity) >= _LEVELS.index(self.severity)


def last_of_each(revisions: Iterable[Revision]) -> Iterator[Revision]:
    """The highest revision of each alert, in the order in which these came.

    They wait in a temporary file, so that memory does not grow with the number of alerts.
    """
    held = sqlite3.connect("")  # an empty name: a file that the system removes
    try:
        held.execute("PRAGMA journal_mode=OFF")
        held.execute(
            "CREATE TABLE held (tenant TEXT, alert TEXT, number INTEGER, place INTEGER, subject TEXT, severity TEXT,"
            " updated INTEGER, body BLOB, PRIMARY KEY (tenant, alert))"
        )
        held.executemany(
            "INSERT INTO held VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET number = excluded.number,"
            " place = excluded.place, subject = excluded.subject, severity = excluded.severity,"
            " updated = excluded.updated, body = excluded.body WHERE excluded.number > held.number",
            (
                (one.tenant, one.alert, one.number, place, one.subject, one.severity, one.updated_at, one.body)
                for place, one in enumerate(revisions)
            ),
        )
        rows = held.execute("SELECT alert, number, tenant, subject, severity, updated, body FROM held ORDER BY place")
        for row in rows:
            yield Revision(*row)
    finally:
        held.close()
