"""Alert revisions into the database: the last one of each alert is kept, in any order they come, however often."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from sluicegate.console.store import sequence
from sluicegate.console.store.fitting import fitted
from sluicegate.console.tables import alert, alert_term, claim, snooze, verdict
from sluicegate.wire.scalars import parse_time

__all__ = ["SEVERITIES", "Revision", "decode", "forget_old", "sleepers", "take", "wake"]

SEVERITIES = ("critical", "high", "medium", "low")
"""By urgency, from 1."""
_MOST_TERMS = 400
_TERM = 128
_AT_ONCE = 500
_DAY = 86_400_000_000


class _Subject(msgspec.Struct):
    kind: str
    id: str
    display: str | None = None


class _Entity(msgspec.Struct):
    kind: str
    id: str


class _Reason(msgspec.Struct):
    rule: str
    score: float


class _Money(msgspec.Struct):
    value: str
    currency: str


class _Data(msgspec.Struct):
    alert_id: str
    revision: int
    activity: str
    tenant_id: str
    family: str
    severity: str
    score: float
    title: str
    subject: _Subject
    reasons: list[_Reason]
    created_at: str
    updated_at: str
    money: list[_Money] = []
    entities: list[_Entity] = []
    payment_ids: list[str] = []
    close_reason: str | None = None


class _Event(msgspec.Struct):
    type: Literal["alert.v1"]
    tenantid: str
    data: msgspec.Raw


_EVENT = msgspec.json.Decoder(_Event)
_DATA = msgspec.json.Decoder(_Data)


class Revision(msgspec.Struct, frozen=True):
    """One revision of an alert, as far as the console's tables speak of it; `body` is its whole `data`."""

    data: _Data
    body: bytes
    arrived_at: int

    def columns(self) -> dict[str, Any]:
        """The columns that follow from the revision alone."""
        data = self.data
        return {
            "tenant": data.tenant_id,
            "revision": data.revision,
            "urgency": SEVERITIES.index(data.severity) + 1 if data.severity in SEVERITIES else len(SEVERITIES),
            "family": data.family,
            "rule": data.reasons[0].rule if data.reasons else "",
            "score": round(data.score),
            "subject_kind": data.subject.kind,
            "subject_id": data.subject.id,
            "title": data.title,
            "amount": f"{data.money[0].value} {data.money[0].currency}"[:60] if data.money else "",
            "opened_at": parse_time(data.created_at) or 0,
            "updated_at": parse_time(data.updated_at) or 0,
            "close_reason": data.close_reason,
            "body": self.body,
        }

    def terms(self) -> set[str]:
        """What the alert is found by: ids, words of the payee's name, the rules."""
        data = self.data
        names = (data.subject.display or "").casefold().replace(",", " ").split()
        ids = (data.alert_id, data.subject.id, *data.payment_ids, *(entity.id for entity in data.entities))
        found = [*(id.casefold() for id in ids), *names, *(reason.rule for reason in data.reasons)]
        return {term[:_TERM].replace("\0", "\ufffd") for term in found[:_MOST_TERMS] if term}


