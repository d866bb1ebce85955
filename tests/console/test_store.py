"""The console's tables on both databases: intake, queue, claims, verdicts, snoozes, the trail."""

import time
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from sluicegate.console.people import Person
from sluicegate.console.settings import ConsoleSettings
from sluicegate.console.store import alerts, outbox, queue, snoozes, users, verdicts
from sluicegate.console.store.dispositions import Allowance, Decision
from sluicegate.console.store.queue import Filter
from sluicegate.console.store.verdicts import Given, Refused
from sluicegate.console.tables import REBUILT, alert, audit, metadata
from tests.console import made
from tests.console.server import PASSWORD, person

SETTINGS = ConsoleSettings()
NOW = 1_781_200_000_000_000
DAY = 86_400_000_000
ANN = Person(1, "ann", "analyst", ("*",))


def filled(engine: Engine, *values: bytes) -> list[str]:
    """The ids of alerts entered, in the queue's order."""
    with engine.begin() as connection:
        alerts.take(connection, [made.revision(value) for value in values], NOW)
        return [row.alert_id for row in queue.page(connection, ANN, Filter(), size=200).rows]


def status(engine: Engine, id: str) -> str:
    with engine.connect() as connection:
        found = queue.find(connection, ANN, id)
    assert found is not None
    return found[0].status


def test_migrations_make_what_the_tables_say(engine: Engine) -> None:
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_revisions_in_any_order_and_twice_leave_the_last(engine: Engine) -> None:
    revisions = made.alerts(*(made.payment(n, invoice="INV-1") for n in range(3)))
    assert len(revisions) > 1
    with engine.begin() as connection:
        assert alerts.take(connection, [made.revision(revisions[-1])], NOW) == 1
        before = queue.find(connection, ANN, made.revision(revisions[-1]).data.alert_id)
        assert alerts.take(connection, [made.revision(value) for value in revisions], NOW) == 0
        assert queue.find(connection, ANN, made.revision(revisions[-1]).data.alert_id) == before


def test_queue_is_by_severity_then_age_and_pages_meet(engine: Engine) -> None:
    ids = filled(engine, *(made.duplicate(payee=f"V{n}", number=n) for n in range(7)), *made.alerts(made.request(50)))
    with engine.connect() as connection:
        first = queue.page(connection, ANN, Filter(), size=3)
        second = queue.page(connection, ANN, Filter(), after=first.rows[-1].cursor, size=3)
        third = queue.page(connection, ANN, Filter(), after=second.rows[-1].cursor, size=3)
        back = queue.page(connection, ANN, Filter(), before=third.rows[0].cursor, size=3)
    rows = [*first.rows, *second.rows, *third.rows]
    assert [row.alert_id for row in rows] == ids
    assert [(row.urgency, row.opened_at) for row in rows] == sorted((row.urgency, row.opened_at) for row in rows)
    assert (first.before, first.after, third.before, third.after) == (False, True, True, False)
    assert [row.alert_id for row in back.rows] == [row.alert_id for row in second.rows]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Filter(severities=("high",)), {"acme", "other"}),
        (Filter(severities=("critical",)), set()),
        (Filter(tenant="acme"), {"acme"}),
        (Filter(rule="duplicate-invoice"), {"acme", "other"}),
        (Filter(rule="pay-spike"), set()),
        (Filter(family="payables"), {"acme", "other"}),
        (Filter(claimed="nobody"), {"acme", "other"}),
        (Filter(claimed="me"), set()),
        (Filter(search=("v3",)), {"acme", "other"}),
        (Filter(search=("FERN", "pm-3")), {"acme"}),
        (Filter(search=("fern", "nothing")), set()),
        (Filter(search=("%",)), set()),
        (Filter(status="closed"), set()),
    ],
)
def test_filters(engine: Engine, shown: Filter, expected: set[str]) -> None:
    filled(engine, made.duplicate("acme", number=1), made.duplicate("other", number=2))
    with engine.connect() as connection:
        found = queue.page(connection, ANN, shown).rows
        counted = queue.counts(connection, ANN, shown)
    assert {row.tenant for row in found} == expected
    if shown.severities != ("critical",):
        assert sum(counted.values()) == len(expected)


def test_tenants_of_others_are_not_there(engine: Engine) -> None:
    ids = filled(
        engine, made.duplicate("acme", number=1), made.duplicate("other", number=2), made.duplicate("third", number=3)
    )
    two = Person(2, "bob", "supervisor", ("other", "third"))
    with engine.begin() as connection:
        own = queue.page(connection, two, Filter()).rows
        hidden = next(id for id in ids if id not in {row.alert_id for row in own})
        assert {row.tenant for row in own} == {"other", "third"}
        assert queue.find(connection, two, hidden) is None
        assert queue.page(connection, two, Filter(tenant="acme")).rows == ()
        assert hidden not in {row.alert_id for row in queue.changes(connection, two, 0)}
        assert verdicts.take_over(connection, two, hidden, NOW, SETTINGS) == Refused("no such alert")
        assert verdicts.decide(
            connection, two, hidden, Decision("confirmed", "listed_party"), NOW, SETTINGS
        ) == Refused("no such alert")
        assert snoozes.put(connection, two, hidden, NOW + DAY, "x", NOW, SETTINGS) == Refused("no such alert")


