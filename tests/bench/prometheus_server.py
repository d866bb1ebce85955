"""A real Prometheus with the committed configuration and rules, on targets given, for benches.

`scale` shortens times, so that a fault shows within a bench: every `for`, interval, range and offset of the rules is
divided by it (ranges to no less than five scrapes, `for` to no less than a second), scrapes and evaluations come once
a second. Thresholds stay what they are: a lag of a minute is a minute.

    with PrometheusServer({"sluicegate-worker": ["127.0.0.1:6066"]}, scale=60) as prometheus:
        prometheus.query("sum(rate(sluicegate_events_total[1m]))")

Needs `prometheus` on the PATH (Debian: apt-get install prometheus).
"""

import json
import re
import shutil
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import yaml

from sluicegate.cli.prometheus_child import CONFIG, command
from sluicegate.embedded.network import HOST, free_port
from sluicegate.embedded.reaper import Reaper

__all__ = ["Alert", "PrometheusServer", "Sample", "scaled_rules"]

DEPLOY = Path(__file__).parents[2] / "deploy"
_CONFIG = DEPLOY / "prometheus" / "prometheus.yml"
_START_SECONDS = 30.0
_STOP_SECONDS = 5.0
_LEAST_RANGE = 5.0  # seconds: five scrapes, as rate() wants some
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "y": 31536000.0}
_RANGE = re.compile(r"\[([0-9a-z]+)(?::([0-9a-z]*))?\]|\boffset (-?)([0-9a-z]+)")


class Sample(NamedTuple):
    """One element of an instant vector."""

    labels: dict[str, str]
    value: float


class Alert(NamedTuple):
    """An alert as Prometheus has it: `state` is pending or firing."""

    name: str
    state: str
    labels: dict[str, str]
    annotations: dict[str, str]


def seconds(duration: str) -> float:
    """
    >>> seconds("1h30m"), seconds("5s")
    (5400.0, 5.0)
    """
    return sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


def _shown(value: float) -> str:
    return f"{max(1, round(value * 1000))}ms"


def scaled_expression(expression: str, scale: float) -> str:
    """Ranges and offsets divided by `scale`.

    >>> scaled_expression("rate(x[1h]) > 2 * max_over_time(y[5m:1m] offset 1d)", 60)
    'rate(x[60000ms]) > 2 * max_over_time(y[5000ms:1000ms] offset 1440000ms)'
    """

    def shorter(found: re.Match[str]) -> str:
        span, step, sign, offset = found.groups()
        if offset:
            return f"offset {sign}{_shown(seconds(offset) / scale)}"
        inner = _shown(max(_LEAST_RANGE, seconds(span) / scale))
        if step is None:
            return f"[{inner}]"
        return f"[{inner}:{_shown(max(1.0, seconds(step) / scale)) if step else ''}]"

    return _RANGE.sub(shorter, expression)


