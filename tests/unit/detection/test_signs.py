"""Signs of a borrowed identity: when the pattern is told, when told again, and what is kept how long."""

from __future__ import annotations

from typing import Any

from sluicegate.detection.records import PayeeRecord
from sluicegate.detection.sign_records import SignInRecord, SignRecord
from sluicegate.detection.signs import MOST_OF_A_NAME, MOST_PAYEES, MOST_SESSIONS
from tests.scenarios import it_worker_pattern
from tests.scenarios.build import DAY, Played, Tale, payee

PATTERN = "it-worker-pattern"


def pattern() -> Tale:
    tale = Tale()
    it_worker_pattern.sixty_points_of_two_groups(tale)
    return tale


def told(played: Played) -> list[Any]:
    return [data for data in played.revisions if data["family"] == "pattern"]


def held(played: Played, kind: type[Any], id: str) -> Any:
    assert played.replay is not None
    return played.replay.partition.begin().state("acme").get(kind, id)


def test_it_says_consistent_with_and_names_the_evidence() -> None:
    (alert,) = told(pattern().play())
    assert alert["title"].startswith("Pattern consistent with")
    assert alert["reasons"][0]["event_ids"] == ["/feeds/acme#e00002", "/feeds/acme#e00003"]
    assert alert["reasons"][0]["observed"]["groups"] == {"account": 30, "crypto": 30}
    assert alert["counterfactual"].endswith("30 points.")


def test_event_without_a_new_sign_makes_no_revision() -> None:
    tale = pattern()
    tale.status(tale.events[0], "settled", 2 * DAY)
    tale.request("C1", at=3 * DAY)
    tale.worker("C1", "attest", 3 * DAY, scope="identity")
    assert len(told(tale.play())) == 1


def test_new_sign_makes_a_revision() -> None:
    tale = pattern()
    tale.worker("C1", "flag", 3 * DAY, flag="document_mismatch", flag_value="true")
    assert [alert["score"] for alert in told(tale.play())] == [60, 90]


def test_sign_that_had_faded_is_new_again() -> None:
    tale = pattern()
    tale.worker("C1", "flag", DAY, flag="document_mismatch", flag_value="true")
    for who in ("C1", "C2", "C3"):
        tale.pay(who, "one", at=40 * DAY)
    assert [(alert["score"], alert["last_event_at"][:10]) for alert in told(tale.play())] == [
        (60, "2026-01-06"),
        (90, "2026-01-06"),
        (90, "2026-02-14"),
    ]


def test_verdict_holds_until_there_is_a_new_sign() -> None:
    tale = pattern()
    (alert,) = told(tale.play())
    tale.verdict(alert["alert_id"], "benign", 2 * DAY)
    tale.pay("C1", at=3 * DAY)
    assert [one["activity"] for one in told(tale.play())] == ["create", "close"]
    tale.worker("C1", "flag", 4 * DAY, flag="document_mismatch", flag_value="true")
    assert [one["activity"] for one in told(tale.play())] == ["create", "close", "create"]


def test_one_event_may_concern_several_payees() -> None:
    """The third payee on the account makes it a sign about all three."""
    tale = Tale()
    for who in ("C1", "C2"):
        tale.request(who, at=0)
        tale.pay(who, "one", at=0)
    tale.pay("C3", "one", at=DAY)
    assert {alert["subject"]["id"] for alert in told(tale.play())} == {"C1", "C2"}


def test_change_explained_later_is_no_sign_any_more() -> None:
    new = payee("C1", start_date="2026-01-05")
    tale = Tale()
    tale.history(new, 6)
    tale.pay(new, "new", at=85 * DAY)
    assert [sign.name for sign in held(tale.play(), SignRecord, "C1").signs] == ["early_change"]
    verified = {"method": "callback", "status": "passed", "by": "u-other"}
    tale.change(new, "new", 85 * DAY - 1, verification=verified)
    assert held(tale.play(), SignRecord, "C1").signs == []


def test_pattern_in_the_shadow_is_told_once_the_rule_is_live() -> None:
    tale = Tale()
    tale.policy(rules={PATTERN: {"mode": "shadow"}})
    it_worker_pattern.sixty_points_of_two_groups(tale)
    tale.pay("C1", at=2 * DAY)
    assert told(tale.play()) == []
    tale.policy()
    for n in range(2):
        tale.pay("C1", at=3 * DAY + n)
    assert [alert["score"] for alert in told(tale.play())] == [60]


def test_odd_parameters_give_no_odd_scores() -> None:
    tale = Tale()
    tale.policy(rules={PATTERN: {"params": {"high": 0, "critical": 0, "full_days": 90}}})
    it_worker_pattern.sixty_points_of_two_groups(tale)
    played = tale.play()
    assert told(played) == []
    assert played.letters == []
    assert {one.score for one in played.noted(PATTERN)} <= set(range(25))


def test_what_is_kept_is_bounded() -> None:
    tale = Tale()
    for n in range(2 * MOST_SESSIONS):
        tale.worker("C1", "session", n, session={"ip_country": "LA", "device_id": "d"})
        tale.worker(f"E{n}", "session", n, session={"ip_country": "US", "device_id": "d"})
    played = tale.play()
    record = held(played, SignRecord, "C1")
    assert len(record.sessions) == MOST_SESSIONS
    assert len(record.signs) <= 2 * MOST_OF_A_NAME
    assert len(held(played, SignInRecord, "device\nd").payees) == MOST_PAYEES
    assert held(played, SignRecord, "E1") is None
    assert held(played, PayeeRecord, "E1") is not None


def test_what_counts_no_more_is_forgotten() -> None:
    tale = Tale()
    tale.worker("C1", "session", session={"ip_country": "LA", "device_id": "d"})
    tale.pay("V1", at=38 * DAY)
    assert held(tale.play(), SignInRecord, "device\nd") is None
    assert held(tale.play(), SignRecord, "C1") is not None
    tale.pay("V1", at=181 * DAY)
    assert held(tale.play(), SignRecord, "C1") is None


def test_field_that_lacks_is_named() -> None:
    nowhere = {"payee_id": "C1", "kind": "contractor"}
    tale = Tale()
    tale.history(nowhere, 6)
    tale.change(nowhere, "new", 90 * DAY, actor={"channel": "email"})
    tale.pay(nowhere, "new", at=91 * DAY)
    (alert,) = tale.play().alerts
    assert {f"{PATTERN}: payee.country", f"{PATTERN}: payee.start_date"} <= set(alert["not_evaluable"])
