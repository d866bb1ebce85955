"""What a run counts for metrics: alerts, payments while models warm up and after, verdicts; nothing of the canary."""

from __future__ import annotations

import json

from sluicegate.detection.log import LogRecord
from sluicegate.detection.partition import Partition, Run
from sluicegate.wire.canary import CANARY_TENANT
from tests.scenarios.build import DAY, START, Played, Tale, account

BAD = account("B", number_check="invalid")
MODEL = "unusual-payment"


def fed(t: Tale) -> Run:
    run = Partition().begin()
    for offset, line in enumerate(t.lines):
        run.apply(LogRecord(offset, START // 1000, None, line))
    return run


def tallied(run: Run, name: str) -> dict[tuple[str, ...], int]:
    return {key[1:]: times for key, times in run.tallies.items() if key[0] == name}


def test_each_revision_of_an_alert_is_counted_once() -> None:
    t = Tale()
    t.pay("V1", BAD)
    t.pay("V1", BAD, amount="2000.00", at=1)
    t.pay("V2", BAD | {"fp": "fp-C"}, at=2)
    run = fed(t)
    expected: dict[tuple[str, ...], int] = {}
    for data in Played(run.outputs).revisions:
        key = (data["severity"], data["family"], data["activity"])
        expected[key] = expected.get(key, 0) + 1
    assert tallied(run, "alert") == expected
    assert sum(expected.values()) >= 2


def test_payment_counts_as_one_while_the_model_warms_up_and_with_its_score_after() -> None:
    t = Tale()
    t.policy(rules={MODEL: {"params": {"warm_up": 3}}})
    t.history("V1", 5)
    t.pay("E1", at=100 * DAY)
    run = fed(t)
    assert tallied(run, "warming") == {("vendor",): 3, ("payroll",): 1}
    scored = tallied(run, "scored")
    assert sum(scored.values()) == 2
    assert all(stream == "vendor" and 0 <= float(score) < 10 for stream, score in scored)


def test_payments_and_alerts_of_the_canary_are_not_counted() -> None:
    t = Tale(CANARY_TENANT)
    t.pay("V1", BAD)
    run = fed(t)
    assert run.counts.applied == 1
    assert tallied(run, "warming") == tallied(run, "scored") == tallied(run, "alert") == {}


def test_verdicts_are_counted_by_what_they_say() -> None:
    t = Tale()
    for n, verdict in enumerate(("confirmed", "benign", "benign")):
        t.verdict(f"al_{n:032x}", verdict, n)
    assert tallied(fed(t), "disposition") == {("confirmed",): 1, ("benign",): 2}


def test_signal_names_the_lists_and_the_policy_it_was_made_by() -> None:
    t = Tale()
    policy = t.policy(rules={"invalid-account": {"mode": "shadow"}})
    t.listed(version="7")
    t.pay("V1", BAD, at=DAY)
    (event,) = (json.loads(one.value) for one in fed(t).outputs if one.topic == "signals")
    assert event["type"] == "signal.v1"
    versions = event["data"]["versions"]
    assert (versions["lists"], versions["policy"]) == ({"test-list": "7"}, policy["id"])
