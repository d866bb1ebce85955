"""Traces: nothing without a collector, and what one receives, over its real protocol."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from sluicegate import tracing
from sluicegate.settings import Settings
from tests.otlp import collector


def test_record_arrives_as_a_span_with_its_steps() -> None:
    with collector() as received:
        tracing.start(Settings(otlp_endpoint=received.url, instance_id="pod-1"), "worker")
        tracing.record("checkpoint", 0.5, {"work": 0.2, "write": 0.1}, agent="detect", partition=3, records=10)
        tracing.record("checkpoint", 0.1, failed="fenced", agent="detect", partition=4)
        tracing.stop(5)
    first, second = received.spans
    assert (first.name, first.attributes) == ("checkpoint", {"agent": "detect", "partition": 3, "records": 10})
    assert first.seconds == pytest.approx(0.5, abs=1e-6)
    assert [(name, round(at, 3)) for name, at in first.events] == [("work", 0.4), ("write", 0.5)]
    assert (first.failed, second.failed) == ("", "fenced")
    assert first.resource["service.name"] == "sluicegate-worker"
    assert first.resource["service.instance.id"] == "pod-1"


def test_address_may_be_that_of_the_traces_itself() -> None:
    with collector() as received:
        tracing.start(Settings(otlp_endpoint=f"{received.url}/v1/traces"), "console")
        tracing.record("console", 0.1, page="queue.page", status=200)
        tracing.stop(5)
    assert [span.name for span in received.spans] == ["console"]


def test_collector_that_is_away_costs_a_second_at_the_end_and_no_more() -> None:
    tracing.start(Settings(otlp_endpoint="http://127.0.0.1:9"), "worker")
    tracing.record("intake", 0.1, records=1)
    began = time.monotonic()
    tracing.stop(0.2)
    assert time.monotonic() - began < 1
    tracing.record("intake", 0.1, records=1)  # and nothing fails afterwards


PROGRAM = """
import sys
import time
{before}
from sluicegate import tracing
from sluicegate.settings import Settings
tracing.start(Settings(otlp_endpoint={endpoint!r}), "worker")
tracing.record("intake", 0.1, {{"place": 0.1}}, records=1)
tracing.stop()
print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
"""


def test_without_a_collector_nothing_of_opentelemetry_is_loaded() -> None:
    program = PROGRAM.format(before="import sluicegate.app, sluicegate.console.server", endpoint="")
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_without_the_extra_one_error_says_what_to_install() -> None:
    program = PROGRAM.format(before="sys.modules['opentelemetry'] = None", endpoint="http://127.0.0.1:9")
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "SettingsError: SLUICEGATE_OTLP_ENDPOINT is set, but opentelemetry" in run.stderr
    assert "pip install 'sluicegate[otel]'" in run.stderr
