"""The queue: alerts by severity, then age, filtered, in pages of any depth; and what has changed in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    UnaryExpression,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from sluicegate.console.people import EVERY_TENANT, Person, scope
from sluicegate.console.store import search
from sluicegate.console.store.alerts import SEVERITIES
from sluicegate.console.store.search import hidden
from sluicegate.console.tables import alert, user

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = [
    "STATUSES",
    "Cursor",
    "Filter",
    "Page",
    "Row",
    "among",
    "changes",
    "counted_to",
    "counts",
    "find",
    "neighbour",
    "page",
    "related",
]

Status = Literal["new", "second", "snoozed", "decided", "closed"]
STATUSES: tuple[Status, ...] = get_args(Status)
COUNTED_TO, COUNTED_IN_SEARCH = 1000, 100
"""Beyond it a count is shown as "1,000+": an exact one would read the whole queue."""
_UNIONS = 64
_WITHIN = (alert.c.opened_at, alert.c.alert_id)
_SHOWN = tuple(
    alert.c[name]
    for name in (
        *(
            "alert_id",
            "tenant",
            "revision",
            "status",
            "urgency",
            "family",
            "rule",
            "score",
            "subject_kind",
            "subject_id",
        ),
        *("title", "amount", "opened_at", "updated_at", "claimed_by", "claimed_at", "decision", "snoozed_until", "seq"),
    )
)


class Filter(msgspec.Struct, frozen=True):
    """What of the queue is shown. Empty fields do not filter; `search` are words that an alert must all have."""

    status: Status = "new"
    severities: tuple[str, ...] = ()
    tenant: str = ""
    family: str = ""
    rule: str = ""
    claimed: Literal["", "me", "nobody"] = ""
    search: tuple[str, ...] = ()


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in the queue: that of an alert."""

    urgency: int
    opened_at: int
    alert_id: str

    def __str__(self) -> str:
        """
        >>> str(Cursor(2, 5, "al_1")), Cursor.read("2.5.al_1"), Cursor.read("2.x")
        ('2.5.al_1', Cursor(urgency=2, opened_at=5, alert_id='al_1'), None)
        """
        return f"{self.urgency}.{self.opened_at}.{self.alert_id}"

    @staticmethod
    def read(text: str) -> Cursor | None:
        """The cursor that was written so; None where it is none."""
        urgency, _, rest = text.partition(".")
        opened_at, _, alert_id = rest.partition(".")
        if not (urgency.isascii() and urgency.isdigit() and opened_at.isascii() and opened_at.isdigit() and alert_id):
            return None
        return Cursor(int(urgency[:2]), int(opened_at[:18]), alert_id[:80])


class Row(msgspec.Struct, frozen=True):
    """One line of the queue. Instants in µs."""

    alert_id: str
    tenant: str
    revision: int
    status: str
    urgency: int
    family: str
    rule: str
    score: int
    subject_kind: str
    subject_id: str
    title: str
    amount: str
    opened_at: int
    updated_at: int
    claimed_by: int | None
    claimed_at: int | None
    decision: str | None
    snoozed_until: int | None
    seq: int
    claimed_name: str | None = None

    @property
    def severity(self) -> str:
        return SEVERITIES[self.urgency - 1]

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.urgency, self.opened_at, self.alert_id)


class Page(msgspec.Struct, frozen=True):
    """Some lines of the queue, and whether there are more on either side."""

    rows: tuple[Row, ...]
    before: bool
    after: bool


def page(
    connection: Connection,
    person: Person,
    shown: Filter,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    size: int = 50,
) -> Page:
    """The first lines, those after a place, or those before one."""
    backwards = before is not None
    place = before if backwards else after
    asks = _Asks(connection, person, shown)
    keys: list[str] = []
    # one severity at a time: within one, a place is where an index goes on, however deep
    for urgency in sorted(_urgencies(shown), reverse=backwards):
        within = _beyond(place, urgency, backwards=backwards)
        if within is not None and len(keys) <= size:
            order = [column.desc() if backwards else column for column in _WITHIN]
            query = asks.first([*within, asks.of("urgency") == urgency], order, size + 1 - len(keys))
            keys += connection.scalars(query)
    shown_rows = select(*_SHOWN).where(alert.c.alert_id.in_(keys), scope(person, hidden(alert.c.tenant)))
    by_key = {row.alert_id: row for row in _rows(connection, shown_rows)}
    rows = [by_key[key] for key in keys if key in by_key]
    more = len(rows) > size
    rows = rows[:size][::-1] if backwards else rows[:size]
    return Page(
        tuple(rows),
        before=more if backwards else place is not None,
        after=bool(rows) if backwards else more,
    )


