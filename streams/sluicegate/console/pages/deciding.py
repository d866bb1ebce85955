"""What people do with alerts: claim, decide, agree, undo, snooze; the next alert opens by itself."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sluicegate.console.pages import alert as alert_page
from sluicegate.console.store import queue, snoozes, verdicts
from sluicegate.console.store.dispositions import Allowance, Decision, Verdict
from sluicegate.console.store.verdicts import Given, Refused
from sluicegate.console.web import filters
from sluicegate.console.web.asked import Asked, asking
from sluicegate.console.web.pages import render

if TYPE_CHECKING:
    from sqlalchemy import Connection

_DAY = 86_400_000_000
MOST_AT_ONCE = 500


def _id(asked: Asked) -> str:
    return str(asked.request.path_params["alert_id"])


def _again(asked: Asked, alert_id: str, **more: str) -> Response:
    with asked.context.reading() as connection:
        shown = filters.read(connection, asked.request.query_params)
    target = shown.with_(**more).replace("/alerts", f"/alerts/{alert_id}", 1)
    return RedirectResponse(target, 303)


@asking("analyst")
def claim(asked: Asked) -> Response:
    with asked.context.writing() as connection:
        refused = verdicts.take_over(connection, asked.person, _id(asked), asked.now, asked.context.settings)
    return alert_page.page(asked, _id(asked), status=409, why=refused.why) if refused else _again(asked, _id(asked))


@asking("analyst")
def release(asked: Asked) -> Response:
    with asked.context.writing() as connection:
        refused = verdicts.release(connection, asked.person, _id(asked), asked.now)
    return alert_page.page(asked, _id(asked), status=409, why=refused.why) if refused else _again(asked, _id(asked))


@asking("analyst")
def decide(asked: Asked) -> Response:
    """Note the verdict, then show the next alert of the queue that the analyst came from."""
    with asked.context.writing() as connection:
        found = queue.find(connection, asked.person, _id(asked))
        if found is None:
            raise HTTPException(404, "there is no such alert, or it is not among your tenants")
        decision = _decision(asked, found[1])
        given: Given | Refused = (
            verdicts.decide(connection, asked.person, _id(asked), decision, asked.now, asked.context.settings)
            if isinstance(decision, Decision)
            else decision
        )
        shown = filters.read(connection, asked.request.query_params)
        following = queue.neighbour(connection, asked.person, shown.filter, found[0].cursor)
    if isinstance(given, Refused):
        return alert_page.page(asked, _id(asked), status=409, why=given.why)
    if following is not None:
        return _again(asked, following.alert_id, done=str(given.verdict_id))
    return RedirectResponse(shown.with_(done=str(given.verdict_id)), 303)


def _decision(asked: Asked, body: bytes) -> Decision | Refused:
    form = asked.form
    verdict, note = form.get("verdict", ""), form.get("note", "").strip()
    if verdict not in verdicts.REASONS:
        return Refused("choose a verdict")
    allow = None
    if form.get("allow_days"):
        kind, _, value = form.get("allow_pivot", "").partition(":")
        days = form["allow_days"]
        rule = form.get("allow_rule", "")
        if not (days.isascii() and days.isdigit() and kind and value and rule):
            return Refused("an allowance needs a rule, what it is about, and a number of days")
        entry = _entry(body, rule)
        allow = Allowance(rule, kind, value, asked.now + min(int(days), 100_000) * _DAY, entry)
    return Decision(verdict, form.get("reason_code", ""), note, allow)


def _entry(body: bytes, rule: str) -> str | None:
    """The list entry that a finding of a sanctions rule is about: an allowance silences that pair alone."""
    reasons: list[dict[str, Any]] = msgspec.json.decode(body)["reasons"]
    found = (reason["observed"].get("entry_id") for reason in reasons if reason["rule"] == rule)
    return next((str(entry) for entry in found if entry), None)


@asking("analyst")
def undo(asked: Asked) -> Response:
    with asked.context.writing() as connection:
        refused = verdicts.undo(connection, asked.person, _number(asked), asked.now)
        alert_id = verdicts.alert_of(connection, asked.person, _number(asked))
    if alert_id is None:
        raise HTTPException(404, "no such verdict of yours")
    return alert_page.page(asked, alert_id, status=409, why=refused.why) if refused else _again(asked, alert_id)


@asking("analyst")
def agree(asked: Asked) -> Response:
    """A second person's answer."""
    yes = asked.form.get("answer") == "agree"
    with asked.context.writing() as connection:
        given = verdicts.agree(connection, asked.person, _number(asked), asked.now, asked.context.settings, yes=yes)
        alert_id = verdicts.alert_of(connection, asked.person, _number(asked))
    if alert_id is None:
        raise HTTPException(404, "no such verdict")
    return (
        alert_page.page(asked, alert_id, status=409, why=given.why)
        if isinstance(given, Refused)
        else _again(asked, alert_id)
    )


