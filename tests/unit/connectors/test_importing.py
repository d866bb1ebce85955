"""The import of a file: what leaves as an event, what as a dead letter, and what is said of it."""

from __future__ import annotations

import gzip
import json
import os
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.connectors.base import Context
from sluicegate.connectors.importing import seekable, sniffed
from sluicegate.connectors.keys import TenantKeys, read_secret
from sluicegate.connectors.registry import CONNECTORS
from sluicegate.connectors.runs import announcements
from sluicegate.errors import FileRefusedError, SettingsError

SAMPLES = Path(__file__).parent / "samples"
PAYROLL = SAMPLES / "csv" / "payroll-de.csv"
IBAN = "DE89370400440532013000"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "acme"
    path.write_text("0123456789abcdef0123456789abcdef\n")
    return path


def run(*args: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["import", *map(str, args)], input=stdin)


def payroll(secret: Path, *more: str | Path, file: Path = PAYROLL, stdin: bytes | None = None) -> Result:
    mapped = ("--mapping", PAYROLL.with_suffix(".toml"), "--secret-file", secret)
    return run("csv", file, "--tenant", "acme", *mapped, *more, stdin=stdin)


def test_events_are_written_and_controls_told(secret: Path) -> None:
    done = payroll(secret)
    assert done.exit_code == 0, done.output
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["data"]["payment_id"] for event in events] == ["2026-06-001", "2026-06-002", "2026-06-003"]
    assert IBAN not in done.stdout
    assert "3 transactions: 3 payroll-payments" in done.stderr
    assert "2 control figures agree" in done.stderr


def test_bad_row_is_a_dead_letter_without_the_row(secret: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(PAYROLL.read_bytes().replace(b"3.250,50", b"-3.250,50"))
    out, letters = tmp_path / "out.jsonl", tmp_path / "letters.jsonl"
    done = payroll(secret, "--out", out, "--dead-letters", letters, file=bad)
    assert done.exit_code == 1
    assert "line 3: column Net pay: bad_amount" in done.stderr
    assert "total of file is announced as 7350.49, found 4099.99" in done.stderr
    assert len(out.read_text().splitlines()) == 2
    (letter,) = (json.loads(line) for line in letters.read_text().splitlines())
    assert letter["reason"] == "bad_amount"
    assert letter["offset"] == 1
    assert letter["topic"].startswith("files/csv/")
    assert letter["value_b64"] is None
    assert letter["value_bytes"] > 0
    assert IBAN not in letters.read_text()
    assert "Anna" not in letters.read_text()


def test_event_that_intake_would_refuse_is_a_dead_letter_with_its_line(secret: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "odd.toml"
    mapping.write_text(PAYROLL.with_suffix(".toml").read_text().replace('"sepa_ct"', '"pigeon"'))
    done = run("csv", PAYROLL, "--tenant", "acme", "--mapping", mapping, "--secret-file", secret)
    assert done.exit_code == 1
    assert "line 3: schema_violation: /data/schedule/rail" in done.stderr


def test_dry_run_shows_the_first_and_writes_none(secret: Path) -> None:
    done = payroll(secret, "--dry-run", "1")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("-- line ") == 1
    assert "-- line 3 -> payroll-payments" in done.stdout
    assert '"payment_id": "2026-06-001"' in done.stdout


def test_dry_run_needs_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLUICEGATE_TENANT_SECRETS", raising=False)
    done = run("csv", PAYROLL, "--tenant", "acme", "--mapping", PAYROLL.with_suffix(".toml"), "--dry-run", "1")
    assert done.exit_code == 0, done.output
    assert "a secret of this run only" in done.stderr


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input_is_read_twice_though_it_can_be_read_once(secret: Path, pack: type[bytes]) -> None:
    done = payroll(secret, file=Path("-"), stdin=pack(PAYROLL.read_bytes()))
    assert done.exit_code == 0, done.output
    assert done.stdout == payroll(secret).stdout


def test_damaged_gzip_is_refused_with_the_files_name(secret: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(PAYROLL.read_bytes())[:-20])
    done = payroll(secret, file=cut)
    assert done.exit_code == 1
    assert isinstance(done.exception, FileRefusedError | SystemExit)


def test_next_file_is_read_after_one_that_was_refused(secret: Path, tmp_path: Path) -> None:
    none = tmp_path / "none.csv"
    none.write_bytes(b"")
    done = payroll(secret, PAYROLL, file=none)
    assert done.exit_code == 1
    assert "none.csv: line 1: no header" in done.stderr
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("csv", PAYROLL, "--tenant", "acme"), "csv needs --mapping"),
        (("csv", PAYROLL, "--tenant", "Acme", "--mapping", PAYROLL.with_suffix(".toml")), "'Acme' is no tenant"),
        (("pain001", PAYROLL, "--tenant", "acme", "--mapping", PAYROLL), "csv needs --mapping"),
        (("pain001", PAYROLL, "--tenant", "acme", "--zone", "Mars"), "'Mars' is no time zone"),
        (("pain001", PAYROLL, "--tenant", "acme", "--send", "--out", "x"), "leave out --out"),
        (("pain001", PAYROLL, "--tenant", "acme", "--dry-run", "1", "--send"), "--dry-run shows events"),
        (("csv", PAYROLL, "--tenant", "acme", "--mapping", "absent.toml"), "cannot read absent.toml"),
        (("csv", PAYROLL, "--tenant", "acme", "--mapping", PAYROLL), "no TOML"),
    ],
)
def test_unusable_arguments_are_refused(args: tuple[str | Path, ...], said: str) -> None:
    done = run(*args)
    assert done.exit_code == 2, done.output
    assert said in done.output


