"""What the view says of runs: how far they are scored, whether that agrees with what was announced, and page by page
what is to become of each payment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, exists, func, select

from sluicegate.clearance.tables import announced_id, announcement, decision, policy, run
from sluicegate.wire.events import ClearancePolicy
from sluicegate.wire.scalars import format_time

__all__ = ["MOST_PAYMENTS", "MOST_RUNS", "RunState", "overdue", "payments", "run_state", "runs"]

Json = dict[str, Any]
Status = Literal["open", "clear", "held", "mismatch", "unannounced"]
Kind = Literal["release", "review", "hold", "waiting"]
MOST_PAYMENTS, MOST_RUNS = 1000, 200
"""Of one page."""
_MINUTE = 60_000_000


class RunState(msgspec.Struct, frozen=True):
    """A run as it stands. Instants in µs since 1970 UTC; sums by currency, as decimals in text."""

    run_id: str
    status: Status
    scored: int
    waiting: int
    """Announced payments that are not scored; 0 of a run that nobody announced."""
    decisions: Mapping[str, int]
    """release, review, hold -> payments; those not scored are among them once their time is up."""
    totals: Mapping[str, str]
    later: Mapping[str, tuple[int, int]]
    """Rules that have yet to speak -> payments that wait for it, and until when."""
    announced: Json | None
    due: int | None
    """When payments that are not scored read as the policy says."""
    unscored: str | None
    """What they read as, once that is past: hold or release."""
    mismatch: tuple[str, ...]
    """What does not agree with the announcement: payments, totals, payment_ids."""
    decides: bool
    """Whether the tenant's policy has `clearance`; without it nothing of the run will be scored."""
    updated_at: int
    tag: str
    """Another one whenever anything of the run is."""

    def shown(self) -> Json:
        """As the API tells it, without the payments."""
        return {
            "run_id": self.run_id,
            "status": self.status,
            "announced": self.announced,
            "scored": self.scored,
            "waiting": self.waiting,
            "decisions": self.decisions,
            "unscored": self.unscored if self.waiting else None,
            "clearance": self.decides,
            "due": _time(self.due),
            "overdue": self.unscored is not None and self.waiting > 0,
            "totals": _money(self.totals),
            "mismatch": self.mismatch,
            "later": [
                {"rule": rule, "payments": count, "until": _time(until)} for rule, (count, until) in self.later.items()
            ],
            "updated_at": _time(self.updated_at),
        }


def run_state(connection: Connection, tenant: str, run_id: str, now: int) -> RunState | None:
    """The run, None where neither a decision nor an announcement names it. `now`: wall clock, µs."""
    figures, told = (_row(connection, table, tenant, run_id) for table in (run, announcement))
    if figures is None and told is None:
        return None
    levels = _levels(connection, tenant)
    missing, unknown = _by_name(connection, tenant, run_id) if told is not None and told["named"] else (None, 0)
    return _state(run_id, figures or _NONE, told, missing, unknown, levels, now)


def _row(connection: Connection, table: Any, tenant: str, run_id: str) -> dict[str, Any] | None:
    row = connection.execute(select(table).where(*_of(table, tenant, run_id))).mappings().one_or_none()
    return {str(name): value for name, value in row.items()} if row is not None else None


_NONE: Mapping[str, Any] = {
    "scored": 0,
    "release": 0,
    "review": 0,
    "hold": 0,
    "totals": "{}",
    "later": "{}",
    "updated_at": 0,
    "changes": 0,
}


