"""Deciding: claim, verdict, undo, a second person's agreement. A verdict and its way to Kafka are one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, insert, select, update

from sluicegate.console.people import Person, scope
from sluicegate.console.store import audit, sequence
from sluicegate.console.store.dispositions import Allowance, Decision, Verdict, disposition
from sluicegate.console.store.users import name_of
from sluicegate.console.tables import alert, claim, outbox, user, verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from sluicegate.console.settings import ConsoleSettings

__all__ = ["CLOSING", "REASONS", "Decision", "Given", "Refused", "agree", "decide", "release", "take_over", "undo"]

CLOSING = frozenset({"false_positive", "error_not_fraud", "benign"})
REASONS: dict[Verdict, tuple[str, ...]] = {
    "confirmed": ("payee_confirmed_fraud", "bank_confirmed_fraud", "listed_party", "internal_fraud", "other"),
    "false_positive": ("verified_by_callback", "verified_documents", "different_person", "rule_too_wide", "other"),
    "error_not_fraud": ("data_entry", "duplicate_upload", "producer_fault", "other"),
    "benign": ("known_change", "agreed_exception", "one_off", "other"),
    "escalated": ("needs_investigation", "needs_compliance", "needs_legal", "other"),
}
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND
_DAY = 86_400 * _SECOND


class Given(msgspec.Struct, frozen=True):
    """The verdict is noted: on its way (and can be undone until `undo_until`), or waiting for a second person."""

    verdict_id: int
    waiting: bool
    undo_until: int


class Refused(msgspec.Struct, frozen=True):
    """It was not done, and why. `by` names who holds the alert, where that is the reason."""

    why: str
    by: str | None = None


def take_over(
    connection: Connection, person: Person, alert_id: str, now: int, settings: ConsoleSettings
) -> Refused | None:
    """Claim an alert; refused where somebody else's claim is fresh."""
    sequence.turn(connection)
    row = _visible(connection, person, alert_id)
    if row is None:
        return Refused("no such alert")
    refused = _not_for(person) or _held_by_other(connection, person, row, now, settings)
    if refused is not None:
        return refused
    connection.execute(delete(claim).where(claim.c.alert_id == alert_id))
    connection.execute(insert(claim).values(alert_id=alert_id, tenant=row["tenant"], user_id=person.id, at=now))
    _change(connection, alert_id, claimed_by=person.id, claimed_at=now)
    audit.note(connection, now, person, "claim", alert_id, row["tenant"])
    return None


def release(connection: Connection, person: Person, alert_id: str, now: int) -> Refused | None:
    """Give one's own claim back; a supervisor may end anybody's."""
    sequence.turn(connection)
    row = _visible(connection, person, alert_id)
    if row is None:
        return Refused("no such alert")
    if row["claimed_by"] != person.id and not person.may("supervisor"):
        return Refused("only the one who claimed it, or a supervisor, may release it")
    connection.execute(delete(claim).where(claim.c.alert_id == alert_id))
    _change(connection, alert_id, claimed_by=None, claimed_at=None)
    audit.note(connection, now, person, "release", alert_id, row["tenant"])
    return None


def decide(
    connection: Connection,
    person: Person,
    alert_id: str,
    decision: Decision,
    now: int,
    settings: ConsoleSettings,
    *,
    bulk: str | None = None,
) -> Given | Refused:
    """Note a verdict; it leaves for Kafka when the time to undo it is over, or once a second person agrees."""
    sequence.turn(connection)
    row = _visible(connection, person, alert_id)
    if row is None:
        return Refused("no such alert")
    refused = (
        _not_for(person) or _unfit(decision, now, settings) or _held_by_other(connection, person, row, now, settings)
    )
    if refused is not None:
        return refused
    if row["status"] in ("closed", "second"):
        state = "closed" if row["status"] == "closed" else "waiting for a second person"
        return Refused(f"it is {state}")
    event = disposition(row["tenant"], alert_id, decision, person.name, now)
    if isinstance(event, str):
        return Refused(event)
    waiting = settings.second_person and decision.verdict in CLOSING and needs_second(row["family"], row["urgency"])
    verdict_id = connection.execute(
        insert(verdict)
        .values(
            alert_id=alert_id,
            tenant=row["tenant"],
            rule=row["rule"],
            urgency=row["urgency"],
            opened_at=row["opened_at"],
            verdict=decision.verdict,
            reason_code=decision.reason_code,
            note=decision.note,
            allow=msgspec.json.encode(decision.allow).decode() if decision.allow is not None else None,
            user_id=person.id,
            at=now,
            state="waiting" if waiting else "given",
            bulk=bulk,
        )
        .returning(verdict.c.id)
    ).scalar_one()
    leaves = now + int(settings.undo_seconds * _SECOND)
    if not waiting:
        _post(connection, verdict_id, row["tenant"], event, leaves)
    _change(connection, alert_id, status="second" if waiting else "decided", decision=decision.verdict)
    detail = {"verdict": decision.verdict, "reason_code": decision.reason_code, "waiting": waiting, "bulk": bulk}
    audit.note(connection, now, person, "verdict", alert_id, row["tenant"], detail)
    return Given(verdict_id, waiting, leaves)


