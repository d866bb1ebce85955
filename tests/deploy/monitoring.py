"""What the tests of rules, routes and runbooks share: the committed rules, and the programs that check them."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
RUNBOOKS = DEPLOY / "runbooks"
_PACKAGES = {
    "promtool": "prometheus",
    "prometheus": "prometheus",
    "amtool": "prometheus-alertmanager",
    "prometheus-alertmanager": "prometheus-alertmanager",
}


class Alert(NamedTuple):
    """An alerting rule."""

    name: str
    expression: str
    rule: dict[str, Any]

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.rule["labels"])

    @property
    def annotations(self) -> dict[str, str]:
        return dict(self.rule["annotations"])


@cache
def rules() -> tuple[dict[str, Any], ...]:
    """All rules of all files, in order."""
    return tuple(
        rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]
    )


@cache
def alerts() -> tuple[Alert, ...]:
    return tuple(Alert(rule["alert"], rule["expr"], rule) for rule in rules() if "alert" in rule)


@cache
def recorded() -> frozenset[str]:
    """Names that recording rules make."""
    return frozenset(rule["record"] for rule in rules() if "record" in rule)


def targets_of(job: dict[str, Any]) -> list[str]:
    """Addresses that a job of Prometheus scrapes; of what may be absent, by its name."""
    named = [f"{name}:{found['port']}" for found in job.get("dns_sd_configs", ()) for name in found["names"]]
    return named + [target for static in job.get("static_configs", ()) for target in static["targets"]]


def program(name: str) -> str:
    """Path of a program; where it is missing the test fails, and says what to install."""
    found = shutil.which(name)
    assert found, f"there is no {name} on this machine: apt-get install {_PACKAGES[name]}"
    return found


def run(name: str, *words: object) -> subprocess.CompletedProcess[str]:
    """The program with these words, whatever its exit status."""
    return subprocess.run([program(name), *map(str, words)], capture_output=True, text=True, timeout=240, check=False)
