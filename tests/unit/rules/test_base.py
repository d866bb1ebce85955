"""Scores, levels and the causes by which findings meet."""

from __future__ import annotations

from typing import get_args

import pytest

from sluicegate.detection.alert_records import AlertRecord
from sluicegate.rules.base import (
    ALERT_LEVEL,
    CLAUSES,
    CRITICAL,
    FAMILIES,
    HIGH,
    LOW,
    MEDIUM,
    MEDIUM_FLOOR,
    Clause,
    Finding,
    level,
)
from sluicegate.rules.registry import RULES

FINDING = Finding(
    score=50, subject=("payee", "V1"), title="t", text="t.", observed={}, expected={}, counterfactual="c."
)


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        *((100, "critical"), (80, "critical"), (79, "high"), (60, "high"), (59, "medium"), (40, "medium")),
        *((39, "low"), (25, "low"), (24, "signal"), (0, "signal")),
    ],
)
def test_severity_follows_the_score(score: int, severity: str) -> None:
    assert level(score) == severity


def test_named_levels_have_scores_of_their_severity() -> None:
    assert [level(score) for score in (LOW, MEDIUM, HIGH, CRITICAL)] == ["low", "medium", "high", "critical"]
    assert (LOW, MEDIUM, HIGH, CRITICAL) == (30, 45, 65, 85)
    assert (ALERT_LEVEL, MEDIUM_FLOOR) == (25, 40)


def test_families_are_those_of_the_contract() -> None:
    contract = {"account", "payables", "payroll", "crypto", "sanctions", "pattern", "anomaly", "quality"}
    assert set(FAMILIES) == contract
    assert {rule.family for rule in RULES.values()} == contract


def test_finding_is_by_itself_a_plain_one_for_review() -> None:
    assert FINDING.action == "review"
    told = (FINDING.retroactive, FINDING.notice, FINDING.replace_score, FINDING.joins_payee_alert)
    assert told == (False, False, False, False)
    assert (FINDING.events, FINDING.payments, FINDING.requests, FINDING.entities, FINDING.models) == (
        (),
        (),
        (),
        (),
        {},
    )


def test_causes_of_two_rules_meet_only_where_they_share_a_family_of_causes() -> None:
    changed, churn = RULES["changed-account"], RULES["account-churn"]
    assert changed.cause("x") == RULES["name-mismatch"].cause("x") == RULES["return-signal"].cause("x")
    assert changed.cause("x") != churn.cause("x")
    assert changed.cause(None) == ""


def test_rules_look_in_the_order_of_their_letters() -> None:
    letters = [rule.letter for rule in RULES.values()]
    assert letters == sorted(letters, key=lambda letter: ("ABCDSXQ".index(letter[0]), int(letter[1:])))
    assert letters[0] == "A1"


def test_alert_record_is_of_its_own_kind() -> None:
    assert AlertRecord.KIND == "alert"


def test_families_stand_in_their_order_and_every_rule_is_of_one() -> None:
    assert FAMILIES == ("account", "payables", "payroll", "crypto", "sanctions", "pattern", "anomaly", "quality")
    assert {rule.family for rule in RULES.values()} == set(FAMILIES)


def test_every_misrepresentation_is_explained() -> None:
    assert tuple(CLAUSES) == get_args(Clause) == ("identity", "authority", "ownership")


def test_rules_about_the_amount_wait_for_all_parts_of_a_payment() -> None:
    waiting = {slug for slug, rule in RULES.items() if rule.about_amount}
    assert waiting == {
        "dormant-vendor",
        "duplicate-invoice",
        "duplicate-pay",
        "it-worker-pattern",
        "lookalike-vendor",
        "many-employers",
        "near-limit",
        "new-vendor-large",
        "no-deductions",
        "off-cycle",
        "pay-spike",
        "self-approval",
        "shell-vendor",
        "split-payment",
        "unusual-payment",
    }
