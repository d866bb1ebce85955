"""Exactly once, on real Kafka, while workers are killed, stalled, added and stopped."""

from pathlib import Path

import pytest

from tests.streams.kafka import Kafka
from tests.streams.trial import Plan, run


@pytest.mark.timeout(400)
def test_everything_happens_exactly_once_whatever_happens_to_the_workers(kafka: Kafka, tmp_path: Path) -> None:
    findings = run(kafka, Plan(seed=11, events=6000, rate=150, kills=2), tmp_path, say=print)
    print(findings.figures)
    assert findings.faults == []
    told = findings.figures
    assert told["lost"] == 0
    terms = ("applied", "duplicates", "repeated", "dead_letters", "ticks", "letters", "alerts")
    assert [term for term in terms if not told[term]] == []
