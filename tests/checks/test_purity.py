"""The core is pure: the import contract holds, and would notice if it did not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "lint-imports"
FORBIDDEN = ("import asyncio", "from time import time", "import aiokafka", "from pathlib import Path")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """The contract of pyproject.toml on the sources under `root`."""
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=root,
        env={"PYTHONPATH": f"{root / 'models'}:{root / 'streams'}", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the core that a test may spoil."""
    root = tmp_path_factory.mktemp("purity")
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copytree(ROOT / "models", root / "models", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "streams").mkdir()
    return root


def test_core_imports_no_kafka_clock_or_io() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout


def test_contract_holds_for_the_copy_too(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("line", FORBIDDEN)
def test_forbidden_import_breaks_the_contract(copy: Path, line: str) -> None:
    module = copy / "models" / "sluicegate" / "rules" / "spoiled.py"
    module.write_text(f'"""A rule that looks outside."""\n\n{line}\n')
    try:
        done = lint(copy)
    finally:
        module.unlink()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "sluicegate.rules.spoiled" in done.stdout
