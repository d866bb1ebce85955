"""Snoozing: alerts of one rule about one subject stay out of the queue for a while, those to come included.

The stream knows nothing of it: alerts are raised and kept as ever. An allowance, which a verdict can carry, is what
keeps findings from becoming alerts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import insert, select, update

from sluicegate.console.people import Person, scope
from sluicegate.console.store import audit, sequence
from sluicegate.console.store.verdicts import Refused, needs_second
from sluicegate.console.tables import alert, snooze

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from sluicegate.console.settings import ConsoleSettings

__all__ = ["Snoozed", "active", "end", "put"]

_DAY = 86_400_000_000


class Snoozed(msgspec.Struct, frozen=True):
    """So many alerts left the queue until then (µs)."""

    alerts: int
    until: int


def put(
    connection: Connection, person: Person, alert_id: str, until: int, note: str, now: int, settings: ConsoleSettings
) -> Snoozed | Refused:
    """Snooze an alert's rule for its subject."""
    sequence.turn(connection)
    query = select(alert).where(alert.c.alert_id == alert_id, scope(person, alert.c.tenant))
    row = connection.execute(query).mappings().first()
    if row is None:
        return Refused("no such alert")
    if not person.may("analyst"):
        return Refused("your role lets you look, not decide")
    if settings.second_person and needs_second(row["family"], row["urgency"]):
        return Refused("sanctions and critical alerts are decided, not snoozed")
    if not now < until <= now + settings.allow_days * _DAY:
        return Refused(f"a snooze ends within {settings.allow_days} days")
    if not note.strip():
        return Refused("say in the note why")
    about = {name: row[name] for name in ("tenant", "rule", "subject_kind", "subject_id")}
    connection.execute(insert(snooze).values(**about, until=until, user_id=person.id, at=now, note=note[:2000]))
    alike = [alert.c[name] == value for name, value in about.items()]
    sleepy = [*alike, alert.c.status == "new", alert.c.urgency > 1]
    ids = list(connection.scalars(select(alert.c.alert_id).where(*sleepy)))
    number = sequence.take(connection, len(ids)) if ids else 0
    connection.execute(
        update(alert).where(alert.c.alert_id.in_(ids)).values(status="snoozed", snoozed_until=until, seq=number)
    )
    detail = {"rule": row["rule"], "until": until, "alerts": len(ids)}
    audit.note(connection, now, person, "snooze", alert_id, row["tenant"], detail)
    return Snoozed(len(ids), until)


def active(connection: Connection, person: Person, now: int) -> list[RowMapping]:
    """Snoozes in force, the first to end first."""
    query = (
        select(snooze)
        .where(snooze.c.until > now, snooze.c.ended_at.is_(None), scope(person, snooze.c.tenant))
        .order_by(snooze.c.until)
        .limit(500)
    )
    return list(connection.execute(query).mappings())


def end(connection: Connection, person: Person, snooze_id: int, now: int) -> Refused | None:
    """End a snooze before its time: its alerts are back in the queue."""
    sequence.turn(connection)
    query = select(snooze).where(snooze.c.id == snooze_id, scope(person, snooze.c.tenant))
    row = connection.execute(query).mappings().first()
    if row is None or row["ended_at"] is not None or row["until"] <= now:
        return Refused("no such snooze in force")
    if not person.may("analyst"):
        return Refused("your role lets you look, not decide")
    connection.execute(update(snooze).where(snooze.c.id == snooze_id).values(ended_at=now))
    same = [alert.c[name] == row[name] for name in ("tenant", "rule", "subject_kind", "subject_id")]
    back = update(alert).where(*same, alert.c.status == "snoozed")
    connection.execute(back.values(status="new", snoozed_until=None, seq=sequence.take(connection)))
    audit.note(connection, now, person, "end snooze", f"{row['rule']}", row["tenant"])
    return None
