"""Beside alerts: how many findings became signals, what the stream says of itself, and which lists are in force."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import insert, select, update

from sluicegate.console.store.fitting import fitted
from sluicegate.console.tables import list_version, notice, signal_day
from sluicegate.wire.scalars import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

__all__ = ["ListSeen", "SignalSeen", "read_list", "read_signal", "take_lists", "take_signals"]


class _Reason(msgspec.Struct):
    rule: str
    text: str = ""


class _Signal(msgspec.Struct):
    tenant_id: str
    title: str
    score: float
    reasons: list[_Reason]
    mode: str = "live"
    notice: bool = False
    suppression: dict[str, Any] | None = None
    updated_at: str = ""


class _SignalEvent(msgspec.Struct):
    type: Literal["signal.v1"]
    data: _Signal


class _List(msgspec.Struct):
    list: str
    version: str
    published_at: str
    part: int = 1
    parts: int = 1


class _ListEvent(msgspec.Struct):
    type: Literal["sanctions.update.v1"]
    tenantid: str
    data: _List


_SIGNAL = msgspec.json.Decoder(_SignalEvent)
_LIST = msgspec.json.Decoder(_ListEvent)


class SignalSeen(msgspec.Struct, frozen=True):
    """A finding that raised no alert: which rule's, why, and what it says where it is a notice."""

    tenant: str
    day: str
    rule: str
    kind: Literal["below", "shadow", "suppressed", "notice"]
    time: int
    title: str
    text: str


class ListSeen(msgspec.Struct, frozen=True):
    """A version of a list, its last part included."""

    tenant: str
    list: str
    version: str
    published_at: int


def read_signal(value: bytes) -> SignalSeen | None:
    """What a record of `signals` tells; None where it cannot be read."""
    try:
        data = _SIGNAL.decode(value).data
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if not data.reasons:
        return None
    kind: Literal["below", "shadow", "suppressed", "notice"] = "below"
    if data.notice:
        kind = "notice"
    elif data.suppression is not None:
        kind = "suppressed"
    elif data.mode == "shadow":
        kind = "shadow"
    reason = data.reasons[0]
    time = parse_time(data.updated_at) or 0
    return SignalSeen(data.tenant_id, data.updated_at[:10], reason.rule, kind, time, data.title, reason.text)


def take_signals(connection: Connection, signals: Iterable[SignalSeen]) -> None:
    """Count them by day, and keep the last notice about each thing."""
    counted: Counter[tuple[str, str, str, str]] = Counter()
    notices: dict[tuple[str, str], SignalSeen] = {}
    for one in signals:
        counted[one.tenant, one.day, one.rule, one.kind] += 1
        if one.kind == "notice":
            # "Vendor payments: learning, 375 of 500": what is told of stands before the colon, or what changed
            about = one.text.partition(":")[0].partition(" changed ")[0]
            notices[one.tenant, f"{one.rule}: {about}"[:120]] = one
    for (tenant, day, rule, kind), count in counted.items():
        key = fitted(signal_day, {"tenant": tenant, "day": day, "rule": rule, "kind": kind})
        where = [signal_day.c[name] == value for name, value in key.items()]
        more = update(signal_day).where(*where).values(count=signal_day.c.count + count)
        if not connection.execute(more).rowcount:
            connection.execute(insert(signal_day).values(**key, count=count))
    for (tenant, name), one in notices.items():
        key = fitted(notice, {"tenant": tenant, "name": name})
        values = fitted(notice, {"time": one.time, "text": one.text})
        held = [notice.c[column] == value for column, value in key.items()]
        if not connection.execute(update(notice).where(*held).values(values)).rowcount:
            connection.execute(insert(notice).values(**key, **values))


def read_list(value: bytes) -> ListSeen | None:
    """The version that a record of `sanctions` completes, as far as its own part says so."""
    try:
        event = _LIST.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    data = event.data
    published = parse_time(data.published_at)
    if published is None or data.part != data.parts:
        return None
    return ListSeen(event.tenantid, data.list, data.version, published)


def take_lists(connection: Connection, lists: Iterable[ListSeen]) -> None:
    """Note the newest version of each list."""
    for one in lists:
        where = [list_version.c.list == one.list, list_version.c.tenant == one.tenant]
        held = connection.scalar(select(list_version.c.published_at).where(*where))
        values = {"version": one.version, "published_at": one.published_at}
        if held is None:
            connection.execute(insert(list_version).values(list=one.list, tenant=one.tenant, **values))
        elif held <= one.published_at:
            connection.execute(update(list_version).where(*where).values(values))
