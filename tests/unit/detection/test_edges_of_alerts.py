"""Edges of alerts: what joins one, what is kept of it, what closes it, whose payments a re-screening names."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.detection.alert_records import AlertRecord, MoneyRow, SubjectRecord
from sluicegate.detection.alerts import EPISODE, EXPIRES_AFTER, MAX_CAUSES, Merger
from sluicegate.detection.codec import encode
from sluicegate.detection.evidence import FIRST_KEPT, MAX_BYTES, MAX_TITLE, MOST_KEPT, count, fit, new_reason, trim
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import PayeeRecord, PaymentRow, Profile
from sluicegate.detection.state import State, TenantStore
from sluicegate.rules.base import ALERT_LEVEL, Finding
from sluicegate.rules.registry import RULES
from tests.scenarios.build import DAY, START, Tale, entry, payee

ACCOUNT, OTHER, PAYABLES = RULES["shared-account"], RULES["account-churn"], RULES["duplicate-invoice"]
CLOCK = START


def merger(state: State, clock: int = CLOCK) -> Merger:
    return Merger(state, compile_policy(None, None), clock, {})


def finding(score: int = 50, cause: str | None = None, **more: Any) -> Finding:
    """A finding about the vendor V1."""
    facts: dict[str, Any] = {"title": "t", "text": "x", "observed": {}, "expected": {}, "counterfactual": ""}
    return Finding(score=score, subject=("payee", "V1"), cause=cause, **(facts | more))


@pytest.fixture
def state() -> State:
    return State("acme", TenantStore())


def held(state: State, id: str | None) -> AlertRecord:
    record = state.get(AlertRecord, id or "")
    assert record is not None
    return record


# which alert a finding goes to


def test_finding_at_alert_level_opens_an_alert_and_one_point_below_is_a_signal(state: State) -> None:
    one = merger(state)
    assert one.take(ACCOUNT, finding(ALERT_LEVEL), "/s\n1", CLOCK) is not None
    assert one.take(PAYABLES, finding(ALERT_LEVEL - 1), "/s\n1", CLOCK) is None
    assert one.taken == [(ACCOUNT.slug, "low"), (PAYABLES.slug, "signal")]
    assert len(one.signals) == 1


def test_score_of_zero_leaves_no_signal_and_a_score_of_one_does(state: State) -> None:
    one = merger(state)
    one.take(ACCOUNT, finding(0), "/s\n1", CLOCK)
    assert one.signals == []
    one.take(ACCOUNT, finding(1), "/s\n1", CLOCK)
    assert len(one.signals) == 1


def test_signals_of_one_rule_about_one_event_are_numbered_from_the_second_on(state: State) -> None:
    one = merger(state)
    for _ in range(3):
        one.take(ACCOUNT, finding(1), "/s\n1", CLOCK)
    names = [name for name, _ in one.signals]
    assert names[1:] == [f"{names[0]}-2", f"{names[0]}-3"]


@pytest.mark.parametrize(
    ("gap", "joins"), [(EPISODE, True), (EPISODE + 1, False), (-EPISODE, True), (-EPISODE - 1, False)]
)
def test_episode_reaches_24_hours_to_both_sides(state: State, gap: int, joins: bool) -> None:
    one = merger(state)
    first = one.take(ACCOUNT, finding(cause="a"), "/s\n1", CLOCK)
    second = one.take(ACCOUNT, finding(cause="b"), "/s\n2", CLOCK + gap)
    assert (first == second) is joins


def test_51st_cause_opens_another_alert_while_the_first_still_takes_its_own(state: State) -> None:
    one = merger(state)
    ids = [one.take(ACCOUNT, finding(cause=f"c{n}"), f"/s\n{n}", CLOCK) for n in range(MAX_CAUSES + 1)]
    assert len(set(ids[:MAX_CAUSES])) == 1
    assert ids[MAX_CAUSES] != ids[0]
    assert one.take(ACCOUNT, finding(cause="c0"), "/s\nagain", CLOCK) == ids[0]


@pytest.mark.parametrize(("present", "lifted"), [(30, 40), (39, 40), (40, 60), (59, 60), (60, 60), (85, 60)])
def test_joining_finding_lifts_to_the_next_level_but_not_beyond_high(state: State, present: int, lifted: int) -> None:
    one = merger(state)
    id = one.take(ACCOUNT, finding(present), "/s\n1", CLOCK)
    assert one.take(RULES["unusual-payment"], finding(30, joins_payee_alert=True), "/s\n1", CLOCK) == id
    assert [reason.score for reason in held(state, id).reasons] == [present, lifted]


def test_joining_finding_takes_the_highest_alert_of_its_own_subject(state: State) -> None:
    one = merger(state)
    one.take(ACCOUNT, finding(50), "/s\n1", CLOCK)
    highest = one.take(PAYABLES, finding(70), "/s\n1", CLOCK)
    elsewhere = Finding(
        **({f: getattr(finding(90), f) for f in Finding.__struct_fields__} | {"subject": ("payee", "V2")})
    )
    one.take(ACCOUNT, elsewhere, "/s\n1", CLOCK)
    assert one.take(RULES["unusual-payment"], finding(30, joins_payee_alert=True), "/s\n1", CLOCK) == highest


# what an alert keeps


def test_reason_is_told_anew_by_a_higher_score_only(state: State) -> None:
    one = merger(state)
    id = one.take(ACCOUNT, finding(50, text="first"), "/s\n1", CLOCK)
    one.take(ACCOUNT, finding(50, text="same"), "/s\n2", CLOCK)
    one.take(ACCOUNT, finding(49, text="lower"), "/s\n3", CLOCK)
    assert [(r.score, r.text) for r in held(state, id).reasons] == [(50, "first")]
    one.take(ACCOUNT, finding(51, text="higher"), "/s\n4", CLOCK)
    assert [(r.score, r.text) for r in held(state, id).reasons] == [(51, "higher")]


def test_late_explanation_lowers_the_score_and_one_below_alert_level_closes(state: State) -> None:
    one = merger(state)
    id = one.take(ACCOUNT, finding(50, cause="a"), "/s\n1", CLOCK)
    one.take(ACCOUNT, finding(ALERT_LEVEL, cause="a", replace_score=True), "/s\n2", CLOCK)
    assert (held(state, id).score, held(state, id).closed) == (ALERT_LEVEL, None)
    one.take(ACCOUNT, finding(ALERT_LEVEL - 1, cause="a", replace_score=True), "/s\n3", CLOCK)
    assert held(state, id).closed == "explained_by_late_change"


def test_late_explanation_of_one_reason_leaves_the_others(state: State) -> None:
    one = merger(state)
    id = one.take(ACCOUNT, finding(50, cause="a"), "/s\n1", CLOCK)
    one.take(ACCOUNT, finding(60, cause="b"), "/s\n1", CLOCK)
    one.take(OTHER, finding(70, cause="a"), "/s\n1", CLOCK)
    one.take(ACCOUNT, finding(0, cause="a", replace_score=True), "/s\n2", CLOCK)
    assert sorted(reason.score for reason in held(state, id).reasons) == [60, 70]
    assert held(state, id).closed is None


def test_first_and_last_of_an_alert_are_the_extremes_of_its_events(state: State) -> None:
    one = merger(state)
    id = one.take(ACCOUNT, finding(), "/s\n1", CLOCK)
    one.take(ACCOUNT, finding(), "/s\n2", CLOCK - 5)
    one.take(ACCOUNT, finding(), "/s\n3", CLOCK + 7)
    assert (held(state, id).first, held(state, id).last) == (CLOCK - 5, CLOCK + 7)
    assert held(state, id).events == 3


def test_alert_is_retroactive_only_while_all_its_findings_are(state: State) -> None:
    one = merger(state)
    id = one.take(ACCOUNT, finding(retroactive=True), "/s\n1", CLOCK)
    one.take(ACCOUNT, finding(retroactive=True), "/s\n2", CLOCK)
    assert held(state, id).retroactive
    one.take(ACCOUNT, finding(), "/s\n3", CLOCK)
    assert not held(state, id).retroactive
    one.take(ACCOUNT, finding(retroactive=True), "/s\n4", CLOCK)
    assert not held(state, id).retroactive


def test_addresses_and_words_are_kept_once_up_to_the_first_twenty(state: State) -> None:
    words = tuple(f"w{n}" for n in range(FIRST_KEPT + 1))
    one = merger(state)
    id = one.take(ACCOUNT, finding(ips=words[:1], wallets=words, keywords=words[:2]), "/s\n1", CLOCK)
    one.take(ACCOUNT, finding(ips=words[:2], deadline="later"), "/s\n2", CLOCK)
    record = held(state, id)
    assert record.ips == ["w0", "w1"]
    assert record.wallets == list(words[:FIRST_KEPT])
    assert (record.keywords, record.deadline) == (["w0", "w1"], "later")


@pytest.mark.parametrize(("days", "closed"), [(0, None), (1, None), (400, "expired")])
def test_alert_expires_400_days_after_its_last_event(state: State, days: int, closed: str | None) -> None:
    id = merger(state).take(ACCOUNT, finding(), "/s\n1", CLOCK) or ""
    record = state.edit(AlertRecord, id)
    assert record is not None
    record.due = CLOCK + days * DAY
    merger(state, record.due).due(id)
    assert held(state, id).closed == closed
    assert held(state, id).due == CLOCK + EXPIRES_AFTER * (2 if closed else 1)


# evidence


def test_trim_cuts_nothing_at_the_limit_and_the_21st_one_beyond_it() -> None:
    kept = list(range(MOST_KEPT))
    assert (trim(kept), len(kept)) == (0, MOST_KEPT)
    kept.append(MOST_KEPT)
    assert trim(kept) == 1
    assert kept == [n for n in range(MOST_KEPT + 1) if n != FIRST_KEPT]


def test_sum_of_a_currency_grows_with_its_count_only_for_a_further_payment() -> None:
    record = AlertRecord("payee", "V1", "account", 0, 0, 0)
    count(record, "USD", "1.50", True)
    assert record.money == {"USD": MoneyRow("1.50", 1)}
    count(record, "USD", "2", True)
    count(record, "USD", "0.50", False)
    assert (float(record.money["USD"].value), record.money["USD"].count) == (4.0, 2)


def test_title_is_cut_at_300_characters() -> None:
    assert new_reason(ACCOUNT, finding(title="x" * MAX_TITLE), "").title == "x" * MAX_TITLE
    assert new_reason(ACCOUNT, finding(title="x" * MAX_TITLE + "y"), "").title == "x" * MAX_TITLE


def _with_events(size: int) -> AlertRecord:
    """200 events with ids of so many bytes."""
    record = AlertRecord("payee", "V1", "account", 0, 0, 0, reasons=[new_reason(ACCOUNT, finding(), "")])
    record.reasons[0].events = [f"{n:03d}{'x' * (size - 3)}" for n in range(MOST_KEPT)]
    return record


@pytest.mark.parametrize(("size", "kept"), [(250, 200), (400, 100), (1000, 50), (4000, 25)])
def test_record_that_is_too_large_halves_its_lists_until_it_fits(size: int, kept: int) -> None:
    record = _with_events(size)
    fit(record)
    (reason,) = record.reasons
    assert (len(reason.events), reason.events_left_out) == (kept, MOST_KEPT - kept)
    assert [one[:3] for one in reason.events[:FIRST_KEPT]] == [f"{n:03d}" for n in range(FIRST_KEPT)]
    assert kept == 25 or len(encode(record)) <= MAX_BYTES


def test_record_of_exactly_the_largest_size_stays_whole_and_one_byte_more_is_cut() -> None:
    record = _with_events(290)
    record.reasons[0].text = "x" * 300  # from here on, one more character is one more byte
    record.reasons[0].text += "x" * (MAX_BYTES - len(encode(record)))
    assert len(encode(record)) == MAX_BYTES
    fit(record)
    assert len(record.reasons[0].events) == MOST_KEPT
    record.reasons[0].text += "x"
    fit(record)
    assert len(record.reasons[0].events) == MOST_KEPT // 2


# re-screening


def _rescreened(days: int, payments: int = 40) -> list[str]:
    """Payments named by the re-screening of a payee paid every day, the list being updated with the last one."""
    t = Tale()
    t.policy(0, rules={"sanctioned-name": {"params": {"rescreen_days": days}}})
    who = payee("E1", name="Vitaliy Andreyev")
    for n in range(payments):
        t.pay(who, amount=f"{1000 + n}.00", at=n * DAY)
    t.listed(entry("L1", "ANDREYEV, Vitaliy"), at=(payments - 1) * DAY)
    (found,) = t.play().reasons("sanctioned-name")
    ids: list[str] = found.data["payment_ids"]
    return sorted(ids)


@pytest.mark.parametrize("days", [1, 10, 30, 35, 39, 40])
def test_rescreening_names_the_payments_of_its_days_older_ones_of_the_payee_too(days: int) -> None:
    assert _rescreened(days) == [f"P{n:05d}" for n in range(41 - days, 41)]


def test_cause_that_comes_again_takes_no_room_of_others_and_no_cause_takes_none(state: State) -> None:
    one = merger(state)
    first = one.take(ACCOUNT, finding(cause="a"), "/s\n0", CLOCK)
    for n in range(MAX_CAUSES):
        assert one.take(ACCOUNT, finding(cause="a"), f"/s\na{n}", CLOCK) == first
        assert one.take(OTHER, finding(), f"/s\nb{n}", CLOCK) == first
    assert one.take(ACCOUNT, finding(cause="c"), "/s\nc", CLOCK) == first
    (row,) = (subject.open[0] for subject in [state.get(SubjectRecord, "payee\nV1\naccount")] if subject)
    assert row[3] == [ACCOUNT.cause("a"), ACCOUNT.cause("c")]


# money and events of a split payment


def test_payment_or_request_that_is_not_held_is_no_new_evidence(state: State) -> None:
    named = finding(payments=(("V1", "gone"),), requests=(("V1", "gone"),))
    id = merger(state).take(ACCOUNT, named, "/s\n1", CLOCK) or ""
    again = merger(state)
    assert again.take(ACCOUNT, named, "/s\n1", CLOCK) == id
    assert not again.touched[id].evidence
    assert (held(state, id).payments, held(state, id).money) == ([], {})


def _row(value: str) -> PaymentRow:
    return PaymentRow("S", "/s\n1", CLOCK, value, "USD", ["fp"], "ach", False)


@pytest.mark.parametrize("events", [1, MOST_KEPT])
def test_further_part_adds_its_money_and_its_event_to_the_highest_reason(state: State, events: int) -> None:
    row = _row("10.00")
    state.put("V1", PayeeRecord(Profile("vendor"), rows=[row]))
    one = merger(state)
    id = one.take(ACCOUNT, finding(50, "low", payments=(("V1", "S"),)), "/s\n1", CLOCK) or ""
    one.take(ACCOUNT, finding(60, "top"), "/s\n1", CLOCK)
    low, top = held(state, id).reasons
    top.events = [f"/s\n{n + 1}" for n in range(events)]
    counted = held(state, id).events
    row.value = "25.00"
    again = merger(state)
    again.recount(row, "/s\npart")
    record = held(state, id)
    assert (record.money["USD"], row.alerts[id]) == (MoneyRow("25.00", 1), "25.00")
    assert (top.events[-1], top.events_left_out, len(top.events)) == (
        "/s\npart",
        events == MOST_KEPT,
        min(events + 1, MOST_KEPT),
    )
    assert (low.events, record.events) == (["/s\n1"], counted + 1)
    assert again.touched[id].evidence


def test_part_changes_nothing_of_an_alert_that_is_closed_or_counts_it_already(state: State) -> None:
    row = _row("10.00")
    state.put("V1", PayeeRecord(Profile("vendor"), rows=[row]))
    one = merger(state)
    id = one.take(ACCOUNT, finding(payments=(("V1", "S"),)), "/s\n1", CLOCK) or ""
    again = merger(state)
    again.recount(row, "/s\npart")
    assert again.touched == {}
    one.close(id, "benign")
    row.value = "25.00"
    again.recount(row, "/s\npart")
    assert (again.touched, held(state, id).money["USD"].value) == ({}, "10.00")
