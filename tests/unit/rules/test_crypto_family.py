"""D2, D3, D4, D6, D7: what their alerts hold, and how findings of one payee grow into one alert."""

from __future__ import annotations

from typing import Any

from tests.scenarios.build import DAY, HOUR, Tale, account, wallet


def ask(t: Tale, amount: str, at: int, **more: Any) -> Any:
    return t.request("C1", amount=amount, at=at, method="bank", account=account("own"), **more)


def kinds(alert: Any, kind: str) -> set[str]:
    return {entity["id"] for entity in alert["entities"] if entity["kind"] == kind}


def test_structured_payouts_grow_one_alert_with_every_further_request() -> None:
    t = Tale()
    asked = [ask(t, "900.00", n * HOUR) for n in range(4)]
    played = t.play()
    assert [alert["revision"] for alert in played.revisions] == [1, 2]
    (alert,) = played.alerts
    assert alert["money"] == [{"value": "3600.00", "currency": "USD", "count": 4}]
    assert kinds(alert, "request") == {one["data"]["request_id"] for one in asked}
    assert played.reasons("structured-payouts")[0].told["observed"]["total"] == "2700.00"


def test_structured_payouts_name_the_largest_threshold() -> None:
    """Three of 2,000 would be split under 3,000; two of 900 make no group of their own."""
    t = Tale()
    for n, amount in enumerate(("900.00", "2000.00", "900.00", "2000.00", "2000.00")):
        ask(t, amount, n * HOUR)
    (reason,) = t.play().reasons("structured-payouts")
    assert reason.told["expected"]["threshold"] == "3000"


def test_each_threshold_is_a_case_of_its_own() -> None:
    t = Tale()
    for n, amount in enumerate(["900.00"] * 3 + ["2900.00"] * 3):
        ask(t, amount, n * HOUR)
    assert sorted(r["score"] for r in t.play().alerts[0]["reasons"]) == [45, 65]


def test_request_outside_the_group_does_not_report_it_again() -> None:
    t = Tale()
    for n, amount in enumerate(("999.00", "999.00", "999.00", "1000.00", "499.99")):
        ask(t, amount, n * HOUR)
    assert len(t.play().revisions) == 1


def test_structured_payouts_to_one_wallet_name_the_other_payees() -> None:
    t = Tale()
    t.policy(rules={"crypto-request": {"mode": "off"}})
    for n in range(3):
        t.request(f"C{n}", wallet(hosted="custodial"), "900.00", at=n * HOUR)
    (reason,) = t.play().reasons("structured-payouts")
    assert reason.subject == ("payee", "C2")
    assert {"C0", "C1"} <= kinds(reason.data, "payee")
    assert reason.told["observed"]["by"] == "wallet"
    address = wallet()["address"].lower()
    assert kinds(reason.data, "wallet") == {address}
    assert reason.data["report_hints"]["wallets"] == [address]


def test_structured_payouts_of_one_payee_to_one_wallet_are_told_of_the_payee() -> None:
    t = Tale()
    t.policy(rules={"crypto-request": {"mode": "off"}})
    for n in range(3):
        t.request("C1", wallet(hosted="custodial"), "2900.00", at=n * HOUR)
    (reason,) = t.play().reasons("structured-payouts")
    assert reason.told["observed"]["by"] == "payee"
    assert reason.data["report_hints"]["wallets"] == []
    assert reason.data["recommended_action"] == "hold"


def test_structured_payouts_without_base_amount_are_not_evaluable() -> None:
    t = Tale()
    t.request("C1", wallet(asset="XMR"))
    t.events[-1]["data"]["amount"]["currency"] = "EUR"
    assert "structured-payouts: amount_base" in t.play().alerts[0]["not_evaluable"]


def test_wallet_churn_rises_with_the_third_wallet_in_one_alert() -> None:
    t = Tale()
    t.policy(rules={"crypto-request": {"mode": "off"}})
    for n, name in enumerate(("one", "two", "two", "three")):
        t.request("C1", wallet(name), at=n * HOUR)
    played = t.play()
    assert [alert["score"] for alert in played.revisions] == [45, 65]
    assert [alert["recommended_action"] for alert in played.revisions] == ["review", "hold"]
    assert kinds(played.alerts[0], "wallet") == {"one", "two", "three"}
    assert played.reasons("wallet-churn")[0].told["expected"] == {"destinations": 1, "networks": 1}


