"""The view: what runs are said to be, whatever comes, in whatever order, and however often."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select, update

from sluicegate.clearance import database as view_database
from sluicegate.clearance.database import open_view
from sluicegate.clearance.keeper import forget_old
from sluicegate.clearance.runs import RunState, overdue, payments, run_state, runs
from sluicegate.clearance.tables import announced_id, decision, metadata, schema
from sluicegate.clearance.taking import (
    Announced,
    Decided,
    read_announcement,
    read_decision,
    take_announcements,
    take_decisions,
    take_policies,
)
from sluicegate.errors import DatabaseError
from sluicegate.wire.canary import CANARY_TENANT
from sluicegate.wire.scalars import format_time
from tests.unit.clearance.records import (
    HOUR,
    MINUTE,
    RUN,
    T0,
    TENANT,
    Record,
    announced,
    announced_value,
    decided,
    decision_value,
    policy_record,
)

Json = dict[str, Any]


def take(view: Engine, *found: Decided | Announced | Record) -> None:
    with view.begin() as connection:
        for one in found:
            if isinstance(one, Decided):
                take_decisions(connection, [one])
            elif isinstance(one, Announced):
                take_announcements(connection, [one])
            else:
                take_policies(connection, [one])


def state(view: Engine, now: int = T0, run: str = RUN, tenant: str = TENANT) -> RunState:
    with view.connect() as connection:
        found = run_state(connection, tenant, run, now)
    assert found is not None
    return found


def page(view: Engine, kind: Any = None, after: str = "", limit: int = 100, now: int = T0) -> list[Json]:
    with view.connect() as connection:
        return payments(connection, TENANT, state(view, now), kind, after, limit)


def test_run_of_which_nothing_is_known(view: Engine) -> None:
    with view.connect() as connection:
        assert run_state(connection, TENANT, RUN, T0) is None
        assert runs(connection, TENANT, None, 10, T0) == []


def test_run_that_nobody_announced_shows_what_is_decided(view: Engine) -> None:
    take(view, decided("P1"), decided("P2", "hold", value="5.5"))
    found = state(view)
    assert (found.status, found.scored, found.waiting) == ("unannounced", 2, 0)
    assert found.decisions == {"release": 1, "review": 0, "hold": 1}
    assert found.totals == {"USD": "15.50"}
    assert (found.announced, found.due, found.unscored) == (None, None, None)


def test_run_is_open_until_all_is_scored_and_then_clear(view: Engine) -> None:
    take(view, announced(2, "20.00 USD"), decided("P1"))
    assert (state(view).status, state(view).waiting) == ("open", 1)
    take(view, decided("P2"))
    assert (state(view).status, state(view).waiting) == ("clear", 0)


@pytest.mark.parametrize("kind", ["hold", "review"])
def test_run_with_a_payment_that_may_not_go_out_is_held(view: Engine, kind: str) -> None:
    take(view, announced(2, "20.00 USD"), decided("P1"), decided("P2", kind))
    assert state(view).status == "held"
    take(view, decided("P2", revision=2))
    assert state(view).status == "clear"


def test_sums_are_compared_as_numbers_and_by_currency(view: Engine) -> None:
    take(view, announced(2, "10 USD", "7.5 EUR"), decided("P1"), decided("P2", value="7.500", currency="EUR"))
    assert state(view).status == "clear"


def test_run_of_no_payments_is_clear(view: Engine) -> None:
    take(view, announced(0))
    assert state(view).status == "clear"


@pytest.mark.parametrize(
    ("told", "found", "what"),
    [
        ((1, "20.00 USD"), [decided("P1"), decided("P2")], ("payments",)),
        ((2, "25.00 USD"), [decided("P1"), decided("P2")], ("totals",)),
        ((3, "15.00 USD"), [decided("P1"), decided("P2")], ("totals",)),
        ((2, "20.00 USD"), [decided("P1", currency="EUR")], ("totals",)),
        ((2, "20.00 USD", "1.00 EUR"), [decided("P1"), decided("P2")], ("totals",)),
        ((1, "10.00 USD"), [decided("P1", value="4.00"), decided("P2", value="6.00")], ("payments",)),
    ],
    ids=["more payments", "less money", "more money", "another currency", "a currency lacks", "same sum"],
)
def test_what_does_not_agree_is_a_mismatch(
    view: Engine, told: tuple[Any, ...], found: list[Decided], what: tuple[str, ...]
) -> None:
    take(view, announced(*told), *found)
    assert (state(view).status, state(view).mismatch) == ("mismatch", what)


def test_payments_named_one_by_one_are_waited_for_by_name(view: Engine) -> None:
    take(view, announced(2, "20.00 USD", payment_ids=["P1", "P3"]), decided("P1"))
    assert [(one["payment_id"], one["status"], one["decision"]) for one in page(view)] == [
        ("P1", "scored", "release"),
        ("P3", "waiting", None),
    ]
    assert state(view).status == "open"
    take(view, decided("P2"))
    assert (state(view).status, state(view).mismatch, state(view).waiting) == ("mismatch", ("payment_ids",), 1)


def test_what_is_not_scored_in_time_reads_as_held(view: Engine) -> None:
    take(view, announced(2, "20.00 USD", payment_ids=["P1", "P2"]), decided("P1"))
    late = T0 + HOUR
    assert state(view, late - 1).unscored is None
    found = state(view, late)
    assert (found.status, found.unscored, found.due) == ("open", "hold", late)
    assert found.decisions == {"release": 1, "review": 0, "hold": 1}
    (waits,) = page(view, "hold", now=late)
    assert (waits["payment_id"], waits["decision"], waits["unscored"]) == ("P2", "hold", True)
    assert page(view, "release", now=late)[0]["payment_id"] == "P1"
    assert found.shown()["overdue"]


def test_policy_says_after_which_time_and_as_what(view: Engine) -> None:
    take(view, policy_record(clearance={"unscored": "release", "wait_minutes": 5}), announced(1, "10 USD"))
    assert state(view, T0 + 5 * MINUTE - 1).unscored is None
    found = state(view, T0 + 5 * MINUTE)
    assert (found.unscored, found.decisions["release"]) == ("release", 1)
    take(
        view,
        policy_record(T0 + 2000, clearance={"wait_minutes": 5}),
        policy_record(T0 + 1000, clearance={"wait_minutes": 9}),
    )
    assert state(view, T0 + 5 * MINUTE).unscored == "hold"
    take(view, policy_record(T0 + 3000, clearance={"hold_from": 10, "wait_minutes": 100}))  # refused: it counts nothing
    assert state(view, T0 + 5 * MINUTE).unscored == "hold"
    assert state(view).decides
    take(view, Record(b"{"), Record(None), policy_record(T0 + MINUTE))
    assert state(view, T0 + HOUR).unscored == "hold"
    assert not state(view).decides


def test_time_is_up_when_the_run_is_to_be_released(view: Engine) -> None:
    at = T0 + 3 * HOUR
    take(view, announced(1, "10 USD", release_at=format_time(at)))
    assert (state(view, at - 1).unscored, state(view, at).unscored) == (None, "hold")


def test_announcement_that_says_otherwise_replaces_and_one_that_does_not_changes_nothing(view: Engine) -> None:
    take(view, announced(2, "20.00 USD", payment_ids=["P1", "P2"]))
    take(view, announced(2, "20.00 USD", payment_ids=["P2", "P1"], at=T0 + MINUTE))
    told = state(view).announced
    assert told is not None
    assert (told["revision"], told["at"]) == (1, format_time(T0))
    take(view, announced(2, "20.00 USD", payment_ids=["P1", "P3"], at=T0 + MINUTE))
    take(view, announced(3, "30.00 USD", at=T0 + HOUR))
    told = state(view).announced
    assert told is not None
    assert (told["revision"], told["at"], told["payments"]) == (3, format_time(T0 + HOUR), 3)
    with view.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(announced_id)) == 0


def test_later_counts_payments_by_rule_until_the_last_is_over(view: Engine) -> None:
    take(view, decided("P1", later={"pay-spike": T0 + 1}), decided("P2", later={"pay-spike": T0 + 2}))
    assert state(view).later == {"pay-spike": (2, T0 + 2)}
    take(view, decided("P1", revision=2), decided("P2", revision=2, later={"ghost-worker": T0 + 9}))
    assert state(view).later == {"ghost-worker": (1, T0 + 9)}
    take(view, decided("P2", revision=3))
    assert state(view).later == {}


def test_pages_follow_one_another_by_id(view: Engine) -> None:
    names = ["A", "a", "B", "b", "é", "Z", "1"]
    take(view, announced(7, "70 USD", payment_ids=names), *(decided(name) for name in names[::2]))
    seen: list[str] = []
    while found := page(view, after=seen[-1] if seen else "", limit=2):
        seen += [one["payment_id"] for one in found]
    assert seen == sorted(names, key=str.encode)
    assert [one["payment_id"] for one in page(view, "waiting")] == ["Z", "a", "b"]


def test_newest_runs_come_first_and_pages_hold_each_once(view: Engine) -> None:
    for number in range(5):
        take(view, decided("P", run=f"R{number}", at=T0 + number // 2))
    take(view, announced(1, "1 USD", run="R1", at=T0 + 10), announced(1, run="R9", at=T0 + 3))
    take(view, announced(1, run="R4", at=T0))
    seen: list[str] = []
    before: tuple[int, str] | None = None
    with view.connect() as connection:
        while found := runs(connection, TENANT, before, 2, T0):
            seen += [one.run_id for one in found]
            before = found[-1].updated_at, found[-1].run_id
    assert seen == ["R1", "R9", "R4", "R2", "R3", "R0"]
    with view.connect() as connection:
        assert len(runs(connection, TENANT, None, 200, T0)) == 6
        assert runs(connection, "beta", None, 200, T0) == []


def test_tenants_and_the_canary_are_apart(view: Engine) -> None:
    take(view, decided("P1"), decided("P1", "hold", tenant="beta"))
    take(view, decided("P1", tenant=CANARY_TENANT), announced(1, tenant=CANARY_TENANT))
    assert (state(view).decisions["hold"], state(view, tenant="beta").decisions["hold"]) == (0, 1)
    with view.connect() as connection:
        assert run_state(connection, CANARY_TENANT, RUN, T0) is None


def test_overdue_counts_payments_that_wait_and_runs_that_are_stuck(view: Engine) -> None:
    take(view, announced(5, "50 USD"), decided("P1"), announced(1, "1 USD", run="R2", at=T0 + MINUTE))
    take(view, decided("P1", run="R3"), announced(1, "10 USD", run="R3"))
    take(view, policy_record(tenant="beta", clearance={"unscored": "release"}), announced(9, tenant="beta"))
    with view.connect() as connection:
        before, after = overdue(connection, T0), overdue(connection, T0 + HOUR + 30_000_000)
    assert (before.waiting, before.stuck, before.oldest) == (14, 0, 0.0)
    assert (after.waiting, after.stuck, after.oldest) == (14, 1, 30.0)


def test_old_runs_are_dropped_and_those_with_news_stay(view: Engine) -> None:
    take(view, decided("P1"), announced(1, "10 USD", payment_ids=["P1"]))
    take(view, decided("P1", run="R2"), announced(1, run="R2", at=T0 + HOUR))
    take(view, announced(1, run="R3"))
    dropped = 0
    with view.begin() as connection:
        while count := forget_old(connection, T0 + 1):
            dropped += count
        assert dropped == 2
        assert [one.run_id for one in runs(connection, TENANT, None, 9, T0)] == ["R2"]
        assert connection.scalars(select(decision.c.run_id)).all() == ["R2"]
        assert connection.scalar(select(func.count()).select_from(announced_id)) == 0


def test_view_of_another_version_is_made_anew(database: str) -> None:
    first = open_view(database)
    take(first, decided("P1"))
    assert state(first).scored == 1
    again = open_view(database)
    assert state(again).scored == 1
    with again.begin() as connection:
        connection.execute(update(schema).values(version=0))
    anew = open_view(database)
    with anew.connect() as connection:
        assert run_state(connection, TENANT, RUN, T0) is None
        assert connection.scalar(select(schema.c.version)) == view_database.VERSION
    for engine in (first, again, anew):
        engine.dispose()


def test_database_that_cannot_be_used_is_told(tmp_path: Any) -> None:
    with pytest.raises(DatabaseError, match="the gateway's database URL"):
        open_view("nonsense")
    with pytest.raises(DatabaseError, match="cannot be used"):
        open_view(f"sqlite:///{tmp_path}/absent/x.db")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (read_decision, b"{"),
        (read_decision, announced_value(1)),
        (read_decision, decision_value("P1").replace(b"decision.v1", b"decision.v2")),
        (read_announcement, decision_value("P1")),
        (read_announcement, announced_value(1, payment_ids=["P1", "P2"])),
        (read_announcement, announced_value(2, payment_ids=["P1", "P1"])),
        (read_announcement, announced_value(2, "1 USD", "2 USD")),
        (read_announcement, announced_value(2, tenant="*")),
        (read_announcement, announced_value(1).replace(b"announced.v1", b"announced.v2")),
    ],
)
def test_records_that_are_none_are_refused(read: Callable[[bytes], Any], value: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        read(value)


# laws


_kinds = st.sampled_from(["release", "review", "hold"])
_chains = st.dictionaries(
    st.sampled_from(["P1", "P2", "P3"]),
    st.lists(st.tuples(_kinds, st.sampled_from(["1.00", "2.5"]), st.booleans()), min_size=1, max_size=4),
    min_size=1,
)


@settings(deadline=None, max_examples=40)
@given(_chains, st.data())
def test_repeats_and_any_cut_into_batches_give_the_same_view(chains: dict[str, Any], data: st.DataObject) -> None:
    """Revisions of a payment come in order, but again and again; figures are those of the last ones."""
    records = [
        decided(payment, kind, number + 1, value=value, later={"pay-spike": T0} if waits else {})
        for payment, chain in chains.items()
        for number, (kind, value, waits) in enumerate(chain)
    ]
    doubled = records + data.draw(st.lists(st.sampled_from(records)))
    whole, cut = open_view("sqlite://"), open_view("sqlite://")
    with whole.begin() as connection:
        take_decisions(connection, doubled)
    while doubled:
        size = data.draw(st.integers(1, len(doubled)))
        with cut.begin() as connection:
            take_decisions(connection, doubled[:size])
        doubled = doubled[size:]
    found = state(cut)
    last = [chain[-1] for chain in chains.values()]
    assert found.decisions == {kind: sum(one[0] == kind for one in last) for kind in ("release", "review", "hold")}
    assert Decimal(found.totals["USD"]) == sum(Decimal(value) for _, value, _ in last)
    assert found.later == ({"pay-spike": (n, T0)} if (n := sum(waits for *_, waits in last)) else {})
    other = state(whole)
    assert Decimal(found.totals["USD"]) == Decimal(other.totals["USD"])  # trailing zeros are those of any amount seen
    assert found.shown() | {"totals": []} == other.shown() | {"totals": []}
    assert page(cut) == page(whole)
    for engine in (whole, cut):
        engine.dispose()


def test_tables_are_all_of_the_view(view: Engine) -> None:
    with view.begin() as connection:
        for table in metadata.sorted_tables:
            assert connection.scalar(select(func.count()).select_from(table)) is not None
        connection.execute(insert(schema).values(version=99))