def _beyond(place: Cursor | None, urgency: int, *, backwards: bool) -> list[ColumnElement[bool]] | None:
    """What of one severity lies beyond a place; None: nothing."""
    if place is None:
        return []
    if urgency != place.urgency:
        return [] if (urgency < place.urgency) is backwards else None
    here = tuple_(literal(place.opened_at, BigInteger), literal(place.alert_id))
    return [tuple_(*_WITHIN) < here if backwards else tuple_(*_WITHIN) > here]


def _urgencies(shown: Filter) -> list[int]:
    named = [SEVERITIES.index(name) + 1 for name in shown.severities if name in SEVERITIES]
    return named or list(range(1, len(SEVERITIES) + 1))


class _Asks:
    """A filter on behalf of a person, as conditions for which the planner has but one good index to choose."""

    def __init__(self, connection: Connection, person: Person, shown: Filter) -> None:
        found = search.found(connection, shown.search)
        self._named = found.ids is not None
        """The search names the alerts: no index but that of their ids is of use."""
        self.where = [self.of("status") == shown.status, *found.conditions()]
        self._scope = [scope(person, hidden(alert.c.tenant))]
        if shown.tenant:
            self._scope.append(hidden(alert.c.tenant) == shown.tenant)
        self._tenants = None if self._named or shown.claimed == "me" else _few(person, shown.tenant)
        mine = shown.claimed == "me"
        for name, value in (("family", shown.family), ("rule", shown.rule)):
            if value:
                self.where.append((hidden(alert.c[name]) if mine else self.of(name)) == value)
        if shown.claimed:
            self.where.append(self.of("claimed_by") == person.id if mine else hidden(alert.c.claimed_by).is_(None))

    def of(self, name: str) -> ColumnElement[Any]:
        return hidden(alert.c[name]) if self._named else alert.c[name]

    def first(self, where: list[ColumnElement[bool]], order: list[Any], limit: int) -> Select[Any]:
        """The ids of the first alerts."""
        return _first(self._tenants, self._scope, [*self.where, *where], order, limit)

    def some(self, where: list[ColumnElement[bool]], limit: int) -> Select[Any]:
        """The ids of any alerts: without an order, an index gives those of several tenants one after the other."""
        scoped: list[ColumnElement[bool]] = self._scope
        if self._tenants is not None:
            scoped = [alert.c.tenant.in_(self._tenants)]
        return _first(None, scoped, [*self.where, *where], [], limit)

    def all(self) -> list[ColumnElement[bool]]:
        """The whole condition, for alerts that are named."""
        return [*self._scope, *self.where]


def _few(person: Person, tenant: str) -> list[str] | None:
    """The tenants that are to be asked one by one; None: too many for that.

    Each then costs what it gives, however many alerts other tenants have.
    """
    if tenant:
        return [tenant] if person.sees(tenant) else []
    few = EVERY_TENANT not in person.tenants and len(person.tenants) <= _UNIONS
    return sorted(person.tenants) if few else None


def _first(
    tenants: list[str] | None,
    scoped: list[ColumnElement[bool]],
    where: list[ColumnElement[bool]],
    order: list[Any],
    limit: int,
) -> Select[Any]:
    """Ids of the first alerts: of the whole within a scope; or, of tenants, of the first of the first of each."""
    keys = (alert.c.alert_id, *(column for column in (alert.c.opened_at, alert.c.seq) if _orders(order, column)))
    if tenants is None:
        return select(*keys).where(*scoped, *where).order_by(*order).limit(limit)
    if not tenants:
        return select(*keys).where(false())
    parts = [select(*keys).where(alert.c.tenant == name, *where).order_by(*order).limit(limit) for name in tenants]
    if len(parts) == 1:
        return parts[0]
    merged = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(merged).order_by(*(_same(merged, column) for column in order)).limit(limit)


