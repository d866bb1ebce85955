"""Policies: what is refused, and what stands until the next one."""

from typing import Any

import pytest

from sluicegate.detection.policy import Policy, compile_policy, is_zone, param_faults
from sluicegate.rules import pay_spike
from sluicegate.rules.registry import RULES
from tests.scenarios.build import DAY, Tale, play, wallet

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"timezone": "Europe/Nowhere"}, "/data/timezone"),
    ({"timezone": ""}, "/data/timezone"),
    ({"timezone": "../../etc/passwd"}, "/data/timezone"),
    ({"timezone": "America"}, "/data/timezone"),  # a folder of zones
    ({"timezone": "a\x00b"}, "/data/timezone"),
    ({"rules": {"pay-spike": {"params": {"min_hystory": 4}}}}, "/data/rules/pay-spike/params/min_hystory"),
    ({"rules": {"pay-spike": {"params": {"min_history": 0}}}}, "/data/rules/pay-spike/params/min_history"),
    ({"rules": {"pay-spike": {"params": {"min_history": "4"}}}}, "/data/rules/pay-spike/params/min_history"),
    ({"rules": {"pay-spike": {"params": {"min_history": None}}}}, "/data/rules/pay-spike/params/min_history"),
    ({"rules": {"pay-spike": {"params": {"min_difference": 250}}}}, "/data/rules/pay-spike/params/min_difference"),
    ({"rules": {"pay-spike": {"params": {"min_difference": "-1"}}}}, "/data/rules/pay-spike/params/min_difference"),
    ({"rules": {"pay-spike": {"params": {"cohort_share": 1.01}}}}, "/data/rules/pay-spike/params/cohort_share"),
    ({"rules": {"pay-spike": {"mode": "loud"}}}, "/data/rules/pay-spike/mode"),
]


@pytest.mark.parametrize(("fields", "path"), REFUSED)
def test_faulty_policy_is_refused_with_its_place_and_the_former_one_stays(fields: dict[str, Any], path: str) -> None:
    t = Tale()
    t.policy(trusted_accounts=[{"fp": "fp-shared"}])
    t.policy(1, **fields)
    t.pay("V1", "shared", at=DAY)
    t.pay("V2", "shared", at=2 * DAY)
    played = t.play()
    (letter,) = played.letters
    assert letter["reason"] == "schema_violation"
    assert letter["detail"]["path"] == path
    assert played.alerts == []


def test_unknown_rule_is_refused_and_a_rule_of_the_catalogue_that_is_not_built_yet_is_not() -> None:
    t = Tale()
    t.policy(rules={"no-such-rule": {"mode": "off"}})
    t.policy(1, rules={"unknown-purpose": {"mode": "off", "params": {}}})
    (letter,) = t.play().letters
    assert letter["offset"] == 0


@pytest.mark.parametrize(("value", "ok"), [(0.3, True), (0, True), (1, True), (1.0000001, False), (-0.1, False)])
def test_bounds_of_a_parameter_are_inclusive(value: float, ok: bool) -> None:
    t = Tale()
    t.policy(rules={"pay-spike": {"params": {"cohort_share": value}}})
    assert (t.play().letters == []) is ok


def test_parameters_not_named_keep_their_defaults() -> None:
    policy = compile_policy(b'{"rules":{"pay-spike":{"params":{"min_ratio":3}}}}', "p1")
    params = policy.params(RULES["pay-spike"], pay_spike.Params)
    assert params == pay_spike.Params(min_ratio=3)
    assert policy.event_id == "p1"
    assert policy.mode("pay-spike") == "live"


def test_default_policy_trusts_nothing_and_knows_no_provider() -> None:
    policy: Policy = compile_policy(None, None)
    assert policy.base_currency == "USD"
    assert not policy.crypto.allowed
    assert not policy.trusted
    assert not policy.approved_provider(None)
    assert not policy.approved_provider("provider")


