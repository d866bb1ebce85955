"""Deliveries: entered with the read position, taken in order of their subject, finished when the receiver has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from sluicegate.notify.endpoints import Email, Endpoint
from sluicegate.notify.names import bare
from sluicegate.notify.revisions import Revision
from sluicegate.notify.store.tables import DEAD, SUPERSEDED, WAITING, alert, delivery, endpoint

__all__ = [
    "Due",
    "Waiting",
    "bury",
    "disable",
    "disabled",
    "due",
    "due_digest",
    "enter",
    "finish",
    "forget",
    "known",
    "later",
    "rouse",
    "state_counts",
    "waiting",
]

_REASON = 200
_MINUTE = 60_000_000


class Due(msgspec.Struct, frozen=True):
    """A delivery that may leave."""

    id: int
    event_id: str
    alert_id: str
    subject: str
    attempts: int
    created_at: int
    body: bytes


class Waiting(msgspec.Struct, frozen=True):
    """What an endpoint has not got yet: how many, and since when the oldest is due (µs; 0: none)."""

    count: int
    oldest: int


def enter(connection: Connection, revisions: Sequence[Revision], endpoints: Iterable[Endpoint], now: int) -> int:
    """Let revisions wait for those who want them, each once however often it comes; how many deliveries are new."""
    wanted = [(one, [to for to in endpoints if one.wanted_by(to)]) for one in revisions]
    off = disabled(connection)
    new = 0
    for revision, receivers in wanted:
        if not receivers:
            continue
        _enter_alert(connection, revision, now, named=any(to.personal_data for to in receivers))
        for to in receivers:
            if _enter_delivery(connection, revision, to, now, off.get(to.name, "")):
                new += 1
                if to.revisions == "latest":
                    _supersede(connection, revision, to, now)
    return new


def _enter_alert(connection: Connection, revision: Revision, now: int, *, named: bool) -> None:
    values = {
        "event_id": revision.id,
        "alert_id": revision.alert,
        "tenant": revision.tenant,
        "severity": revision.severity,
        "body": revision.body if named else msgspec.json.encode(bare(msgspec.json.decode(revision.body))),
        "entered_at": now,
    }
    new = _new(connection, alert).values(values)
    key = ["event_id"]
    connection.execute(
        # one that is there without names gets them once somebody may have them
        new.on_conflict_do_update(index_elements=key, set_={"body": values["body"]})
        if named
        else new.on_conflict_do_nothing(index_elements=key)
    )


def _enter_delivery(connection: Connection, revision: Revision, to: Endpoint, now: int, off: str) -> bool:
    digest = isinstance(to, Email) and to.digested(revision.severity)
    due_at = now
    if digest:
        assert isinstance(to, Email)
        due_at = (now // (to.digest_minutes * _MINUTE) + 1) * to.digest_minutes * _MINUTE
    values = {
        "endpoint": to.name,
        "event_id": revision.id,
        "alert_id": revision.alert,
        "revision": revision.number,
        "subject": revision.subject,
        "state": DEAD if off else WAITING,
        "digest": int(digest),
        "created_at": due_at,
        "not_before": due_at,
        "attempts": 0,
        "reason": off,
        "finished_at": now if off else None,
    }
    new = _new(connection, delivery).values(values).on_conflict_do_nothing(index_elements=["endpoint", "event_id"])
    # asked for by RETURNING: what psycopg counts of such an insert is not told
    return connection.scalar(new.returning(delivery.c.id)) is not None


def _new(connection: Connection, table: Table) -> Any:
    return insert_sqlite(table) if connection.dialect.name == "sqlite" else insert_postgresql(table)


def _supersede(connection: Connection, revision: Revision, to: Endpoint, now: int) -> None:
    older = update(delivery).where(
        delivery.c.endpoint == to.name,
        delivery.c.state == WAITING,
        delivery.c.subject == revision.subject,
        delivery.c.alert_id == revision.alert,
        delivery.c.revision < revision.number,
    )
    connection.execute(older.values(state=SUPERSEDED, finished_at=now, reason=f"revision {revision.number} came"))


def due(connection: Connection, name: str, now: int, most: int, under_way: Sequence[str]) -> list[Due]:
    """What may leave to an endpoint by itself: of each subject that is not under way the oldest that waits."""
    older = delivery.alias("older")
    first = ~exists().where(
        older.c.endpoint == delivery.c.endpoint,
        older.c.state == WAITING,
        older.c.digest == 0,
        older.c.subject == delivery.c.subject,
        older.c.id < delivery.c.id,
    )
    of_it = (delivery.c.digest == 0, delivery.c.subject.not_in(list(under_way)), first)
    return _waiting(connection, name, now, most, *of_it)


def due_digest(connection: Connection, name: str, now: int, most: int) -> list[Due]:
    """What leaves to an endpoint together."""
    return _waiting(connection, name, now, most, delivery.c.digest == 1)


def _waiting(connection: Connection, name: str, now: int, most: int, *of_it: ColumnElement[bool]) -> list[Due]:
    query = (
        select(delivery, alert.c.body)
        .join(alert, alert.c.event_id == delivery.c.event_id)
        .where(delivery.c.endpoint == name, delivery.c.state == WAITING, delivery.c.not_before <= now, *of_it)
        .order_by(delivery.c.id)
        .limit(most)
    )
    return [
        Due(row.id, row.event_id, row.alert_id, row.subject, row.attempts, row.created_at, bytes(row.body))
        for row in connection.execute(query)
    ]


def finish(connection: Connection, ids: Sequence[int], state: str, reason: str, now: int) -> None:
    """The receiver has them, or never will; what was superseded meanwhile is overruled by what happened."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id.in_(list(ids)))
        .values(state=state, reason=reason[:_REASON], attempts=delivery.c.attempts + 1, finished_at=now)
    )


