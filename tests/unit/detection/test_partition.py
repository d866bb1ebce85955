"""A partition at its edges: faults outside any rule, tombstones, dead letters, counts."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest

from sluicegate.detection import step
from sluicegate.detection.log import COUNTED, Counts, Outcome
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.wire.events import Payment
from tests.scenarios.build import DAY, HOUR, START, Tale, entry
from tests.unit.detection.test_laws import items, work

POISON = "P00003"


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state update fails on one payment, after it has changed something."""
    update = step.UPDATES[Payment]

    def failing(view: Any, data: Payment) -> Any:
        facts = update(view, data)
        if data.payment_id == POISON:
            raise ArithmeticError("a fault outside any rule")
        return facts

    monkeypatch.setitem(step.UPDATES, Payment, failing)


def log_of(tale: Tale) -> list[LogRecord]:
    return [LogRecord(100 + n, START // 1000, b"acme", line) for n, line in enumerate(tale.lines)]


def shared(payees: int) -> Tale:
    t = Tale()
    for n in range(payees):
        t.pay(f"V{n}", "shared", f"{n + 1}.00", at=n * DAY)
    return t


@pytest.mark.usefixtures("poisoned")
def test_record_that_detection_cannot_digest_is_a_dead_letter_and_leaves_no_trace() -> None:
    t = shared(6)
    troubled, clean = Partition(), Partition()
    outputs, counts = work(troubled, log_of(t))
    (letter,) = (json.loads(o.value) for o in outputs if o.topic == "dead-letters")
    assert (letter["reason"], letter["offset"]) == ("internal_error", 103)
    assert (counts.applied, counts.dead_letters) == (5, 1)
    others, _ = work(clean, [record for record in log_of(t) if record.offset != 103])
    assert [o for o in outputs if o.topic != "dead-letters"] == others
    assert items(troubled) == items(clean)


@pytest.mark.usefixtures("poisoned")
@pytest.mark.parametrize("batch", [1, 2, 3, 4, 5])
def test_fault_does_not_depend_on_the_checkpoints(batch: int) -> None:
    log = log_of(shared(8))
    whole, parts = Partition(), Partition()
    assert work(whole, log) == work(parts, log, batch)
    assert items(whole) == items(parts)


@pytest.mark.usefixtures("poisoned")
def test_fault_is_handed_to_whoever_runs_it_and_asks_for_a_commit() -> None:
    run = Partition().begin()
    log = log_of(shared(5))
    for record in log[:3]:
        run.apply(record)
    assert not run.full
    assert run.apply(log[3]) is Outcome.DEAD_LETTER
    assert [type(fault) for fault in run.faults] == [ArithmeticError]
    assert run.full


def test_tombstone_is_a_dead_letter() -> None:
    run = Partition().begin()
    assert run.apply(LogRecord(0, 0, b"k", None)) is Outcome.DEAD_LETTER
    letter = json.loads(run.outputs[0].value)
    assert (letter["reason"], letter["value_b64"]) == ("not_json", None)


def test_dead_letter_is_of_the_source_record_and_without_the_headers_of_intake() -> None:
    headers = (
        ("sg-topic", b"policies"),
        ("sg-partition", b"4"),
        ("sg-offset", b"77"),
        ("sg-key", b"original"),
        ("trace", b"\xff"),
    )
    run = Partition().begin()
    run.apply(LogRecord(5, 1_767_603_600_123, b"acme", b"{", headers))
    (output,) = run.outputs
    letter = json.loads(output.value)
    assert output.key == b"policies/4/77"
    assert b64decode(letter["key_b64"]) == b"original"
    assert list(letter["headers"]) == ["trace"]
    assert letter["received_at"] == "2026-01-05T09:00:00.123Z"


def test_every_outcome_has_a_count_and_their_sum_is_the_number_of_records() -> None:
    assert set(COUNTED) == set(Outcome)
    counts = Counts()
    for outcome in Outcome:
        counts.add(outcome)
    assert counts.total == len(Outcome)
    assert counts + counts == Counts(2, 2, 2, 2, 2)


def test_partition_says_when_it_needs_ticks_to_go_on_screening() -> None:
    t = Tale()
    t.pay("E1")
    t.listed(entry("L1", "Some Body"), at=DAY)
    t.pay("E1", at=2 * DAY)
    partition = Partition()
    wants = []
    for record in log_of(t):
        work(partition, [record])
        wants.append(partition.wants_ticks)
    assert wants == [False, True, False]


def test_dead_letter_of_a_record_without_the_headers_of_intake_names_the_log() -> None:
    run = Partition().begin()
    run.apply(LogRecord(7, START // 1000, b"k", b"{"))
    run.apply(LogRecord(8, START // 1000, b"k", b"{", (("sg-topic", b"caf\xe9"), ("sg-partition", b"3"))))
    first, second = (json.loads(output.value) for output in run.outputs)
    assert (first["topic"], first["partition"], first["offset"]) == ("events", 0, 7)
    assert (second["topic"], second["partition"], second["offset"]) == ("caf\ufffd", 3, 8)


def test_record_that_detection_failed_on_says_that_its_state_is_unchanged(poisoned: None) -> None:
    t = Tale()
    for _ in range(4):
        t.pay("E1")
    outputs, _ = work(Partition(), log_of(t), 1)
    (letter,) = (json.loads(output.value) for output in outputs if output.topic == "dead-letters")
    assert letter["detail"] == {"message": "detection failed on this event; its state is unchanged", "path": ""}


def test_ids_forgotten_early_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step, "MOST_IDS", 128)
    partition = Partition()
    evicted = []
    for hour in range(0, 400, 100):
        t = Tale()
        run = partition.begin()
        for number in range(100):
            t.policy(number)
            record = json.loads(t.lines[-1]) | {"id": f"{hour}-{number}"}
            run.apply(LogRecord(hour + number, (START // 1000) + hour * 3_600_000, None, json.dumps(record).encode()))
        run.changes()
        run.merge()
        evicted.append(run.tallies["ids_evicted",])
    assert evicted[0] == 0
    assert sum(evicted) > 0
    assert all(count % 64 == 0 for count in evicted)


def test_policy_that_was_read_is_kept_for_the_next_checkpoint() -> None:
    t = Tale()
    t.policy()
    t.pay("E1", at=DAY)
    partition = Partition()
    work(partition, log_of(t), 10)
    held = partition.policies["acme"]
    assert held.event_id == t.events[0]["id"]
    assert partition.begin().policy("acme") is held


def test_partition_that_is_read_again_knows_only_what_its_records_say() -> None:
    t = Tale()
    t.listed(entry("L1", "Some Body"))
    t.policy(HOUR)
    t.pay("E1", at=DAY)
    partition = Partition()
    work(partition, log_of(t), 10)
    for store in partition.stores.values():
        store.records.clear()
        store.hot.clear()
    partition.ready()
    assert (partition.lists, partition.policies) == ({}, {})


def test_lists_of_a_tenant_are_looked_up_once_in_a_run() -> None:
    run = Partition().begin()
    assert run.screen("acme") is run.screen("acme")