def test_a_claim_keeps_others_out_until_it_lapses(engine: Engine) -> None:
    (id,) = filled(engine, made.duplicate())
    ann, bob = person(engine, "ann"), person(engine, "bob")
    later = NOW + SETTINGS.claim_minutes * 60_000_000
    with engine.begin() as connection:
        assert verdicts.take_over(connection, ann, id, NOW, SETTINGS) is None
        refused = verdicts.take_over(connection, bob, id, later - 1, SETTINGS)
        assert refused == Refused("claimed by ann 29 min ago", by="ann")
        assert isinstance(verdicts.decide(connection, bob, id, Decision("benign", "one_off"), NOW, SETTINGS), Refused)
        assert verdicts.take_over(connection, bob, id, later, SETTINGS) is None
        assert isinstance(verdicts.release(connection, ann, id, later), Refused)
        assert verdicts.release(connection, bob, id, later) is None


def test_a_verdict_leaves_when_it_cannot_be_undone_any_more(engine: Engine) -> None:
    (id,) = filled(engine, made.duplicate())
    ann = person(engine, "ann")
    pivot = Allowance("duplicate-invoice", "payee", "V3", NOW + 30 * DAY)
    with engine.begin() as connection:
        given = verdicts.decide(
            connection, ann, id, Decision("false_positive", "other", "a new contract", pivot), NOW, SETTINGS
        )
        assert isinstance(given, Given)
        assert outbox.due(connection, given.undo_until - 1) == []
        ((_, key, value),) = outbox.due(connection, given.undo_until)
    event = msgspec.json.decode(value)
    assert key == "acme"
    assert (event["type"], event["tenantid"]) == ("disposition.v1", "acme")
    assert event["data"] == {
        "alert_id": id,
        "verdict": "false_positive",
        "reason_code": "other",
        "note": "a new contract",
        "by": "ann",
        "at": event["time"],
        "allow": {
            "rule": "duplicate-invoice",
            "pivot": {"kind": "payee", "value": "V3"},
            "expires": "2026-07-11T17:46:40Z",
        },
    }
    with engine.begin() as connection:
        assert isinstance(verdicts.undo(connection, ann, given.verdict_id, given.undo_until), Refused)
        assert verdicts.undo(connection, ann, given.verdict_id, given.undo_until - 1) is None
        assert outbox.due(connection, NOW + DAY) == []
    assert status(engine, id) == "new"


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (Decision("confirmed", "one_off"), "a reason is needed"),
        (Decision("confirmed", "other", "  "), "say in the note"),
        (Decision("confirmed", "other", "x" * 2001), "longer than 2,000"),
        (Decision("benign", "one_off", "", Allowance("duplicate-invoice", "payee", "V3", NOW)), "an allowance ends"),
        (Decision("benign", "one_off", "", Allowance("no-such-rule", "payee", "V3", NOW + DAY)), "/data/allow/rule"),
        (Decision("benign", "one_off", "", Allowance("sanctioned-name", "payee", "V3", NOW + DAY)), "/data/allow"),
    ],
)
def test_a_verdict_that_does_not_fit_is_refused(engine: Engine, decision: Decision, why: str) -> None:
    (id,) = filled(engine, made.duplicate())
    with engine.begin() as connection:
        refused = verdicts.decide(connection, ANN, id, decision, NOW, SETTINGS)
        assert isinstance(refused, Refused)
        assert why in refused.why
        assert outbox.due(connection, NOW + DAY) == []
    assert status(engine, id) == "new"


def test_closing_a_critical_alert_needs_a_second_person(engine: Engine) -> None:
    (id,) = filled(engine, made.duplicate())
    ann, bob, vic = person(engine, "ann"), person(engine, "bob"), person(engine, "vic", "viewer")
    with engine.begin() as connection:
        connection.execute(update(alert).values(urgency=1))
        given = verdicts.decide(connection, ann, id, Decision("benign", "one_off"), NOW, SETTINGS)
        assert isinstance(given, Given)
        assert given.waiting
        assert outbox.due(connection, NOW + DAY) == []
        for other in (ann, vic):
            assert isinstance(verdicts.agree(connection, other, given.verdict_id, NOW, SETTINGS, yes=True), Refused)
        agreed = verdicts.agree(connection, bob, given.verdict_id, NOW, SETTINGS, yes=True)
        assert isinstance(agreed, Given)
        ((_, _, value),) = outbox.due(connection, NOW + DAY)
        assert msgspec.json.decode(value)["data"]["by"] == "ann, bob"
        assert isinstance(verdicts.agree(connection, bob, given.verdict_id, NOW, SETTINGS, yes=True), Refused)
    assert status(engine, id) == "decided"