def later(connection: Connection, ids: Sequence[int], reason: str, not_before: int) -> None:
    """Try again."""
    connection.execute(
        update(delivery)
        .where(delivery.c.id.in_(list(ids)), delivery.c.state == WAITING)
        .values(reason=reason[:_REASON], attempts=delivery.c.attempts + 1, not_before=not_before)
    )


def rouse(connection: Connection, name: str, now: int) -> None:
    """An endpoint answers again: what was put off because of that need not wait longer."""
    connection.execute(
        update(delivery)
        .where(
            delivery.c.endpoint == name,
            delivery.c.state == WAITING,
            delivery.c.attempts > 0,
            delivery.c.not_before > now,
        )
        .values(not_before=now)
    )


def bury(connection: Connection, name: str, reason: str, now: int, *, created_before: int | None = None) -> int:
    """Give up what waits for an endpoint, all of it or what was due before; how many."""
    chosen = [delivery.c.endpoint == name, delivery.c.state == WAITING]
    if created_before is not None:
        chosen.append(delivery.c.created_at < created_before)
    done = connection.execute(
        update(delivery).where(*chosen).values(state=DEAD, reason=reason[:_REASON], finished_at=now)
    )
    return int(done.rowcount)


def known(connection: Connection) -> set[str]:
    """Names of endpoints for which something waits."""
    return set(connection.scalars(select(delivery.c.endpoint).where(delivery.c.state == WAITING).distinct()))


def disabled(connection: Connection) -> dict[str, str]:
    """Endpoints that are told nothing any more, and why."""
    return {row.name: row.reason for row in connection.execute(select(endpoint))}


def disable(connection: Connection, name: str, reason: str, now: int) -> int:
    """Tell an endpoint nothing any more; how many deliveries that gives up."""
    if name not in disabled(connection):
        connection.execute(insert(endpoint).values(name=name, disabled_at=now, reason=reason[:_REASON]))
    return bury(connection, name, reason, now)


def waiting(connection: Connection, now: int) -> dict[str, Waiting]:
    """What waits, by endpoint."""
    query = (
        select(delivery.c.endpoint, func.count(), func.min(delivery.c.created_at))
        .where(delivery.c.state == WAITING)
        .group_by(delivery.c.endpoint)
    )
    return {name: Waiting(count, oldest if oldest <= now else 0) for name, count, oldest in connection.execute(query)}


def state_counts(connection: Connection, state: str) -> Mapping[str, int]:
    """Deliveries in a state, by endpoint."""
    query = select(delivery.c.endpoint, func.count()).where(delivery.c.state == state).group_by(delivery.c.endpoint)
    return {row[0]: row[1] for row in connection.execute(query)}


def forget(connection: Connection, before: int, most: int) -> int:
    """Drop what was finished before, and alerts that nobody waits for; at most so many deliveries, and how many."""
    old = select(delivery.c.id).where(delivery.c.finished_at < before).limit(most)
    ids = list(connection.scalars(old))
    connection.execute(delete(delivery).where(delivery.c.id.in_(ids)))
    unused = (
        select(alert.c.event_id)
        .where(alert.c.entered_at < before, ~exists().where(delivery.c.event_id == alert.c.event_id))
        .limit(most)
    )
    gone = list(connection.scalars(unused))
    connection.execute(delete(alert).where(alert.c.event_id.in_(gone)))
    return len(ids)