def undo(connection: Connection, person: Person, verdict_id: int, now: int) -> Refused | None:
    """Take a verdict of one's own back that has not left yet; one that waits for a second person, at any time."""
    sequence.turn(connection)
    row = connection.execute(select(verdict).where(verdict.c.id == verdict_id)).mappings().first()
    if row is None or row["user_id"] != person.id or not person.sees(row["tenant"]):
        return Refused("no such verdict of yours")
    if row["state"] == "given":
        gone = connection.execute(
            delete(outbox).where(
                outbox.c.verdict_id == verdict_id, outbox.c.left_at.is_(None), outbox.c.not_before > now
            )
        )
        if not gone.rowcount:
            return Refused("it has left: give another verdict instead")
    elif row["state"] != "waiting":
        return Refused(f"it was {row['state']} before")
    connection.execute(update(verdict).where(verdict.c.id == verdict_id).values(state="undone"))
    _back(connection, row["alert_id"])
    audit.note(connection, now, person, "undo", row["alert_id"], row["tenant"], {"verdict": row["verdict"]})
    return None


def agree(
    connection: Connection, person: Person, verdict_id: int, now: int, settings: ConsoleSettings, *, yes: bool
) -> Given | Refused:
    """A second person's answer to a verdict that waits: it leaves, or the alert goes back into the queue."""
    sequence.turn(connection)
    row = connection.execute(select(verdict).where(verdict.c.id == verdict_id)).mappings().first()
    if row is None or not person.sees(row["tenant"]):
        return Refused("no such verdict")
    if not person.may("analyst") or row["user_id"] == person.id:
        return Refused("it takes another person, with the right to decide")
    if row["state"] != "waiting":
        return Refused(f"it is {row['state']} already")
    state = "given" if yes else "refused"
    values = {"state": state, "second_id": person.id, "second_at": now}
    connection.execute(update(verdict).where(verdict.c.id == verdict_id).values(values))
    audit.note(
        connection,
        now,
        person,
        "agree" if yes else "disagree",
        row["alert_id"],
        row["tenant"],
        {"verdict": row["verdict"]},
    )
    leaves = now + int(settings.undo_seconds * _SECOND)
    if not yes:
        _back(connection, row["alert_id"])
        return Given(verdict_id, waiting=False, undo_until=now)
    allowed = msgspec.json.decode(row["allow"], type=Allowance) if row["allow"] else None
    decision = Decision(row["verdict"], row["reason_code"], row["note"], allowed)
    by = name_of(connection, row["user_id"])
    event = disposition(row["tenant"], row["alert_id"], decision, f"{by}, {person.name}", now)
    if isinstance(event, str):
        return Refused(event)
    _post(connection, verdict_id, row["tenant"], event, leaves)
    _change(connection, row["alert_id"], status="decided")
    return Given(verdict_id, waiting=False, undo_until=leaves)


def needs_second(family: str, urgency: int) -> bool:
    """Whether one person alone may not close such an alert."""
    return family == "sanctions" or urgency == 1


def _visible(connection: Connection, person: Person, alert_id: str) -> RowMapping | None:
    query = select(alert).where(alert.c.alert_id == alert_id, scope(person, alert.c.tenant))
    return connection.execute(query).mappings().first()


def _not_for(person: Person) -> Refused | None:
    return None if person.may("analyst") else Refused("your role lets you look, not decide")


