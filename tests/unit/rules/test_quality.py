"""Alerts about producers: at most one revision a local date, and nothing else joins them."""

from __future__ import annotations

import pytest

from sluicegate.detection.alerts import Merger
from sluicegate.detection.policy import compile_policy
from sluicegate.detection.purpose_codes import CATEGORY_PURPOSES, PURPOSES
from sluicegate.detection.state import State, TenantStore
from sluicegate.rules.base import Finding
from sluicegate.rules.registry import RULES
from tests.scenarios.build import DAY, HOUR, Tale

NIGHT = 15 * HOUR
"""From `START`, 09:00 UTC, to midnight."""


def faulty(t: Tale, at: int) -> None:
    t.pay("V1", amount="10.001", at=at, invoice=f"N{at}")


@pytest.mark.parametrize(
    ("times", "revisions"),
    [
        ((0,), 1),
        ((0, HOUR, NIGHT - 1), 1),
        ((0, NIGHT), 2),
        ((0, HOUR, NIGHT, NIGHT + 1), 2),
        ((0, DAY, 2 * DAY), 3),
    ],
)
def test_at_most_one_revision_a_date(times: tuple[int, ...], revisions: int) -> None:
    t = Tale()
    for at in times:
        faulty(t, at)
    played = t.play()
    assert len(played.alerts) == 1
    assert len(played.revisions) == revisions


def test_date_is_that_of_the_tenant() -> None:
    t = Tale()
    t.policy(timezone="America/New_York")
    faulty(t, 0)
    faulty(t, NIGHT)
    assert len(t.play().revisions) == 1


def test_next_revision_counts_what_came_without_one() -> None:
    t = Tale()
    for at in (0, HOUR, DAY):
        faulty(t, at)
    last = t.play().revisions[-1]
    assert last["money"] == [{"value": "30.003", "currency": "USD", "count": 3}]
    assert len(last["reasons"][0]["event_ids"]) == 3


def test_verdict_closes_at_once() -> None:
    t = Tale()
    faulty(t, 0)
    (alert,) = t.play().alerts
    t.verdict(alert["alert_id"], "benign", HOUR)
    assert [data["activity"] for data in t.play().revisions] == ["create", "close"]


def test_other_families_revise_more_than_once_a_date() -> None:
    t = Tale()
    for n, who in enumerate(("V1", "V2", "V3")):
        t.pay(who, "shared", at=n)
    assert [data["revision"] for data in t.play().revisions] == [1, 2]


def test_unusual_amount_does_not_join_a_fault_of_the_producer() -> None:
    """Else a quality alert would rise above low."""
    merger = Merger(State("acme", TenantStore()), compile_policy(None, None), 0, {})
    ids = [
        merger.take(RULES[slug], finding(joins_payee_alert=joins), "s\nid", 0)
        for slug, joins in (("amount-mismatch", False), ("unusual-payment", True))
    ]
    assert len(set(ids)) == 2
    assert {touch.record.score for touch in merger.touched.values()} == {25}


def finding(*, joins_payee_alert: bool) -> Finding:
    return Finding(
        score=25,
        subject=("payee", "V1"),
        title="t",
        text="t.",
        observed={},
        expected={},
        counterfactual="",
        joins_payee_alert=joins_payee_alert,
    )


def test_code_sets_are_those_of_the_standard() -> None:
    """Sizes of the edition, with CRYP; a code has four characters."""
    assert (len(PURPOSES), len(CATEGORY_PURPOSES)) == (330, 47)
    assert {len(code) for code in PURPOSES | CATEGORY_PURPOSES} == {4}
    assert {"SALA", "BONU", "SUPP", "CRYP"} <= CATEGORY_PURPOSES
