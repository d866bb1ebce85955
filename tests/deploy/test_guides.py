"""The guides: their commands, links, samples and snippets are those that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sluicegate.cli.main import cli
from sluicegate.connectors.keys import TenantKeys
from sluicegate.connectors.mapping import Mapping, read_mapping
from sluicegate.gateway.openapi import document
from tests.deploy.monitoring import DEPLOY
from tests.deploy.test_runbooks import fault

GUIDES = DEPLOY / "guides"
PAGES = sorted(GUIDES.glob("*.md"))
FILES = DEPLOY / "examples" / "files"
SECRET = b"0123456789abcdef0123456789abcdef"

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def commands(page: Path) -> list[str]:
    """Command lines of ours, without comments, continued lines joined."""
    text = re.sub(r"\\\n>?\s*", " ", page.read_text(encoding="utf-8"))
    found = re.findall(r"^(?:    |\$ )(sluicegate [^\n#]*)", text, re.MULTILINE)
    return [line.strip().replace("*", "x") for line in found]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@each_page
def test_commands_exist(page: Path) -> None:
    lines = commands(page)
    assert [why for why in map(fault, lines) if why] == []
    assert lines or page.stem == "README"


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [one for one in re.findall(r"\]\(([^)]+)\)", text) if not one.startswith("https://")]
    assert [target for target in targets if not (GUIDES / target).exists()] == []


def test_every_guide_is_on_the_first_page() -> None:
    first = (GUIDES / "README.md").read_text(encoding="utf-8")
    assert {page.name for page in PAGES if page.stem != "README"} == set(re.findall(r"\]\(([a-z0-9-]+\.md)\)", first))


@each_page
def test_paths_of_the_gateway_are_those_of_its_document(page: Path) -> None:
    known = {*document()["paths"], "/openapi.json"}
    for path in re.findall(r"http://127\.0\.0\.1:8090(/[^\s?`\"]*)", page.read_text(encoding="utf-8")):
        assert re.sub(r"/v1/runs/.+", "/v1/runs/{run_id}", path) in known, path


@pytest.mark.parametrize(
    ("name", "format", "said"),
    [
        ("payroll-2026-08.xml", "pain001", "5 transactions: 5 payroll-payments"),
        ("payroll-2026-11.xml", "pain001", "6 transactions: 6 payroll-payments"),
        ("payroll.csv", "csv", "3 transactions: 3 payroll-payments"),
        ("payroll.ach", "nacha", "payroll-payments"),
    ],
)
def test_sample_files_are_read_as_the_guides_say(tmp_path: Path, name: str, format: str, said: str) -> None:
    (tmp_path / "secret").write_bytes(SECRET)
    asked = ["import", format, str(FILES / name), "--tenant", "try-it", "--secret-file", str(tmp_path / "secret")]
    mapping = ["--mapping", str(FILES / "payroll.toml")] if format == "csv" else []
    done = CliRunner().invoke(cli, [*asked, *mapping])
    assert done.exit_code == 0, done.output
    assert said in done.stderr


def test_policy_and_mapping_of_the_guides_are_sound_and_those_of_the_samples(tmp_path: Path) -> None:
    for page, name in (("clearance.md", "policy.toml"), ("files-csv.md", "payroll.toml")):
        (shown,) = blocks(GUIDES / page, "toml")
        assert tomllib.loads(shown) == tomllib.loads((FILES / name).read_text(encoding="utf-8"))
    assert isinstance(read_mapping((FILES / "payroll.toml").read_text(encoding="utf-8")), Mapping)
    done = CliRunner().invoke(cli, ["policy", "check", str(FILES / "policy.toml")])
    assert done.exit_code == 0, done.output


def test_fingerprint_of_the_guide_is_that_of_imported_files() -> None:
    (snippet,) = blocks(GUIDES / "http.md", "python")
    made: dict[str, Any] = {}
    exec(snippet, made)
    keys = TenantKeys(SECRET)
    for parts in (("iban", "de", "", "DE89 3704 0044 0532 0130 00"), ("us_aba", "US", "021000021", "12-345 678")):
        assert made["fingerprint"](SECRET, *parts) == keys.account(*parts)
