"""How many payments were reported as unusual, day by day, of how many there were."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from sluicegate.console.people import Person, scope
from sluicegate.console.tables import activity, alert, alert_term

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["RULE", "Use", "use"]

RULE = "unusual-payment"
_DAY = 86_400_000_000
_KINDS = ("payroll.payment", "vendor.payment")


class Use(msgspec.Struct, frozen=True):
    """By (tenant, day since 1970): payments, and alerts that the rule had a part in."""

    payments: Counter[tuple[str, int]]
    reported: Counter[tuple[str, int]]

    def by_day(self, day: int) -> tuple[int, int]:
        """(payments, reported) of all tenants."""
        of_day = (sum(count for (_, at), count in one.items() if at == day) for one in (self.payments, self.reported))
        payments, reported = of_day
        return payments, reported

    def by_tenant(self) -> list[tuple[str, int, int]]:
        """(tenant, payments, reported), the most reported first."""
        payments: Counter[str] = Counter()
        reported: Counter[str] = Counter()
        for held, sums in ((self.payments, payments), (self.reported, reported)):
            for (tenant, _), count in held.items():
                sums[tenant] += count
        found = [(tenant, payments[tenant], reported[tenant]) for tenant in {*payments, *reported}]
        return sorted(found, key=lambda one: (-one[2], -one[1], one[0]))


def use(connection: Connection, person: Person, since: int) -> Use:
    """Since an instant (µs), by when the payments and the alerts happened."""
    paid = (activity.c.time - activity.c.time % _DAY) / _DAY
    payments = (
        select(activity.c.tenant, paid.label("day"), func.count())
        .where(activity.c.time >= since, activity.c.kind.in_(_KINDS), scope(person, activity.c.tenant))
        .group_by(activity.c.tenant, paid)
    )
    opened = (alert.c.opened_at - alert.c.opened_at % _DAY) / _DAY
    reported = (
        select(alert.c.tenant, opened.label("day"), func.count())
        .join(alert_term, alert_term.c.alert_id == alert.c.alert_id)
        .where(alert_term.c.term == RULE, alert.c.opened_at >= since, scope(person, alert.c.tenant))
        .group_by(alert.c.tenant, opened)
    )
    return Use(
        *(Counter({(tenant, int(day)): count for tenant, day, count in connection.execute(query)})
          for query in (payments, reported))
    )  # fmt: skip