def _state(
    run_id: str,
    figures: Mapping[str, Any],
    told: Mapping[str, Any] | None,
    missing: int | None,
    unknown: int,
    levels: _Levels,
    now: int,
) -> RunState:
    scored: int = figures["scored"]
    totals: dict[str, str] = msgspec.json.decode(figures["totals"])
    counts = {kind: figures[kind] for kind in ("release", "review", "hold")}
    waiting, due = 0, None
    mismatch: tuple[str, ...] = ()
    status: Status = "unannounced"
    late = False
    if told is not None:
        waiting = max(0, told["payments"] - scored) if missing is None else missing
        due = told["release_at"] if told["release_at"] is not None else told["at"] + levels.wait_minutes * _MINUTE
        late = waiting > 0 and now >= due
        mismatch = tuple(_differences(told, scored, waiting, unknown, totals))
        if mismatch:
            status = "mismatch"
        elif waiting:
            status = "open"
        else:
            status = "held" if counts["hold"] or counts["review"] else "clear"
        if late:
            counts[levels.unscored] += waiting
    return RunState(
        run_id,
        status,
        scored,
        waiting,
        counts,
        totals,
        msgspec.json.decode(figures["later"], type=dict[str, tuple[int, int]]),
        _announced(told) if told is not None else None,
        due,
        levels.unscored if late else None,
        mismatch,
        levels.decides,
        max(figures["updated_at"], told["at"] if told is not None else 0),
        f"{figures['changes']}-{told['revision'] if told is not None else 0}-{int(late)}-{due}-{levels.tag}",
    )


def _differences(
    told: Mapping[str, Any], scored: int, waiting: int, unknown: int, totals: Mapping[str, str]
) -> Iterator[str]:
    """What cannot come to agree any more, and, once all is scored, what does not."""
    announced = {currency: Decimal(value) for currency, value in msgspec.json.decode(told["totals"]).items()}
    found = {currency: Decimal(value) for currency, value in totals.items()}
    if scored > told["payments"]:
        yield "payments"
    more = any(value > announced.get(currency, 0) for currency, value in found.items())
    other = any(found.get(currency, 0) != announced.get(currency, 0) for currency in announced.keys() | found.keys())
    if more or (other and not waiting):
        yield "totals"
    if unknown:
        yield "payment_ids"


def _announced(told: Mapping[str, Any]) -> Json:
    return {
        "payments": told["payments"],
        "totals": _money(msgspec.json.decode(told["totals"])),
        "payment_ids": bool(told["named"]),
        "release_at": _time(told["release_at"]),
        "revision": told["revision"],
        "at": _time(told["at"]),
    }


class _Levels(msgspec.Struct, frozen=True):
    unscored: Literal["hold", "release"]
    wait_minutes: int
    decides: bool

    @property
    def tag(self) -> str:
        return f"{self.unscored[0]}{self.decides:d}"


def _levels(connection: Connection, tenant: str) -> _Levels:
    """What the tenant's policy says of payments that are not scored in time."""
    row = connection.execute(select(policy).where(policy.c.tenant == tenant)).one_or_none()
    if row is None:
        return _Levels(ClearancePolicy().unscored, ClearancePolicy().wait_minutes, False)
    return _Levels(row.unscored, row.wait_minutes, bool(row.decides))


def _by_name(connection: Connection, tenant: str, run_id: str) -> tuple[int, int]:
    """Payments that are announced and not decided, and that are decided and not announced."""
    counts = [
        connection.scalar(
            select(func.count())
            .select_from(table)
            .where(*_of(table, tenant, run_id), ~exists().where(*_same(table, other)))
        )
        or 0
        for table, other in ((announced_id, decision), (decision, announced_id))
    ]
    return counts[0], counts[1]


def _same(table: Any, other: Any) -> tuple[Any, ...]:
    return tuple(other.c[name] == table.c[name] for name in ("tenant", "run_id", "payment_id"))


# pages


def payments(
    connection: Connection, tenant: str, state: RunState, kind: Kind | None, after: str, limit: int
) -> list[Json]:
    """Payments with an id above `after`, in their order: decided ones, and those that are announced by id and wait.

    `kind`: only those that read so; `waiting`: only those not scored.
    """
    late = state.unscored
    found: list[Json] = []
    if kind != "waiting":
        query = select(decision).where(*_of(decision, tenant, state.run_id), decision.c.payment_id > after)
        if kind is not None:
            query = query.where(decision.c.decision == kind)
        rows = connection.execute(query.order_by(decision.c.payment_id).limit(limit))
        found += [_decided(row) for row in rows]
    if kind in (None, "waiting") or (late is not None and kind == late):
        names = (
            select(announced_id.c.payment_id)
            .where(*_of(announced_id, tenant, state.run_id), announced_id.c.payment_id > after)
            .where(~exists().where(*_same(announced_id, decision)))
        )
        waiting = connection.scalars(names.order_by(announced_id.c.payment_id).limit(limit))
        found += [_waiting(id, late) for id in waiting]
    return sorted(found, key=lambda one: str(one["payment_id"]).encode())[:limit]


