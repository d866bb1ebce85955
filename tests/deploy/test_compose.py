"""deploy/compose.yaml: the schema of compose files, and that it agrees with what it starts."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from sluicegate.cli.main import cli
from sluicegate.configuration import catalog, faults
from tests.deploy.monitoring import targets_of

DEPLOY = Path(__file__).parents[2] / "deploy"
FILE = DEPLOY / "compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("sluicegate:")}
PORTS = {
    "worker": "WEB_PORT",
    "lag": "LAG_PORT",
    "canary": "CANARY_PORT",
    "console": "CONSOLE_OPS_PORT",
    "gateway": "GATEWAY_OPS_PORT",
    "notify": "NOTIFY_PORT",
}
"""Command -> the setting that says where its probes are."""
ONCE = {"topics", "lists", "generator"}
"""Services that nothing scrapes or probes."""


def filled(text: str) -> str:
    """A value with its variables at their defaults."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {name: filled(str(value)) for name, value in service.get("environment", {}).items()}


def test_it_fits_the_compose_specification() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", str(FILE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", OURS)
def test_settings_exist_and_are_valid(name: str) -> None:
    settings = {key: text for key, text in environment(OURS[name]).items() if key.startswith("SLUICEGATE_")}
    assert settings
    assert not [str(fault) for fault in faults(settings)]


@pytest.mark.parametrize("name", OURS)
def test_commands_exist(name: str) -> None:
    words = [filled(str(word)) for word in OURS[name]["command"]]
    command: click.Command = cli
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None
        command = found
    command.make_context(name, words)  # raises where an option is unknown


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    image, _, tag = SERVICES[name]["image"].partition(":")
    assert tag
    assert tag != "latest"
    assert image == "sluicegate" or re.match(r"v?\d+\.\d+\.\d+", tag) or re.match(r"\d+\.\d+", tag)


@pytest.mark.parametrize("name", SERVICES)
def test_it_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"]
    assert "privileged" not in service
    assert service.get("read_only") or name == "kafka"
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}


@pytest.mark.parametrize("name", SERVICES)
def test_what_others_wait_for_has_a_health_check(name: str) -> None:
    for other, need in SERVICES[name].get("depends_on", {}).items():
        if need["condition"] == "service_healthy":
            assert SERVICES[other]["healthcheck"]["test"][0] == "CMD"
        else:
            assert need["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"
        # what starts always may not wait for what starts only when asked for
        assert "profiles" not in SERVICES[other] or "profiles" in SERVICES[name]


@pytest.mark.parametrize("name", sorted(OURS.keys() - ONCE))
def test_health_checks_ask_the_port_of_the_process(name: str) -> None:
    setting = f"SLUICEGATE_{PORTS[OURS[name]['command'][0]]}"
    port = environment(OURS[name]).get(setting, catalog()[setting].default)
    code = OURS[name]["healthcheck"]["test"][-1]
    compile(code, name, "exec")
    assert f"http://127.0.0.1:{port}/readyz" in code
    assert scraped()[name] == int(port)


def scraped() -> dict[str, int]:
    """Service -> port, as Prometheus is told."""

    jobs = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]
    targets = [target for job in jobs for target in targets_of(job)]
    return {host: int(port) for host, _, port in (target.partition(":") for target in targets)}


def test_prometheus_scrapes_services_that_exist_in_networks_it_is_in() -> None:
    for host in scraped().keys() - {"localhost"}:
        assert set(SERVICES[host]["networks"]) & set(SERVICES["prometheus"]["networks"]), host
    assert OURS.keys() - ONCE <= scraped().keys()


def mounts() -> list[tuple[str, str, str]]:
    """(service, source, place in the container) of every volume."""
    volumes = [(name, volume.split(":")) for name, service in SERVICES.items() for volume in service.get("volumes", ())]
    return [(name, parts[0], parts[1]) for name, parts in volumes]


def test_what_is_mounted_is_there() -> None:
    for name, source, _ in mounts():
        if source.startswith("."):
            assert (DEPLOY / source).exists(), f"{name}: {source}"
        else:
            assert source in COMPOSE["volumes"]


def test_configuration_files_are_where_commands_look() -> None:
    for name in ("prometheus", "alertmanager"):
        (source,) = [source for service, source, place in mounts() if service == name and place == f"/etc/{name}"]
        (given,) = [word for word in SERVICES[name]["command"] if word.startswith("--config.file=")]
        assert (DEPLOY / source / Path(given.partition("=")[2]).relative_to(f"/etc/{name}")).is_file()


def test_grafana_finds_its_dashboards_and_prometheus() -> None:
    places = {place for service, _, place in mounts() if service == "grafana"}
    (provider,) = (DEPLOY / "grafana" / "provisioning" / "dashboards").glob("*.y*ml")
    for one in yaml.safe_load(provider.read_text())["providers"]:
        assert one["options"]["path"] in places
    (sources,) = (DEPLOY / "grafana" / "provisioning" / "datasources").glob("*.y*ml")
    for one in yaml.safe_load(sources.read_text())["datasources"]:
        if one["type"] == "prometheus":
            assert filled(one["url"]) == "http://prometheus:9090"


def test_workers_are_members_of_their_own_names() -> None:
    names = {name: environment(service).get("SLUICEGATE_INSTANCE_ID") for name, service in OURS.items()}
    workers = {name: member for name, member in names.items() if OURS[name]["command"] == ["worker"]}
    assert len(workers) == 2
    assert all(name == member for name, member in workers.items())


def test_every_variable_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", FILE.read_text()))
    told = set(re.findall(r"(?m)^(\w+)=", (DEPLOY / ".env.example").read_text()))
    assert used == told
    assert "deploy/.env" in (DEPLOY.parent / ".gitignore").read_text().splitlines()


def test_the_database_is_reached_by_the_console_alone() -> None:
    (network,) = SERVICES["postgres"]["networks"]
    assert COMPOSE["networks"][network]["internal"] is True
    assert {name for name, service in SERVICES.items() if network in service["networks"]} == {"postgres", "console"}
    url = environment(SERVICES["console"])["SLUICEGATE_CONSOLE_DATABASE"]
    given = environment(SERVICES["postgres"])
    assert url == f"postgresql+psycopg://{given['POSTGRES_USER']}@postgres/{given['POSTGRES_DB']}"
    assert environment(SERVICES["console"])["PGPASSWORD"] == given["POSTGRES_PASSWORD"]
