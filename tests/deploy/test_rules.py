"""deploy/prometheus: valid, complete, asking only for what there is; and promtool's tests of every rule."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.deploy.exposed import unknown
from tests.deploy.monitoring import DEPLOY, RULES, RUNBOOKS, Alert, alerts, recorded, rules, run, targets_of

FOLDER = DEPLOY / "prometheus"
TESTS = sorted((FOLDER / "tests").glob("*.yml"))

each_alert = pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)


def test_configuration_and_rules_are_valid() -> None:
    done = run("promtool", "check", "config", FOLDER / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rule files found" in done.stdout


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_rules_have_no_lint(file: Path) -> None:
    done = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_promtool(file: Path) -> None:
    done = run("promtool", "test", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


@each_alert
def test_alert_is_complete(alert: Alert) -> None:
    assert alert.name.startswith("Sluicegate")
    assert alert.rule["for"]
    assert alert.labels.keys() == {"severity", "team"}
    assert alert.labels["severity"] in ("page", "ticket")
    assert alert.labels["team"] in ("operations", "platform")
    assert alert.annotations.keys() == {"summary", "description", "runbook_url"}
    assert len(alert.annotations["summary"]) < 120
    assert alert.annotations["description"].endswith(".")


@each_alert
def test_alert_leads_to_its_runbook(alert: Alert) -> None:
    """Prometheus serves the folder at /user/; `$externalURL` is its own address."""
    link = alert.annotations["runbook_url"].replace("{{ $externalURL }}", "http://prometheus:9090")
    path = Path(urlsplit(link).path)
    assert path == Path("/user") / f"{alert.name}.md"
    assert (RUNBOOKS / path.name).is_file()


def test_alerts_have_names_of_their_own() -> None:
    names = [alert.name for alert in alerts()]
    assert len(names) == len(set(names)) > 20


def _tested() -> list[dict[str, object]]:
    return [
        check
        for file in TESTS
        for group in yaml.safe_load(file.read_text())["tests"]
        for check in group.get("alert_rule_test", ())
    ]


@each_alert
def test_alert_has_tests_in_which_it_fires_and_is_silent(alert: Alert) -> None:
    seen = {bool(check["exp_alerts"]) for check in _tested() if check["alertname"] == alert.name}
    assert seen == {True, False}


def test_tests_name_alerts_that_there_are() -> None:
    assert {check["alertname"] for check in _tested()} == {alert.name for alert in alerts()}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("alert") or rule["record"])
def test_expression_asks_for_what_processes_show(rule: dict[str, str]) -> None:
    assert unknown(rule["expr"], recorded()) == []


def test_recorded_names_say_what_they_are() -> None:
    for name in recorded():
        level, metric, operation = name.split(":")
        assert level == "sluicegate"
        assert metric
        assert operation


def test_objective_is_a_bucket_of_the_histogram() -> None:
    """Without it `le="2.0"` would select nothing, and the alert would never fire."""
    from sluicegate.metrics import Metrics

    lines = Metrics().render().decode().splitlines()
    assert any(line.startswith('sluicegate_event_age_seconds_bucket{le="2.0"}') for line in lines)


def test_silence_does_not_count_what_the_canary_brings_about() -> None:
    from sluicegate.canary.events import policy

    rules_of_canary = json.loads(policy(0.0))["data"]["rules"]
    (live,) = [slug for slug, rule in rules_of_canary.items() if rule["mode"] == "live"]
    silent = next(alert for alert in alerts() if alert.name == "SluicegateDetectorSilent")
    assert f'sluicegate_findings_total{{rule!="{live}"}}' in silent.expression


def test_limits_are_of_lists_that_there_are() -> None:
    from sluicegate.screening.lists.registry import SOURCES

    limits = {
        rule["labels"]["list"] for rule in rules() if rule.get("record") == "sluicegate:list_age_limit_seconds:max"
    }
    assert limits == set(SOURCES) - {"private", "starter"}


def test_targets_are_services_of_compose_with_their_ports() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    ports = {
        "sluicegate-worker": "6066",
        "sluicegate-lag": "6067",
        "sluicegate-canary": "6068",
        "sluicegate-console": "6069",
        "sluicegate-gateway": "6070",
        "sluicegate-notify": "6071",
    }
    for job in config["scrape_configs"]:
        for target in targets_of(job):
            service, _, port = target.partition(":")
            assert service in {*compose, "localhost"}
            if job["job_name"] in ports:
                assert port == ports[job["job_name"]]
    workers = next(job for job in config["scrape_configs"] if job["job_name"] == "sluicegate-worker")
    named = {target.partition(":")[0] for target in workers["static_configs"][0]["targets"]}
    assert named == {name for name in compose if name.startswith("worker")}
