"""Every setting of every process in one registry: documented, bounded, and refused where it is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.config_connect import connections
from sluicegate.cli.main import cli
from sluicegate.cli.reference import pages
from sluicegate.configuration import LOOSE, PARTS, Part, catalog, faults, in_effect, ours, read, unknown
from sluicegate.console.database import open_database
from sluicegate.environment import Setting
from sluicegate.errors import SettingsError

EVERY = [one for part in PARTS for one in part.settings]


def config(*arguments: object, **environ: str) -> Result:
    own: dict[str, str | None] = {"SLUICEGATE_BROKER": None}
    own |= {f"SLUICEGATE_{name}": text for name, text in environ.items()}
    return CliRunner(env=own).invoke(cli, ["config", *map(str, arguments)])


def test_every_setting_has_a_meaning_a_type_and_a_line_on_the_page() -> None:
    page = pages()["settings.md"]
    for one in (*EVERY, *LOOSE):
        assert one.meaning, one.variable
        assert one.kind in ("switch", "whole number", "number", "choice", "text"), one.variable
        assert f"| `{one.variable}` |" in page


@pytest.mark.parametrize("one", [one for one in EVERY if "number" in one.kind], ids=lambda one: one.variable)
def test_number_has_bounds(one: Setting) -> None:
    assert one.bounds


@pytest.mark.parametrize(
    "one", [one for one in EVERY if one.variable.endswith(("_SECONDS", "_TIMEOUT", "_MS", "_BYTES"))]
)
def test_quantity_has_its_unit(one: Setting) -> None:
    assert one.unit


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_default_is_within_its_bounds_also_as_a_text(part: Part) -> None:
    texts = {one.variable: one.default for one in part.settings if one.default}
    assert read(part.name, texts, {}) == read(part.name, {}, {}) == part.kind()


def test_no_two_parts_claim_a_variable() -> None:
    assert len(catalog()) == len(EVERY) + len(LOOSE)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("SLUICEGATE_CONSOLE_PROT", " (did you mean SLUICEGATE_CONSOLE_PORT?)"),
        ("SLUICEGATE_CONSOLE_BROKER", " (did you mean SLUICEGATE_BROKER?)"),
        ("SLUICEGATE_LAG_EVERY_SECOND", " (did you mean SLUICEGATE_LAG_EVERY_SECONDS?)"),
        ("SLUICEGATE_BROKR", " (did you mean SLUICEGATE_BROKER?)"),
        ("SLUICEGATE_CASHE", " (did you mean SLUICEGATE_CACHE?)"),
        ("SLUICEGATE_XYZZY", ""),
    ],
)
def test_variable_that_nobody_knows_is_refused_by_whichever_process_starts(
    part: Part, variable: str, hint: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read(part.name, {variable: "1"}, {})
    assert str(refused.value) == f"{variable} is not a setting{hint}"


def test_variables_of_other_parts_and_loose_ones_are_no_fault() -> None:
    environ = {"SLUICEGATE_CONSOLE_PORT": "9000", "SLUICEGATE_LAG_PORT": "1", "SLUICEGATE_MAVEN": "x", "HOME": "/"}
    assert read("worker", environ, {}) == read("worker", {}, {})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CONSOLE_PORT", "tcp://10.0.0.1:8080"),
        ("WORKER_PORT", "tcp://10.0.0.1:6066"),
        ("WORKER_SERVICE_HOST", "10.0.0.1"),
        ("LAG_SERVICE_PORT_METRICS", "6067"),
        ("LAG_PORT_6067_TCP_ADDR", "10.0.0.1"),
    ],
)
def test_variable_that_kubernetes_makes_for_a_service_is_left_alone(name: str, text: str) -> None:
    assert ours({f"SLUICEGATE_{name}": text}) == {}


def test_mistyped_port_is_no_service() -> None:
    assert [fault.variable for fault in unknown({"SLUICEGATE_WEBB_PORT": "6066"})] == ["SLUICEGATE_WEBB_PORT"]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read("worker", {"SLUICEGATE_PARTITIONS": "0", "SLUICEGATE_WEB_PORT": "x", "SLUICEGATE_NO": ""}, {})
    assert [line.split(" ")[0].rstrip(":") for line in str(refused.value).splitlines()] == [
        "SLUICEGATE_NO",
        "SLUICEGATE_PARTITIONS",
        "SLUICEGATE_WEB_PORT",
    ]


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"HEARTBEAT_INTERVAL": "10", "SESSION_TIMEOUT": "10"}, "HEARTBEAT_INTERVAL"),
        ({"CONSOLE_SESSION_HOURS": "30"}, "CONSOLE_SESSION_HOURS"),
        ({"CONSOLE_OIDC_ISSUER": "https://id.example"}, "CONSOLE_OIDC_CLIENT_ID"),
        ({"CONSOLE_OPS_PORT": "8080"}, "CONSOLE_OPS_PORT"),
    ],
)
def test_settings_at_odds_are_a_fault_of_one_of_them(environ: Mapping[str, str], variable: str) -> None:
    found = faults({f"SLUICEGATE_{name}": text for name, text in environ.items()})
    assert [fault.variable for fault in found] == [f"SLUICEGATE_{variable}"]


# -- the command -------------------------------------------------------------------------------------------------------


def test_show_tells_value_and_where_it_comes_from() -> None:
    shown = config("show", "--json", "--part", "lag", LAG_PORT="7000")
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert {line["part"] for line in lines} == {"lag"}
    by_variable = {line["variable"]: (line["value"], line["from"]) for line in lines}
    assert by_variable["SLUICEGATE_LAG_PORT"] == ("7000", "environment")
    assert by_variable["SLUICEGATE_LAG_HOST"] == ("127.0.0.1", "default")


def test_show_without_a_part_holds_every_setting() -> None:
    shown = config("show", WORK_MS="20").stdout
    assert {line.split()[0] for line in shown.splitlines()} == set(catalog())
    assert ["SLUICEGATE_WORK_MS", "20", "ms", "environment"] in [line.split() for line in shown.splitlines()]


def test_nothing_secret_is_shown() -> None:
    database = "postgresql+psycopg://me:geheim@db/console"
    sasl = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_USERNAME": "ann"}
    shown = config("show", KAFKA_PASSWORD="geheim", CONSOLE_DATABASE=database, **sasl)
    assert shown.exit_code == 0, shown.output
    assert "geheim" not in shown.output
    values = {line.split()[0]: line.split()[1] for line in shown.stdout.splitlines()}
    assert values["SLUICEGATE_KAFKA_PASSWORD"] == "set"
    assert values["SLUICEGATE_CONSOLE_DATABASE"] == "postgresql+psycopg://me:***@db/console"
    unset = {one.setting.variable: one.value for one in in_effect({})}
    assert unset["SLUICEGATE_KAFKA_PASSWORD"] == "not set"
    checked = config("check", KAFKA_PASSWORD="geheim", CONSOLE_DATABASE="", PARTITIONS="0")
    assert (checked.exit_code, "geheim" in checked.output) == (1, False)


def test_check_of_a_file_names_line_variable_and_what_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_text(
        "# ours\nSLUICEGATE_PARTITIONS=0\nOTHER=1\nexport SLUICEGATE_LOG_FORMATT=json\nSLUICEGATE_WEB_PORT='7'\n=\n"
    )
    checked = config("check", "--env-file", file, AGENTS="ignored: the file alone is checked")
    assert checked.exit_code == 1
    assert checked.stderr.splitlines() == [
        f"{file}:2: SLUICEGATE_PARTITIONS: Expected `int` >= 1 (given: '0'; allowed: whole number, 1 to 1024)",
        f"{file}:4: SLUICEGATE_LOG_FORMATT is not a setting (did you mean SLUICEGATE_LOG_FORMAT?)",
        f"{file}:5: SLUICEGATE_WEB_PORT: kubectl keeps the quotes: leave them out",
        f"{file}:6: not NAME=VALUE",
    ]


def test_check_of_a_sound_environment_ends_well(tmp_path: Path) -> None:
    checked = config("check", PARTITIONS="8", LAG_PORT="7000")
    assert (checked.exit_code, checked.stdout.split(";")[0]) == (0, "no fault")
    absent = config("check", "--env-file", tmp_path / "none.env")
    assert (absent.exit_code, "cannot read" in absent.output) == (2, True)


def test_file_that_is_not_here_is_a_fault_only_of_settings_meant_for_here(tmp_path: Path) -> None:
    file = tmp_path / "a.env"
    file.write_text("SLUICEGATE_KAFKA_SECURITY_PROTOCOL=SSL\nSLUICEGATE_KAFKA_CA_FILE=/none/ca.pem\n")
    assert config("check", "--env-file", file).exit_code == 0
    here = config("check", KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_CA_FILE="/none/ca.pem")
    assert (here.exit_code, "SLUICEGATE_KAFKA_CA_FILE: cannot read /none/ca.pem" in here.stderr) == (1, True)


def test_check_with_connect_says_what_is_not_there_and_what_to_do(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'console.db'}"
    environ = {"SLUICEGATE_BROKER": "127.0.0.1:1", "SLUICEGATE_CONSOLE_DATABASE": database, "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "sluicegate.cli.main", "config", "check", "--connect"]
    checked = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [f"the console's database {database}: ok"]
    assert "Kafka at 127.0.0.1:1: no Kafka broker answers" in checked.stderr
    assert "\n  Operator action: check the address (SLUICEGATE_BROKER" in checked.stderr
    assert not (tmp_path / "console.db").exists()


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("sqlite:///{folder}/none/console.db", "no file can be made in {folder}/none"),
        ("sqlite:///{folder}/damaged.db", "cannot be used"),
        ("sqlite:///{folder}/made.db", ""),
        ("mysql://me:geheim@db/x", "mysql is not supported"),
        ("nothing", "its URL is not one"),
    ],
)
def test_database_that_does_not_open_is_told(tmp_path: Path, url: str, wrong: str) -> None:
    (tmp_path / "damaged.db").write_bytes(b"no database" * 100)
    open_database(f"sqlite:///{tmp_path / 'made.db'}").dispose()
    name, told, action = next(connections({"SLUICEGATE_CONSOLE_DATABASE": url.format(folder=tmp_path)}))
    assert wrong.format(folder=tmp_path) in told
    assert bool(told) == bool(wrong) == action.startswith("Operator action: check SLUICEGATE_CONSOLE_DATABASE")
    assert "geheim" not in name + told