def _held_by_other(
    connection: Connection, person: Person, row: RowMapping, now: int, settings: ConsoleSettings
) -> Refused | None:
    if row["claimed_by"] in (None, person.id):
        return None
    if row["claimed_at"] + settings.claim_minutes * _MINUTE <= now:
        return None
    name = name_of(connection, row["claimed_by"])
    minutes = (now - row["claimed_at"]) // _MINUTE
    return Refused(f"claimed by {name} {minutes} min ago", by=name)


def _unfit(decision: Decision, now: int, settings: ConsoleSettings) -> Refused | None:
    if decision.reason_code not in REASONS.get(decision.verdict, ()):
        return Refused("a reason is needed")
    if decision.reason_code == "other" and not decision.note.strip():
        return Refused("say in the note what the other reason is")
    if len(decision.note) > 2000:
        return Refused("the note is longer than 2,000 characters")
    if decision.allow is not None and not now < decision.allow.expires <= now + settings.allow_days * _DAY:
        return Refused(f"an allowance ends within {settings.allow_days} days")
    return None


def _change(connection: Connection, alert_id: str, **values: Any) -> None:
    values["seq"] = sequence.take(connection)
    connection.execute(update(alert).where(alert.c.alert_id == alert_id).values(**values))


def _back(connection: Connection, alert_id: str) -> None:
    """Into the queue again, unless the alert was closed meanwhile or an earlier verdict stands."""
    earlier = connection.execute(
        select(verdict.c.verdict)
        .where(verdict.c.alert_id == alert_id, verdict.c.state == "given")
        .order_by(verdict.c.id.desc())
        .limit(1)
    ).first()
    status = connection.scalar(select(alert.c.status).where(alert.c.alert_id == alert_id))
    if status != "closed":
        status = "decided" if earlier is not None else "new"
    _change(connection, alert_id, status=status, decision=earlier[0] if earlier is not None else None)


def _post(connection: Connection, verdict_id: int, tenant: str, event: bytes, leaves: int) -> None:
    connection.execute(
        insert(outbox).values(verdict_id=verdict_id, key=tenant, value=event, not_before=leaves, sent_at=None)
    )


# what was said before


def alert_of(connection: Connection, person: Person, verdict_id: int) -> str | None:
    """The alert that a verdict is about; None where this person may not see it."""
    query = select(verdict.c.alert_id).where(verdict.c.id == verdict_id, scope(person, verdict.c.tenant))
    return connection.scalar(query)


def history(connection: Connection, person: Person, tenant: str, alert_id: str) -> list[RowMapping]:
    """All verdicts on one alert, the newest first, with names."""
    return _said(connection, person, [verdict.c.tenant == tenant, verdict.c.alert_id == alert_id], 50)


def about(connection: Connection, person: Person, tenant: str, kind: str, id: str) -> list[RowMapping]:
    """Verdicts that stand on alerts about the same subject, the newest first."""
    same = select(alert.c.alert_id).where(
        alert.c.tenant == tenant, alert.c.subject_kind == kind, alert.c.subject_id == id
    )
    return _said(connection, person, [verdict.c.alert_id.in_(same), verdict.c.state == "given"], 10)


def undoable(connection: Connection, person: Person, text: str, now: int) -> RowMapping | None:
    """A verdict of this person that was just given and can still be taken back; `text` is its number."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    leaves = select(outbox.c.not_before).where(outbox.c.verdict_id == verdict.c.id, outbox.c.left_at.is_(None))
    query = select(verdict, leaves.scalar_subquery().label("leaves")).where(
        verdict.c.id == int(text), verdict.c.user_id == person.id, verdict.c.state.in_(("given", "waiting"))
    )
    row = connection.execute(query).mappings().first()
    if row is None or (row["state"] == "given" and (row["leaves"] is None or row["leaves"] <= now)):
        return None
    return row


def _said(connection: Connection, person: Person, where: list[Any], most: int) -> list[RowMapping]:
    first, second = user.alias(), user.alias()
    query = (
        select(verdict, first.c.name.label("by"), second.c.name.label("second"))
        .join(first, first.c.id == verdict.c.user_id, isouter=True)
        .join(second, second.c.id == verdict.c.second_id, isouter=True)
        .where(*where, scope(person, verdict.c.tenant))
        .order_by(verdict.c.id.desc())
        .limit(most)
    )
    return list(connection.execute(query).mappings())
