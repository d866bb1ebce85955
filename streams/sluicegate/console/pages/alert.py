"""One alert: why first, then what can be known around it, and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from sluicegate.console.raw import event_at
from sluicegate.console.store import activity, audit, queue, verdicts
from sluicegate.console.web import charts, filters
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.explained import explained, names_in
from sluicegate.console.web.masks import Mask
from sluicegate.console.web.pages import render
from sluicegate.console.web.words import instant, money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from sluicegate.console.store.activity import Happening

_DAY = 86_400_000_000
_SHOWN_DAYS = 90
_MOST_EVENTS = 40


def page(asked: Asked, alert_id: str, *, status: int = 200, why: str = "", open_names: bool = False) -> Response:
    """The alert's page; `why` tells what was not done. With `open_names` nothing is masked."""
    with asked.context.reading() as connection:
        found = queue.find(connection, asked.person, alert_id)
        if found is None:
            raise HTTPException(404, "there is no such alert, or it is not among your tenants")
        row, body = found
        data = msgspec.json.decode(body)
        names = names_in(data)
        told = explained(data, Mask() if open_names else Mask(names))
        payees = _payees(data)
        happened = _around(connection, asked, row.tenant, payees, row.updated_at)
        values: dict[str, Any] = {
            "shown": filters.read(connection, asked.request.query_params),
            "related": queue.related(connection, asked.person, row, _entities(data)),
            "history": verdicts.history(connection, asked.person, row.tenant, row.alert_id),
            "before": [
                said
                for said in verdicts.about(connection, asked.person, row.tenant, row.subject_kind, row.subject_id)
                if said["alert_id"] != row.alert_id
            ],
            "done": verdicts.undoable(connection, asked.person, asked.query("done"), asked.now),
        }
    own = set(told.payments)
    return render(
        asked,
        "alert.html",
        code=status,
        row=row,
        alert=told,
        why=why,
        masked=bool(names) and not open_names,
        happened=happened[:_MOST_EVENTS],
        own=own,
        payments=_payments(happened, own, row.updated_at),
        reasons=verdicts.REASONS,
        closing=verdicts.CLOSING,
        second=asked.context.settings.second_person and verdicts.needs_second(row.family, row.urgency),
        pivots=_pivots(data),
        seq=row.seq,
        **values,
    )


@asking()
def show(asked: Asked) -> Response:
    return page(asked, asked.request.path_params["alert_id"])


@asking()
def reveal(asked: Asked) -> Response:
    """The page without masks, once; that it was asked for is on the audit trail."""
    alert_id = asked.request.path_params["alert_id"]
    _note(asked, alert_id, "reveal names")
    return page(asked, alert_id, open_names=True)


@asking()
def raw(asked: Asked) -> Response:
    """An event as its producer sent it, out of the log; noted like any reveal."""
    alert_id = asked.request.path_params["alert_id"]
    ref = asked.form.get("event", "")
    tenant = _note(asked, alert_id, "show event")
    with asked.context.reading() as connection:
        found = queue.find(connection, asked.person, alert_id)
        refs = (
            {event for reason in msgspec.json.decode(found[1])["reasons"] for event in reason["event_ids"]}
            if found
            else set()
        )
        place = activity.locate(connection, asked.person, tenant, [ref]).get(ref) if ref in refs else None
    if place is None:
        raise HTTPException(404, "the event is no longer (or not yet) among those whose place in the log is known")
    value = event_at(asked.context.stream, *place)
    if value is None:
        raise HTTPException(404, "the log does not hold the event any more")
    shown = msgspec.json.format(value, indent=2).decode("utf-8", "replace")
    return render(asked, "event.html", ref=ref, event=shown, alert_id=alert_id)


def _note(asked: Asked, alert_id: str, action: str) -> str:
    """Put the asking on the trail; the alert's tenant. Raises HTTPException 404."""
    with asked.context.engine.begin() as connection:
        found = queue.find(connection, asked.person, alert_id)
        if found is None:
            raise HTTPException(404, "there is no such alert, or it is not among your tenants")
        audit.note(connection, asked.now, asked.person, action, alert_id, found[0].tenant)
        return found[0].tenant


def _payees(data: dict[str, Any]) -> list[str]:
    found = [data["subject"]["id"]] if data["subject"]["kind"] == "payee" else []
    found += [entity["id"] for entity in data.get("entities", ()) if entity["kind"] == "payee"]
    return list(dict.fromkeys(found))[:20]


def _entities(data: dict[str, Any]) -> list[tuple[str, str]]:
    kinds = ("payee", "account", "wallet", "device")
    return [(entity["kind"], entity["id"]) for entity in data.get("entities", ()) if entity["kind"] in kinds]


def _pivots(data: dict[str, Any]) -> list[tuple[str, str]]:
    """What a finding may be allowed about: the subject, then what takes part."""
    kinds = ("payee", "account", "wallet", "user", "device", "ip", "source")
    found = [(data["subject"]["kind"], data["subject"]["id"]), *_entities(data)]
    return [pair for pair in dict.fromkeys(found) if pair[0] in kinds][:10]


def _around(connection: Connection, asked: Asked, tenant: str, payees: Sequence[str], until: int) -> list[Happening]:
    since = until - _SHOWN_DAYS * _DAY
    found = [
        one
        for payee in payees
        for one in activity.around(connection, asked.person, tenant, payee, since, until + 7 * _DAY)
    ]
    return sorted(found, key=lambda one: -one.time)


class _Payments(msgspec.Struct, frozen=True):
    """The sparkline and what its caption says."""

    chart: Markup
    currency: str
    most: str
    own: bool
    since: int
    until: int


def _payments(happened: list[Happening], own: set[str], until: int) -> _Payments | None:
    """Payments of the last 90 days in the currency that most of them have; None where there are fewer than two."""
    payments = [one for one in happened if one.kind.endswith(".payment") and one.value is not None]
    if len(payments) < 2:
        return None
    currencies = [one.currency for one in payments]
    currency = max(set(currencies), key=currencies.count) or ""
    since = until - _SHOWN_DAYS * _DAY
    shown = [one for one in payments if one.currency == currency]
    points = [
        charts.Point(
            min(max((one.time - since) / (until - since), 0.0), 1.0),
            float(one.value or 0),
            one.payment_id in own,
            f"{instant(one.time)[:10]}: {money(one.value or '')} {currency}",
        )
        for one in shown
    ]
    label = f"{len(points)} payments in {currency} in {_SHOWN_DAYS} days; those of this alert stand out"
    most = max((one.value or "0" for one in shown), key=float)
    return _Payments(
        charts.sparkline(points, label=label), currency, most, any(point.own for point in points), since, until
    )


routes = [
    Route("/alerts/{alert_id:str}", show, methods=["GET"]),
    Route("/alerts/{alert_id:str}/reveal", reveal, methods=["POST"]),
    Route("/alerts/{alert_id:str}/event", raw, methods=["POST"]),
]
