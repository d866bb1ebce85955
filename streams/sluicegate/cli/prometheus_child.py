"""Prometheus beside a demo, with the rules and runbooks of this checkout: they are no part of what is installed."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from sluicegate.cli.child import Child
from sluicegate.cli.stage import Stage
from sluicegate.embedded.network import HOST, free_port, port_is_free

__all__ = ["CONFIG", "PrometheusChild", "command", "program", "targets"]

CONFIG = "prometheus.yml"
_DEPLOY = Path(__file__).parents[3] / "deploy"
_USUAL_PORT = 9090
_EVERY = "5s"


def program() -> str:
    """Path of Prometheus. Raises UsageError when it is not there, or the rules are not."""
    if not (_DEPLOY / "prometheus" / "rules").is_dir():
        raise click.UsageError("--prometheus takes its rules from deploy/, which only a checkout of the project has")
    found = shutil.which("prometheus")
    if found is None:
        raise click.UsageError("there is no `prometheus` on the PATH; on Debian and Ubuntu: apt-get install prometheus")
    return found


def targets(place: Stage) -> dict[str, list[str]]:
    """Job of deploy/prometheus/prometheus.yml -> addresses of the processes that run here."""
    found = {"sluicegate-worker": [worker.port for worker in place.workers]}
    found |= {f"sluicegate-{child.name}": [child.port] for child in place.operations}
    if place.console is not None:
        found["sluicegate-console"] = [place.console.ops_port]
    if place.gateway is not None:
        found["sluicegate-gateway"] = [place.gateway.ops_port]
    return {job: [f"{HOST}:{port}" for port in ports] for job, ports in found.items()}


def command(binary: str, folder: Path, port: int) -> list[str]:
    """Prometheus over the configuration CONFIG of a folder, with its data there and this checkout's runbooks."""
    options = {
        "config.file": folder / CONFIG,
        "storage.tsdb.path": folder / "data",
        "web.listen-address": f"{HOST}:{port}",
        "web.external-url": f"http://{HOST}:{port}",
        "web.user-assets": _DEPLOY / "runbooks",
    }
    return [binary, *(f"--{name}={value}" for name, value in options.items())]


class PrometheusChild(Child):
    """A Prometheus that looks every few seconds, tells nobody, and forgets all when it ends."""

    name = "prometheus"

    def __init__(self, binary: str, jobs: Mapping[str, Sequence[str]]) -> None:
        super().__init__(_USUAL_PORT if port_is_free(_USUAL_PORT) else free_port())
        try:
            (self.folder / CONFIG).write_text(json.dumps(_config(jobs)))  # which is YAML, too
            self._reaper.run(command(binary, self.folder, self.port), self.folder, self.log)
        except BaseException:
            self._reaper.close()
            raise


def _config(jobs: Mapping[str, Sequence[str]]) -> dict[str, object]:
    return {
        "global": {"scrape_interval": _EVERY, "evaluation_interval": _EVERY},
        "rule_files": [str(_DEPLOY / "prometheus" / "rules" / "*.yml")],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": list(addresses)}]} for job, addresses in jobs.items()
        ],
    }
