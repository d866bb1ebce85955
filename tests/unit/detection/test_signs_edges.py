"""Edges of the signs that a payee may be a hidden IT worker: sessions, devices, flags, for how long and how many."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import PayeeRecord, Profile
from sluicegate.detection.sign_records import SignInRecord, SignRecord
from sluicegate.detection.signs import note_finding
from sluicegate.detection.state import State, TenantStore
from sluicegate.rules.base import MEDIUM_FLOOR, Finding
from sluicegate.rules.registry import RULES
from tests.scenarios.build import DAY, HOUR, START, Json, Tale, account, payee
from tests.unit.detection.test_bursts import state_after

REMOTE = payee("E1", remote=True)


def session(t: Tale, who: str | Json, at: int, country: str | None = None, **more: Any) -> None:
    seen = more | ({"ip_country": country} if country is not None else {})
    t.worker(who, "session", at, session=seen)


def signs(t: Tale, who: str = "C1") -> list[tuple[str, int]]:
    """Names and times (µs after the start) of what is kept of the payee."""
    record = state_after(t).get(SignRecord, who)
    return [(sign.name, sign.time - START) for sign in record.signs] if record is not None else []


def names(t: Tale, who: str = "C1") -> list[str]:
    return [name for name, _ in signs(t, who)]


# sessions


@pytest.mark.parametrize(("last", "found"), [(30 * DAY - 1, True), (30 * DAY, False)])
def test_three_sessions_from_abroad_within_30_days_are_a_sign(last: int, found: bool) -> None:
    t = Tale()
    for at in (0, DAY):
        session(t, "C1", at, "LA")
    assert names(t) == []
    session(t, "C1", last, "LA")
    assert names(t) == ["sessions_abroad"] * found


def test_sessions_at_home_or_of_a_payee_without_a_country_are_none() -> None:
    t = Tale()
    nowhere = {"payee_id": "C2", "kind": "contractor"}
    for at in range(5):
        session(t, "C1", at, "US")
        session(t, nowhere, at, "LA")
    assert names(t) == names(t, "C2") == []


@pytest.mark.parametrize(("last", "found"), [(24 * HOUR - 1, True), (24 * HOUR, False)])
def test_three_countries_within_24_hours_are_a_sign_wherever_home_is(last: int, found: bool) -> None:
    t = Tale()
    session(t, "C1", 0, "US")
    session(t, "C1", HOUR, "GB")
    session(t, "C1", 2 * HOUR, "GB")
    assert names(t) == []
    session(t, "C1", last, "FR")
    assert ("many_countries" in names(t)) is found


def test_session_that_comes_late_is_seen_with_those_before_it_alone() -> None:
    t = Tale()
    session(t, "C1", 0, "LA")
    session(t, "C1", 2 * DAY, "LA")
    session(t, "C1", DAY, "LA")  # with it two by its own time
    assert names(t) == []
    session(t, "C1", 2 * DAY + 1, "LA")
    assert signs(t) == [("sessions_abroad", 2 * DAY + 1)]


@pytest.mark.parametrize(("clock", "kept"), [(37 * DAY - 1, 2), (37 * DAY, 1)])
def test_session_is_kept_for_30_days_and_a_week_for_late_ones(clock: int, kept: int) -> None:
    t = Tale()
    session(t, "C1", 0, "LA")
    session(t, "C1", clock, "LA")
    record = state_after(t).get(SignRecord, "C1")
    assert len(record.sessions) == kept


@pytest.mark.parametrize(("clock", "kept"), [(37 * DAY - 1, True), (37 * DAY, False)])
def test_who_used_a_device_is_kept_as_long(clock: int, kept: bool) -> None:
    t = Tale()
    session(t, "C1", 0, device_id="d", ip="192.0.2.1")
    t.pay("V1", at=clock)
    state = state_after(t)
    assert [state.get(SignInRecord, id) is not None for id in ("device\nd", "ip\n192.0.2.1")] == [kept, kept]


@pytest.mark.parametrize("who", ["E1", "V1"])
def test_sessions_of_payees_out_of_scope_are_not_kept(who: str) -> None:
    t = Tale()
    for at in range(3):
        session(t, who, at, "LA")
    assert state_after(t).get(SignRecord, who) is None
    for at in range(3, 6):
        session(t, REMOTE, at, "LA")
    assert names(t, "E1") == ["sessions_abroad"]


# devices


def test_third_payee_of_a_device_is_a_sign_for_all_three_and_a_further_one_for_itself() -> None:
    t = Tale()
    for n, who in enumerate(("C1", "C2", "C1", "C2")):
        session(t, who, n, device_id="d")
    assert names(t, "C1") == []
    session(t, "C3", 5, device_id="d")
    assert [signs(t, who) for who in ("C1", "C2", "C3")] == [[("shared_device", 5)]] * 3
    session(t, "C4", 6, device_id="d")
    session(t, "C1", 7, device_id="other")
    assert signs(t, "C4") == [("shared_device", 6)]
    assert signs(t, "C1") == [("shared_device", 5)]


def test_payees_who_used_a_device_30_days_apart_do_not_share_it() -> None:
    t = Tale()
    session(t, "C1", 0, device_id="d")
    session(t, "C2", 1, device_id="d")
    session(t, "C3", 30 * DAY, device_id="d")
    assert names(t, "C3") == []
    session(t, "C4", 30 * DAY, device_id="d")
    assert [names(t, who) for who in ("C1", "C2", "C3", "C4")] == [[], *[["shared_device"]] * 3]


def test_address_is_shared_like_a_device_and_an_employee_counts_without_a_sign() -> None:
    t = Tale()
    session(t, "E1", 0, ip="192.0.2.1")
    session(t, "C2", 1, ip="192.0.2.1")
    t.change("C3", "new", 2, actor={"role": "self", "ip": "192.0.2.1", "channel": "portal"})
    assert (names(t, "E1"), names(t, "C2"), names(t, "C3")) == ([], ["shared_device"], ["shared_device"])


def test_session_of_somebody_else_on_the_payees_behalf_is_none() -> None:
    t = Tale()
    for n in range(4):
        t.change(f"C{n}", "new", n, actor={"role": "payroll_admin", "device_id": "d", "channel": "portal"})
    assert state_after(t).get(SignInRecord, "device\nd") is None


# flags, attestations, accounts


@pytest.mark.parametrize(
    ("flag", "value", "name"),
    [
        ("background_check", "failed", "background_check"),
        ("background_check", "missing", "background_check"),
        ("background_check", "passed", None),
        ("background_check", None, None),
        ("document_mismatch", "true", "document_mismatch"),
        ("document_mismatch", None, "document_mismatch"),
        ("document_mismatch", "false", None),
        ("equipment_address_mismatch", "true", "equipment_address"),
        ("equipment_address_mismatch", None, "equipment_address"),
    ],
)
def test_flags_of_hr_are_signs_by_their_value(flag: str, value: str | None, name: str | None) -> None:
    t = Tale()
    more: Json = {} if value is None else {"flag_value": value}
    t.worker("E1", "flag", flag=flag, **more)
    assert names(t, "E1") == ([] if name is None else [name])


def test_same_event_is_one_sign_and_the_newest_three_of_a_name_are_kept() -> None:
    t = Tale()
    for day in (3, 1, 4, 2, 5):
        t.worker("C1", "flag", day * DAY, flag="document_mismatch")
    assert signs(t) == [("document_mismatch", day * DAY) for day in (3, 4, 5)]


@pytest.mark.parametrize(("scope", "attested"), [("location", True), ("identity", False)])
def test_latest_attestation_of_where_one_works_is_kept(scope: str, attested: bool) -> None:
    t = Tale()
    for day in (2, 1):
        t.worker("C1", "attest", day * DAY, scope=scope)
    record = state_after(t).get(SignRecord, "C1")
    assert (record is not None and record.attested == START + 2 * DAY) is attested
    t.worker("E1", "attest", DAY, scope="location")
    assert state_after(t).get(SignRecord, "E1") is None


@pytest.mark.parametrize(
    ("who", "to", "found"),
    [
        ("C1", account("a", country="LA"), True),
        ("C1", account("a"), False),
        ("C1", account("trusted", country="LA"), False),
        ("E1", account("a", country="LA"), False),
        ("C1", {"fp": "a", "scheme": "iban"}, False),
    ],
)
def test_account_abroad_is_a_sign_unless_it_is_trusted(who: str, to: Json, found: bool) -> None:
    t = Tale()
    t.policy(trusted_accounts=[{"fp": "fp-trusted"}])
    t.pay(who, to)
    assert names(t, who) == ["account_abroad"] * found


@pytest.mark.parametrize(("day", "found"), [("2026-01-06", False), ("2026-01-05", True), ("2025-10-07", True)])
def test_account_changed_within_90_days_of_the_start_is_a_sign(day: str, found: bool) -> None:
    """The change is of 5 January 2026."""
    t = Tale()
    who = payee("C1", start_date=day)
    t.history(who, 3, every=-14 * DAY)
    t.pay(who, "new", at=HOUR)
    assert ("early_change" in names(t)) is found


def test_account_changed_more_than_90_days_after_the_start_is_none() -> None:
    t = Tale()
    who = payee("C1", start_date="2025-10-06")
    t.history(who, 3, every=-14 * DAY)
    t.pay(who, "new", at=HOUR)
    assert "early_change" not in names(t)


def test_payee_who_comes_back_to_a_shared_device_is_a_sign_for_itself_alone() -> None:
    t = Tale()
    for n, who in enumerate(("C1", "C2", "C3", "C3")):
        session(t, who, n, device_id="d")
    assert [len(signs(t, who)) for who in ("C1", "C2", "C3")] == [1, 1, 2]


def test_payee_who_comes_back_after_30_days_is_a_sign_for_all_again() -> None:
    t = Tale()
    session(t, "C3", 0, device_id="d")
    for n, who in enumerate(("C1", "C2", "C3")):
        session(t, who, 30 * DAY + n, device_id="d")
    assert [len(signs(t, who)) for who in ("C1", "C2", "C3")] == [1, 1, 1]


def test_sign_is_kept_until_its_weight_is_gone() -> None:
    t = Tale()
    t.policy(rules={"it-worker-pattern": {"params": {"zero_days": 200, "attest_days": 100}}})
    t.worker("E1", "flag", DAY, flag="document_mismatch")
    assert state_after(t).get(SignRecord, "E1").due == START + 201 * DAY + 1
    t.worker("E1", "flag", 0, flag="background_check", flag_value="failed")
    assert state_after(t).get(SignRecord, "E1").due == START + 201 * DAY + 1


SIGNS = {
    "crypto-request": "crypto",
    "crypto-in-fiat": "crypto",
    "wallet-churn": "crypto",
    "shared-account": "shared_account",
    "account-churn": "account_churn",
    "name-mismatch": "name_mismatch",
    "repeated-advance": "repeated_advance",
    "many-employers": "many_employers",
}


@pytest.mark.parametrize("slug", SIGNS)
@pytest.mark.parametrize("score", [MEDIUM_FLOOR - 1, MEDIUM_FLOOR])
def test_finding_at_medium_is_a_sign_under_the_name_that_the_pattern_weighs(slug: str, score: int) -> None:
    state, news = State("acme", TenantStore()), set[str]()
    state.put("C1", PayeeRecord(Profile("contractor")))
    found = Finding(
        score=score, subject=("payee", "C1"), title="t", text="x", observed={}, expected={}, counterfactual=""
    )
    note_finding(state, compile_policy(None, None), RULES[slug], found, "/s\n1", START, news)
    record = state.get(SignRecord, "C1")
    held = [(sign.name, sign.time, sign.ref) for sign in record.signs] if record is not None else []
    assert held == ([(SIGNS[slug], START, "/s\n1")] if score >= MEDIUM_FLOOR else [])
    assert news == ({"C1"} if held else set())


def test_later_word_below_medium_takes_the_sign_back() -> None:
    state, news = State("acme", TenantStore()), set[str]()
    state.put("C1", PayeeRecord(Profile("contractor")))
    policy, rule = compile_policy(None, None), RULES["shared-account"]
    for score, replaces, left in ((50, False, 1), (10, False, 1), (10, True, 0)):
        found = Finding(
            score=score,
            subject=("payee", "C1"),
            title="t",
            text="x",
            observed={},
            expected={},
            counterfactual="",
            replace_score=replaces,
        )
        note_finding(state, policy, rule, found, "/s\n1", START, news)
        record = state.get(SignRecord, "C1")
        assert record is not None
        assert len(record.signs) == left


@pytest.mark.parametrize(("gap", "is_news"), [(0, False), (1, False), (30 * DAY, False), (30 * DAY + 1, True)])
def test_sign_is_news_again_once_the_last_one_lost_weight(gap: int, is_news: bool) -> None:
    state, news = State("acme", TenantStore()), set[str]()
    state.put("C1", PayeeRecord(Profile("contractor")))
    policy, rule = compile_policy(None, None), RULES["shared-account"]
    found = Finding(score=50, subject=("payee", "C1"), title="t", text="x", observed={}, expected={}, counterfactual="")
    note_finding(state, policy, rule, found, "/s\n1", START, news)
    assert news == {"C1"}
    news.clear()
    note_finding(state, policy, rule, found, "/s\n2", START + gap, news)
    assert news == ({"C1"} if is_news else set())
