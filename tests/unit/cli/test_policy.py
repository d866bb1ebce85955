"""`sluicegate policy check` and `init`: what is printed where, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from sluicegate.cli.main import cli

GOOD = 'tenant = "acme"\npay_days = [15]\n[rules.near-limit]\nmode = "off"\n'
BAD = 'tenant = "acme"\npay_days = [0]\nlimts = []\n'


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["policy", *arguments], input=stdin)


def file(folder: Path, text: str, name: str = "acme.toml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_check_says_what_a_file_amounts_to(tmp_path: Path) -> None:
    done = run("check", path := file(tmp_path, GOOD))
    assert (done.exit_code, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == f"{path}: a policy for acme"
    assert "  rules that are off: near-limit" in lines
    assert any(line.startswith("  pay days 15; next pay dates 2") for line in lines)


def test_check_names_each_fault_as_file_line_key_and_what_is_allowed(tmp_path: Path) -> None:
    good, bad = file(tmp_path, GOOD), file(tmp_path, BAD, "bad.toml")
    done = run("check", bad, good)
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"{bad}:2: pay_days[0]: expected a whole number from 1 to 31 or one of last_business_day; found a number",
        f"{bad}:3: limts: unknown key; did you mean limits?",
        "Error: 1 of 2 files faulty",
    ]
    assert done.stdout.startswith(f"{good}: a policy for acme")


def test_check_gives_the_data_of_the_event_as_json() -> None:
    done = run("check", "-", "--json", stdin=GOOD)
    assert json.loads(done.stdout) == {
        "tenant": "acme",
        "data": {"pay_days": [15], "rules": {"near-limit": {"mode": "off"}}},
    }


def test_check_takes_a_byte_order_mark_and_refuses_what_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert run("check", str(path)).exit_code == 0
    path.write_bytes(b'tenant = "\xe4"')
    done = run("check", str(path))
    assert (done.exit_code, done.stderr) == (2, f"Error: cannot read {path}: not UTF-8 at byte 10\n")


def test_file_that_is_not_there_is_an_unusable_argument(tmp_path: Path) -> None:
    done = run("check", str(tmp_path / "none.toml"))
    assert done.exit_code == 2
    assert "No such file" in done.stderr


def test_init_prints_a_file_that_check_takes() -> None:
    done = run("init", "beta")
    assert done.exit_code == 0
    assert run("check", "-", stdin=done.stdout).stdout.startswith("-: a policy for beta")


def test_show_does_not_mix_file_and_history() -> None:
    assert run("show", "acme", "--toml", "--history").exit_code == 2


def test_faulty_file_is_not_published(tmp_path: Path) -> None:
    done = run("publish", file(tmp_path, BAD), "--broker", "localhost:1")
    assert done.exit_code == 1
    assert "Error: not published: the file is faulty" in done.stderr
