"""Figures for those who steer, each as a chart and as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from sluicegate.console.store import budget, insight
from sluicegate.console.store.alerts import SEVERITIES
from sluicegate.console.web import charts
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.pages import render
from sluicegate.rules.unusual_payment import Params

_DAY = 86_400_000_000
DAYS = 30
_SHORT = {"up to 1 hour": "1 h", "up to 8 hours": "8 h", "up to 1 day": "1 d", "up to 3 days": "3 d"}
_BY_RISING = tuple(reversed(SEVERITIES))


@asking()
def show(asked: Asked) -> Response:
    today = asked.now // _DAY
    since = (today - DAYS + 1) * _DAY
    with asked.context.reading() as connection:
        person = asked.person
        days = insight.per_day(connection, person, since)
        waiting = insight.backlog(connection, person, asked.now)
        values: dict[str, Any] = {
            "rules": insight.per_rule(connection, person, since),
            "precision": insight.precision(connection, person, since),
            "times": insight.times(connection, person, since),
            "lists": insight.lists(connection, person),
            "notices": insight.notices(connection, person),
            "budget": budget.use(connection, person, since),
            "signals": insight.signals(connection, person, _date(today - DAYS + 1)),
        }
    numbers = [today - DAYS + 1 + at for at in range(DAYS)]
    per_day = {name: [days.get(number, {}).get(name, 0) for number in numbers] for name in _BY_RISING}
    spent = [values["budget"].by_day(number) for number in numbers]
    allowed = Params().budget_share
    per_age = {name: [waiting[age].get(name, 0) for age in waiting] for name in _BY_RISING}
    return render(
        asked,
        "insight.html",
        days=[_date(number) for number in numbers],
        per_day=per_day,
        ages=list(waiting),
        per_age=per_age,
        severities=_BY_RISING,
        day_chart=charts.bars(
            [_date(number)[5:] for number in numbers], per_day, label="Alerts opened a day, by severity"
        ),
        age_chart=charts.bars(
            [_SHORT.get(age, age) for age in waiting], per_age, label="Alerts that wait, by age and severity"
        ),
        budget_chart=charts.bars(
            [_date(number)[5:] for number in numbers],
            {"reported": [reported for _, reported in spent]},
            bounds=[allowed * payments for payments, _ in spent],
            label="Payments reported as unusual a day, against the budget",
        ),
        spent=spent,
        allowed=allowed,
        span=DAYS,
        **values,
    )


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")


routes = [Route("/insight", show, methods=["GET"])]