def test_file_that_is_not_there_is_named(secret: Path) -> None:
    done = payroll(secret, file=Path("absent.csv"))
    assert done.exit_code == 2
    assert "absent.csv" in done.output


def test_secret_is_found_in_its_folder(secret: Path) -> None:
    keys = read_secret("acme", None, {"SLUICEGATE_TENANT_SECRETS": str(secret.parent)})
    assert keys.payee("x") == TenantKeys(b"0123456789abcdef0123456789abcdef").payee("x")


@pytest.mark.parametrize(
    ("content", "environ", "said"),
    [
        (None, {}, "openssl rand -hex 32"),
        (None, {"SLUICEGATE_TENANT_SECRETS": "/nowhere"}, "/nowhere/acme"),
        ("short", None, "at least 16 bytes"),
    ],
)
def test_secret_that_is_missing_or_short_is_told_with_a_remedy(
    tmp_path: Path, content: str | None, environ: dict[str, str] | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "acme").write_text(content)
    with pytest.raises(SettingsError, match=said):
        read_secret("acme", None, {"SLUICEGATE_TENANT_SECRETS": str(tmp_path)} if environ is None else environ)


def test_every_file_is_told_by_its_first_bytes_gzipped_too(tmp_path: Path) -> None:
    for path in SAMPLES.glob("*/*.*"):
        if path.suffix == ".toml":
            continue
        packed = tmp_path / f"{path.name}.gz"
        packed.write_bytes(gzip.compress(path.read_bytes()))
        found = sniffed(packed, CONNECTORS)
        assert found is not None, path
        assert found.name == path.parent.name


def test_bytes_that_are_nothing_are_no_format(tmp_path: Path) -> None:
    for name in ("x.bin", "x.xml", "x.gz"):
        (tmp_path / name).write_bytes(os.urandom(100))
        assert sniffed(tmp_path / name, CONNECTORS) is None


def test_unpacked_copy_can_be_read_twice() -> None:
    with seekable(BytesIO(b"plain"), "x") as file:
        assert file.read() == b"plain"


def test_announcement_of_the_same_run_has_the_same_id() -> None:
    path = SAMPLES / "pain001" / "sepa-payroll-03.xml"
    context = Context("acme", TenantKeys(b"a secret of the tests"))
    with path.open("rb") as file:
        survey = CONNECTORS["pain001"].survey(file, context)
    once, again = ([json.loads(one) for one in announcements("pain001", context, survey)] for _ in range(2))
    assert once
    assert [one["id"] for one in once] == [one["id"] for one in again]
    assert all(one["type"] == "run.announced.v1" and one["data"]["payments"] > 0 for one in once)
