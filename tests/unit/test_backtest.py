"""What a change would have done: policies changed at their places, alerts matched, verdicts counted."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from sluicegate.backtest.change import Change, further, moved_numbers
from sluicegate.backtest.compare import Comparison, Judged, compare, varied
from sluicegate.backtest.trial import Head, Outcome, Trial, head_of
from tests.scenarios.build import DAY, HOUR, Tale, payee
from tests.scenarios.duplicate_pay import JANUARY
from tests.scenarios.name_mismatch import new_account_in_another_name
from tests.unit.test_replay import export

TOLERANT = {"duplicate-pay": {"params": {"tolerance": 0.02}}}
STRICT = {"duplicate-pay": {"params": {"tolerance": 0.0}}}


def twice(t: Tale, who: str, second: str, *, at: int = 0) -> None:
    """A pay period paid twice, with 1000.00 and then `second`."""
    t.pay(who, amount="1000.00", at=at, schedule=JANUARY)
    t.pay(who, amount=second, at=at + DAY, schedule=JANUARY)


def tale(**policy: Any) -> Tale:
    """Pay periods paid twice: the same, 1 %, 1.5 % and 3 % apart."""
    t = Tale()
    if policy:
        t.policy(**policy)
    for who, second in (("E1", "1000.00"), ("E2", "990.00"), ("E3", "985.00"), ("E4", "970.00")):
        twice(t, who, second)
    return t


def tried(t: Tale, change: Change | None = None) -> Outcome:
    return Trial(change or Change()).run(t.lines)


def compared(t: Tale, change: Change, before: Change | None = None) -> Comparison:
    origin = before or Change()
    further_on = msgspec.structs.replace(change, beyond=origin)
    return compare(tried(t, origin), tried(t, change), tried(t, further_on), set(change.rules))


def who(alerts: list[Any]) -> list[str]:
    return [seen.subject.id for seen in alerts]


# the change


def test_a_side_without_a_change_gives_the_alerts_of_replay() -> None:
    t = tale()
    alerts = tried(t).alerts
    played = {a["alert_id"]: (a["score"], a["title"]) for a in t.play().alerts}
    assert {seen.alert_id: (seen.score, seen.title) for seen in alerts} == played
    assert len(played) == 2


def test_setting_at_its_default_changes_nothing() -> None:
    found = compared(tale(), Change(rules={"duplicate-pay": {"params": {"tolerance": 0.01}}}))
    assert (found.total.before, found.total.after) == (2, 2)
    assert [*found.gained, *found.lost, *found.changed, *found.just_silent, *found.just_kept] == []


def test_wider_limit_gains_alerts_and_half_as_far_again_is_told() -> None:
    t = tale()
    twice(t, "E5", "977.00")
    found = compared(t, Change(rules=TOLERANT))
    assert (who(found.gained), who(found.lost)) == (["E3"], [])
    assert who(found.just_silent) == ["E5"]
    assert found.rules["duplicate-pay"].alerts.gained == 1
    assert found.rules["duplicate-pay"].severities_after == {"high": 3}


def test_narrower_limit_loses_alerts() -> None:
    t = tale()
    twice(t, "E5", "996.00")
    half = Change(rules={"duplicate-pay": {"params": {"tolerance": 0.005}}})
    found = compared(t, half)
    assert (who(found.gained), who(found.lost)) == ([], ["E2"])
    assert who(found.just_kept) == ["E5"]


def test_setting_is_laid_over_the_policies_in_the_files_at_their_places() -> None:
    t = tale(rules={"duplicate-pay": {"mode": "shadow"}})
    t.policy(30 * DAY)
    twice(t, "E6", "985.00", at=31 * DAY)
    found = compared(t, Change(rules=TOLERANT))
    assert who(found.gained) == ["E6"]
    assert found.rules["duplicate-pay"].signals_before == {"shadow": 2}
    assert found.rules["duplicate-pay"].signals_after == {"shadow": 3}


def test_policy_takes_the_place_of_those_in_the_files() -> None:
    t = tale(rules={"duplicate-pay": {"mode": "off"}})
    assert sorted(who(compared(t, Change(policy={})).gained)) == ["E1", "E2"]


def test_policy_of_a_tenant_leaves_others_alone() -> None:
    t, other = tale(), Tale("other")
    twice(other, "E1", "985.00")
    lines = [*t.lines, *other.lines]
    change = Change(policy={"rules": TOLERANT}, tenant="other")
    found = compare(Trial(Change()).run(lines), Trial(change).run(lines))
    assert [seen.tenant_id for seen in found.gained] == ["other"]


def test_sides_can_both_be_other_policies() -> None:
    t = tale(rules={"duplicate-pay": {"mode": "off"}})
    found = compared(t, Change(policy={"rules": TOLERANT}), Change(policy={"rules": STRICT}))
    assert (found.total.before, found.total.after) == (1, 3)


def test_policy_that_detection_refuses_stays_refused() -> None:
    t = tale(rules={"duplicate-pay": {"params": {"no_such": 1}}})
    for change in (Change(), Change(rules=TOLERANT)):
        assert tried(t, change).refused == 1


@pytest.mark.parametrize("base64", [False, True])
def test_exported_log_is_changed_like_plain_events(base64: bool) -> None:
    t = tale(rules=STRICT)
    lines = export(t.lines)
    if base64:  # a record that is no JSON: it is refused on both sides
        lines.append(json.dumps({"offset": 99, "timestamp": 1, "key": "acme", "value_b64": "/w=="}).encode())
    outcomes = [Trial(change).run(lines) for change in (Change(), Change(rules=TOLERANT))]
    assert [len(outcome.alerts) for outcome in outcomes] == [1, 3]
    assert {outcome.refused for outcome in outcomes} == {int(base64)}


def test_number_moves_half_as_far_again_within_its_bounds() -> None:
    def params(**values: Any) -> dict[str, Any]:
        return {"rules": {"new-vendor-large": {"params": values}}}

    assert further({}, params(min_amount="5000")) == params(min_amount="2500")
    assert further(params(max_age_days=30), params(max_age_days=20)) == params(max_age_days=15)
    assert further(params(max_age_days=30), params(max_age_days=1)) == params(max_age_days=1)
    assert further({}, params(max_age_days=5)) == params(max_age_days=5)
    assert moved_numbers({}, {"rules": {"sanctioned-country": {"params": {"countries": ["KP"]}}}}) == []


# heads


def test_head_of_a_line_that_tells_nothing_is_empty() -> None:
    for line in (b"{", b"[]", b"\xff", b'{"tenantid": 1}', b""):
        for exported in (False, True):
            assert head_of(line, exported=exported) == Head()


# matching and verdicts


def test_verdicts_count_for_the_alert_that_takes_the_place_of_the_judged_one() -> None:
    """The first finding falls away: the second one now opens the alert, under another id."""
    t = Tale()
    twice(t, "E1", "990.00")
    t.pay("E1", amount="1000.00", at=DAY + HOUR, schedule=JANUARY)
    (alert,) = t.play().alerts
    t.verdict(alert["alert_id"], "confirmed", 2 * DAY)
    found = compared(t, Change(rules=STRICT))
    assert (found.total.gained, found.total.lost) == (0, 0)
    assert found.after.judged == Judged(confirmed=1)
    assert found.unmatched_verdicts == 0


def test_precision_before_and_after() -> None:
    t = tale()
    verdicts = {"E1": "confirmed", "E2": "false_positive"}
    for alert in t.play().alerts:
        t.verdict(alert["alert_id"], verdicts[alert["subject"]["id"]], 40 * DAY)
    t.verdict("al_" + "0" * 32, "confirmed", 40 * DAY)
    found = compared(t, Change(rules=STRICT))
    assert (found.before.precision, found.after.precision) == (0.5, 1.0)
    assert found.lost_judged == Judged(cleared=1)
    assert found.unmatched_verdicts == 1


def test_verdict_that_is_no_longer_the_last_does_not_count() -> None:
    t = tale()
    first = t.play().alerts[0]["alert_id"]
    t.verdict(first, "escalated", 40 * DAY)
    t.verdict(first, "confirmed", 41 * DAY)
    assert compared(t, Change(rules=STRICT)).before.judged == Judged(confirmed=1, open=1)


def test_alert_with_another_set_of_reasons_is_changed() -> None:
    t = Tale()
    new_account_in_another_name(t)
    found = compared(t, Change(rules={"name-mismatch": {"mode": "off"}}))
    (changed,) = found.changed
    assert set(changed.before.rules) - set(changed.after.rules) == {("name-mismatch", 65)}
    assert found.rules["name-mismatch"].alerts.changed == 1
    assert found.rules["changed-account"].alerts.changed == 0


def test_one_of_two_reasons_of_a_rule_falls_away() -> None:
    """A vendor that resembles two known ones: two reasons of one rule, and the lower similarity is gone."""
    t = Tale()
    for who, name in (("V1", "Northwind Tooling Ltd"), ("V2", "Northwind Tooling Hall")):
        t.pay(payee(who, name=name))
    t.pay(payee("V3", name="Northwind Toolling"), at=5 * DAY)
    found = compared(t, Change(rules={"lookalike-vendor": {"params": {"similarity": 0.98}}}))
    (changed,) = found.changed
    assert [len(side.rules) for side in (changed.before, changed.after)] == [2, 1]
    assert found.rules["lookalike-vendor"].alerts.changed == 1


def test_examples_are_of_every_leading_rule() -> None:
    t = tale()
    t.pay("V1", amount="10.999", at=50 * DAY)
    alerts = tried(t).alerts
    picked = varied(alerts, 2)
    assert {seen.reasons[0].rule for seen in picked} == {"duplicate-pay", "amount-mismatch"}
    assert varied(alerts, 99) != []
    assert len(varied(alerts, 99)) == len(alerts)
