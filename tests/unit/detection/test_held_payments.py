"""What is kept of payments and their payees, and how ids and faults are: small things that much is built on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sluicegate.detection.guard import guarded
from sluicegate.detection.library import ListLibrary
from sluicegate.detection.log import LogRecord, Outcome
from sluicegate.detection.partition import Partition
from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.seen import MOST_IDS, digest
from sluicegate.detection.splits import pack_event, unpack_event
from sluicegate.detection.vendor_records import ContactRecord
from sluicegate.rules.base import Rule
from sluicegate.rules.registry import RULES
from sluicegate.screening.index import CompiledList
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import ListEntry, Payment
from sluicegate.wire.scalars import enc_hook
from tests.scenarios.build import DAY, HOUR, START, Tale, entry, payee
from tests.unit.detection.test_bursts import state_after
from tests.unit.detection.test_view import view_of

# parts of a payment


def test_parts_of_a_payment_share_what_was_told_of_any_of_them() -> None:
    t = Tale()
    for n, invoices in enumerate((["1", "2"], ["2", "3"])):
        stated = [{"number": number} for number in invoices]
        split = {"index": n + 1, "count": 2}
        t.pay("V1", f"a{n}", "400.00", n, payment_id="S", split=split, invoices=stated)
    (row,) = state_after(t).get(PayeeRecord, "V1").rows
    assert [invoice.normal for invoice in row.invoices] == ["1", "2", "3"]
    assert (row.value, row.base, row.fps, row.parts) == ("800.00", "800.00", ["fp-a0", "fp-a1"], [1, 2])


@pytest.mark.parametrize("leaving", [0, 1])
def test_payment_with_pay_on_leaving_in_one_part_is_one_on_leaving(leaving: int) -> None:
    t = Tale()
    for n in range(2):
        kind = "severance" if n == leaving else "regular"
        purpose = {"components": [{"type": kind, "amount": "400.00"}]}
        t.pay("E1", amount="400.00", at=n, payment_id="S", split={"index": n + 1, "count": 2}, purpose=purpose)
    (row,) = state_after(t).get(PayeeRecord, "E1").rows
    assert row.slip.leaving
    assert row.regular == "400.00"


def test_pay_date_is_kept_where_there_is_one() -> None:
    t = Tale()
    t.pay("E1", schedule={"pay_date": "2026-01-09"})
    t.pay("E1", at=1)
    assert [row.pay_date for row in state_after(t).get(PayeeRecord, "E1").rows] == ["2026-01-09", None]


def part_of(size: int) -> Event:
    """A part of a payment whose data has that many bytes as JSON."""
    t = Tale()
    split = {"index": 1, "count": 2}
    t.pay("V1", split=split, purpose={"remittance": "rent"}, invoices=[{"number": "x" * 50}] * 500)
    for digits in range(50, 129):  # the shortest numbers that make it long enough, then one letter off some of them
        t.events[0]["data"]["invoices"] = [{"number": "x" * digits}] * 500
        over = _size(t) - size
        if over >= 0:
            t.events[0]["data"]["invoices"] = [{"number": "x" * (digits - (n < over))} for n in range(500)]
            break
    assert _size(t) == size
    event = decode(t.lines[0])
    assert isinstance(event, Event)
    return event


def _size(t: Tale) -> int:
    event = decode(t.lines[0])
    assert isinstance(event, Event)
    return len(msgspec.json.encode(event.data, enc_hook=enc_hook))


@pytest.mark.parametrize(("size", "kept"), [(48 * 1024, 500), (48 * 1024 + 1, 20)])
def test_part_is_kept_whole_up_to_48_kib_and_with_twenty_invoices_above(size: int, kept: int) -> None:
    event = part_of(size)
    data = unpack_event(pack_event(event), "acme").data
    assert isinstance(data, Payment)
    assert len(data.invoices) == kept
    assert (data.purpose is not None) is (kept == 500)
    assert data.split is not None
    assert unpack_event(pack_event(event), "acme").time == event.time


# ids


def test_digest_of_an_id_is_the_same_for_ever_and_of_any_text() -> None:
    assert digest("a", "bc").hex() == "89b3f3a344fedacea4054a57227dbe2c"
    assert digest("ab", "c") != digest("a", "bc")
    assert len(digest("\ud800")) == 16
    assert MOST_IDS == 1_000_000


def test_further_notice_of_a_payment_is_known_for_400_days() -> None:
    t = Tale()
    t.pay("V1", payment_id="P")
    t.pay("V9", at=399 * DAY)
    t.pay("V1", payment_id="P", at=399 * DAY)
    run = Partition().begin()
    for n, line in enumerate(t.lines):
        run.apply(LogRecord(n, n * 2 * 3_600_000, None, line))  # ids of the log's last hour are known in any case
    record = run.state("acme").get(PayeeRecord, "V1")
    assert record is not None
    assert len(record.rows) == 1


def test_outcomes_are_named_as_in_metrics() -> None:
    assert [one.value for one in Outcome] == ["applied", "duplicate", "repeated", "dead_letter", "tick"]


# faults


def test_fault_of_a_rule_is_passed_on_and_the_others_go_on() -> None:
    faults: list[tuple[Rule, Exception]] = []
    rule = RULES["late-event"]

    def failed(rule: Rule, fault: Exception) -> None:
        faults.append((rule, fault))

    assert guarded(rule, lambda: iter([1, 2]), failed) == [1, 2]
    assert guarded(rule, lambda: (1 // n for n in (1, 0)), failed) == []
    ((of, fault),) = faults
    assert of is rule
    assert isinstance(fault, ZeroDivisionError)


# master data


def test_late_event_fills_in_what_is_not_known_and_overwrites_nothing() -> None:
    t = Tale()
    t.pay(payee("V1", name="Now", ids=[{"scheme": "passport", "value": "1"}]), at=HOUR)
    t.pay(payee("V1", name="Then", ids=[{"scheme": "passport", "value": "2"}], lei="L"), at=0)
    profile = state_after(t).get(PayeeRecord, "V1").profile
    assert (profile.name, profile.lei) == ("Now", "L")
    assert [value for _, value in profile.ids] == ["1"]
    t.pay(payee("V1", name="Later", ids=[{"scheme": "passport", "value": "3"}]), at=2 * HOUR)
    profile = state_after(t).get(PayeeRecord, "V1").profile
    assert (profile.name, [value for _, value in profile.ids]) == ("Later", ["3"])


def test_late_event_tells_ids_of_which_none_are_known() -> None:
    t = Tale()
    t.pay(payee("V1", name=""), at=HOUR)
    t.pay(payee("V1", ids=[{"scheme": "passport", "value": "2"}]), at=0)
    assert [value for _, value in state_after(t).get(PayeeRecord, "V1").profile.ids] == ["2"]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("dob", ("1970-01-01", "1980-01-01")),
        ("start_date", ("2020-01-01", "2021-01-01")),
        ("flags", (["po_box"], ["services_only"])),
        ("country", ("US", "GB")),
        ("legal_name", ("A", "B")),
    ],
)
def test_master_data_are_those_of_the_newest_event_that_tells_them(field: str, values: tuple[Any, Any]) -> None:
    def held(*told: tuple[int, Any]) -> Any:
        t = Tale()
        for at, value in told:
            person = {"payee_id": "V1", "kind": "vendor"}
            t.pay(person if value is None else person | {field: value}, at=at)
        return getattr(state_after(t).get(PayeeRecord, "V1").profile, field)

    one, other = values
    assert held((0, one), (1, other)) == other
    assert held((1, one), (0, other)) == one
    assert held((1, one), (1, other)) == other
    assert held((1, None), (0, other)) == other
    assert held((0, one), (1, None)) == one


@pytest.mark.parametrize(("enough", "counted"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_settled_payments_are_counted_up_to_what_is_enough(enough: int, counted: int) -> None:
    t = Tale()
    at = t.history("V1", 3)
    assert view_of(t, at).settled_count("V1", START + at, enough) == counted


@pytest.mark.parametrize(
    ("approvers", "second"), [([], False), (["k"], False), (["k", "m"], True), (["m", "k"], True), (["m"], True)]
)
def test_change_has_a_second_approver_who_is_not_the_one_who_made_it(approvers: list[str], second: bool) -> None:
    t = Tale()
    t.pay("V1", "a")
    t.change("V1", "b", DAY, actor={"user_id": "k"}, approval={"approved_by": approvers})
    (change,) = state_after(t).get(PayeeRecord, "V1").changes
    assert change.second_approver is second


def test_phone_of_many_is_kept_of_the_newest_64_and_gone_with_the_last() -> None:
    t = Tale()
    for n in range(66):
        t.pay(payee(f"E{n}", phone_hash="p"), at=n)
    t.pay(payee("E0", phone_hash="q"), at=100)  # dropped above: nothing is left to take away
    state = state_after(t)
    assert state.get(ContactRecord, "phone\np").payees == [f"E{n}" for n in range(2, 66)]
    t.pay(payee("E0", phone_hash="r"), at=101)
    state = state_after(t)
    assert state.get(ContactRecord, "phone\nq") is None
    assert state.get(ContactRecord, "phone\nr").payees == ["E0"]


# signals


def test_signal_says_what_would_have_kept_it_silent_where_it_could_have_been_an_alert() -> None:
    """A near miss, of 10 points, is noted for what it is; a finding that was allowed could have been an alert."""
    t = Tale()
    t.listed(entry("L2", "ANDREYEV, Vitaliy"))
    t.allow("sanctioned-name", "payee", "E1", list_entry="L2")
    t.pay(payee("E1", name="Vitaliy Andreyev"), at=DAY)
    t.pay(payee("E2", name="Vitaliy Andropov"), at=DAY)
    told = {signal["score"]: signal["counterfactual"] for signal in t.play().signals if signal["family"] == "sanctions"}
    assert told == {65: "A name with one token that the entry does not explain would not have matched.", 10: ""}


# lists compiled ahead


def test_entries_compiled_ahead_are_not_decoded_again_until_the_list_is_in_force() -> None:
    library, decoded = ListLibrary(), []
    one = msgspec.convert({"entry_id": "1", "kind": "person", "names": [{"name": "A B"}]}, ListEntry)

    def read(body: bytes) -> ListEntry:
        decoded.append(body)
        return one

    library.stage(None, "L", {b"1": one})
    assert library.staged("L", [b"1", b"2"], read) == [one, one]
    assert decoded == [b"2"]
    library.get(("M", "1", b""), lambda: CompiledList("M", "1", ()))
    library.staged("L", [b"1"], read)
    assert decoded == [b"2"]
    library.get(("L", "1", b""), lambda: CompiledList("L", "1", (one,)))
    library.staged("L", [b"1"], read)
    assert decoded == [b"2", b"1"]


def test_first_version_is_derived_from_an_empty_one_of_its_name() -> None:
    library = ListLibrary()
    assert (library.seed("L").name, library.seed("L").version, library.seed("L").entries) == ("L", "", ())
