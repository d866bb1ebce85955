"""Several at once: people who decide, the feed and the publisher, on both databases. And what the keeper drops."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, Engine, func, insert, select

from sluicegate.console.keeper import Keeper
from sluicegate.console.people import Person
from sluicegate.console.settings import ConsoleSettings
from sluicegate.console.store import activity, alerts, audit, outbox, queue, searches, snoozes, users, verdicts
from sluicegate.console.store.dispositions import Decision
from sluicegate.console.store.queue import Filter
from sluicegate.console.store.verdicts import Given, Refused
from sluicegate.console.tables import activity as activity_table
from sluicegate.console.tables import alert, alert_term, claim, session, verdict
from sluicegate.console.tables import audit as audit_table
from sluicegate.console.tables import outbox as outbox_table
from sluicegate.console.tables import search as search_table
from tests.console import made
from tests.console.server import person

SETTINGS = ConsoleSettings()
NOW = 1_781_200_000_000_000
DAY = 86_400_000_000
SECOND = 1_000_000
CONFIRMED = Decision("confirmed", "internal_fraud")


def entered(engine: Engine, *values: bytes) -> list[str]:
    with engine.begin() as connection:
        alerts.take(connection, [made.revision(value) for value in values], NOW)
        return list(connection.scalars(select(alert.c.alert_id).order_by(alert.c.opened_at, alert.c.alert_id)))


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Results of calls that begin at the same moment."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def in_one(engine: Engine, call: Callable[..., Any], *given: Any, **named: Any) -> Callable[[], Any]:
    """The call with what is given, in a transaction of its own."""

    def run() -> Any:
        with engine.begin() as connection:
            return call(connection, *given, **named)

    return run


def test_of_many_who_claim_at_once_one_has_it(engine: Engine) -> None:
    ids = entered(engine, *(made.duplicate(payee=f"V{n}", number=n) for n in range(1, 6)))
    people = [person(engine, f"p{n}") for n in range(4)]
    for id in ids:
        results = together(*(in_one(engine, verdicts.take_over, who, id, NOW, SETTINGS) for who in people))
        winners = [who for who, refused in zip(people, results, strict=True) if refused is None]
        assert len(winners) == 1
        assert {refused.by for refused in results if refused is not None} == {winners[0].name}
        with engine.connect() as connection:
            assert connection.scalar(select(claim.c.user_id).where(claim.c.alert_id == id)) == winners[0].id
            assert connection.scalar(select(alert.c.claimed_by).where(alert.c.alert_id == id)) == winners[0].id


def test_a_claim_against_a_verdict_of_another_lets_one_win(engine: Engine) -> None:
    ids = entered(engine, *(made.duplicate(payee=f"V{n}", number=n) for n in range(1, 9)))
    ann, bob = person(engine, "ann"), person(engine, "bob")
    for id in ids:
        claimed, decided = together(
            in_one(engine, verdicts.take_over, ann, id, NOW, SETTINGS),
            in_one(engine, verdicts.decide, bob, id, CONFIRMED, NOW, SETTINGS),
        )
        # whoever is later sees what the earlier one did: bob's verdict stands only where ann had not claimed yet
        assert claimed is None
        with engine.connect() as connection:
            order = list(
                connection.scalars(
                    select(audit_table.c.action).where(audit_table.c.object == id).order_by(audit_table.c.id)
                )
            )
        assert (order, type(decided)) in ((["claim"], Refused), (["verdict", "claim"], Given))


def test_two_answers_of_second_persons_are_one(engine: Engine) -> None:
    (id,) = entered(engine, made.duplicate())
    ann, bob, eve = (person(engine, name) for name in ("ann", "bob", "eve"))
    with engine.begin() as connection:
        connection.execute(alert.update().values(urgency=1))
        given = verdicts.decide(connection, ann, id, Decision("benign", "one_off"), NOW, SETTINGS)
        assert isinstance(given, Given)
    results = together(
        in_one(engine, verdicts.agree, bob, given.verdict_id, NOW, SETTINGS, yes=True),
        in_one(engine, verdicts.agree, eve, given.verdict_id, NOW, SETTINGS, yes=True),
    )
    assert sorted(type(one).__name__ for one in results) == ["Given", "Refused"]
    with engine.connect() as connection:
        assert len(outbox.due(connection, NOW + DAY)) == 1


def test_a_verdict_is_not_lost_to_a_revision_that_comes_at_that_moment(engine: Engine) -> None:
    """And neither waits for the other for ever, which PostgreSQL would end with an error."""
    revisions = made.alerts(*(made.payment(n, invoice="INV-1") for n in range(6)))
    last: dict[str, int] = {}
    ann = person(engine, "ann")
    id = made.revision(revisions[0]).data.alert_id
    entered(engine, revisions[0])
    own = [value for value in revisions if made.revision(value).data.alert_id == id]
    assert len(own) > 3
    for value in own[1:]:
        _, given = together(
            in_one(engine, alerts.take, [made.revision(value)], NOW),
            in_one(engine, verdicts.decide, ann, id, CONFIRMED, NOW, SETTINGS),
        )
        assert isinstance(given, Given)
        last[id] = made.revision(value).data.revision
        with engine.connect() as connection:
            row = connection.execute(select(alert.c.status, alert.c.revision)).one()
        assert tuple(row) == ("decided", last[id])


def test_what_is_leaving_cannot_be_undone_and_what_is_undone_does_not_leave(engine: Engine) -> None:
    ids = entered(engine, *(made.duplicate(payee=f"V{n}", number=n) for n in range(1, 9)))
    ann = person(engine, "ann")
    for id in ids:
        with engine.begin() as connection:
            given = verdicts.decide(connection, ann, id, CONFIRMED, NOW, SETTINGS)
            assert isinstance(given, Given)
        # the clocks disagree by a second, as those of two machines may
        left, refused = together(
            in_one(engine, outbox.leave, given.undo_until),
            in_one(engine, verdicts.undo, ann, given.verdict_id, given.undo_until - SECOND),
        )
        assert bool(left) is (refused is not None)
        with engine.begin() as connection:
            outbox.sent(connection, [number for number, _, _ in left], NOW)


def test_what_was_leaving_when_the_console_died_leaves_again(engine: Engine) -> None:
    (id,) = entered(engine, made.duplicate())
    with engine.begin() as connection:
        given = verdicts.decide(connection, person_of(connection), id, CONFIRMED, NOW, SETTINGS)
        assert isinstance(given, Given)
        first = outbox.leave(connection, given.undo_until)
    with engine.begin() as connection:
        assert outbox.leave(connection, given.undo_until) == first
        outbox.sent(connection, [first[0][0]], NOW)
        assert outbox.leave(connection, given.undo_until) == []


def person_of(connection: Connection) -> Person:
    return users.add(connection, "ann", None, "analyst", ["*"], NOW)


def test_change_numbers_become_visible_in_their_order(engine: Engine) -> None:
    """A reader that has seen number n never meets a smaller one later."""
    values = [made.duplicate(payee=f"V{n}", number=n) for n in range(1, 41)]
    ids = entered(engine, *values)
    ann = person(engine, "ann")
    done = threading.Event()
    missed: list[int] = []

    def watch() -> None:
        seen, last = set[int](), 0
        while not done.is_set():
            with engine.connect().execution_options(reads=True) as connection:
                numbers = {row.seq for row in queue.changes(connection, ann, 0, 500)}
            missed.extend(number for number in numbers - seen if number < last)
            seen |= numbers
            last = max(seen)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: in_one(engine, verdicts.take_over, ann, one, NOW, SETTINGS)(), ids))
    done.set()
    watcher.join()
    assert missed == []


def test_a_critical_alert_does_not_sleep(engine: Engine) -> None:
    (id,) = entered(engine, made.duplicate(number=1))
    ann = person(engine, "ann")
    with engine.begin() as connection:
        assert isinstance(snoozes.put(connection, ann, id, NOW + DAY, "x", NOW, SETTINGS), snoozes.Snoozed)
    grave = msgspec.json.decode(made.duplicate(number=1))
    grave["data"] |= {"revision": 2, "severity": "critical", "activity": "update"}
    fresh = msgspec.json.decode(made.duplicate(number=20))
    fresh["data"] |= {"severity": "critical"}
    entered(engine, msgspec.json.encode(grave), msgspec.json.encode(fresh))
    with engine.connect() as connection:
        rows = queue.page(connection, ann, Filter()).rows
    assert [(row.status, row.snoozed_until) for row in rows] == [("new", None)] * 2


def test_texts_that_fit_no_column_are_made_to_fit(engine: Engine) -> None:
    odd = msgspec.json.decode(made.duplicate())
    odd["data"] |= {
        "title": "nul \0 " + "long " * 200,
        "subject": {"kind": "payee", "id": "V" * 900, "display": "a\0b"},
    }
    entered(engine, msgspec.json.encode(odd))
    with engine.connect() as connection:
        (row,) = queue.page(connection, Person(1, "a", "viewer", ("*",)), Filter()).rows
    assert (len(row.title), row.title[:6], len(row.subject_id)) == (300, "nul \ufffd ", 512)


def test_the_keeper_drops_what_is_old_and_nothing_else(engine: Engine) -> None:
    ids = entered(engine, *(made.duplicate(payee=f"V{n}", number=n) for n in range(1, 5)))
    ann = person(engine, "ann")
    wall = time.time_ns() // 1000
    with engine.begin() as connection:
        verdicts.decide(connection, ann, ids[0], CONFIRMED, NOW, SETTINGS)
        newest = connection.scalar(select(func.max(alert.c.opened_at)))
        assert newest is not None
        old = newest - SETTINGS.closed_days * DAY - 1
        for id, status, updated in ((ids[0], "closed", old), (ids[1], "closed", old + 1), (ids[2], "decided", old)):
            values = {"status": status, "updated_at": updated}
            connection.execute(alert.update().where(alert.c.alert_id == id).values(values))
        history = [
            activity.Happening("acme", "/f", f"e{n}", "V1", newest - days * DAY, "vendor.payment", 0, n)
            for n, days in enumerate((0, SETTINGS.history_days, SETTINGS.history_days + 1, 900))
        ]
        activity.take(connection, history)
        rows = connection.execute(select(outbox_table.c.id)).all()
        outbox.sent(connection, [rows[0].id], wall - 8 * DAY)
        users.open_session(connection, ann, wall - 2 * DAY)
        users.open_session(connection, ann, wall)
        kept = searches.keep(connection, ann, "kept by a view", wall - 100 * DAY)
        searches.keep(connection, ann, "old", wall - 100 * DAY)
        searches.save_view(connection, ann, "mine", f"/alerts?search={kept}")
        audit.note(connection, 0, ann, "ancient", "x")
    Keeper(engine, SETTINGS).tidy()
    with engine.connect() as connection:
        assert set(connection.scalars(select(alert.c.alert_id))) == set(ids[1:])
        assert ids[0] not in set(connection.scalars(select(alert_term.c.alert_id)))
        assert sorted(connection.scalars(select(activity_table.c.event_id))) == ["e0", "e1"]
        assert connection.execute(select(outbox_table.c.id)).all() == []
        assert connection.scalar(select(func.count()).select_from(session)) == 1
        assert list(connection.scalars(select(search_table.c.token))) == [kept]
        assert connection.scalar(select(func.count()).select_from(verdict)) == 1
        assert connection.scalar(select(func.count()).select_from(audit_table)) == 2


def test_the_keeper_drops_much_in_small_slices(engine: Engine) -> None:
    happened = [
        {"tenant": "t", "source": "/f", "event_id": f"e{n}", "payee": "V", "time": n, "kind": "k", "log_partition": 0,
         "log_offset": n}
        for n in range(1200)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(activity_table), [*happened, happened[0] | {"event_id": "new", "time": NOW}])
    assert Keeper(engine, SETTINGS).tidy() == 1200
    with engine.connect() as connection:
        assert list(connection.scalars(select(activity_table.c.event_id))) == ["new"]


@pytest.mark.parametrize("depth", [1, 3, 7])
def test_pages_meet_for_whoever_sees_some_tenants(engine: Engine, depth: int) -> None:
    entered(
        engine,
        *(made.duplicate(tenant, payee=f"V{n}", number=n) for n in range(1, 6) for tenant in ("a", "b", "c")),
        *made.alerts(*(made.request(50 + n, "b") for n in range(2))),
    )
    for tenants in (("*",), ("a",), ("a", "b"), (*(f"t{n}" for n in range(70)), "a", "c")):
        who = Person(1, "x", "viewer", tenants)
        with engine.connect() as connection:
            whole = queue.page(connection, who, Filter(), size=200).rows
            found: list[queue.Row] = []
            place = None
            while True:
                page = queue.page(connection, who, Filter(), after=place, size=depth)
                found += page.rows
                if not page.after:
                    break
                place = page.rows[-1].cursor
            back: list[queue.Row] = []
            last = queue.page(connection, who, Filter(), before=whole[-1].cursor, size=depth)
            while last.rows:
                back = [*last.rows, *back]
                last = queue.page(connection, who, Filter(), before=last.rows[0].cursor, size=depth)
        keys = [(row.urgency, row.opened_at, row.alert_id) for row in whole]
        assert keys == sorted(keys)
        assert [row.alert_id for row in found] == [row.alert_id for row in whole]
        assert [row.alert_id for row in back] == [row.alert_id for row in whole[:-1]]
        assert {row.tenant for row in whole} == {"a", "b", "c"} & set(tenants) or tenants == ("*",)
