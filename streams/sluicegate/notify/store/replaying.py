"""Lists of deliveries, and letting them wait once more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from sluicegate.notify.store.tables import DEAD, SENT, WAITING, alert, delivery, endpoint

__all__ = ["Listed", "Wanted", "again", "enable", "listed"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which deliveries are meant; what is empty leaves none out."""

    endpoints: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    """Alerts, revisions (`al_…-2`) or webhook ids."""
    states: tuple[str, ...] = ()
    since: int | None = None
    """By when the alert was entered here (µs)."""
    until: int | None = None


class Listed(msgspec.Struct, frozen=True):
    """A delivery as it may be shown: of the alert nothing but its id, tenant and severity. Instants in µs."""

    event_id: str
    endpoint: str
    tenant: str
    severity: str
    state: str
    attempts: int
    entered_at: int
    not_before: int
    finished_at: int | None
    reason: str


def listed(connection: Connection, wanted: Wanted, most: int) -> list[Listed]:
    """The newest deliveries that are meant, the oldest of them first."""
    query = (
        select(
            delivery.c.event_id,
            delivery.c.endpoint,
            alert.c.tenant,
            alert.c.severity,
            delivery.c.state,
            delivery.c.attempts,
            alert.c.entered_at,
            delivery.c.not_before,
            delivery.c.finished_at,
            delivery.c.reason,
        )
        .join(alert, alert.c.event_id == delivery.c.event_id)
        .where(*_conditions(wanted))
        .order_by(delivery.c.id.desc())
        .limit(most)
    )
    return [Listed(*tuple(row)) for row in connection.execute(query)][::-1]


def again(connection: Connection, wanted: Wanted, now: int) -> int:
    """Let those that are meant, and were given up or delivered, wait once more; how many."""
    chosen = (
        select(delivery.c.id)
        .join(alert, alert.c.event_id == delivery.c.event_id)
        .where(*_conditions(wanted), delivery.c.state.in_([DEAD, SENT]))
    )
    done = connection.execute(
        update(delivery)
        .where(delivery.c.id.in_(chosen))
        .values(state=WAITING, digest=0, created_at=now, not_before=now, attempts=0, reason="", finished_at=None)
    )
    return int(done.rowcount)


def enable(connection: Connection, names: Sequence[str]) -> None:
    """Tell endpoints again of alerts, that had answered 410 Gone."""
    connection.execute(delete(endpoint).where(endpoint.c.name.in_(names)))


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.endpoints:
        found.append(delivery.c.endpoint.in_(wanted.endpoints))
    if wanted.ids:
        found.append(or_(delivery.c.alert_id.in_(wanted.ids), delivery.c.event_id.in_(list(_events(wanted.ids)))))
    if wanted.states:
        found.append(delivery.c.state.in_(wanted.states))
    if wanted.since is not None:
        found.append(alert.c.entered_at >= wanted.since)
    if wanted.until is not None:
        found.append(alert.c.entered_at < wanted.until)
    return found


def _events(ids: Iterable[str]) -> Iterable[str]:
    """Ids of events among them, also where a webhook id begins with one.

    >>> list(_events(["al_1-2-siem", "al_1-2", "al_1"]))
    ['al_1-2', 'al_1-2']
    """
    return ["-".join(parts[:2]) for one in ids if len(parts := one.split("-", 2)) > 1]
