"""The figures of a stress run, and what makes it fail."""

import msgspec
import pytest

from sluicegate.cli.stress_report import Limits, StressReport, percentile

GOOD = StressReport(
    rate=100,
    seconds=10.0,
    sent=1000,
    worked=1000,
    behind=0.004,
    expected=100,
    seen=100,
    latencies=[n / 1000 for n in range(1, 101)],
    cpu=0.2,
)


def test_percentiles_are_values_that_were_measured() -> None:
    assert [percentile([5.0], q) for q in (0, 50, 100)] == [5.0] * 3
    assert [percentile(range(1, 101), q) for q in (50, 95, 99, 99.5, 100)] == [50, 95, 99, 100, 100]


def test_figures() -> None:
    figures = GOOD.figures()
    assert (figures["p50"], figures["p99"], figures["p100"]) == (0.05, 0.099, 0.1)
    assert (figures["drop"], figures["throughput"]) == (0.0, 100.0)
    assert figures["cpu_per_event"] == pytest.approx(200e-6)
    assert "latencies" not in figures


@pytest.mark.parametrize(
    ("changed", "limits", "breaches"),
    [
        ({}, Limits(), 0),
        ({}, Limits(p99=0.099, drop=0), 0),
        ({}, Limits(p99=0.0989), 1),
        ({"seen": 99}, Limits(drop=0.01), 0),
        ({"seen": 98}, Limits(drop=0.01), 1),
        ({"seen": 98}, Limits(p99=0.01, drop=0.01), 2),
        ({"seen": 0, "latencies": []}, Limits(), 1),
        ({"expected": 0, "seen": 0, "latencies": []}, Limits(), 1),
    ],
)
def test_breach_is_what_exceeds_a_limit_or_measured_nothing(
    changed: dict[str, object], limits: Limits, breaches: int
) -> None:
    assert len(msgspec.structs.replace(GOOD, **changed).breaches(limits)) == breaches


def test_text_of_a_run_that_saw_nothing_has_no_latency() -> None:
    nothing = msgspec.structs.replace(GOOD, seen=0, latencies=[], cpu=None)
    assert "100.000% dropped" in nothing.text()
    assert "latency" not in nothing.text()
    assert "cpu" not in nothing.text()
