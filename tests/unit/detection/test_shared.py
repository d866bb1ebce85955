"""The partition of counts across tenants at its edges: what it is called, what it writes, when it forgets."""

from __future__ import annotations

import json

import msgspec

from sluicegate.detection.calendar import DAY
from sluicegate.detection.count_records import PivotRecord
from sluicegate.detection.log import LogRecord, Outcome, Volume
from sluicegate.detection.shared import MOST_FORGOTTEN, SharedPartition, SharedRun
from sluicegate.detection.sightings import encode_sighting
from tests.unit.detection.test_sightings import reloaded, sighting, work

ID = "many-employers\naccount:fp"


def shown(tenant: str, at: int, *, arrived: int = 0, offset: int = 0, pivot: str = "account:fp") -> LogRecord:
    return LogRecord(offset, arrived // 1000, b"k", encode_sighting(sighting(tenant, at, pivot=pivot)))


def letter(core: SharedPartition, record: LogRecord) -> dict[str, object]:
    (output,) = work(core, [record])
    body: dict[str, object] = json.loads(output.value)
    return body


def test_dead_letter_says_where_and_when_it_came_in() -> None:
    told = letter(SharedPartition(), LogRecord(9, 1_767_603_600_123, b"k", b"{"))
    assert (told["topic"], told["partition"], told["offset"]) == ("sightings", 0, 9)
    assert told["received_at"] == "2026-01-05T09:00:00.123Z"
    assert told["reason"] == "schema_violation"
    assert told["detail"] == {"message": "expected a sighting.v1 event", "path": ""}


def test_outcome_of_each_record_is_given_and_counted() -> None:
    run = SharedPartition().begin()
    assert run.apply(shown("a", DAY)) is Outcome.APPLIED
    assert run.apply(LogRecord(1, 0, None, b"{")) is Outcome.DEAD_LETTER
    assert (run.counts.applied, run.counts.dead_letters, run.counts.total) == (1, 1, 2)
    assert run.tallies == {("dead_letter", "schema_violation"): 1}


def test_answers_go_to_the_counts_under_the_pivot() -> None:
    core = SharedPartition()
    assert work(core, [shown("a", DAY, pivot="account:é")]) == []
    outputs = work(core, [shown("b", DAY, pivot="account:é")])
    assert {(output.topic, output.key) for output in outputs} == {("counts", b"account:\xc3\xa9")}


def test_key_of_a_state_record_may_hold_bars() -> None:
    core, again = SharedPartition(), SharedPartition()
    work(core, [shown("a", DAY, pivot="account:x|y|z")])
    for key, value in core.items():
        again.load(key, value)
    again.ready()
    assert list(again.items()) == list(core.items())
    assert len(work(again, [shown("b", DAY, pivot="account:x|y|z")])) == 2


def due(core: SharedPartition) -> int | None:
    run = core.begin()
    held = run._state.get(PivotRecord, ID)
    assert held is not None
    return held.due


def test_time_of_forgetting_moves_on_with_arrivals_and_never_back() -> None:
    core = SharedPartition()
    work(core, [shown("a", DAY, arrived=10 * DAY + 5)])
    first = due(core)
    assert first == (10 + 1 + 2 * 45) * DAY
    work(core, [shown("b", DAY, arrived=9 * DAY)])
    assert due(core) == first
    work(core, [shown("b", DAY, arrived=12 * DAY)])
    assert due(core) == first + 2 * DAY


def test_pivot_is_kept_until_its_day_and_gone_on_it() -> None:
    for arrived, answers in ((91 * DAY - 1000, 2), (91 * DAY, 0)):
        core = SharedPartition()
        work(core, [shown("a", DAY)])
        assert len(work(core, [shown("b", 2 * DAY, arrived=arrived)])) == answers


def test_no_more_than_a_hundred_pivots_are_let_go_at_one_record() -> None:
    core = SharedPartition()
    work(core, [shown("a", DAY, offset=n, pivot=f"account:{n}") for n in range(MOST_FORGOTTEN + 1)])
    work(core, [LogRecord(500, 91 * DAY // 1000, None, b"{")])
    assert MOST_FORGOTTEN == 100
    assert len(list(core.items())) == 1


def test_run_never_asks_for_an_early_commit() -> None:
    assert SharedRun(SharedPartition()).full is False


def test_changes_are_encoded_once_whether_asked_for_or_not() -> None:
    asked, merged = SharedPartition(), SharedPartition()
    for core, ask in ((asked, True), (merged, False)):
        run = core.begin()
        run.apply(shown("a", DAY))
        if ask:
            assert [key for key in run.changes() if key.startswith("*|")] == list(run.changes())
        run.merge()
    assert list(asked.items()) == list(merged.items())


def test_volume_is_that_of_the_records_after_a_restart_as_before() -> None:
    core = SharedPartition()
    assert core.volume == Volume(0, 0)
    work(core, [shown("acme", 0), shown("beta", DAY), shown("acme", 0, pivot="account:other")])
    after = reloaded(core)
    assert after.volume == core.volume
    assert (core.volume.records, core.volume.bytes) == (2, sum(len(value) for _, value in core.items()))


def test_pivot_seen_and_forgotten_within_one_run_is_gone() -> None:
    core = SharedPartition()
    work(core, [shown("a", DAY), shown("b", DAY, arrived=91 * DAY, pivot="account:other")])
    assert [key for key, _ in core.items() if "account:fp" in key] == []


def test_longest_window_says_how_long_a_pivot_is_kept() -> None:
    core = SharedPartition()
    for tenant, days in (("a", 100), ("b", 45)):
        long = msgspec.structs.replace(sighting(tenant, DAY), days=days)
        work(core, [LogRecord(0, 0, None, encode_sighting(long))])
    assert due(core) == 201 * DAY
