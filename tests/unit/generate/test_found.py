"""The detection core finds the schemes, at the events and under the alert ids that the generator names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from sluicegate.detection.partition import LogRecord, Outcome, Partition
from sluicegate.generate.schemes import SCHEMES
from sluicegate.generate.stream import Generated, Generator
from sluicegate.rules import unusual_payment

START = 1_781_161_200_000_000
LEARNT = "decimal-slip"  # found by a model once it has learned, and as many as its budget allows
WARM_UP = unusual_payment.Params().warm_up


class Desk:
    """What one partition makes of a stream: its last alert revisions by id."""

    def __init__(self, stream: Iterable[Generated]) -> None:
        self.alerts: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, set[str]] = {}
        self.outcomes: Counter[Outcome] = Counter()
        self.stream = list(stream)
        partition = Partition()
        partition.ready()
        for begin in range(0, len(self.stream), 500):
            run = partition.begin()
            for offset, record in enumerate(self.stream[begin : begin + 500], begin):
                self.outcomes[run.apply(_logged(offset, record))] += 1
            for output in run.outputs:
                if output.topic == "alerts":
                    alert = msgspec.json.decode(output.value)["data"]
                    self.alerts[alert["alert_id"]] = alert
                    self.rules.setdefault(alert["alert_id"], set()).update(
                        reason["rule"] for reason in alert["reasons"]
                    )
            run.merge()


def _logged(offset: int, record: Generated) -> LogRecord:
    key = b"*" if record.tenant == "*" else record.key
    headers = (("sg-topic", record.topic.encode()), ("sg-partition", b"0"), ("sg-offset", str(offset).encode()))
    return LogRecord(offset, record.time // 1000, key, record.value, headers)


@pytest.fixture(scope="module")
def desk() -> Desk:
    generator = Generator(
        31, start=START, tenants=3, payees=700, history_days=330, scheme_share=0.006, verdict_share=0.4
    )
    return Desk(generator.history())


def test_every_event_is_applied(desk: Desk) -> None:
    assert desk.outcomes == {Outcome.APPLIED: len(desk.stream)}


@pytest.mark.parametrize("name", SCHEMES)
def test_scheme_opens_the_alert_it_names(name: str, desk: Desk) -> None:
    until = desk.stream[-1].time - 86_400_000_000  # what a run's close decides may still be open on the last day
    cases = [r.case for r in desk.stream if r.label == name and r.opens and r.case and r.time < until]
    found = [case for case in cases if case.rule in desk.rules.get(case.alert_id or "", ())]
    missed = [case.subject_id for case in cases if case not in found]
    assert cases
    assert not missed or name == LEARNT


def test_most_slips_after_the_warm_up_are_found_in_a_small_stream(desk: Desk) -> None:
    """Tenants of some hundred vendor payments each: little more than the warm-up."""
    seen: Counter[str] = Counter()
    found = []
    for record in desk.stream:
        if record.topic == "vendor-payments":
            seen[record.tenant] += 1
            if record.label == LEARNT and record.opens and record.case and seen[record.tenant] > WARM_UP:
                found.append(record.case.rule in desk.rules.get(record.case.alert_id or "", ()))
    assert len(found) >= 5
    assert sum(found) > len(found) / 2


def test_ordinary_business_seldom_alerts(desk: Desk) -> None:
    suspects = {(r.tenant, r.case.subject_id) for r in desk.stream if r.case}
    payees = {(r.tenant, _payee(r)) for r in desk.stream if r.case}
    others = [
        alert for alert in desk.alerts.values() if (alert["tenant_id"], alert["subject"]["id"]) not in suspects | payees
    ]
    assert len(others) < 0.004 * len(desk.stream), Counter(r for a in others for r in desk.rules[str(a["alert_id"])])


def _payee(record: Generated) -> str:
    return str(msgspec.json.decode(record.value)["data"].get("payee", {}).get("payee_id"))