def test_policy_counts_from_its_place_in_the_log_whatever_the_event_times() -> None:
    t = Tale()
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=DAY)
    t.policy(30 * DAY, trusted_accounts=[{"fp": "fp-shared"}])
    t.pay("V3", "shared", "7.00", at=DAY + 1)
    latest = t.policy(20 * DAY)
    t.pay("V4", "shared", "8.00", at=DAY + 2)
    first, second = t.play().revisions
    assert (first["versions"]["policy"], second["versions"]["policy"]) == (None, latest["id"])
    assert [reason["observed"]["payees"] for reason in second["reasons"]] == [4]


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_each_event_is_judged_by_the_one_policy_at_its_place_and_none_by_a_mixture(batch: int) -> None:
    """The id, a field of the policy and a parameter of the rule, as the alert shows them, belong together."""
    t = Tale()
    judged: list[tuple[str | None, list[str], int]] = []
    for number in range(8):
        if number:
            held = t.policy(
                -number * DAY,  # whatever its time
                crypto={"allowed": False, "providers": [f"p{number % 3}"]},
                rules={"crypto-request": {"params": {"cap": 40 + number % 3}}},
            )
        for payee in range(number % 4):
            t.request(f"E{number}-{payee}", wallet(f"w{number}-{payee}"), at=number * DAY, share_of_pay="0.1")
            judged.append((held["id"], [f"p{number % 3}"], 40 + number % 3) if number else (None, [], 75))
    found = [
        (data["versions"]["policy"], reason["expected"]["providers"], reason["score"])
        for data in play(t.lines, batch=batch).revisions
        for reason in data["reasons"]
        if reason["rule"] == "crypto-request"
    ]
    assert found == judged
    assert len(judged) > 10


def test_large_policy_is_kept_in_pieces_and_stands_after_a_shorter_one() -> None:
    t = Tale()
    t.policy(trusted_accounts=[{"fp": f"fp-{n}", "note": "x" * 500} for n in range(300)])
    t.pay("V1", "299", at=DAY)
    t.pay("V2", "299", at=2 * DAY)
    t.policy(3 * DAY)
    played = t.play()
    assert played.alerts == []
    assert played.replay is not None
    kinds = [key.split("|")[1] for key, _ in played.replay.partition.items()]
    assert kinds.count("policy") == 1
    assert kinds.count("policypart") == 0


@pytest.mark.parametrize(("mode", "alerts", "signals"), [("live", 1, 0), ("shadow", 0, 1), ("off", 0, 0)])
def test_mode_of_a_rule(mode: str, alerts: int, signals: int) -> None:
    t = Tale()
    t.policy(rules={"shared-account": {"mode": mode}})
    t.pay("V1", "shared")
    t.pay("V2", "shared", at=DAY)
    played = t.play()
    assert len(played.alerts) == alerts
    assert [s["mode"] for s in played.signals] == ["shadow"] * signals


def test_policy_without_anything_in_shadow_is_the_same_one() -> None:
    policy = compile_policy(b"{}", "p")
    assert policy.shadowing(()) is policy
    other = policy.shadowing({"pay-spike"})
    assert (other.mode("pay-spike"), other.mode("off-cycle")) == ("shadow", "live")
    assert policy.mode("pay-spike") == "live"


def test_every_fault_of_a_rules_parameters_is_told_and_of_an_unknown_rule_none() -> None:
    faults = dict(param_faults("pay-spike", {"no_such": 1, "min_history": 0, "min_z": 4, "run_cap": 1}))
    assert sorted(faults) == ["min_history", "no_such", "run_cap"]
    assert faults["min_history"] == "Expected `int` >= 1"
    assert list(param_faults("no-such-rule", {"a": 1})) == []


def test_name_that_is_no_time_zone_is_told_from_one_that_is() -> None:
    assert [is_zone(name) for name in ("Asia/Tokyo", "Asia", "Nowhere/At_All", "../UTC", "")] == [True, *[False] * 4]


def test_rules_are_live_unless_the_policy_says_otherwise() -> None:
    policy = compile_policy(b'{"rules":{"off-cycle":{"mode":"off"}}}', "p")
    assert {slug: policy.mode(slug) for slug in RULES} == dict.fromkeys(RULES, "live") | {"off-cycle": "off"}
