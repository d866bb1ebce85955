"""The outbox over SQLite and PostgreSQL: entered once, left in order of the subject, replayed, forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, insert, select, update

from sluicegate.errors import DatabaseError
from sluicegate.notify.endpoints import Email, Endpoint, Slack, Webhook
from sluicegate.notify.revisions import Revision
from sluicegate.notify.store import outbox, progress
from sluicegate.notify.store.database import Leadership, open_database
from sluicegate.notify.store.outbox import Waiting
from sluicegate.notify.store.progress import Held
from sluicegate.notify.store.replaying import Wanted, again, enable, listed
from sluicegate.notify.store.tables import DEAD, SENT, about, alert, metadata
from tests.unit.notify.made import revision

SIEM = Webhook(name="siem", url="https://a.example", secret_env=("X",))
NAMED = Webhook(name="named", url="https://a.example", secret_env=("X",), personal_data=True)
OPS = Slack(name="ops", url_env="X")
DESK = Email(name="desk", host="h", sender="a@b.c", to=("a@b.c",), digest_minutes=15)
MINUTE = 60_000_000


def enter(engine: Engine, *revisions: Revision, to: tuple[Endpoint, ...] = (SIEM,), now: int = 1000) -> int:
    with engine.begin() as connection:
        return outbox.enter(connection, revisions, to, now)


def due(engine: Engine, name: str = "siem", now: int = 2000, under_way: tuple[str, ...] = ()) -> list[str]:
    with engine.connect() as connection:
        return [one.event_id[-3:] for one in outbox.due(connection, name, now, 100, under_way)]


def finish(engine: Engine, state: str, name: str = "siem", now: int = 3000) -> int:
    """Whatever is due, in one state; how many."""
    with engine.begin() as connection:
        found = outbox.due(connection, name, now, 100, ())
        outbox.finish(connection, [one.id for one in found], state, "why", now)
        return len(found)


def test_a_revision_is_entered_once_and_leaves_after_the_one_before_it(engine: Engine) -> None:
    first, second, other = revision(1, 1, "A"), revision(1, 2, "A"), revision(2, 1, "A")
    assert enter(engine, first, second, other, first, revision(3)) == 4
    assert enter(engine, first, second) == 0
    assert due(engine) == ["1-1", "3-1"]
    assert due(engine, under_way=("acme|payee|A",)) == ["3-1"]
    assert finish(engine, SENT) == 2
    assert due(engine) == ["1-2"]
    with engine.begin() as connection:
        outbox.later(connection, [one.id for one in outbox.due(connection, "siem", 2000, 9, ())], "500", 9000)
    assert due(engine) == []  # what comes after it waits with it
    assert due(engine, now=9000) == ["1-2"]
    with engine.begin() as connection:
        outbox.rouse(connection, "siem", 4000)
    assert due(engine, now=4000) == ["1-2"]
    assert finish(engine, DEAD, now=4000) == 1
    assert due(engine, now=4000) == ["2-1"]


def test_each_gets_what_it_wants_and_the_store_holds_names_only_where_somebody_may_have_them(engine: Engine) -> None:
    high = Webhook(name="high", url="https://a.example", secret_env=("X",), min_severity="critical")
    assert enter(engine, revision(1), to=(SIEM, high)) == 1
    assert enter(engine, revision(2), to=(SIEM, NAMED)) == 2
    assert enter(engine, revision(3), to=(high,)) == 0
    with engine.connect() as connection:
        bodies = {row.event_id[-3:]: bytes(row.body) for row in connection.execute(select(alert))}
    assert {id: b"Ann Carter" in body for id, body in bodies.items()} == {"1-1": False, "2-1": True}
    assert enter(engine, revision(1), to=(NAMED,)) == 1
    assert enter(engine, revision(2), to=(high,)) == 0
    with engine.connect() as connection:
        assert all(b"Ann Carter" in bytes(row.body) for row in connection.execute(select(alert)))


def test_where_the_latest_is_wanted_an_earlier_one_that_waits_makes_way(engine: Engine) -> None:
    both = (SIEM, OPS)
    enter(engine, revision(1, 2), revision(2, 1, "W1"), to=both)
    enter(engine, revision(1, 3), to=both)
    assert due(engine, "ops") == ["2-1"]  # by its subject, as it was entered before the third revision
    finish(engine, SENT, "ops")
    assert due(engine, "ops") == ["1-3"]
    enter(engine, revision(1, 1), to=both)  # as a replay from the topic does
    assert due(engine, "ops") == ["1-3"]
    assert due(engine) == ["1-2"]
    with engine.connect() as connection:
        states = {row.event_id[-3:]: row.state for row in listed(connection, Wanted(endpoints=("ops",)), 9)}
    assert states == {"1-2": "superseded", "2-1": "sent", "1-3": "waiting", "1-1": "waiting"}


def test_less_severe_ones_wait_for_the_end_of_the_digest_s_time(engine: Engine) -> None:
    enter(engine, revision(1), revision(2, severity="low"), revision(3, severity="medium"), to=(DESK,), now=MINUTE)
    assert due(engine, "desk", now=60 * MINUTE) == ["1-1"]
    with engine.connect() as connection:
        assert outbox.due_digest(connection, "desk", 15 * MINUTE - 1, 9) == []
        assert [one.event_id[-3:] for one in outbox.due_digest(connection, "desk", 15 * MINUTE, 9)] == ["2-1", "3-1"]
        assert outbox.waiting(connection, MINUTE) == {"desk": Waiting(3, MINUTE)}


def test_one_that_is_gone_is_told_nothing_until_it_is_enabled(engine: Engine) -> None:
    enter(engine, revision(1), revision(2), to=(SIEM, OPS))
    with engine.begin() as connection:
        assert outbox.disable(connection, "siem", "answered 410", 2000) == 2
        assert outbox.disable(connection, "siem", "answered 410", 2000) == 0
    enter(engine, revision(3), to=(SIEM, OPS))
    assert due(engine) == []
    assert due(engine, "ops") == ["1-1", "2-1", "3-1"]
    with engine.begin() as connection:
        assert outbox.state_counts(connection, DEAD) == {"siem": 3}
        assert outbox.disabled(connection) == {"siem": "answered 410"}
        enable(connection, ["siem"])
        assert again(connection, Wanted(endpoints=("siem",), states=(DEAD,)), 5000) == 3
    assert due(engine, now=5000) == ["1-1", "2-1", "3-1"]
    enter(engine, revision(4))
    assert due(engine, now=5000)[-1] == "4-1"


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(), 4),
        (Wanted(states=("dead",)), 2),
        (Wanted(endpoints=("ops",)), 2),
        (Wanted(ids=(f"al_{1:032x}",)), 2),
        (Wanted(ids=(f"al_{1:032x}-1",)), 2),
        (Wanted(ids=(f"al_{1:032x}-1-ops", "al_x")), 2),
        (Wanted(since=2000), 2),
        (Wanted(since=1000, until=2000), 2),
        (Wanted(endpoints=("siem",), ids=(f"al_{2:032x}",), states=("sent",)), 0),
    ],
)
def test_replay_takes_what_is_meant(engine: Engine, wanted: Wanted, count: int) -> None:
    enter(engine, revision(1), to=(SIEM, OPS), now=1000)
    enter(engine, revision(2), to=(SIEM, OPS), now=2000)
    finish(engine, DEAD)
    finish(engine, SENT, "ops")
    with engine.begin() as connection:
        assert len(listed(connection, wanted, 9)) == count
        assert again(connection, wanted, 9000) == count
    assert len([*due(engine, now=9000), *due(engine, "ops", now=9000)]) == count


def test_what_is_finished_is_forgotten_in_time_and_what_waits_never(engine: Engine) -> None:
    enter(engine, revision(1), to=(SIEM, OPS))
    enter(engine, revision(2), to=(SIEM,))
    finish(engine, SENT)
    with engine.begin() as connection:
        assert outbox.forget(connection, 3000, 9) == 0
        assert outbox.forget(connection, 3001, 9) == 2
        assert [row.event_id[-3:] for row in connection.execute(select(alert))] == ["1-1"]
        assert outbox.known(connection) == {"ops"}
        assert outbox.bury(connection, "ops", "away", 4000, created_before=1000) == 0
        assert outbox.bury(connection, "ops", "away", 4000, created_before=1001) == 1


def test_a_position_moves_only_from_where_it_is(engine: Engine) -> None:
    with engine.begin() as connection:
        progress.note(connection, ("alerts", 0), Held(5, "id"))
        assert progress.move(connection, ("alerts", 0), 5, 9)
        assert not progress.move(connection, ("alerts", 0), 5, 9)
        assert progress.held(connection) == {("alerts", 0): Held(9, "id")}
        progress.note(connection, ("alerts", 0), Held(0, "new"))
        assert progress.held(connection) == {("alerts", 0): Held(0, "new")}


def test_what_is_entered_and_the_position_stand_or_fall_together(engine: Engine) -> None:
    with engine.begin() as connection:
        progress.note(connection, ("alerts", 0), Held(0, "id"))
    with engine.connect() as connection:
        progress.move(connection, ("alerts", 0), 0, 1)
        assert outbox.enter(connection, [revision(1)], [SIEM], 1) == 1
        connection.rollback()
    assert due(engine) == []
    with engine.connect() as connection:
        assert progress.held(connection)[("alerts", 0)].next_offset == 0


def test_one_of_two_leads_and_the_other_when_it_ends(database: str) -> None:
    engines = open_database(database), open_database(database)
    first, second = map(Leadership, engines)
    assert first.take()
    assert not second.take()
    assert first.take()
    first.lose()
    assert second.take()
    assert not first.take()
    second.lose()
    for engine in engines:
        engine.dispose()


def test_a_newer_schema_and_other_databases_are_refused(engine: Engine, database: str) -> None:
    with engine.begin() as connection:
        connection.execute(update(about).values(schema=2))
    with pytest.raises(DatabaseError, match="schema 2"):
        open_database(database)
    for url, said in (
        ("mysql://x/y", "mysql is not supported"),
        ("no url", "is not one"),
        ("sqlite:////no/x.db", "/no"),
    ):
        with pytest.raises(DatabaseError, match=said):
            open_database(url)
    assert insert(metadata.tables["about"]).table is about
