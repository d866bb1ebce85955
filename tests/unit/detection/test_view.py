"""The past as a rule sees it: baseline, held back, settled, mature."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluicegate.detection.alert_records import AlertRecord, SubjectRecord
from sluicegate.detection.lists import Screen
from sluicegate.detection.partition import LogRecord, Partition
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import AccountLinks
from sluicegate.detection.view import Facts, View
from sluicegate.wire.decode import Event, decode
from tests.scenarios.build import DAY, HOUR, START, Tale, entry, payee

SETTLES = 72 * HOUR


def view_of(tale: Tale, at: int) -> View:
    """The tenant's past at `at`, after all the tale's events."""
    partition = Partition()
    run = partition.begin()
    for n, line in enumerate(tale.lines):
        run.apply(LogRecord(n, 0, None, line))
    run.merge()
    event = decode(tale.lines[0])
    assert isinstance(event, Event)
    event = msgspec.structs.replace(event, time=START + at)
    return View(event, partition.begin().state(tale.tenant), compile_policy(None, None), Screen(), START + at, Facts())


def baseline(tale: Tale, at: int, currency: str = "USD") -> list[str]:
    return [row.value for row in view_of(tale, at).baseline("V1", currency, START + at)]


# settled and mature


@pytest.mark.parametrize(
    ("statuses", "at", "settled"),
    [
        ([], SETTLES - 1, False),
        ([], SETTLES, True),
        ([("settled", HOUR)], HOUR, True),
        ([("settled", HOUR)], HOUR - 1, False),
        ([("returned", HOUR)], 30 * DAY, False),
        ([("cancelled", HOUR)], SETTLES, False),
        ([("settled", HOUR), ("reversed", 2 * HOUR)], 30 * DAY, False),
        ([("returned", 2 * HOUR), ("settled", HOUR)], 30 * DAY, False),  # the last by event time, not by arrival
        ([("name_check", HOUR)], SETTLES, True),
        ([("accepted", HOUR)], SETTLES, True),
        ([("accepted", HOUR)], 2 * HOUR, False),
    ],
)
def test_payment_is_settled_by_its_last_final_status_or_after_72_hours(
    statuses: list[tuple[str, int]], at: int, settled: bool
) -> None:
    t = Tale()
    payment = t.pay("V1")
    for status, when in statuses:
        t.status(payment, status, when)
    assert (view_of(t, at).settled_count("V1", START + at, 9) == 1) is settled


def test_of_two_statuses_of_one_time_the_higher_seq_counts() -> None:
    t = Tale()
    payment = t.pay("V1")
    t.status(payment, "settled", HOUR, seq=2)
    t.status(payment, "returned", HOUR, seq=1)
    assert view_of(t, DAY).settled_count("V1", START + DAY, 9) == 1


def test_payee_is_mature_after_two_settled_payments_or_import() -> None:
    t = Tale()
    t.pay("V1")
    t.pay("V1", at=DAY)
    t.created("V2", bootstrap=True)
    t.created("V3")
    now = DAY + SETTLES
    assert [view_of(t, at).mature("V1", START + at) for at in (now - 1, now)] == [False, True]
    assert view_of(t, 0).mature("V2", START)
    assert not view_of(t, now).mature("V3", START + now)
    assert not view_of(t, now).mature("V9", START + now)


# baseline


def test_baseline_is_the_last_12_settled_payments_before_oldest_first() -> None:
    t = Tale()
    for n in range(40):
        t.pay("V1", amount=f"{n}.00", at=n * DAY)
    assert baseline(t, 43 * DAY) == [f"{n}.00" for n in range(28, 40)]
    assert baseline(t, 20 * DAY) == [f"{n}.00" for n in range(6, 18)]  # 17 is settled at day 20, 18 is not


def test_baseline_leaves_out_other_currencies_failed_and_unsettled_payments() -> None:
    t = Tale()
    t.pay("V1", amount="1.00")
    t.pay("V1", amount="2.00", currency="EUR", at=DAY)
    returned = t.pay("V1", amount="3.00", at=2 * DAY)
    t.status(returned, "returned", 3 * DAY)
    t.pay("V1", amount="4.00", at=10 * DAY)
    assert baseline(t, 11 * DAY) == ["1.00"]
    assert baseline(t, 11 * DAY, "EUR") == ["2.00"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=70), st.integers(0, 70))
def test_baseline_is_that_of_a_plain_search_in_whatever_order_payments_come(
    payments: list[tuple[int, bool]], at: int
) -> None:
    t = Tale()
    for n, (day, dollars) in enumerate(payments):
        t.pay("V1", amount=f"{n + 1}.00", at=day * DAY, currency="USD" if dollars else "EUR", invoice=f"A{n}B{n}C")
    t.pay("V9", at=0)
    plain = sorted(
        (day, f"/feeds/acme\ne{n:05d}", f"{n + 1}.00")
        for n, (day, dollars) in enumerate(payments)
        if dollars and day * DAY + SETTLES <= at * DAY
    )
    assert baseline(t, at * DAY) == [value for _, _, value in plain[-12:]]


# held back


def held_tale(*verdicts: tuple[str, int], **more: Any) -> Tale:
    """Four payments, then one to an unannounced account (45, medium) at day 60."""
    t = Tale()
    t.history("V1", 4, "old")
    t.pay("V1", "new", amount="9999.00", at=60 * DAY, **more)
    for verdict, at in verdicts:
        t.verdict(t.play().alerts[0]["alert_id"], verdict, at)
    return t


@pytest.mark.parametrize(
    ("verdicts", "at", "held"),
    [
        ([], 61 * DAY + SETTLES, True),
        ([], 240 * DAY, True),
        ([], 240 * DAY + 1, False),  # without a verdict it ends 180 days after
        ([("confirmed", 61 * DAY)], 1000 * DAY, True),
        ([("false_positive", 61 * DAY)], 100 * DAY, False),
        ([("benign", 61 * DAY)], 100 * DAY, False),
        ([("error_not_fraud", 61 * DAY)], 100 * DAY, False),
        ([("confirmed", 61 * DAY), ("benign", 62 * DAY)], 100 * DAY, False),  # the last verdict counts
        ([("benign", 61 * DAY), ("confirmed", 62 * DAY)], 100 * DAY, True),
    ],
)
def test_payment_of_a_medium_alert_is_held_back_until_the_verdict(
    verdicts: list[tuple[str, int]], at: int, held: bool
) -> None:
    assert ("9999.00" not in baseline(held_tale(*verdicts), at)) is held


def test_payment_of_a_low_alert_is_not_held_back() -> None:
    t = Tale()
    t.pay("V1", "shared", amount="1.00")
    t.pay("V2", "shared", at=DAY)
    assert baseline(t, 30 * DAY) == ["1.00"]


def test_payments_of_a_retroactive_alert_are_not_held_back() -> None:
    t = Tale()
    t.pay(payee("V1", name="Acme Trading House"), amount="1.00")
    t.listed(entry("L1", "ACME TRADING HOUSE", "organisation"), at=DAY)
    t.pay("V9", at=2 * DAY)
    assert t.play().score("sanctioned-name") == 65
    assert baseline(t, 30 * DAY) == ["1.00"]


# links and households


def test_links_of_a_window_are_half_open() -> None:
    t = Tale()
    t.pay("V1", "shared")
    for at, found in ((10 * DAY - 1, 1), (10 * DAY, 0)):
        assert len(view_of(t, at).links(AccountLinks, "fp-shared", 10)) == found


@pytest.mark.parametrize("kind", ["run", "tenant", "source"])
def test_alert_about_a_run_a_tenant_or_a_source_holds_no_payment_back(kind: str) -> None:
    view = view_of(held_tale(), 100 * DAY)
    (row,) = (row for row in view.rows("V1") if row.value == "9999.00")
    assert view.held_back(row, START + 100 * DAY)
    for id in row.alerts:
        alert = view.state.get(AlertRecord, id)
        assert alert is not None
        alert.subject_kind = kind
    assert not view.held_back(row, START + 100 * DAY)


def test_baseline_ends_before_its_time() -> None:
    t = Tale()
    t.history("V1", 2, every=10 * DAY)
    t.status(t.events[1], "settled", 10 * DAY)
    assert [len(baseline(t, at)) for at in (10 * DAY, 10 * DAY + 1)] == [1, 2]


def test_account_that_nobody_is_tied_to_has_no_links() -> None:
    t = Tale()
    t.pay("V1")
    assert view_of(t, DAY).links(AccountLinks, "fp-none", 10) == []


def test_cause_is_open_while_any_open_alert_of_the_subject_holds_it() -> None:
    t = Tale()
    t.pay("V1")
    view = view_of(t, DAY)
    assert not view.open_cause("payee", "V1", "account", "a")
    view.state.put("payee\nV1\naccount", SubjectRecord([("al_1", 0, 0, ["b"]), ("al_2", 0, 0, ["c", "a"])]))
    assert [view.open_cause("payee", "V1", "account", cause) for cause in "abd"] == [True, True, False]
    assert not view.open_cause("payee", "V1", "payables", "a")
