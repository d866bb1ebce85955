"""Records of Kafka into the view. Taken twice, or late, a record changes nothing: the highest revision of a decision
counts, the last announcement of a run, the last policy of a tenant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, tuple_, update

from sluicegate.clearance.tables import announced_id, announcement, decision, policy, run
from sluicegate.detection.amounts import EXACT
from sluicegate.detection.policy import check_policy
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.decisions import DecisionData, RunAnnounced
from sluicegate.wire.decode import ALL_TENANTS, Event, decode
from sluicegate.wire.events import ClearancePolicy, PolicyUpdate
from sluicegate.wire.framing import unframe
from sluicegate.wire.scalars import Tenant, dec_hook, enc_hook, parse_time

__all__ = [
    "Announced",
    "Decided",
    "announcement_fault",
    "forget",
    "read_announcement",
    "read_decision",
    "take_announcements",
    "take_decisions",
    "take_policies",
]

_CHUNK = 200
"""Keys of one query; SQLite allows so many parameters at the least."""
_EMPTY = {"scored": 0, "release": 0, "review": 0, "hold": 0, "totals": "{}", "later": "{}", "changes": 0}


class _Decision(msgspec.Struct, frozen=True):
    tenantid: str
    time: str
    type: str
    data: DecisionData


class _Announcement(msgspec.Struct, frozen=True):
    tenantid: Tenant
    type: str
    data: RunAnnounced


class Decided(msgspec.Struct, frozen=True):
    """A revision of a decision; instants in µs: of the tenant's clock, and when Kafka got it."""

    tenant: str
    time: int
    data: DecisionData
    at: int = 0


class Announced(msgspec.Struct, frozen=True):
    """An announcement; `at`: when Kafka got it, µs."""

    tenant: str
    data: RunAnnounced
    at: int = 0


_read_decision = msgspec.json.Decoder(_Decision, dec_hook=dec_hook).decode
_read_announcement = msgspec.json.Decoder(_Announcement, dec_hook=dec_hook).decode


def read_decision(value: bytes, at: int = 0) -> Decided:
    """A record of the topic `decisions` that Kafka got at `at` (µs). Raises msgspec.MsgspecError, ValueError."""
    event = _read_decision(value)
    time = parse_time(event.time)
    if event.type != "decision.v1" or time is None:
        raise ValueError("no decision")
    return Decided(event.tenantid, time, event.data, at)


def read_announcement(value: bytes, at: int = 0) -> Announced:
    """A record of the topic `runs` that Kafka got at `at` (µs). Raises msgspec.MsgspecError, ValueError."""
    event = _read_announcement(value)
    fault = announcement_fault(event.data)
    if event.type != "run.announced.v1" or event.tenantid == ALL_TENANTS or fault is not None:
        raise ValueError("no announcement")
    return Announced(event.tenantid, event.data, at)


def announcement_fault(data: RunAnnounced) -> tuple[str, str] | None:
    """What the schema cannot say: path and words, or None."""
    ids = data.payment_ids
    if ids is not None and len(set(ids)) != len(ids):
        return "/payment_ids", "a payment is named twice"
    if ids is not None and len(ids) != data.payments:
        return "/payment_ids", f"names {len(ids)} payments; `payments` says {data.payments}"
    if len({total.currency for total in data.totals}) != len(data.totals):
        return "/totals", "a currency is there twice"
    return None


# decisions


def take_decisions(connection: Connection, found: Iterable[Decided]) -> None:
    """Enter decisions, and carry their runs' figures on."""
    newest: dict[tuple[str, str, str], Decided] = {}
    for one in found:
        key = (one.tenant, one.data.run_id, one.data.payment_id)
        if one.tenant != CANARY_TENANT and (key not in newest or newest[key].data.revision < one.data.revision):
            newest[key] = one
    held = _held(connection, list(newest))
    fresh = {key: one for key, one in newest.items() if key not in held or held[key].revision < one.data.revision}
    _write([_row(one) for key, one in fresh.items() if key not in held], connection, insert(decision))
    _write([_replacing(one) for key, one in fresh.items() if key in held], connection, _REPLACE)
    runs: dict[tuple[str, str], list[tuple[Any, Decided]]] = {}
    for key, one in fresh.items():
        runs.setdefault(key[:2], []).append((held.get(key), one))
    for name, changes in runs.items():
        _carry_on(connection, name, changes)


def _held(connection: Connection, keys: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], Any]:
    columns = (decision.c.tenant, decision.c.run_id, decision.c.payment_id)
    found: dict[tuple[str, str, str], Any] = {}
    for start in range(0, len(keys), _CHUNK):
        query = select(decision).where(tuple_(*columns).in_(keys[start : start + _CHUNK]))
        found |= {(row.tenant, row.run_id, row.payment_id): row for row in connection.execute(query)}
    return found


def _row(one: Decided) -> dict[str, Any]:
    data = one.data
    told = {
        "alert_ids": data.alert_ids,
        "rules": data.rules,
        "later": data.later,
        "event": data.event,
        "policy": data.policy,
    }
    return {
        "tenant": one.tenant,
        "run_id": data.run_id,
        "payment_id": data.payment_id,
        "revision": data.revision,
        "decision": data.decision,
        "score": int(data.score),
        "value": data.amount.value,
        "currency": data.amount.currency,
        "time": one.time,
        "told": msgspec.json.encode(told, enc_hook=enc_hook).decode(),
    }


