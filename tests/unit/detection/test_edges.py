"""Corners of the rules and of the partition: late changes, cleared cases, exact windows, odd headers."""

from __future__ import annotations

from sluicegate.detection.partition import LogRecord, Outcome, Partition
from tests.scenarios.build import DAY, HOUR, Tale, entry, payee


def test_late_change_event_of_an_immature_payee_raises_nothing() -> None:
    t = Tale()
    t.pay("E1", "A")
    t.pay("E1", "B", at=DAY)  # an initial account: the payee is not mature
    t.change("E1", "B", DAY - HOUR)
    assert t.play().alerts == []


def test_late_change_event_for_a_cleared_account_opens_no_new_alert() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.pay("V1", "new", at=at)
    t.verdict(t.play().alerts[0]["alert_id"], "false_positive", at + 1)
    t.change("V1", "new", at - HOUR)
    assert [a["activity"] for a in t.play().alerts] == ["close"]


def test_signals_of_one_event_have_ids_of_their_own() -> None:
    t = Tale()
    t.listed(entry("L1", "ANDREYEV, Vitaliy", dob=["1950"]), entry("L2", "ANDREYEV, Vitaliy", dob=["1951"]))
    t.pay(payee("E1", name="Vitaliy Andreyev", dob="1990-01-01", dob_verified=True))
    ids = [event["id"] for event in t.play().topic("signals")]
    assert len(ids) == len(set(ids)) == 2


def test_same_invoice_exactly_90_days_later() -> None:
    """tests/scenarios/duplicate_invoice.py; "within n days" is inclusive (rules.md 1.1)"""
    t = Tale()
    t.pay("V1", invoice="417")
    t.pay("V1", invoice="417", at=90 * DAY)
    assert t.play().score("duplicate-invoice") == 65


def test_window_of_a_rescreening_is_that_of_the_update_not_of_its_slice() -> None:
    t = Tale()
    t.pay(payee("E1", name="Vitaliy Andreyev"))
    t.pay("E2", at=395 * DAY)
    t.listed(entry("L1", "ANDREYEV, Vitaliy"), at=395 * DAY)
    assert t.play().score("sanctioned-name") == 65  # nothing comes after: the slice runs at the end, 402 days on


def test_header_that_is_no_number_does_not_raise() -> None:
    record = LogRecord(0, 0, None, b"{", (("sg-partition", b"x"),))
    assert Partition().begin().apply(record) is Outcome.DEAD_LETTER


def test_policy_of_hundreds_of_kilobytes_is_stored_in_pieces_and_read_back() -> None:
    t = Tale()
    t.policy(trusted_accounts=[{"fp": f"fp-{n:05d}", "note": "n" * 60} for n in range(3000)])
    partition = Partition()
    run = partition.begin()
    run.apply(LogRecord(0, 0, None, t.lines[0]))
    changes = run.changes()
    run.merge()
    assert max(len(value) for value in changes.values() if value is not None) <= 64 * 1024
    assert dict(partition.items()) == changes
    again = Partition()
    for key, value in changes.items():
        again.load(key, value)
    again.ready()
    assert list(again.items()) == list(partition.items())
    assert "fp-02999" in again.begin().policy("acme").trusted


def test_record_that_shrinks_leaves_no_piece_behind() -> None:
    t = Tale()
    t.policy(trusted_accounts=[{"fp": f"fp-{n:05d}", "note": "n" * 60} for n in range(3000)])
    t.policy(trusted_accounts=[{"fp": "fp-1"}])
    partition = Partition()
    topic: dict[str, bytes | None] = {}
    for offset, line in enumerate(t.lines):
        run = partition.begin()
        run.apply(LogRecord(offset, 0, None, line))
        topic |= run.changes()
        run.merge()
    assert {key: value for key, value in topic.items() if value is not None} == dict(partition.items())
