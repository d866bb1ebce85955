"""Tokens: shown once, kept as digests, good for a time, gone when revoked."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from sluicegate.cli.main import cli
from sluicegate.errors import SettingsError
from sluicegate.gateway.tokens import TokenBook, TokenFile

DAY = 86_400_000_000
NOW = 20_000 * DAY


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "tokens.json")


def test_the_file_holds_no_secret_and_is_its_owners(path: str) -> None:
    text, made = TokenFile(path).add("payroll", "acme", ("events", "runs"), NOW, 30)
    kept = Path(path).read_text()
    assert text.startswith(f"slg_{made.id}_")
    assert len(text.split("_", 2)[2]) == 43  # 256 bits
    assert text not in kept
    assert text.split("_", 2)[2] not in kept
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_a_token_is_found_until_it_expires(path: str) -> None:
    text, made = TokenFile(path).add("payroll", "acme", ("events",), NOW, 30)
    book = TokenBook(path)
    assert book.find(text, NOW) == made
    assert book.find(text, NOW + 30 * DAY - 1) == made
    assert book.find(text, NOW + 30 * DAY) is None


def test_nothing_else_is_let_in(path: str) -> None:
    text, _ = TokenFile(path).add("payroll", "acme", ("events",), NOW, 30)
    secret = text.split("_", 2)[2]
    book = TokenBook(path)
    for other in (
        "",
        text[:-1],
        text + "A",
        text.swapcase(),
        secret,
        text.replace("slg_", "xyz_", 1),
        f"slg_00000000_{secret}",
        "é\udcff",
    ):
        assert book.find(other, NOW) is None


def test_two_tokens_of_one_name_are_told_apart(path: str) -> None:
    file = TokenFile(path)
    one, other = (file.add("payroll", tenant, ("events",), NOW, 30)[0] for tenant in ("acme", "beta"))
    book = TokenBook(path)
    found = [book.find(text, NOW) for text in (one, other)]
    assert [token and token.tenant for token in found] == ["acme", "beta"]


def test_a_change_of_the_file_counts_at_once(path: str) -> None:
    file = TokenFile(path)
    book = TokenBook(path)  # no file yet: nobody is let in
    assert not book.check()
    text, made = file.add("payroll", "acme", ("events",), NOW, 30)
    assert book.check()
    assert not book.check()
    assert book.find(text, NOW) == made
    assert file.revoke(made.id) == made
    assert book.check()
    assert book.find(text, NOW) is None
    assert file.revoke(made.id) is None


def test_a_file_that_is_not_sound_lets_nobody_in_until_it_is(path: str) -> None:
    text, _ = TokenFile(path).add("payroll", "acme", ("events",), NOW, 30)
    sound = Path(path).read_text()
    book = TokenBook(path)
    Path(path).write_text(sound[:-20])
    for _ in range(2):
        with pytest.raises(SettingsError, match="no file of tokens"):
            book.check()
    assert book.find(text, NOW) is None
    Path(path).write_text(sound)
    assert book.check()
    assert book.find(text, NOW) is not None


def test_a_gateway_does_not_start_with_a_file_that_is_not_sound(path: str) -> None:
    Path(path).write_text("{}")
    with pytest.raises(SettingsError, match="no file of tokens"):
        TokenBook(path)


def test_commands_make_list_and_revoke(path: str) -> None:
    def run(*arguments: str) -> str:
        found = CliRunner().invoke(cli, ["gateway", "token", *arguments, "--tokens", path])
        assert found.exit_code == 0, found.output
        return found.output

    made = run("new", "--tenant", "acme", "--name", "payroll  system", "--scope", "events", "--scope", "runs")
    text = made.splitlines()[-1]
    id = text.split("_")[1]
    listed = run("list")
    assert listed.splitlines()[1].startswith(f"{id}  acme    payroll system  events runs  ")
    assert text not in listed
    assert run("revoke", id) == f"token {id} of acme is revoked\n"
    assert len(run("list").splitlines()) == 1
    again = CliRunner().invoke(cli, ["gateway", "token", "revoke", id, "--tokens", path])
    assert (again.exit_code, "there is no token" in again.output) == (1, True)


@pytest.mark.parametrize("tenant", ["*", "Acme", ""])
def test_a_token_is_of_one_tenant(path: str, tenant: str) -> None:
    given = ["gateway", "token", "new", "--tenant", tenant, "--name", "x", "--tokens", path]
    assert CliRunner().invoke(cli, given).exit_code == 2
    assert not Path(path).exists()
