"""What alerts about vendors hold: the payments of a group, the parties, and the sum of a payment in parts."""

from __future__ import annotations

from tests.scenarios.build import DAY, HOUR, Tale, payee


def _entities(tale: Tale, rule: str) -> set[tuple[str, str, str | None]]:
    (reason,) = tale.play().reasons(rule)
    return {(e["kind"], e["id"], e.get("role")) for e in reason.data["entities"]}


def test_split_payment_holds_all_payments_of_the_group_and_their_sum() -> None:
    tale = Tale()
    tale.policy(limits=["5000.00"])
    tale.pay("V1", amount="10.00")
    paid = [tale.pay("V1", amount="4900.00", at=n * HOUR, approval={"requested_by": "b"}) for n in range(3)]
    (reason,) = tale.play().reasons("split-payment")
    assert reason.data["payment_ids"] == [p["data"]["payment_id"] for p in paid]
    assert reason.data["money"] == [{"value": "14700.00", "currency": "USD", "count": 3}]
    assert reason.told["expected"]["limit"] == "5000"
    assert reason.data["revision"] == 2


def test_largest_limit_that_is_met_wins() -> None:
    tale = Tale()
    tale.policy(limits=["5000", "10000", "7000"])
    for n in range(3):
        tale.pay("V1", amount="4999.99", at=n * HOUR)
    told = {r.told["expected"]["limit"] for r in tale.play().reasons("split-payment")}
    assert told == {"7000"}


def test_parts_of_a_payment_are_judged_as_one() -> None:
    tale = Tale()
    tale.created("V1", "V1", actor={"user_id": "k"})
    for index in (1, 2):
        split = {"index": index, "count": 2}
        tale.pay(
            "V1", f"part{index}", "5000.00", DAY + index, payment_id="P", split=split, approval={"approved_by": ["k"]}
        )
    played = tale.play()
    (large,) = played.reasons("new-vendor-large")
    assert large.told["observed"]["amount"] == {"value": "10000.00", "currency": "USD"}
    assert len(played.reasons("self-approval")) == 1


def test_parts_that_stay_alone_are_judged_by_their_sum() -> None:
    tale = Tale()
    tale.created("V1", "V1")
    tale.pay("V1", amount="12000.00", at=DAY, split={"index": 1, "count": 2})
    assert tale.play().score("new-vendor-large") == 65


def test_overlap_is_about_the_vendor_whoever_is_paid() -> None:
    tale = Tale()
    tale.pay("V1", "shared")
    paid = tale.pay("E1", "shared", at=DAY)
    (reason,) = tale.play().reasons("employee-vendor-overlap")
    assert reason.subject == ("payee", "V1")
    assert reason.data["payment_ids"] == [paid["data"]["payment_id"]]
    assert ("payee", "E1", "shares_with_vendor") in _entities(tale, "employee-vendor-overlap")


def test_lookalike_names_the_known_vendor() -> None:
    tale = Tale()
    tale.pay(payee("V1", name="Northwind Tooling Ltd"))
    tale.created(payee("V2", name="Northwind Toolling LLC"), "V2", at=5 * DAY)
    assert ("payee", "V1", "known_vendor") in _entities(tale, "lookalike-vendor")


def test_vendor_of_unknown_age_is_not_evaluable() -> None:
    tale = Tale()
    tale.policy(limits=["10000"])
    tale.pay("V1", amount="9000.00", currency="EUR", account={"fp": "f", "scheme": "us_aba", "country": "IR"})
    (alert,) = tale.play().alerts
    assert {"new-vendor-large: created", "split-payment: amount_base", "near-limit: amount_base"} <= set(
        alert["not_evaluable"]
    )