def _orders(order: list[Any], column: ColumnElement[Any]) -> bool:
    return any(one is column or getattr(one, "element", None) is column for one in order)


def _same(merged: FromClause, column: Any) -> Any:
    """The column of an order, or its reverse, in another table."""
    return merged.c[column.element.name].desc() if isinstance(column, UnaryExpression) else merged.c[column.name]


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    found = [Row(**row) for row in connection.execute(query).mappings()]
    people = {row.claimed_by for row in found if row.claimed_by is not None}
    if not people:
        return found
    names = dict(connection.execute(select(user.c.id, user.c.name).where(user.c.id.in_(people))).all())
    return [msgspec.structs.replace(row, claimed_name=names.get(row.claimed_by or 0)) for row in found]


def counted_to(shown: Filter) -> int:
    """Where counting ends: earlier for a search, which reads much more for each alert that it counts."""
    return COUNTED_IN_SEARCH if shown.search else COUNTED_TO


def counts(connection: Connection, person: Person, shown: Filter) -> dict[str, int]:
    """By severity, how many alerts the filter has, whatever severities it names; each at most `counted_to`."""
    asks = _Asks(connection, person, shown)
    numbers = {}
    for number, name in enumerate(SEVERITIES, 1):
        some = asks.some([asks.of("urgency") == number], counted_to(shown)).subquery()
        numbers[name] = connection.scalar(select(func.count()).select_from(some)) or 0
    return numbers


def find(connection: Connection, person: Person, alert_id: str) -> tuple[Row, bytes] | None:
    """One alert and its `data` (JSON); None where there is none that this person may see."""
    query = select(*_SHOWN, alert.c.body).where(alert.c.alert_id == alert_id, scope(person, alert.c.tenant))
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    values = dict(row)
    body = bytes(values.pop("body"))
    (named,) = _rows(connection, select(*_SHOWN).where(alert.c.alert_id == alert_id)) or (Row(**values),)
    return named, body


def neighbour(connection: Connection, person: Person, shown: Filter, place: Cursor) -> Row | None:
    """The next alert of the queue after a place; the first one where nothing is left behind it."""
    found = page(connection, person, shown, after=place, size=1).rows or page(connection, person, shown, size=1).rows
    return next((row for row in found if row.alert_id != place.alert_id), None)


def changes(connection: Connection, person: Person, seq: int, most: int = 200) -> list[Row]:
    """Alerts that changed after the change `seq`, by their number."""
    mine = scope(person, hidden(alert.c.tenant))
    ids = list(connection.scalars(_first(_few(person, ""), [mine], [alert.c.seq > seq], [alert.c.seq], most)))
    return _rows(connection, select(*_SHOWN).where(alert.c.alert_id.in_(ids), mine).order_by(alert.c.seq))


def among(connection: Connection, person: Person, shown: Filter, ids: list[str]) -> set[str]:
    """Those of the alerts that the filter has."""
    asks = _Asks(connection, person, msgspec.structs.replace(shown, search=()))
    named = [alert.c.alert_id.in_(ids), hidden(alert.c.urgency).in_(_urgencies(shown))]
    words = [search.has(word) for word in shown.search]
    return set(connection.scalars(select(alert.c.alert_id).where(*named, *asks.all(), *words)))


def related(connection: Connection, person: Person, row: Row, ids: list[tuple[str, str]], most: int = 20) -> list[Row]:
    """Other alerts of the tenant about the same subject, or one of these (kind, id); the newest first."""
    pairs = list(dict.fromkeys([(row.subject_kind, row.subject_id), *ids]))[:50]
    same = or_(*(and_(alert.c.subject_kind == kind, alert.c.subject_id == id) for kind, id in pairs))
    query = (
        select(*_SHOWN)
        .where(alert.c.tenant == row.tenant, scope(person, alert.c.tenant), same, alert.c.alert_id != row.alert_id)
        .order_by(alert.c.opened_at.desc())
        .limit(most)
    )
    return _rows(connection, query)