def test_a_second_person_who_disagrees_puts_it_back(engine: Engine) -> None:
    (id,) = filled(engine, made.duplicate())
    ann, bob = person(engine, "ann"), person(engine, "bob")
    with engine.begin() as connection:
        connection.execute(update(alert).values(family="sanctions"))
        given = verdicts.decide(connection, ann, id, Decision("benign", "one_off"), NOW, SETTINGS)
        assert isinstance(given, Given)
        verdicts.agree(connection, bob, given.verdict_id, NOW, SETTINGS, yes=False)
        assert outbox.due(connection, NOW + DAY) == []
    assert status(engine, id) == "new"


def test_a_snooze_holds_for_alerts_to_come_and_ends(engine: Engine) -> None:
    first, second = made.duplicate(number=1), made.duplicate(number=20)
    (id,) = filled(engine, first)
    ann = person(engine, "ann")
    with engine.begin() as connection:
        assert snoozes.put(connection, ann, id, NOW + DAY, "known", NOW, SETTINGS) == snoozes.Snoozed(1, NOW + DAY)
    assert filled(engine, second) == []
    with engine.begin() as connection:
        alerts.wake(connection, NOW + DAY - 1)
        assert queue.page(connection, ann, Filter()).rows == ()
        alerts.wake(connection, NOW + DAY)
        assert len(queue.page(connection, ann, Filter()).rows) == 2


def test_a_rebuilt_queue_is_the_same(engine: Engine) -> None:
    values = [made.duplicate(payee=f"V{n}", number=n) for n in range(5)]
    ids = filled(engine, *values)
    ann = person(engine, "ann")
    with engine.begin() as connection:
        verdicts.take_over(connection, ann, ids[0], NOW, SETTINGS)
        verdicts.decide(connection, ann, ids[1], Decision("confirmed", "internal_fraud"), NOW, SETTINGS)
        snoozes.put(connection, ann, ids[2], NOW + DAY, "known", NOW, SETTINGS)

    def seen() -> list[dict[str, Any]]:
        with engine.connect() as connection:
            rows = connection.execute(select(alert).order_by(alert.c.alert_id)).mappings()
            return [{name: value for name, value in row.items() if name != "seq"} for row in rows]

    before = seen()
    with engine.begin() as connection:
        for table in REBUILT:
            connection.execute(delete(table))
    filled(engine, *values)
    assert seen() == before


def test_the_trail_only_grows(engine: Engine) -> None:
    (id,) = filled(engine, made.duplicate())
    with engine.begin() as connection:
        verdicts.take_over(connection, ANN, id, NOW, SETTINGS)
    for statement in ("UPDATE audit SET user_name = 'x'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="only grows"), engine.begin() as connection:
            connection.execute(text(statement))
    with engine.connect() as connection:
        assert connection.execute(select(audit.c.action)).scalars().all() == ["claim"]


def test_sessions_end_by_disuse_and_by_age(engine: Engine) -> None:
    ann = person(engine, "ann")
    hour = 3_600_000_000
    with engine.begin() as connection:
        assert users.sign_in(connection, "ann", PASSWORD) == ann
        assert users.sign_in(connection, "ann", PASSWORD + "x") is None
        assert users.sign_in(connection, "nobody", PASSWORD) is None
        token = users.open_session(connection, ann, NOW)
        unused, most = int(SETTINGS.session_hours * hour), int(SETTINGS.session_most_hours * hour)
        session = users.resume(connection, token, NOW + unused - 1, SETTINGS)
        assert session is not None
        assert session.person == ann
        assert users.resume(connection, token, NOW + unused, SETTINGS) is None
        users.used(connection, token, NOW + most - 2)
        assert users.resume(connection, token, NOW + most - 1, SETTINGS) is not None
        assert users.resume(connection, token, NOW + most, SETTINGS) is None


def test_a_change_of_rights_ends_sessions_and_tokens(engine: Engine) -> None:
    ann = person(engine, "ann")
    now = time.time_ns() // 1000
    with engine.begin() as connection:
        session = users.open_session(connection, ann, now)
        token = users.token_for(connection, ann, "t", now, now + DAY)
        assert users.by_token(connection, token, now) == ann
        assert users.by_token(connection, token, now + DAY) is None
        users.change(connection, ann.id, disabled=True)
        assert users.resume(connection, session, now, SETTINGS) is None
        assert users.by_token(connection, token, now) is None
        assert users.sign_in(connection, "ann", PASSWORD) is None