def decode(value: bytes, arrived_at: int) -> Revision | None:
    """The revision in a record of the topic; None where there is none that can be read."""
    try:
        event = _EVENT.decode(value)
        data = _DATA.decode(event.data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return Revision(data, bytes(event.data), arrived_at) if data.tenant_id == event.tenantid else None


def take(connection: Connection, revisions: Iterable[Revision], now: int) -> int:
    """Enter the newest of the revisions of each alert; the number of alerts that changed."""
    sequence.turn(connection)
    newest: dict[str, Revision] = {}
    first: dict[str, int] = {}
    for revision in revisions:
        id = revision.data.alert_id
        first[id] = min(first.get(id, revision.arrived_at), revision.arrived_at)
        if id not in newest or newest[id].data.revision < revision.data.revision:
            newest[id] = revision
    held: dict[str, Row[Any]] = {}
    for ids in _slices(list(newest)):
        rows = connection.execute(
            select(alert.c.alert_id, alert.c.revision, alert.c.status, alert.c.snoozed_until).where(
                alert.c.alert_id.in_(ids)
            )
        )
        held |= {row.alert_id: row for row in rows}
    changed = {
        id: revision for id, revision in newest.items() if id not in held or held[id].revision < revision.data.revision
    }
    if not changed:
        return 0
    number = sequence.take(connection, len(changed)) - len(changed)
    new, old = [], []
    known = _Known(connection, [id for id in changed if id not in held], now)
    for at, (id, revision) in enumerate(changed.items(), 1):
        columns = revision.columns() | {"seq": number + at}
        closed = revision.data.activity == "close"
        if id in held:
            old.append(fitted(alert, columns | _after(held[id], columns, closed=closed)) | {"id": id})
        else:
            own = known.of(id, columns)
            status = "closed" if closed else own.pop("status")
            new.append(fitted(alert, columns | own | {"status": status, "alert_id": id, "arrived_at": first[id]}))
    if new:
        connection.execute(insert(alert), new)
    if old:
        names = [name for name in old[0] if name != "id"]
        connection.execute(
            update(alert).where(alert.c.alert_id == bindparam("id")).values({name: bindparam(name) for name in names}),
            old,
        )
    _index(connection, changed)
    return len(changed)


def _after(held: Row[Any], columns: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    """Where an alert stands after a revision; one that became critical is not left asleep."""
    status = "closed" if closed else held.status
    if status == "snoozed" and columns["urgency"] == 1:
        status = "new"
    return {"status": status, "snoozed_until": held.snoozed_until if status == "snoozed" else None}


def _index(connection: Connection, changed: dict[str, Revision]) -> None:
    for ids in _slices(list(changed)):
        rows = connection.execute(
            select(alert_term.c.term, alert_term.c.alert_id).where(alert_term.c.alert_id.in_(ids))
        )
        held = {(row.term, row.alert_id) for row in rows}
        wanted = {(term, id) for id in ids for term in changed[id].terms()}
        if wanted - held:
            connection.execute(
                insert(alert_term), [{"term": term, "alert_id": id} for term, id in sorted(wanted - held)]
            )


class _Known:
    """What people said of alerts before they were read, or read anew: verdicts, claims, snoozes."""

    def __init__(self, connection: Connection, ids: list[str], now: int) -> None:
        self._decisions: dict[str, tuple[str, str]] = {}
        self._claims: dict[str, tuple[int, int]] = {}
        for some in _slices(ids):
            given = (
                select(verdict.c.alert_id, verdict.c.verdict, verdict.c.state)
                .where(verdict.c.alert_id.in_(some), verdict.c.state.in_(("given", "waiting")))
                .order_by(verdict.c.id)
            )
            for row in connection.execute(given):
                self._decisions[row.alert_id] = row.verdict, "decided" if row.state == "given" else "second"
            for row in connection.execute(select(claim).where(claim.c.alert_id.in_(some))):
                self._claims[row.alert_id] = row.user_id, row.at
        active = select(snooze).where(snooze.c.until > now, snooze.c.ended_at.is_(None))
        self._snoozes = {
            (row.tenant, row.rule, row.subject_kind, row.subject_id): row.until
            for row in (connection.execute(active) if ids else ())
        }

    def of(self, id: str, columns: dict[str, Any]) -> dict[str, Any]:
        decision, status = self._decisions.get(id, (None, "new"))
        claimed_by, claimed_at = self._claims.get(id, (None, None))
        until = self._snoozes.get(tuple(columns[name] for name in ("tenant", "rule", "subject_kind", "subject_id")))
        if status == "new" and until is not None and columns["urgency"] > 1:
            status = "snoozed"
        return {
            "status": status,
            "decision": decision,
            "claimed_by": claimed_by,
            "claimed_at": claimed_at,
            "snoozed_until": until if status == "snoozed" else None,
        }


def sleepers(connection: Connection, now: int) -> list[str]:
    """Alerts whose snooze is over."""
    due = select(alert.c.alert_id).where(alert.c.status == "snoozed", alert.c.snoozed_until <= now)
    return list(connection.scalars(due))


def wake(connection: Connection, now: int) -> None:
    """Put alerts back into the queue whose snooze is over."""
    sequence.turn(connection)
    for id in sleepers(connection, now):
        number = sequence.take(connection)
        connection.execute(
            update(alert).where(alert.c.alert_id == id).values(status="new", snoozed_until=None, seq=number)
        )


def forget_old(connection: Connection, days: int, now: int, most: int) -> int:
    """Drop closed alerts that were last revised more than so many days before the newest alert; at most so many."""
    sequence.turn(connection)
    newest = connection.scalar(select(func.max(alert.c.opened_at)))
    if newest is None:
        return 0
    before = min(newest, now) - days * _DAY
    old = select(alert.c.alert_id).where(alert.c.status == "closed", alert.c.updated_at < before)
    ids = list(connection.scalars(old.order_by(alert.c.updated_at).limit(most)))
    for some in _slices(ids):
        connection.execute(delete(alert_term).where(alert_term.c.alert_id.in_(some)))
        connection.execute(delete(claim).where(claim.c.alert_id.in_(some)))
        connection.execute(delete(alert).where(alert.c.alert_id.in_(some)))
    return len(ids)


def _slices(ids: list[str]) -> Iterator[list[str]]:
    for at in range(0, len(ids), _AT_ONCE):
        yield ids[at : at + _AT_ONCE]
