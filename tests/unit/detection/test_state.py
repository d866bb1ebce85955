"""What is remembered, for how long, and in what sizes: ids, payments, overlays."""

from __future__ import annotations

import pytest

from sluicegate.detection import step
from sluicegate.detection.partition import Counts, LogRecord, Partition
from sluicegate.detection.records import NoticeRecord, PayeeRecord, Profile, TenantRecord
from sluicegate.detection.state import SEGMENT_DIGESTS, State, TenantStore
from tests.scenarios.build import DAY, HOUR, START, Tale
from tests.unit.detection.test_laws import items, work

RECORD_LIMIT = 64 * 1024


def records(tale: Tale, logged: int | None = None) -> list[LogRecord]:
    """The tale as a log; record timestamps are `logged` ms, or grow by a day each."""
    return [
        LogRecord(n, START // 1000 + n * 86_400_000 if logged is None else logged, None, line)
        for n, line in enumerate(tale.lines)
    ]


def quiet(count: int, every: int) -> Tale:
    """Events that only fill the memory of ids."""
    tale = Tale()
    for n in range(count):
        tale.worker("E1", "session", n * every)
    return tale


def played(log: list[LogRecord]) -> tuple[Partition, Counts]:
    partition = Partition()
    _, counts = work(partition, log, 50)
    return partition, counts


# ids of events


def test_id_is_remembered_for_30_days_of_the_clock_and_forgotten_by_whole_segments() -> None:
    tale = quiet(3 * SEGMENT_DIGESTS, HOUR)  # eight days
    tale.worker("E1", "session", 30 * DAY)
    again = [*records(tale), LogRecord(9999, START // 1000 + 10**12, None, tale.lines[0])]
    assert played(again)[1].duplicates == 1
    for n in range(SEGMENT_DIGESTS):
        tale.worker("E1", "session", 40 * DAY + n)
    late = [*records(tale), LogRecord(9999, START // 1000 + 10**12, None, tale.lines[0])]
    partition, counts = played(late)
    assert counts.duplicates == 0
    assert counts.applied == len(late)
    seen = [key for key, _ in partition.items() if "|seen|" in key]
    assert len(seen) <= 3


def test_id_is_remembered_for_the_last_hour_of_the_log_however_far_the_clock_went() -> None:
    tale = quiet(3 * SEGMENT_DIGESTS, DAY)
    log = records(tale, logged=START // 1000)
    again = [*log, LogRecord(9999, START // 1000, None, tale.lines[0])]
    assert played(again)[1].duplicates == 1


def test_tenant_remembers_no_more_ids_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "MOST_IDS", 2 * SEGMENT_DIGESTS)
    tale = quiet(10 * SEGMENT_DIGESTS, 1)
    partition, _ = played(records(tale))
    assert sum("|seen|" in key for key, _ in partition.items()) == 2
    newest, oldest = tale.lines[-1], tale.lines[0]
    _, counts = work(partition, [LogRecord(9998, 10**13, None, newest), LogRecord(9999, 10**13, None, oldest)])
    assert (counts.duplicates, counts.applied) == (1, 1)


def test_ids_of_one_tenant_are_not_those_of_another_nor_of_another_source() -> None:
    acme, beta = Tale("acme"), Tale("beta")
    for tale in (acme, beta):
        tale.worker("E1", "session")
    acme.add("worker.lifecycle.v1", 0, acme.events[0]["data"], id="e00000", source="/feeds/other")
    _, counts = played(records(acme) + records(beta))
    assert (counts.applied, counts.duplicates) == (3, 0)


# payments and blocks


def test_old_payments_spill_into_blocks_and_stay_in_reach() -> None:
    t = Tale()
    for n in range(100):
        t.pay("V1", at=n * DAY, amount=f"{1000 + n}.00", invoice=f"A{n}B")
    t.pay("V1", at=100 * DAY, amount="1030.00", invoice="A30B")
    partition, _ = played(records(t))
    assert sum("|rows|V1" in key for key, _ in partition.items()) >= 6
    assert t.play().score("duplicate-invoice") == 65


def test_blocks_that_no_window_reaches_are_let_go() -> None:
    t = Tale()
    for n in range(150):
        t.pay("V1", at=n * 40 * DAY, amount=f"{1000 + n}.00")
    partition, _ = played(records(t))
    rows = [key for key, _ in partition.items() if "|rows|V1" in key]
    assert len(rows) <= 5  # 400 days are 40 payments, 24 of them inline


def test_records_of_a_busy_payee_stay_small() -> None:
    """60 accounts, 100 payments of 20 invoices each, ids of usual length."""
    t = Tale()
    for n in range(100):
        t.pay("V1", f"a{n % 60}", at=n * 40 * DAY, amount=f"{1000 + n}.00", payment_id=f"payment-{n:028d}")
        t.events[-1]["data"]["invoices"] = [{"number": f"2026-{n:05d}-{k:02d}", "total": "50.00"} for k in range(20)]
    partition, _ = played(records(t))
    assert max(len(value) for _, value in partition.items()) <= RECORD_LIMIT


# the overlay


def store(*values: tuple[str, NoticeRecord]) -> TenantStore:
    base = TenantStore()
    state = State("acme", base)
    for id, record in values:
        state.put(id, record)
    state.changes()
    state.merge()
    return base


def test_overlay_shows_its_own_changes_and_leaves_the_base_alone() -> None:
    base = store(("a", NoticeRecord(1)), ("b", NoticeRecord(2)))
    state = State("acme", base)
    state.delete(NoticeRecord, "a")
    state.put("c", NoticeRecord(3))
    held = state.edit(NoticeRecord, "b")
    assert held is not None
    held.time = 9
    assert sorted(state.ids("notice")) == ["b", "c"]
    assert state.get(NoticeRecord, "a") is None
    other = State("acme", base)
    assert sorted(other.ids("notice")) == ["a", "b"]
    assert other.get(NoticeRecord, "b") == NoticeRecord(2)


def test_what_came_out_as_it_was_is_no_change() -> None:
    base = store(("a", NoticeRecord(1)))
    state = State("acme", base)
    state.edit(NoticeRecord, "a")
    state.put("new", NoticeRecord(5))
    state.delete(NoticeRecord, "new")
    assert state.changes() == {}


def test_hot_record_changed_by_a_dropped_overlay_is_read_anew() -> None:
    base = TenantStore()
    state = State("acme", base)
    state.put("", TenantRecord(clock=1))
    state.changes()
    state.merge()
    dropped = State("acme", base)
    held = dropped.edit(TenantRecord, "")
    assert held is not None
    held.clock = 99
    again = State("acme", base).get(TenantRecord, "")
    assert again == TenantRecord(clock=1)


def test_reads_are_noted_only_when_asked_for() -> None:
    state = State("acme", store(("a", NoticeRecord(1))))
    state.get(NoticeRecord, "a")
    assert state.reads is None
    state.reads = set()
    state.get(TenantRecord, "")
    assert state.reads == {"tenant"}


def test_loading_a_deletion_after_a_value_leaves_nothing() -> None:
    partition, copy = Partition(), Partition()
    t = Tale()
    t.pay("V1")
    work(partition, records(t))
    for key, value in items(partition):
        copy.load(key, value)
        copy.load(key, None)
    copy.ready()
    assert items(copy) == []


# bulky records


def stored_payee(seen: int) -> TenantStore:
    store = TenantStore()
    state = State("acme", store)
    state.put("E1", PayeeRecord(Profile("employee"), last_seen=seen))
    state.changes()
    state.merge()
    return store


def test_bulky_record_is_packed_after_an_event_and_read_anew_by_the_next() -> None:
    state = State("acme", stored_payee(1))
    first = state.edit(PayeeRecord, "E1")
    assert first is not None
    first.last_seen = 2
    state.pack()
    second = state.edit(PayeeRecord, "E1")
    assert second is not None
    assert second is not first
    assert second.last_seen == 2
    second.last_seen = 3
    assert list(state.ids("payee")) == ["E1"]
    once = State("acme", stored_payee(3)).get(PayeeRecord, "E1")
    assert list(state.changes()) == ["acme|payee|E1"]
    assert state.get(PayeeRecord, "E1") == once


def test_bulky_record_that_was_only_read_is_no_change() -> None:
    state = State("acme", stored_payee(1))
    assert state.get(PayeeRecord, "E1") is not None
    state.pack()
    assert state.changes() == {}


def test_bulky_records_are_listed_and_deleted_packed_or_not() -> None:
    state = State("acme", stored_payee(1))
    for id in ("E2", "E3"):
        state.put(id, PayeeRecord(Profile("employee")))
    state.pack()
    assert sorted(state.ids("payee")) == ["E1", "E2", "E3"]
    assert state.get(PayeeRecord, "E2") is not None
    state.delete(PayeeRecord, "E2")
    state.delete(PayeeRecord, "E1")
    state.pack()
    assert list(state.ids("payee")) == ["E3"]
    assert state.get(PayeeRecord, "E2") is None
    state.put("E2", PayeeRecord(Profile("vendor")))
    state.pack()
    assert {key: value is None for key, value in state.changes().items()} == {
        "acme|payee|E1": True,
        "acme|payee|E2": False,
        "acme|payee|E3": False,
    }