_KEY = ("tenant", "run_id", "payment_id")
_REPLACE = (
    update(decision)
    .where(*(decision.c[name] == bindparam(f"of_{name}") for name in _KEY))
    .values({column.name: bindparam(column.name) for column in decision.c if column.name not in _KEY})
)


def _replacing(one: Decided) -> dict[str, Any]:
    return {f"of_{name}" if name in _KEY else name: value for name, value in _row(one).items()}


def _carry_on(connection: Connection, name: tuple[str, str], changes: Sequence[tuple[Any, Decided]]) -> None:
    """The figures of one run, from what they were; each change: the row of before, if any, and the decision now."""
    row = connection.execute(select(run).where(_is(run, name))).mappings().one_or_none()
    now = max(one.at for _, one in changes)
    figures: dict[str, Any] = dict(row or _EMPTY)
    totals: dict[str, str] = msgspec.json.decode(figures["totals"])
    later: dict[str, tuple[int, int]] = msgspec.json.decode(figures["later"])
    for before, one in changes:
        if before is not None:
            figures["scored"] -= 1
            figures[before.decision] -= 1
            totals[before.currency] = _sum(totals.get(before.currency, "0"), "-" + before.value)
            for rule in {waiting["rule"] for waiting in msgspec.json.decode(before.told)["later"]}:
                count, until = later.get(rule, (1, 0))
                later[rule] = (count - 1, until)
        figures["scored"] += 1
        figures[one.data.decision] += 1
        totals[one.data.amount.currency] = _sum(totals.get(one.data.amount.currency, "0"), one.data.amount.value)
        for waits in one.data.later:
            count, until = later.get(waits.rule, (0, 0))
            later[waits.rule] = (count + 1, max(until, int(waits.until)))
    figures["changes"] += len(changes)
    figures["totals"] = msgspec.json.encode(dict(sorted(totals.items()))).decode()
    figures["later"] = msgspec.json.encode({rule: c for rule, c in sorted(later.items()) if c[0] > 0}).decode()
    figures |= {"tenant": name[0], "run_id": name[1], "updated_at": max(now, figures.get("updated_at", 0))}
    figures.setdefault("first_at", min(one.at for _, one in changes))
    if row is None:
        connection.execute(insert(run).values(**figures))
    else:
        connection.execute(update(run).where(_is(run, name)).values(**figures))


def _sum(one: str, other: str) -> str:
    return format(EXACT.add(Decimal(one), Decimal(other)), "f")


# announcements


def take_announcements(connection: Connection, found: Iterable[Announced]) -> None:
    """Enter announcements, in the order of the topic."""
    for one in found:
        if one.tenant != CANARY_TENANT:
            _announce(connection, one)


def _announce(connection: Connection, one: Announced) -> None:
    data, name = one.data, (one.tenant, one.data.run_id)
    ids = data.payment_ids
    values = {
        "payments": data.payments,
        "totals": msgspec.json.encode({total.currency: total.value for total in data.totals}).decode(),
        "named": int(ids is not None),
        "release_at": int(data.release_at) if data.release_at is not None else None,
    }
    held = connection.execute(select(announcement).where(_is(announcement, name))).mappings().one_or_none()
    if held is not None and all(held[field] == value for field, value in values.items()):
        known = select(announced_id.c.payment_id).where(_is(announced_id, name))
        if ids is None or {*connection.scalars(known)} == {*ids}:
            return  # the same once more: neither its revision nor its time changes
    values |= {"at": one.at, "revision": (held["revision"] if held is not None else 0) + 1}
    if held is None:
        connection.execute(insert(announcement).values(tenant=name[0], run_id=name[1], **values))
    else:
        connection.execute(update(announcement).where(_is(announcement, name)).values(**values))
        connection.execute(delete(announced_id).where(_is(announced_id, name)))
    rows = [{"tenant": name[0], "run_id": name[1], "payment_id": id} for id in ids or ()]
    _write(rows, connection, insert(announced_id))


# policies


def take_policies(connection: Connection, records: Iterable[Any]) -> None:
    """Enter what policies say of payments that are not scored; a policy that detection refuses counts for nothing."""
    for record in records:
        value = unframe(record.value, record.headers or ())
        event = decode(value, arrival_ms=record.timestamp) if isinstance(value, bytes) else value
        if isinstance(event, Event) and isinstance(event.data, PolicyUpdate) and check_policy(event.data) is None:
            levels = event.data.clearance
            values = {
                "at": record.timestamp * 1000,
                "unscored": (levels or ClearancePolicy()).unscored,
                "wait_minutes": (levels or ClearancePolicy()).wait_minutes,
                "decides": int(levels is not None),
            }
            held = connection.scalar(select(policy.c.at).where(policy.c.tenant == event.tenant))
            if held is None:
                connection.execute(insert(policy).values(tenant=event.tenant, **values))
            elif held <= values["at"]:
                connection.execute(update(policy).where(policy.c.tenant == event.tenant).values(**values))


def forget(connection: Connection, topic: str) -> None:
    """Drop all that came from a topic of the contract."""
    tables = {"decisions": (decision, run), "runs": (announced_id, announcement), "policies": (policy,)}
    for table in tables[topic]:
        connection.execute(delete(table))


def _is(table: Any, name: Sequence[str]) -> Any:
    return (table.c.tenant == name[0]) & (table.c.run_id == name[1])


def _write(rows: Sequence[Mapping[str, Any]], connection: Connection, statement: Any) -> None:
    if rows:
        connection.execute(statement, list(rows))
