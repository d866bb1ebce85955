"""Figures for those who steer: how many alerts, how good, how quickly decided, and how fresh what judges is."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import case, func, select

from sluicegate.console.people import Person, scope
from sluicegate.console.store.alerts import SEVERITIES
from sluicegate.console.tables import alert, list_version, notice, signal_day, verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

__all__ = ["AGES", "Precision", "backlog", "lists", "notices", "per_day", "per_rule", "precision", "signals", "times"]

_DAY = 86_400_000_000
_HOUR = 3_600_000_000
AGES = (("up to 1 hour", _HOUR), ("up to 8 hours", 8 * _HOUR), ("up to 1 day", _DAY), ("up to 3 days", 3 * _DAY))
OLDER = "older"
_RIGHT = ("confirmed", "error_not_fraud")
_WRONG = ("false_positive", "benign")


class Precision(msgspec.Struct, frozen=True):
    """Of a rule's alerts with a verdict, how many were worth it: confirmed, or an error that was caught."""

    rule: str
    right: int
    wrong: int
    escalated: int

    @property
    def share(self) -> float | None:
        """Of 1; None where there is no verdict either way."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None


def per_day(connection: Connection, person: Person, since: int) -> dict[int, dict[str, int]]:
    """Day (since 1970) -> severity -> alerts opened."""
    day = (alert.c.opened_at - alert.c.opened_at % _DAY) / _DAY
    query = (
        select(day.label("day"), alert.c.urgency, func.count())
        .where(alert.c.opened_at >= since, scope(person, alert.c.tenant))
        .group_by(day, alert.c.urgency)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for number, urgency, count in connection.execute(query):
        found[int(number)][SEVERITIES[urgency - 1]] = count
    return dict(found)


def per_rule(connection: Connection, person: Person, since: int) -> list[tuple[str, int, int]]:
    """(rule, alerts, of them high or critical), the most first."""
    grave = func.sum(case((alert.c.urgency <= 2, 1), else_=0))
    query = (
        select(alert.c.rule, func.count(), grave)
        .where(alert.c.opened_at >= since, scope(person, alert.c.tenant))
        .group_by(alert.c.rule)
        .order_by(func.count().desc(), alert.c.rule)
    )
    return [(rule, count, int(high)) for rule, count, high in connection.execute(query)]


def precision(connection: Connection, person: Person, since: int) -> list[Precision]:
    """By rule, from the verdicts that stand; of several on one alert the last."""
    last = (
        select(func.max(verdict.c.id))
        .where(verdict.c.state == "given", verdict.c.at >= since, scope(person, verdict.c.tenant))
        .group_by(verdict.c.alert_id)
    )
    query = (
        select(verdict.c.rule, verdict.c.verdict, func.count())
        .where(verdict.c.id.in_(last))
        .group_by(verdict.c.rule, verdict.c.verdict)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for rule, said, count in connection.execute(query):
        found[rule][said] = count
    return [
        Precision(
            rule,
            right=sum(said.get(name, 0) for name in _RIGHT),
            wrong=sum(said.get(name, 0) for name in _WRONG),
            escalated=said.get("escalated", 0),
        )
        for rule, said in sorted(found.items())
    ]


def times(connection: Connection, person: Person, since: int, most: int = 5000) -> dict[str, tuple[int, int, int]]:
    """Severity -> (decisions, median, 90th percentile), µs from the alert to its first verdict; of the latest ones."""
    first = (
        select(func.min(verdict.c.id))
        .where(verdict.c.state == "given", verdict.c.at >= since, scope(person, verdict.c.tenant))
        .group_by(verdict.c.alert_id)
    )
    query = (
        select(verdict.c.urgency, verdict.c.at - func.coalesce(alert.c.arrived_at, verdict.c.opened_at))
        .join(alert, alert.c.alert_id == verdict.c.alert_id, isouter=True)
        .where(verdict.c.id.in_(first))
        .order_by(verdict.c.id.desc())
        .limit(most)
    )
    taken: dict[str, list[int]] = defaultdict(list)
    for urgency, time in connection.execute(query):
        taken[SEVERITIES[urgency - 1]].append(max(int(time), 0))
    found = {}
    for name in SEVERITIES:
        ordered = sorted(taken.get(name, ()))
        if ordered:
            found[name] = (
                len(ordered),
                ordered[len(ordered) // 2],
                ordered[min(len(ordered) * 9 // 10, len(ordered) - 1)],
            )
    return found


def backlog(connection: Connection, person: Person, now: int) -> dict[str, dict[str, int]]:
    """Age -> severity -> alerts that wait for a decision, by when they came."""
    ages = [(alert.c.arrived_at > now - bound, name) for name, bound in AGES]
    age = case(*ages, else_=OLDER)
    query = (
        select(age, alert.c.urgency, func.count())
        .where(alert.c.status == "new", scope(person, alert.c.tenant))
        .group_by(age, alert.c.urgency)
    )
    found: dict[str, dict[str, int]] = {name: {} for name in (*(name for name, _ in AGES), OLDER)}
    for name, urgency, count in connection.execute(query):
        found[name][SEVERITIES[urgency - 1]] = count
    return found


def lists(connection: Connection, person: Person) -> list[RowMapping]:
    """Lists in force, with their version and when it was published."""
    query = select(list_version).where((list_version.c.tenant == "*") | scope(person, list_version.c.tenant))
    return list(connection.execute(query.order_by(list_version.c.list)).mappings())


def notices(connection: Connection, person: Person, most: int = 50) -> list[RowMapping]:
    """What the stream says of itself: models that learn, streams that changed, rules switched to shadow."""
    query = select(notice).where(scope(person, notice.c.tenant)).order_by(notice.c.time.desc()).limit(most)
    return list(connection.execute(query).mappings())


def signals(connection: Connection, person: Person, since_day: str) -> list[tuple[str, str, int]]:
    """(rule, why it raised no alert, findings) since a day (`YYYY-MM-DD`), the most first."""
    query = (
        select(signal_day.c.rule, signal_day.c.kind, func.sum(signal_day.c.count))
        .where(signal_day.c.day >= since_day, scope(person, signal_day.c.tenant), signal_day.c.kind != "notice")
        .group_by(signal_day.c.rule, signal_day.c.kind)
        .order_by(func.sum(signal_day.c.count).desc())
        .limit(60)
    )
    return [(rule, kind, int(count)) for rule, kind, count in connection.execute(query)]
