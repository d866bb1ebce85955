"""S3: one alert a payee and code, whatever the time between; what it recommends and when a report is due."""

from __future__ import annotations

from tests.scenarios.build import DAY, HOUR, Json, Tale, account, payee, wallet

RULE = "sanctioned-country"


def test_one_alert_for_each_code_and_never_by_time() -> None:
    t = Tale()
    t.pay("V1", account("x", country="IR"))
    t.pay("V1", account("y", country="CU"), at=HOUR)
    t.pay("V1", account("x", country="IR"), at=100 * DAY)
    alerts = [alert for alert in t.play().alerts if alert["family"] == "sanctions"]
    assert sorted(len(alert["payment_ids"]) for alert in alerts) == [1, 2]


def test_country_and_region_of_one_event_are_two_cases() -> None:
    t = Tale()
    t.policy(rules={RULE: {"params": {"countries": ["UA"]}}})
    t.pay("V1", account("x", country="UA", region="UA-43"))
    assert len(t.play().reasons(RULE)) == 2


def test_account_blocks_and_payee_or_address_are_for_review() -> None:
    told = {}
    told_by: Json = {"ip": "198.51.100.7", "ip_country": "IR"}
    for name, person, to, actor in (
        ("account", payee("E1"), account("x", country="IR"), {}),
        ("payee", payee("E1", country="IR"), account("x"), {}),
        ("ip", payee("E1"), account("x"), told_by),
    ):
        t = Tale()
        t.change(person, to, actor=actor)
        (reason,) = t.play().reasons(RULE)
        told[name] = reason.data["recommended_action"], reason.data["severity"], reason.told["observed"]["fields"]
    assert told == {
        "account": ("block_per_policy", "critical", ["account"]),
        "payee": ("review", "critical", ["payee"]),
        "ip": ("review", "high", ["ip"]),
    }


def test_deadline_is_ten_business_days_on() -> None:
    t = Tale()
    t.pay("V1", account("x", country="KP"))
    (reason,) = t.play().reasons(RULE)
    assert reason.data["report_hints"]["deadline"] == "2026-01-19"


def test_address_of_the_session_is_among_the_hints() -> None:
    t = Tale()
    t.worker("E1", "session", session={"ip": "198.51.100.7", "ip_country": "KP"})
    (reason,) = t.play().reasons(RULE)
    assert reason.data["report_hints"]["ips"] == ["198.51.100.7"]
    assert reason.data["report_hints"]["deadline"] is None


def test_unknown_country_of_the_payee_is_not_evaluable() -> None:
    t = Tale()
    t.request({"payee_id": "C1", "kind": "contractor"}, wallet(asset="XMR"))
    assert all(f"{RULE}: payee.country" in alert["not_evaluable"] for alert in t.play().alerts)


def test_region_alone_is_evaluable() -> None:
    t = Tale()
    t.request({"payee_id": "C1", "kind": "contractor", "region": "UA-30"}, wallet(asset="XMR"))
    assert all(f"{RULE}: payee.country" not in alert["not_evaluable"] for alert in t.play().alerts)


def test_alert_names_the_account_and_only_an_address_that_counts() -> None:
    t = Tale()
    t.change("E1", account("x", country="IR"), actor={"ip": "198.51.100.7", "ip_country": "US"})
    (reason,) = t.play().reasons(RULE)
    assert reason.data["report_hints"]["ips"] == []
    assert [(e["kind"], e["id"]) for e in reason.data["entities"]] == [("account", "fp-x")]
