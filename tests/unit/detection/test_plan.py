"""Which rules look at an event, by policy, type of event and phase."""

from __future__ import annotations

import pytest

from sluicegate.detection import plan
from sluicegate.detection.policy import Policy, compile_policy
from sluicegate.detection.records import Advance, Change, PayeeRecord, Profile
from sluicegate.detection.signs import PATTERN
from sluicegate.detection.step import RULES_ON
from sluicegate.rules.base import ALL_GIVEN, GIVEN, Rule
from sluicegate.rules.registry import RULES
from sluicegate.wire.events import Payment
from tests.scenarios.build import Tale, account, wallet
from tests.unit.wire.samples import accepted, encoded

TYPES = ("payroll.payment.v1", "vendor.payment.v1", "payee.change.v1", "payout.request.v1", "payment.status.v1")


def slugs(policy: Policy, name: str, phase: str) -> list[str]:
    looks = plan.looks(policy, accepted(encoded(name)), ALL_GIVEN, phase, RULES_ON)
    for rule, check, params in looks:
        assert check in rule.on.values()
        assert params is policy.params(rule, rule.params)
    return [rule.slug for rule, _, _ in looks]


@pytest.fixture
def policy() -> Policy:
    return compile_policy(b"{}", "plan")


@pytest.mark.parametrize("name", TYPES)
def test_each_rule_looks_once_in_the_order_of_the_catalogue(name: str, policy: Policy) -> None:
    once, whole = slugs(policy, name, plan.AT_ONCE), slugs(policy, name, plan.WHOLE)
    kind = type(accepted(encoded(name)).data)
    concerned = {slug for slug, rule in RULES.items() if kind in rule.on}
    if kind is Payment:
        concerned -= {slug for slug in concerned if not name.startswith(RULES[slug].pays)}
    assert set(once) | set(whole) == concerned == set(slugs(policy, name, plan.ALL))
    assert not set(once) & set(whole)
    for chosen in (once, whole):
        assert chosen == [slug for slug in RULES if slug in chosen]


def test_payments_of_payroll_and_to_vendors_have_rules_of_their_own(policy: Policy) -> None:
    payroll, vendor = (slugs(policy, f"{kind}.payment.v1", plan.WHOLE) for kind in ("payroll", "vendor"))
    assert {"off-cycle", "duplicate-pay"} <= set(payroll) - set(vendor)
    assert {"duplicate-invoice", "lookalike-vendor"} <= set(vendor) - set(payroll)
    assert "lookalike-vendor" in slugs(policy, "payee.change.v1", plan.WHOLE)


def test_a_part_that_waits_for_others_is_looked_at_for_the_pattern_alone(policy: Policy) -> None:
    assert slugs(policy, "payroll.payment.v1", plan.WAITING) == [PATTERN]


def test_rules_that_are_off_do_not_look_and_those_in_shadow_do() -> None:
    body = b'{"rules":{"off-cycle":{"mode":"off"},"duplicate-pay":{"mode":"shadow"}}}'
    chosen = slugs(compile_policy(body, "modes"), "payroll.payment.v1", plan.WHOLE)
    assert "off-cycle" not in chosen
    assert "duplicate-pay" in chosen


def test_rules_are_chosen_once_and_anew_among_other_rules(policy: Policy) -> None:
    event = accepted(encoded("vendor.payment.v1"))
    first = plan.looks(policy, event, ALL_GIVEN, plan.WHOLE, RULES_ON)
    assert plan.looks(policy, event, ALL_GIVEN, plan.WHOLE, RULES_ON) is first
    fewer: dict[type, tuple[Rule, ...]] = {Payment: (RULES["near-limit"],)}
    assert [rule.slug for rule, _, _ in plan.looks(policy, event, ALL_GIVEN, plan.WHOLE, fewer)] == ["near-limit"]
    assert plan.looks(policy, event, ALL_GIVEN, plan.WHOLE, RULES_ON) == first


@pytest.mark.parametrize("lacking", GIVEN)
def test_rules_do_not_look_at_a_payment_that_lacks_what_they_need(lacking: str, policy: Policy) -> None:
    event, held = accepted(encoded("payroll.payment.v1")), tuple(what != lacking for what in GIVEN)
    asked, all_of_them = (
        {rule.slug for rule, _, _ in plan.looks(policy, event, given, plan.ALL, RULES_ON)}
        for given in (held, ALL_GIVEN)
    )
    assert all_of_them - asked == {slug for slug, rule in RULES.items() if rule.given == lacking} != set()


def test_what_a_payment_has() -> None:
    plain, full = PayeeRecord(Profile("employee")), PayeeRecord(Profile("employee"))
    full.changes.append(Change("fp-a", 1, "r", implicit=False))
    full.advances.append(Advance(1, "r"))
    checked = account("a", name_check={"status": "match"}, wallet=wallet())
    for to, purpose, record, held in (
        ("a", {}, plain, (False, False, False, False, False)),
        ("a", {"remittance": "x"}, full, (False, False, False, True, True)),
        (checked, {"code": "SALA"}, plain, (True, True, True, False, False)),
        ("a", {"category_code": "SALA"}, plain, (False, False, True, False, False)),
    ):
        tale = Tale()
        tale.pay("E1", to, purpose=purpose)
        data = accepted(tale.lines[-1]).data
        assert isinstance(data, Payment)
        assert plan.given(data, record) == held
