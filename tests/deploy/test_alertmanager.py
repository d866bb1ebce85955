"""deploy/alertmanager: valid, each alert to its receiver, and one page a cause, in a real Alertmanager."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.monitoring import DEPLOY, Alert, alerts, program, run

FOLDER = DEPLOY / "alertmanager"
CONFIG = FOLDER / "alertmanager.yml"

RECEIVERS = {
    "SluicegateBrokerAway": "platform-page",
    "SluicegateCanaryLost": "operations-page",
    "SluicegateClearanceBehind": "operations-page",
    "SluicegateCommitsStalled": "platform-page",
    "SluicegateConsoleDown": "platform-page",
    "SluicegateConsoleFeedBehind": "operations-page",
    "SluicegateCriticalWaiting": "operations-page",
    "SluicegateDeadLetters": "operations-page",
    "SluicegateDetectorSilent": "operations-page",
    "SluicegateExporterDown": "platform-ticket",
    "SluicegateFenced": "platform-ticket",
    "SluicegateGatewayDown": "platform-page",
    "SluicegateGatewayUnacknowledged": "platform-page",
    "SluicegateHoldsStuck": "operations-page",
    "SluicegateInternalErrors": "operations-page",
    "SluicegateLagHigh": "platform-page",
    "SluicegateListOld": "operations-ticket",
    "SluicegateListShrunk": "operations-page",
    "SluicegateListsPartial": "operations-ticket",
    "SluicegateNotifyDead": "operations-ticket",
    "SluicegateNotifyDisabled": "operations-ticket",
    "SluicegateNotifyDown": "platform-page",
    "SluicegateNotifySilent": "operations-page",
    "SluicegateNotifyUnread": "platform-page",
    "SluicegateNotifyWaiting": "operations-page",
    "SluicegateOutboxGrowing": "operations-page",
    "SluicegateRebalancing": "platform-ticket",
    "SluicegateRecoveryLong": "platform-page",
    "SluicegateRuleErrors": "operations-ticket",
    "SluicegateRuleTripped": "operations-ticket",
    "SluicegateSloBurnFast": "operations-page",
    "SluicegateSloBurnSlow": "operations-ticket",
    "SluicegateTransactionOpen": "platform-page",
    "SluicegateUnaccounted": "platform-page",
    "SluicegateWorkerDown": "platform-page",
}
"""Alert -> who hears of it."""
KEPT_BACK = {
    "SluicegateBrokerAway": {
        "LagHigh",
        "CommitsStalled",
        "TransactionOpen",
        "RecoveryLong",
        "Rebalancing",
        "CanaryLost",
    }
    | {"SloBurnFast", "SloBurnSlow", "OutboxGrowing", "ConsoleFeedBehind"}
    | {"GatewayUnacknowledged", "ClearanceBehind", "NotifyUnread"},
    "SluicegateWorkerDown": {
        "LagHigh",
        "CommitsStalled",
        "TransactionOpen",
        "RecoveryLong",
        "Rebalancing",
        "CanaryLost",
    }
    | {"SloBurnFast", "Fenced"},
    "SluicegateSloBurnFast": {"SloBurnSlow"},
    "SluicegateCommitsStalled": {"LagHigh", "CanaryLost"},
    "SluicegateConsoleDown": {"ConsoleFeedBehind", "OutboxGrowing"},
    "SluicegateClearanceBehind": {"HoldsStuck"},
    "SluicegateNotifySilent": {"NotifyUnread", "NotifyWaiting"},
}
"""Alert -> those that follow from it."""
TOLD: dict[str, Any] = {
    "receiver": "operations-page",
    "status": "firing",
    "externalURL": "http://alertmanager:9093",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "SluicegateCanaryLost", "severity": "page", "team": "operations"},
            "annotations": {
                "summary": "A summary",
                "description": "A description.",
                "runbook_url": "http://p/user/X.md",
            },
            "startsAt": "2026-06-11T09:00:00Z",
            "generatorURL": "http://p/graph",
        }
    ],
}


def test_configuration_is_valid() -> None:
    done = run("amtool", "check-config", CONFIG)
    assert done.returncode == 0, done.stdout + done.stderr


def test_table_has_every_alert() -> None:
    assert RECEIVERS.keys() == {alert.name for alert in alerts()}


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert.name)
def test_alert_goes_to_its_receiver(alert: Alert) -> None:
    labels = {"alertname": alert.name} | alert.labels
    done = run(
        "amtool",
        "config",
        "routes",
        "test",
        f"--config.file={CONFIG}",
        f"--verify.receivers={RECEIVERS[alert.name]}",
        *(f"{name}={value}" for name, value in labels.items()),
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_alert_of_another_job_is_not_lost() -> None:
    done = run("amtool", "config", "routes", "test", f"--config.file={CONFIG}", "alertname=NodeDown", "severity=page")
    assert done.stdout.strip() == "platform-ticket"


def test_secrets_are_in_files_only() -> None:
    config = yaml.safe_load(CONFIG.read_text())
    open_ones = {
        "api_url",
        "routing_key",
        "service_key",
        "smtp_auth_password",
        "password",
        "bearer_token",
        "credentials",
    }

    def keys(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield key
                yield from keys(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from keys(inner)

    assert not set(keys(config)) & open_ones


def rendered(template: str, tmp_path: Path, data: dict[str, Any]) -> str:
    file = tmp_path / "data.json"
    file.write_text(json.dumps(data))
    done = run(
        "amtool",
        "template",
        "render",
        f"--template.glob={FOLDER}/templates/*.tmpl",
        f'--template.text={{{{ template "{template}" . }}}}',
        f"--template.data={file}",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


def test_notification_says_what_to_do(tmp_path: Path) -> None:
    assert rendered("sluicegate.title", tmp_path, TOLD) == "A summary"
    assert rendered("sluicegate.text", tmp_path, TOLD).splitlines() == [
        "A summary",
        "A description.",
        "alert:   SluicegateCanaryLost (page, operations), since 2026-06-11 09:00:00 UTC",
        "runbook: http://p/user/X.md",
        "query:   http://p/graph",
        "",
        "silence: http://alertmanager:9093/#/alerts?receiver=operations-page",
    ]


def test_notification_of_several_and_of_an_end(tmp_path: Path) -> None:
    one = TOLD["alerts"][0] | {"status": "resolved"}
    data = TOLD | {"status": "resolved", "alerts": [one, one, one]}
    assert rendered("sluicegate.title", tmp_path, data) == "over: A summary (and 2 more)"


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Alertmanager with the committed routes and inhibitions; its address."""
    folder = tmp_path_factory.mktemp("alertmanager")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = yaml.safe_load(CONFIG.read_text())
    # nobody is to be told by a test
    config["receivers"] = [{"name": receiver["name"]} for receiver in config["receivers"]]
    config.pop("templates")
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
    address = f"http://127.0.0.1:{port}"
    command = [
        program("prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"{address}/-/ready", timeout=2):
                    break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline, "Alertmanager is not ready"
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def post(address: str, firing: set[str]) -> None:
    """All alerts as Prometheus sends them: these fire, the others are over."""
    now = datetime.now(UTC)
    body = [
        {
            "labels": {"alertname": alert.name} | alert.labels,
            "startsAt": (now - timedelta(minutes=5)).isoformat(),
            "endsAt": (now + timedelta(minutes=5 if alert.name in firing else -1)).isoformat(),
        }
        for alert in alerts()
    ]
    request = urllib.request.Request(
        f"{address}/api/v2/alerts", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=5):
        pass


def states(address: str) -> dict[str, str]:
    """active or suppressed, by the name of each alert that fires."""
    with urllib.request.urlopen(f"{address}/api/v2/alerts", timeout=5) as answer:
        return {one["labels"]["alertname"]: one["status"]["state"] for one in json.load(answer)}


def settled(address: str, kept: set[str], active: set[str]) -> None:
    """Wait until just these are kept back, and just these are not."""
    expected = dict.fromkeys(kept, "suppressed") | dict.fromkeys(active, "active")
    deadline = time.monotonic() + 15
    time.sleep(1)  # what is posted is seen before what keeps it back
    while (found := states(address)) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)


@pytest.mark.parametrize("cause", sorted(KEPT_BACK))
def test_what_follows_from_a_cause_is_kept_back(alertmanager: str, cause: str) -> None:
    causes = KEPT_BACK.keys() - {cause}
    firing = {alert.name for alert in alerts()} - causes
    kept = {f"Sluicegate{name}" for name in KEPT_BACK[cause]} - causes
    post(alertmanager, firing)
    settled(alertmanager, kept, firing - kept)


def test_what_follows_from_a_cause_is_kept_back_though_it_is_a_cause_itself(alertmanager: str) -> None:
    kept = {"SluicegateCommitsStalled", "SluicegateSloBurnFast"}
    post(alertmanager, {"SluicegateBrokerAway", *kept})
    settled(alertmanager, kept, {"SluicegateBrokerAway"})


def test_without_a_cause_nothing_is_kept_back(alertmanager: str) -> None:
    firing = {alert.name for alert in alerts()} - KEPT_BACK.keys()
    post(alertmanager, firing)
    settled(alertmanager, set(), firing)
