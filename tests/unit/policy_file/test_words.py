"""A policy in words, and what two policies differ by."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from sluicegate.policy_file.words import differences, summary
from sluicegate.wire.events import PolicyUpdate

TODAY = date(2026, 11, 23)


def policy(**fields: Any) -> PolicyUpdate:
    return msgspec.convert(fields, PolicyUpdate)


def told(origin: str = "", **fields: Any) -> list[str]:
    return list(summary(policy(**fields), TODAY, origin))


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "rules: all live, parameters as they come"),
        ({"limits": ["10", "20.5"]}, "approval limits 10, 20.5"),
        ({"pay_days": [25]}, "pay days 25; next pay dates 2026-11-25, 2026-12-25, 2027-01-25"),
        (
            {"pay_days": [25], "holidays": ["2026-12-25"]},
            "pay days 25; next pay dates 2026-11-25, 2026-12-24, 2027-01-25",
        ),
        ({"pay_dates": ["2026-01-02"]}, "1 by date; next pay dates none to come"),
        ({"holidays": ["2026-01-01", "2027-12-25"]}, "holidays: 2 dates; next 2027-12-25, last 2027-12-25"),
        ({"holidays": ["2026-01-01"]}, "holidays: 1 dates; none to come"),
        ({"crypto": {"allowed": True, "max": "5"}}, "crypto: allowed; at most 5"),
        (
            {"clearance": {"unscored": "release"}},
            "clearance: payments of runs are held from score 65, reviewed from 25; "
            "not scored after 60 minutes: released",
        ),
        ({"trusted_accounts": [{"fp": "x"}]}, "trusted accounts: no kind 1"),
        ({"rules": {"near-limit": {"mode": "off"}}}, "rules that are off: near-limit"),
        ({"rules": {"near-limit": {"mode": "shadow"}}}, "rules in shadow (signals only): near-limit"),
        (
            {"rules": {"near-limit": {"params": {"min_count": 5}}}},
            "parameter near-limit.min_count = 5, by default 4",
        ),
    ],
)
def test_summary_says(fields: dict[str, Any], line: str) -> None:
    assert line in told(**fields)


def test_parameter_that_is_set_to_its_default_does_not_differ() -> None:
    assert told(rules={"near-limit": {"params": {"min_count": 4}}}) == told()


def test_holidays_that_end_soon_are_pointed_out() -> None:
    assert any(line.startswith("note: the holidays end soon") for line in told(holidays=["2027-02-20"]))
    assert not any(line.startswith("note:") for line in told(holidays=["2027-02-21"]))


def test_origin_of_holidays_is_told() -> None:
    assert "holidays: 1 dates (US, years 2027); next 2027-12-25, last 2027-12-25" in told(
        "US, years 2027", holidays=["2027-12-25"]
    )


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ({}, {}, []),
        ({"roster": True}, {}, ["~ roster: true -> false"]),
        ({"holidays": ["2026-01-01", "2026-12-25"]}, {"holidays": ["2026-12-25"]}, ["- holidays: 2026-01-01"]),
        ({}, {"pay_days": [15, 15]}, ["+ pay_days: 15", "+ pay_days: 15"]),
        ({}, {"crypto": {"allowed": True}}, ["~ crypto.allowed: false -> true"]),
        (
            {"clearance": {}},
            {"clearance": {"hold_from": 80}},
            ["~ clearance.hold_from: 65 -> 80"],
        ),
        ({}, {"crypto": {"allowed": False, "max": "5"}}, ['~ crypto.max: not set -> "5"']),
        ({}, {"trusted_accounts": [{"fp": "x", "kind": "eor"}]}, ['+ trusted_accounts: {fp = "x", kind = "eor"}']),
        ({}, {"approver_timezones": {"u": "UTC"}}, ['~ approver_timezones.u: not set -> "UTC"']),
        (
            {"rules": {"near-limit": {"mode": "off"}}},
            {"rules": {"near-limit": {"params": {"min_share": 0.5}}}},
            [
                '~ rules.near-limit.mode: "off" -> "live" (default)',
                "~ rules.near-limit.params.min_share: 0.6 (default) -> 0.5",
            ],
        ),
        (
            {"rules": {"sanctioned-country": {"params": {"countries": ["KP"]}}}},
            {"rules": {"sanctioned-country": {"params": {"countries": ["IR", "KP"]}}}},
            ['+ rules.sanctioned-country.params.countries: "IR"'],
        ),
    ],
)  # fmt: skip
def test_differences_of_two_policies(before: dict[str, Any], after: dict[str, Any], lines: list[str]) -> None:
    assert differences(policy(**before), policy(**after)) == lines
