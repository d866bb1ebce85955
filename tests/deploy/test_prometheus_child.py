"""`sluicegate demo --prometheus`: a real Prometheus, the rules of the checkout, and the targets it is given."""

import json
import time
from pathlib import Path
from typing import Any

import click
import pytest

from sluicegate.cli import prometheus_child
from sluicegate.cli.prometheus_child import PrometheusChild, program
from tests.deploy.monitoring import rules


def test_it_scrapes_what_it_is_told_judges_by_all_rules_and_serves_the_runbooks() -> None:
    child = PrometheusChild(program(), {"sluicegate-lag": ["127.0.0.1:1"]})
    try:
        deadline = time.monotonic() + 30
        while '"instance"' not in child.get("api/v1/targets"):  # found some seconds after it is ready
            child.check()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        groups: list[dict[str, Any]] = json.loads(child.get("api/v1/rules"))["data"]["groups"]
        targets = json.loads(child.get("api/v1/targets"))["data"]["activeTargets"]
        assert sum(len(group["rules"]) for group in groups) == len(rules())
        assert [(one["labels"]["job"], one["labels"]["instance"]) for one in targets] == [
            ("sluicegate-lag", "127.0.0.1:1")
        ]
        assert "SluicegateLagHigh" in child.get("user/SluicegateLagHigh.md")
    finally:
        child.stop()
    assert not child.folder.exists()


def test_without_prometheus_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(click.UsageError, match="apt-get install prometheus"):
        program()


def test_without_a_checkout_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(prometheus_child, "_DEPLOY", tmp_path)
    with pytest.raises(click.UsageError, match="only a checkout"):
        program()