def scaled_rules(text: str, scale: float) -> str:
    """A file of rules with all times divided by `scale`."""
    document = yaml.safe_load(text)
    for group in document["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            rule["expr"] = scaled_expression(str(rule["expr"]), scale)
            for name in ("for", "keep_firing_for"):
                if name in rule:
                    rule[name] = _shown(max(1.0, seconds(rule[name]) / scale))
    return yaml.safe_dump(document, sort_keys=False, width=1000)


class PrometheusServer:
    """Prometheus as a process of its own on a free port, ended with the block and its data deleted.

    `targets`: addresses by job of the configuration; a job that is not named has none. `alertmanagers`: addresses.
    Without `scale` the rules run as committed; the scrape interval is then as in the configuration.
    """

    def __init__(
        self,
        targets: Mapping[str, Sequence[str]],
        *,
        scale: float = 1.0,
        scrape_seconds: float | None = None,
        alertmanagers: Sequence[str] = (),
        config: Path = _CONFIG,
    ) -> None:
        program = shutil.which("prometheus")
        if program is None:
            raise RuntimeError("there is no prometheus on this machine: apt-get install prometheus")
        self._program = program
        self._targets = {job: list(addresses) for job, addresses in targets.items()}
        self._scale = scale
        self._scrape = scrape_seconds if scrape_seconds is not None else (1.0 if scale > 1 else None)
        self._alertmanagers = list(alertmanagers)
        self._source = config
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="sluicegate-prometheus-"))
        self._reaper = Reaper(self.folder)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "prometheus.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        try:
            self._write()
            asked = command(self._program, self.folder, self.port)
            self._reaper.run(asked, self.folder, self.folder / "prometheus.log")
            self._until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._reaper.end(_STOP_SECONDS)
        self._reaper.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def aim(self, job: str, addresses: Sequence[str]) -> None:
        """Give a job other targets; in force within a scrape or two."""
        self._targets[job] = list(addresses)
        place = self.folder / "targets" / f"{job}.json"
        fresh = place.with_suffix(".tmp")
        fresh.write_text(json.dumps([{"targets": list(addresses)}]))
        fresh.replace(place)

    # -- asking ------------------------------------------------------------------------------------------------------

    def query(self, expression: str) -> list[Sample]:
        """An instant query; of a scalar one sample without labels. Raises ValueError with Prometheus' words."""
        data = self._ask("query", query=expression)
        if data["resultType"] in ("scalar", "string"):
            return [Sample({}, float(data["result"][1]))]
        return [Sample(one["metric"], float(one["value"][1])) for one in data["result"]]

    def query_range(
        self, expression: str, start: float, end: float, step: float
    ) -> list[tuple[dict[str, str], list[tuple[float, float]]]]:
        """Labels and (time, value) pairs of each series; times in seconds since 1970."""
        data = self._ask("query_range", query=expression, start=str(start), end=str(end), step=str(step))
        return [(one["metric"], [(at, float(value)) for at, value in one["values"]]) for one in data["result"]]

    def alerts(self) -> list[Alert]:
        """All alerts that are pending or firing."""
        return [
            Alert(one["labels"]["alertname"], one["state"], one["labels"], one["annotations"])
            for one in self._ask("alerts")["alerts"]
        ]

    def firing(self) -> set[str]:
        """Names of the alerts that fire."""
        return {alert.name for alert in self.alerts() if alert.state == "firing"}

    def rules(self) -> list[dict[str, Any]]:
        """All rules, as Prometheus has them: name, query, type, health, lastError, …"""
        return [rule for group in self._ask("rules")["groups"] for rule in group["rules"]]

    def targets(self) -> dict[str, str]:
        """Health (up, down, unknown) by address."""
        active = self._ask("targets")["activeTargets"]
        return {one["labels"]["instance"]: one["health"] for one in active}

    def wait_for(self, condition: Callable[[], bool], timeout: float, *, every: float = 0.5) -> float | None:
        """Seconds until the condition holds; None when it does not within `timeout`."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > timeout:
                return None
            time.sleep(every)
        return time.monotonic() - began

    # -- within ------------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        document = yaml.safe_load(self._source.read_text())
        rules = self.folder / "rules"
        rules.mkdir()
        (self.folder / "targets").mkdir()
        for pattern in document["rule_files"]:
            for file in sorted(self._source.parent.glob(pattern)):
                text = file.read_text()
                (rules / file.name).write_text(scaled_rules(text, self._scale) if self._scale > 1 else text)
        document["rule_files"] = [str(rules / "*.yml")]
        if self._scrape is not None:
            every = _shown(self._scrape)
            document["global"] |= {"scrape_interval": every, "evaluation_interval": every, "scrape_timeout": every}
        for job in document["scrape_configs"]:
            name = job["job_name"]
            for key in [key for key in job if key.endswith("_sd_configs") or key == "static_configs"]:
                del job[key]
            job["file_sd_configs"] = [{"files": [str(self.folder / "targets" / f"{name}.json")]}]
            self.aim(name, self._targets.get(name, []))
        document["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": self._alertmanagers}]}]}
        (self.folder / CONFIG).write_text(yaml.safe_dump(document, sort_keys=False))

    def _until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2):
                    return
            except OSError:
                if self._reaper.pid is None or time.monotonic() > deadline:
                    raise RuntimeError(f"prometheus does not start:\n{self.log[-3000:]}") from None
            time.sleep(0.1)

    def _ask(self, what: str, **values: str) -> Any:
        address = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(values)}"
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                said = json.load(error)
            raise ValueError(f"{said.get('errorType')}: {said.get('error')} in {values.get('query', what)}") from None
