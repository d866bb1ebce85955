"""What happened around payees: payments, changes, requests; and where each event lies in the log, to show it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, func, insert, select, tuple_

from sluicegate.console.people import Person, scope
from sluicegate.console.store.fitting import fitted
from sluicegate.console.tables import activity
from sluicegate.wire.decode import Event, Reject, decode
from sluicegate.wire.events import PayeeChange, Payment, PaymentStatus, PayoutRequest, WorkerLifecycle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from sluicegate.wire.blocks import Account

__all__ = ["Happening", "around", "forget_old", "locate", "read", "take"]

_DAY = 86_400_000_000
_AT_ONCE = 250


class Happening(msgspec.Struct, frozen=True):
    """One event about a payee. `time` in µs; `value` as it was sent."""

    tenant: str
    source: str
    event_id: str
    payee: str
    time: int
    kind: str
    log_partition: int
    log_offset: int
    payment_id: str | None = None
    value: str | None = None
    currency: str | None = None
    account: str | None = None
    note: str | None = None


def read(value: bytes | None, partition: int, offset: int) -> Happening | None:
    """What a record of the log tells of a payee; None for all else."""
    event = decode(value, internal=True)
    if isinstance(event, Reject):
        return None
    told = _told(event)
    if told is None:
        return None
    payee, payment_id, value_sent, currency, account, note = told
    return Happening(
        tenant=event.tenant,
        source=event.source,
        event_id=event.id,
        payee=payee,
        time=event.time,
        kind=event.type.removesuffix(".v1"),
        log_partition=partition,
        log_offset=offset,
        payment_id=payment_id,
        value=value_sent,
        currency=currency,
        account=account,
        note=note,
    )


def _told(event: Event) -> tuple[str, str | None, str | None, str | None, str | None, str] | None:
    """Payee, payment, value, currency, account, note."""
    data = event.data
    if isinstance(data, Payment):
        note = data.schedule.run_type or data.schedule.rail
        money = data.amount
        return data.payee.payee_id, data.payment_id, money.value, money.currency, _account(data.account), note
    if isinstance(data, PayeeChange):
        return data.payee.payee_id, None, None, None, _account(data.new_account), data.change
    if isinstance(data, PayoutRequest):
        return data.payee.payee_id, None, data.amount.value, data.amount.currency, _account(data.account), data.method
    if isinstance(data, PaymentStatus):
        note = f"{data.status} {data.code}" if data.code else data.status
        return data.payee_id, data.payment_id, None, None, None, note
    if isinstance(data, WorkerLifecycle) and data.action in ("hire", "rehire", "terminate", "flag"):
        return data.payee.payee_id, None, None, None, None, data.action
    return None


def _account(account: Account | None) -> str | None:
    if account is None:
        return None
    digits = f"…{account.last4}" if account.last4 else None
    return " ".join(part for part in (account.scheme, account.country, digits) if part)


def take(connection: Connection, happenings: Iterable[Happening]) -> None:
    """Enter them; one that is there already, sent twice or read again, changes nothing."""
    rows = {(one.tenant, one.source, one.event_id): fitted(activity, msgspec.structs.asdict(one)) for one in happenings}
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as upsert

        connection.execute(upsert(activity).on_conflict_do_nothing(), list(rows.values()))
    else:
        connection.execute(insert(activity).prefix_with("OR IGNORE"), list(rows.values()))


def around(
    connection: Connection, person: Person, tenant: str, payee: str, since: int, until: int, most: int = 500
) -> list[Happening]:
    """What happened to a payee in a time, the newest first."""
    query = (
        select(activity)
        .where(
            activity.c.tenant == tenant,
            activity.c.payee == payee,
            activity.c.time.between(since, until),
            scope(person, activity.c.tenant),
        )
        .order_by(activity.c.time.desc(), activity.c.log_offset.desc())
        .limit(most)
    )
    return [Happening(**row) for row in connection.execute(query).mappings()]


def locate(connection: Connection, person: Person, tenant: str, refs: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Partition and offset in the log of events (`source#id`, as alerts name them); of those known."""
    found: dict[str, tuple[int, int]] = {}
    for ref in refs:
        # either part may hold a "#": the ids of one source tell where it ends
        parts = ref.split("#")
        splits = [("#".join(parts[:at]), "#".join(parts[at:])) for at in range(1, len(parts))]
        for source, id in splits:
            row = connection.execute(
                select(activity.c.log_partition, activity.c.log_offset).where(
                    activity.c.tenant == tenant,
                    activity.c.source == source,
                    activity.c.event_id == id,
                    scope(person, activity.c.tenant),
                )
            ).first()
            if row is not None:
                found[ref] = row[0], row[1]
                break
    return found


def forget_old(connection: Connection, days: int, now: int, most: int) -> int:
    """Drop what happened longer ago than so many days before the newest event; at most so many, and how many.

    Counted from the newest, so that the history of a stream that is played again is kept as that of a live one.
    """
    newest = connection.scalar(select(func.max(activity.c.time)))
    if newest is None:
        return 0
    before = min(newest, now) - days * _DAY
    key = (activity.c.tenant, activity.c.source, activity.c.event_id)
    old = connection.execute(select(*key).where(activity.c.time < before).order_by(activity.c.time).limit(most)).all()
    for some in (old[at : at + _AT_ONCE] for at in range(0, len(old), _AT_ONCE)):
        connection.execute(delete(activity).where(tuple_(*key).in_([tuple(row) for row in some])))
    return len(old)
