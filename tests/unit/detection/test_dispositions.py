"""What follows from an analyst's word: a closed alert, a trusted account, a lesson, an allowance."""

from __future__ import annotations

from typing import Any

import pytest

from sluicegate.detection.advice import VERSION
from sluicegate.detection.alert_records import AlertRecord, AllowRecord
from sluicegate.detection.alerts import Merger
from sluicegate.detection.dispositions import MAX_ALLOWS, take_verdict
from sluicegate.detection.evidence import new_reason
from sluicegate.detection.feedback_records import FeedbackRecord, ReportedRecord
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.records import AccountUse, PayeeRecord, Profile
from sluicegate.detection.state import State, TenantStore
from sluicegate.rules.base import Finding
from sluicegate.rules.registry import RULES
from sluicegate.wire.decode import Event, decode
from sluicegate.wire.events import Disposition
from tests.scenarios.build import ADDRESS, DAY, START, Tale
from tests.unit.detection.test_bursts import state_after

MODEL = "unusual-payment"
ID = "al_" + "1" * 32


@pytest.fixture
def state() -> State:
    return State("acme", TenantStore())


def alert(state: State, rule: str, *, kind: str = "payee", subject: str = "V1", cause: str = "") -> AlertRecord:
    told = Finding(score=50, subject=(kind, subject), title="t", text="x", observed={}, expected={}, counterfactual="")
    reason = new_reason(RULES[rule], told, cause)
    reason.events = ["/s\n1"]
    record = AlertRecord(kind, subject, RULES[rule].family, START, START, START, reasons=[reason])
    state.put(ID, record)
    return record


def judge(state: State, verdict: str, at: int = DAY, mode: str = "live") -> Merger:
    event = decode(_line(verdict, at))
    assert isinstance(event, Event)
    assert isinstance(event.data, Disposition)
    policy = compile_policy(f'{{"rules":{{"{MODEL}":{{"mode":"{mode}"}}}}}}'.encode(), None)
    merger = Merger(state, policy, START + at, {})
    take_verdict(state, event, event.data, policy, merger)
    return merger


def _line(verdict: str, at: int) -> bytes:
    t = Tale()
    t.verdict(ID, verdict, at)
    return t.lines[0]


def test_verdict_on_an_unknown_alert_changes_nothing(state: State) -> None:
    judge(state, "confirmed")
    assert state.changes() == {}


@pytest.mark.parametrize(
    ("verdict", "closed"),
    [
        ("confirmed", None),
        ("escalated", None),
        ("false_positive", "false_positive"),
        ("benign", "benign"),
        ("error_not_fraud", "error_not_fraud"),
    ],
)
def test_verdict_is_noted_and_closes_the_alert_that_it_clears(state: State, verdict: str, closed: str | None) -> None:
    record = alert(state, "shared-account")
    judge(state, verdict)
    assert (record.verdict, record.closed) == (verdict, closed)


# lessons


@pytest.mark.parametrize(("mode", "lessons"), [("live", 1), ("shadow", 1), ("off", 0)])
def test_verdict_teaches_unless_the_model_is_off(state: State, mode: str, lessons: int) -> None:
    alert(state, MODEL)
    state.put("/s\n1", ReportedRecord(START, "vendor", VERSION, 5.0, 5.0, {"amount": 1.0}))
    judge(state, "confirmed", mode=mode)
    taught = state.get(FeedbackRecord, "vendor")
    assert (taught.state.verdicts if taught is not None else 0) == lessons
    assert (state.get(ReportedRecord, "/s\n1") is None) is bool(lessons)


def test_tenth_verdict_is_followed_by_a_notice_of_its_own_time(state: State) -> None:
    told = []
    for number in range(1, 12):
        alert(state, MODEL)
        state.put("/s\n1", ReportedRecord(START, "vendor", VERSION, 5.0, 5.0, {"amount": 1.0}))
        merger = judge(state, "confirmed", at=number * DAY, mode="shadow")
        told += [(number, body) for _, body in merger.signals]
    ((number, body),) = told
    assert (number, body["mode"], body["first_event_at"]) == (10, "shadow", "2026-01-15T09:00:00Z")
    assert body["reasons"][0]["event_ids"] == ["/feeds/acme#e00000"]


# trusted accounts


def payee(state: State) -> AccountUse:
    use = AccountUse("fp-new", "us_aba", START, False)
    state.put("V1", PayeeRecord(Profile("vendor"), accounts=[AccountUse("fp-old", "us_aba", START, True), use]))
    return use


def cleared(state: State) -> list[bool]:
    record = state.get(PayeeRecord, "V1")
    assert record is not None
    return [bool(use.cleared) for use in record.accounts]


CAUSE = "account:V1\nfp-new"


def test_account_is_trusted_while_the_last_verdict_on_its_change_clears_it(state: State) -> None:
    payee(state)
    alert(state, "changed-account", cause=CAUSE)
    found = []
    for verdict in ("escalated", "benign", "false_positive", "confirmed", "confirmed", "error_not_fraud"):
        judge(state, verdict)
        found.append(cleared(state))
    assert found == [[False, on] for on in (False, True, True, False, False, True)]


@pytest.mark.parametrize(
    "about",
    [
        {"rule": "shared-account", "cause": CAUSE},
        {"rule": "changed-account", "cause": CAUSE, "kind": "account"},
        {"rule": "changed-account", "cause": "account:V1\nfp-gone"},
        {"rule": "changed-account", "cause": CAUSE, "subject": "V2"},
    ],
)
def test_verdict_on_something_else_trusts_no_account(state: State, about: dict[str, Any]) -> None:
    payee(state)
    alert(state, **about)
    judge(state, "benign")
    assert cleared(state) == [False, False]


# allowances


def allows(t: Tale, key: str) -> list[Any]:
    record = state_after(t).get(AllowRecord, key)
    return record.entries if record is not None else []


def test_wallet_is_allowed_with_or_without_its_tag_as_written() -> None:
    t = Tale()
    t.allow("shared-wallet", "wallet", ADDRESS)
    t.allow("shared-wallet", "wallet", f"{ADDRESS}#7", at=DAY)
    t.allow("shared-account", "account", "fp#7", at=2 * DAY)
    plain, tagged = f"shared-wallet\nwallet\n{ADDRESS.lower()}", f"shared-wallet\nwallet\n{ADDRESS.lower()}#7"
    assert [one.starts for one in allows(t, plain)] == [START]
    assert [one.starts for one in allows(t, tagged)] == [START + DAY]
    assert [one.starts for one in allows(t, "shared-account\naccount\nfp#7")] == [START + 2 * DAY]


def test_latest_50_allowances_of_one_pivot_are_kept() -> None:
    t = Tale()
    for n in range(51):
        t.allow("shared-account", "account", "fp", at=n)
    assert MAX_ALLOWS == 50
    assert [one.starts - START for one in allows(t, "shared-account\naccount\nfp")] == list(range(1, 51))