def test_known_wallet_on_a_known_network_adds_nothing() -> None:
    t = Tale()
    t.policy(rules={"crypto-request": {"mode": "off"}})
    for n, network in enumerate(("eip155:1", "eip155:10", "eip155:1", "eip155:10")):
        t.request("C1", wallet("one", network=network), at=n * HOUR)
    assert len(t.play().revisions) == 1


def test_destination_without_an_address_is_no_wallet_of_the_alert() -> None:
    t = Tale()
    t.policy(rules={"crypto-request": {"mode": "off"}})
    t.request("C1", {"provider": "p", "network": "eip155:1", "asset": "USDT"})
    t.request("C1", wallet("one"), at=HOUR)
    (alert,) = t.play().alerts
    assert alert["report_hints"]["wallets"] == ["one"]


def test_new_network_of_a_known_wallet_counts_beside_wallets() -> None:
    """Two wallets were reported; a second network is a new hop, though the count stays two."""
    t = Tale()
    t.policy(rules={"crypto-request": {"mode": "off"}})
    t.request("C1", wallet("one"))
    t.request("C1", wallet("two"), at=HOUR)
    t.request("C1", wallet("two", network="eip155:10"), at=2 * HOUR)
    assert [alert["score"] for alert in t.play().revisions] == [45, 45]


def test_rapid_cashout_holds_the_drained_payments_and_the_requests() -> None:
    t = Tale()
    t.created("C1", "own")
    paid = []
    for n in range(4):
        at = (40 + 7 * n) * DAY
        paid.append(t.pay("C1", "platform", at=at)["data"]["payment_id"])
        ask(t, "950.00", at + HOUR)
    played = t.play()
    (alert,) = played.alerts
    assert [one["payment_ids"] for one in played.revisions] == [sorted(paid[:3]), sorted(paid)]
    assert alert["money"] == [{"value": "7800.00", "currency": "USD", "count": 8}]
    assert alert["recommended_action"] == "review"


def test_drained_payment_is_not_reported_again_by_a_further_request() -> None:
    t = Tale()
    t.created("C1", "own")
    for n in range(3):
        t.pay("C1", "platform", at=(40 + 7 * n) * DAY)
        ask(t, "950.00", (40 + 7 * n) * DAY + HOUR)
    ask(t, "50.00", 54 * DAY + 2 * HOUR)
    assert len(t.play().revisions) == 1


def test_cashout_says_what_would_have_kept_it_silent() -> None:
    t = Tale()
    for n in range(3):
        t.pay("C1", "platform", at=n * DAY)
        ask(t, "950.00", n * DAY + HOUR)
    assert t.play().alerts[0]["counterfactual"].startswith("Leaving more than 10% ")


def test_privacy_asset_names_the_wallet_and_what_it_is() -> None:
    t = Tale()
    t.pay("C1", {"fp": "fp-w", "scheme": "wallet", "wallet": {"address": "one", "tags": ["mixer"]}}, rail="crypto")
    (reason,) = t.play().reasons("privacy-asset")
    assert reason.told["text"] == "Destination in an asset not named: the destination is a mixer."
    assert kinds(reason.data, "wallet") == {"one"}
    assert reason.data["report_hints"]["wallets"] == ["one"]


def test_crypto_on_a_changed_account_is_held_and_says_why() -> None:
    told = []
    for known in (0, 4):
        t = Tale()
        at = t.history("E1", known)
        t.pay("E1", account("x", scheme="vasp"), at=at)
        (reason,) = t.play().reasons("crypto-in-fiat")
        told.append((reason.data["recommended_action"], "reported as changed" in reason.told["text"]))
    assert told == [("review", False), ("hold", True)]


def test_address_in_the_text_is_an_entity_in_the_form_of_comparison() -> None:
    t = Tale()
    address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    t.pay("V1", purpose={"remittance": f"to {address}"})
    (alert,) = t.play().alerts
    assert kinds(alert, "wallet") == {address.lower()}
    assert alert["report_hints"]["wallets"] == [address.lower()]


def test_each_part_of_a_split_payment_is_looked_at_for_crypto() -> None:
    t = Tale()
    for index, scheme in ((1, "us_aba"), (2, "vasp")):
        t.pay("E1", account(scheme, scheme=scheme), at=index, split={"index": index, "count": 2}, payment_id="P")
    (reason,) = t.play().reasons("crypto-in-fiat")
    assert reason.data["payment_ids"] == ["P"]