def _decided(row: Any) -> Json:
    return {
        "payment_id": row.payment_id,
        "status": "scored",
        "decision": row.decision,
        "revision": row.revision,
        "score": row.score,
        "amount": {"value": row.value, "currency": row.currency},
        "decided_at": _time(row.time),
        **msgspec.json.decode(row.told),
    }


def _waiting(id: str, late: str | None) -> Json:
    return {"payment_id": id, "status": "waiting", "decision": late, "unscored": late is not None}


def runs(connection: Connection, tenant: str, before: tuple[int, str] | None, limit: int, now: int) -> list[RunState]:
    """The newest runs by their last change, those of one moment by id. `before`: time and id of the last one seen."""
    newest: dict[str, int] = {}
    for table, at, other, other_at in (
        (run, run.c.updated_at, announcement, announcement.c.at),
        (announcement, announcement.c.at, run, run.c.updated_at),
    ):
        query = select(table.c.run_id, at.label("at")).where(table.c.tenant == tenant)
        if before is not None:
            same = (other.c.tenant == table.c.tenant) & (other.c.run_id == table.c.run_id)
            seen = exists().where(same, ~_follows(other_at, other.c.run_id, before))
            query = query.where(_follows(at, table.c.run_id, before), ~seen)
        for row in connection.execute(query.order_by(at.desc(), table.c.run_id).limit(limit)):
            newest[row.run_id] = max(newest.get(row.run_id, 0), row.at)
    names = sorted(newest, key=lambda name: (-newest[name], name.encode()))[:limit]
    states = (run_state(connection, tenant, name, now) for name in names)
    return [one for one in states if one is not None]


def _follows(at: Any, name: Any, before: tuple[int, str]) -> Any:
    return (at < before[0]) | ((at == before[0]) & (name > before[1]))


# what is late


class Overdue(msgspec.Struct, frozen=True):
    """Runs that are announced and not whole, over all tenants."""

    waiting: int
    """Payments that are not scored yet."""
    stuck: int
    """Runs of these whose time is up, and whose payments are held for it."""
    oldest: float
    """For how many seconds the oldest of those has been late."""


def overdue(connection: Connection, now: int) -> Overdue:
    """What waits at `now` (wall clock, µs)."""
    same = (run.c.tenant == announcement.c.tenant) & (run.c.run_id == announcement.c.run_id)
    scored = func.coalesce(run.c.scored, 0)
    query = (
        select(announcement, scored.label("scored"), policy.c.unscored, policy.c.wait_minutes)
        .select_from(announcement.outerjoin(run, same).outerjoin(policy, policy.c.tenant == announcement.c.tenant))
        .where(scored < announcement.c.payments)
    )
    levels = ClearancePolicy()
    waiting, late = 0, []
    for row in connection.execute(query):
        waiting += row.payments - row.scored
        minutes = levels.wait_minutes if row.wait_minutes is None else row.wait_minutes
        due = row.release_at if row.release_at is not None else row.at + minutes * _MINUTE
        if due <= now and (row.unscored or levels.unscored) == "hold":
            late.append((now - due) / 1e6)
    return Overdue(waiting, len(late), max(late, default=0.0))


def _of(table: Any, tenant: str, run_id: str) -> tuple[Any, Any]:
    return table.c.tenant == tenant, table.c.run_id == run_id


def _time(us: int | None) -> str | None:
    return None if us is None else format_time(us)


def _money(totals: Mapping[str, str]) -> list[Json]:
    return [{"value": value, "currency": currency} for currency, value in sorted(totals.items())]
