"""Alerts and signals as they stand on the wire."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sluicegate.detection.alert_records import AlertRecord, AllowEntry
from sluicegate.detection.calendar import Calendar
from sluicegate.detection.compose import ACTIONS, alert_body, shown, signal_body
from sluicegate.detection.evidence import new_reason
from sluicegate.rules.base import Entity, Finding
from sluicegate.rules.registry import RULES
from sluicegate.version import RULESET
from tests.scenarios.build import DAY, HOUR, START, Json, Played, Tale, account

NO_MATCH = account("new", name_check={"status": "no_match"})


def played(**policy: Any) -> Played:
    """A payment to an account never seen, whose name does not match."""
    t = Tale()
    t.policy(**policy)
    t.pay("V1", NO_MATCH, at=t.history("V1", 3, "old"))
    return t.play()


def test_envelope_of_an_alert() -> None:
    (event,) = played().topic("alerts")
    data = event.pop("data")
    assert {name: value for name, value in event.items() if not name.startswith("chain")} == {
        "specversion": "1.0",
        "id": f"{data['alert_id']}-1",
        "source": "/sluicegate",
        "type": "alert.v1",
        "time": "2026-02-16T09:00:00Z",
        "subject": data["alert_id"],
        "tenantid": "acme",
        "partitionkey": "acme|payee|V1",
        "datacontenttype": "application/json",
    }


def test_alert_is_led_by_its_highest_reason_and_sums_up_the_others() -> None:
    (alert,) = played().alerts
    assert [(reason["rule"], reason["score"]) for reason in alert["reasons"]] == [
        ("changed-account", 65),
        ("name-mismatch", 65),
    ]
    assert alert["title"] == "First payment to an account never seen for this vendor"
    assert (alert["activity"], alert["revision"], alert["severity"], alert["score"]) == ("create", 1, "high", 65)
    assert alert["recommended_action"] == "hold"
    assert alert["counterfactual"].count(" And: ") == 1
    assert alert["subject"] == {"kind": "payee", "id": "V1"}
    assert alert["money"] == [{"value": "1000.00", "currency": "USD", "count": 1}]
    assert alert["report_hints"]["total"] == alert["money"]
    assert (alert["retroactive"], alert["suppression"]) == (False, None)
    assert "truncated" not in alert
    assert "close_reason" not in alert


def test_alert_names_the_versions_it_was_made_by() -> None:
    (alert,) = played().alerts
    assert alert["versions"] == {"ruleset": RULESET, "models": {}, "lists": {}, "policy": "e00000"}


def test_times_of_an_alert_are_those_of_its_events_and_revisions() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.pay("V1", NO_MATCH, at=at)
    t.pay("V1", NO_MATCH, at=at + HOUR, invoice="2-1-2")
    first, second = t.play().revisions
    assert (first["first_event_at"], first["last_event_at"]) == ("2026-02-16T09:00:00Z",) * 2
    assert (second["first_event_at"], second["last_event_at"]) == ("2026-02-16T09:00:00Z", "2026-02-16T10:00:00Z")
    assert (second["created_at"], second["updated_at"]) == ("2026-02-16T09:00:00Z", "2026-02-16T10:00:00Z")
    assert (second["activity"], second["revision"]) == ("update", 2)


def signal(**policy: Any) -> Json:
    (found,) = (one for one in played(**policy).signals if one["reasons"][0]["rule"] == "name-mismatch")
    return found


def test_finding_in_the_shadow_is_a_signal_with_all_it_says() -> None:
    found = signal(rules={"name-mismatch": {"mode": "shadow"}, "changed-account": {"mode": "off"}})
    assert (found["mode"], found["notice"], found["severity"], found["score"]) == ("shadow", False, "medium", 45)
    assert found["subject"] == {"kind": "payee", "id": "V1"}
    assert found["payment_ids"] == ["P00004"]
    assert (found["activity"], found["revision"], found["family"]) == ("create", 1, "account")
    assert found["counterfactual"]
    assert found["versions"]["ruleset"] == RULESET
    assert found["reasons"][0]["event_ids"] == ["/feeds/acme#e00004"]
    assert found["first_event_at"] == found["created_at"] == "2026-02-16T09:00:00Z"


def test_entities_are_sorted_and_tell_only_what_is_known() -> None:
    t = Tale()
    at = t.history("V1", 3, "old")
    t.change("V1", account("new", last4="1234"), at, actor={"channel": "email", "user_id": "u", "ip": "192.0.2.1"})
    t.pay("V1", "new", at=at + DAY)
    (alert,) = t.play().alerts
    assert alert["entities"] == [
        {"kind": "account", "id": "fp-new", "role": "new", "country": "US", "last4": "1234"},
        {"kind": "account", "id": "fp-old", "role": "old", "country": "US"},
        {"kind": "ip", "id": "192.0.2.1"},
        {"kind": "user", "id": "u", "role": "actor"},
    ]
    assert alert["report_hints"]["ips"] == ["192.0.2.1"]


def test_actions_fall_from_the_strongest() -> None:
    assert ACTIONS == ("block_per_policy", "hold", "verify_callback", "review", "none")


def test_event_is_shown_by_source_and_id() -> None:
    assert shown("/feeds/a\ne1\nx") == "/feeds/a#e1\nx"


@pytest.mark.parametrize(
    ("left_out", "truncated"),
    [
        ((0, 0, 0), None),
        ((3, 0, 0), {"entities": 3}),
        ((0, 2, 5), {"payment_ids": 2, "reasons.event_ids": 10}),
    ],
)
def test_alert_says_how_much_of_its_lists_is_left_out(
    left_out: tuple[int, int, int], truncated: dict[str, int] | None
) -> None:
    told = Finding(score=50, subject=("payee", "V1"), title="t", text="x", observed={}, expected={}, counterfactual="")
    reasons = [new_reason(RULES["shared-account"], told, cause) for cause in ("a", "b")]
    record = AlertRecord("payee", "V1", "account", 0, 0, 0, reasons=reasons)
    record.entities_left_out, record.payments_left_out = left_out[:2]
    for reason in reasons:
        reason.events_left_out = left_out[2]
    assert alert_body("acme", "al_1", record, Calendar()).get("truncated") == truncated


def test_signal_says_what_cleared_a_finding_and_which_allowance_silenced_it() -> None:
    told = Finding(
        score=10,
        subject=("payee", "V1"),
        title="t",
        text="x",
        observed={},
        expected={},
        counterfactual="",
        cleared_by="dob",
        entities=(Entity("payee", "V1", role="new"), Entity("payee", "V1"), Entity("account", "z")),
    )
    rule = RULES["shared-account"]
    body = signal_body("acme", "al_1", rule, told, "/s\n1", START, START + DAY, "live", None)
    assert (body["cleared_by"], body["suppression"]) == ("dob", None)
    assert [(one["kind"], one["id"], one.get("role")) for one in body["entities"]] == [
        ("account", "z", None),
        ("payee", "V1", None),
        ("payee", "V1", "new"),
    ]
    allow = AllowEntry("account", "z", START, START + DAY, "/s\nallow", None, [])
    silenced = signal_body("acme", "al_1", rule, msgspec.structs.replace(told, cleared_by=None), "", 0, 0, "x", allow)
    assert "cleared_by" not in silenced
    assert silenced["mode"] == "shadow"
    assert silenced["suppression"] == {
        "rule": "shared-account",
        "pivot": {"kind": "account", "value": "z"},
        "expires": "2026-01-06T09:00:00Z",
        "disposition_event": "/s#allow",
    }


def test_reason_names_its_sources_and_the_strongest_action_leads() -> None:
    rule = RULES["shared-account"]
    told = Finding(score=50, subject=("payee", "V1"), title="t", text="x", observed={}, expected={}, counterfactual="")
    reasons = [new_reason(rule, msgspec.structs.replace(told, action=action), action) for action in reversed(ACTIONS)]
    record = AlertRecord("payee", "V1", "account", 0, 0, 0, reasons=reasons)
    body = alert_body("acme", "al_1", record, Calendar())
    assert body["recommended_action"] == ACTIONS[0]
    assert rule.sources
    assert [one["sources"] for one in body["reasons"]] == [list(rule.sources)] * len(ACTIONS)
    (one,) = signal_body("acme", "al_1", rule, told, "/s\n1", 0, 0, "live", None)["reasons"]
    assert one["sources"] == list(rule.sources)
