"""Edges of small records: contacts, compiled lists, advances, the roster; and what is counted."""

from __future__ import annotations

import zlib

import pytest

from sluicegate.detection.library import MAX_COMPILED, ListLibrary
from sluicegate.detection.log import Counts, LogRecord, Outcome
from sluicegate.detection.partition import Partition
from sluicegate.detection.pay_records import RosterRecord
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.roster import SHARES
from sluicegate.detection.vendor_records import ContactRecord
from sluicegate.screening.index import CompiledList
from tests.scenarios.build import DAY, Tale, payee
from tests.unit.detection.test_bursts import state_after


def test_phone_stays_known_of_those_who_keep_it() -> None:
    t = Tale()
    t.pay(payee("E1", phone_hash="p"))
    t.pay(payee("V1", phone_hash="p"), at=1)
    t.pay(payee("E1", phone_hash="q"), at=2)
    assert state_after(t).get(ContactRecord, "phone\np").payees == ["V1"]
    assert state_after(t).get(ContactRecord, "phone\nq").payees == ["E1"]


def test_compiled_lists_are_kept_up_to_a_bound_and_the_one_unused_for_longest_goes() -> None:
    library, built = ListLibrary(), []

    def get(number: int) -> CompiledList:
        def build() -> CompiledList:
            built.append(number)
            return CompiledList(f"list{number}", "1", ())

        return library.get((f"list{number}", "1", b""), build)

    first = get(0)
    for number in range(1, MAX_COMPILED):
        get(number)
    assert get(0) is first  # asked for again: now the newest
    get(MAX_COMPILED)
    assert get(0) is first
    assert built == list(range(MAX_COMPILED + 1))
    get(1)
    assert built[-1] == 1


def test_advance_counts_once_whether_as_request_or_as_payment() -> None:
    t = Tale()
    t.request("E1", {}, at=0, method="ewa", purpose="advance", request_id="A")
    t.pay("E1", at=DAY, purpose={"code": "ADVA"}, request_id="A")
    t.pay("E1", at=2 * DAY, purpose={"components": [{"type": "advance", "amount": "10.00"}]})
    t.pay("E1", at=3 * DAY, purpose={"code": "SALA"})
    record = state_after(t).get(PayeeRecord, "E1")
    assert len(record.advances) == 2


@pytest.mark.parametrize(("mode", "alerts", "signals"), [("live", 1, 0), ("shadow", 0, 1), ("off", 0, 0)])
def test_rule_that_looks_again_later_follows_its_mode(mode: str, alerts: int, signals: int) -> None:
    t = Tale()
    t.policy(rules={"ghost-worker": {"mode": mode}})
    t.worker("E1", "terminate", effective_date="2026-01-05")
    t.pay("E1", at=60 * DAY, schedule={"period_start": "2026-03-01", "period_end": "2026-03-31"})
    played = t.play()
    assert (len(played.reasons("ghost-worker")), len(played.noted("ghost-worker"))) == (alerts, signals)


@pytest.mark.parametrize(("after", "kept"), [(400, True), (401, False)])
def test_worker_who_left_stays_on_the_roster_for_400_days(after: int, kept: bool) -> None:
    """The share of the roster is cleared when another worker of it leaves."""
    first = "E0"
    second = next(f"E{n}" for n in range(1, 1000) if share(f"E{n}") == share(first))
    slip = {"period_start": "2026-01-01", "period_end": "2026-01-15"}
    t = Tale()
    for who in (first, second):
        t.worker(who, "hire", effective_date="2025-01-01")
        t.pay(who, at=1, schedule=slip)
    t.worker(first, "terminate", DAY, effective_date="2026-01-05")
    t.pay(second, at=after * DAY, schedule=slip)
    t.worker(second, "terminate", after * DAY + 1, effective_date="2026-01-06")
    roster = state_after(t).get(RosterRecord, share(first))
    assert (first in roster.workers) is kept
    assert second in roster.workers


def share(payee: str) -> str:
    return f"{zlib.crc32(payee.encode()) % SHARES:02d}"


def test_dead_letters_are_tallied_by_reason() -> None:
    partition = Partition()
    run = partition.begin()
    for offset, value in enumerate((b"{", b"{", b'{"specversion": "1.0"}')):
        run.apply(LogRecord(offset, 0, None, value))
    letters = {key[1]: count for key, count in run.tallies.items() if key[0] == "dead_letter"}
    assert letters == {"not_json": 2, "bad_envelope": 1}


def test_counts_of_runs_add_up_field_by_field() -> None:
    one, other = Counts(), Counts()
    one.add(Outcome.APPLIED)
    other.add(Outcome.APPLIED)
    other.add(Outcome.DUPLICATE)
    both = one + other
    assert (both.applied, both.duplicates, both.total) == (2, 1, 3)