def _number(asked: Asked) -> int:
    return int(asked.request.path_params["verdict_id"])


@asking("analyst")
def snooze(asked: Asked) -> Response:
    days = asked.form.get("days", "")
    until = asked.now + (min(int(days), 100_000) if days.isascii() and days.isdigit() else 0) * _DAY
    with asked.context.writing() as connection:
        found = queue.find(connection, asked.person, _id(asked))
        done = snoozes.put(
            connection, asked.person, _id(asked), until, asked.form.get("note", ""), asked.now, asked.context.settings
        )
        shown = filters.read(connection, asked.request.query_params)
        following = queue.neighbour(connection, asked.person, shown.filter, found[0].cursor) if found else None
    if isinstance(done, Refused):
        return alert_page.page(asked, _id(asked), status=409, why=done.why)
    return _again(asked, following.alert_id) if following is not None else RedirectResponse(shown.with_(), 303)


@asking("supervisor")
def bulk(asked: Asked) -> Response:
    """Many alike at once: first how many it would be, then, with a reason, the verdict on exactly those."""
    with asked.context.writing() as connection:
        shown = filters.read(connection, asked.request.query_params)
        rows = _chosen(connection, asked, shown)
        decision = Decision(
            cast("Verdict", asked.form.get("verdict", "")),
            asked.form.get("reason_code", ""),
            asked.form.get("note", "").strip(),
        )
        why = _not_yet(asked, rows, decision)
        if why is not None:
            form: dict[str, Any] = {
                "ids": asked.form.get("ids", ""),
                "why": why,
                "reasons": verdicts.REASONS,
                "given": decision,
            }
            return render(asked, "bulk.html", shown=shown, rows=rows, most=MOST_AT_ONCE, **form)
        together = secrets.token_hex(8)
        results = [
            (
                row,
                verdicts.decide(
                    connection, asked.person, row.alert_id, decision, asked.now, asked.context.settings, bulk=together
                ),
            )
            for row in rows
        ]
    return render(
        asked, "bulk_done.html", shown=shown, results=[(row, one, isinstance(one, Refused)) for row, one in results]
    )


def _not_yet(asked: Asked, rows: list[queue.Row], decision: Decision) -> str | None:
    """Why these are shown first and not yet decided: empty at the first look; None: all is said."""
    if "count" not in asked.form:
        return ""
    if asked.form["count"] != str(len(rows)):
        return "The number has changed meanwhile: look again."
    if decision.reason_code not in verdicts.REASONS.get(decision.verdict, ()):
        return "A verdict and its reason are needed."
    return None if decision.note else "Say in the note why all of these are alike."


def _chosen(connection: Connection, asked: Asked, shown: filters.Asked) -> list[queue.Row]:
    """Those ticked; where none is, all that the filter has, up to a bound."""
    ids = [id for id in asked.form.get("ids", "").split(",") if id][:MOST_AT_ONCE]
    if ids:
        found = [queue.find(connection, asked.person, id) for id in ids]
        return [one[0] for one in found if one is not None]
    return list(queue.page(connection, asked.person, shown.filter, size=MOST_AT_ONCE).rows)


routes = [
    Route("/alerts/bulk", bulk, methods=["POST"]),
    Route("/alerts/{alert_id:str}/claim", claim, methods=["POST"]),
    Route("/alerts/{alert_id:str}/release", release, methods=["POST"]),
    Route("/alerts/{alert_id:str}/decide", decide, methods=["POST"]),
    Route("/alerts/{alert_id:str}/snooze", snooze, methods=["POST"]),
    Route("/verdicts/{verdict_id:int}/undo", undo, methods=["POST"]),
    Route("/verdicts/{verdict_id:int}/agree", agree, methods=["POST"]),
]
