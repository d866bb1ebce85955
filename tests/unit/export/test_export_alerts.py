"""`sluicegate export alerts` from files."""

import csv
import io
import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.wire.canary import CANARY_TENANT
from tests.unit.export.alerts import Json, made, variant, written


def export(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["export", "alerts", *map(str, arguments)], input=stdin)


def lines(*arguments: object) -> list[Json]:
    done = export(*arguments)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(*arguments: object) -> list[dict[str, str]]:
    done = export("--format", "csv", *arguments)
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_story_is_opened_updated_and_closed() -> None:
    assert [event["data"]["activity"] for event in made()] == ["create", "update", "update", "close"]


def test_last_revision_of_each_alert_is_written(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl")
    assert [event["data"]["revision"] for event in lines(file)] == [4]
    assert [event["data"]["revision"] for event in lines(file, "--all-revisions")] == [1, 2, 3, 4]


def test_last_revision_is_the_highest_wherever_it_stands(tmp_path: Path) -> None:
    last, *others = reversed(made())
    other = variant(7)
    file = written(tmp_path / "alerts.jsonl", [last, other, *others])
    assert [(e["data"]["alert_id"], e["data"]["revision"]) for e in lines(file)] == [
        (last["data"]["alert_id"], 4),
        (other["data"]["alert_id"], 1),
    ]


def test_with_personal_data_lines_are_those_that_came(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl")
    done = export(file, "--all-revisions", "--personal-data")
    assert done.stdout.encode() == file.read_bytes()


def test_names_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl", [variant(title="Pay of Ana Example")])
    bare = lines(file)[0]
    assert "Ana Example" not in json.dumps(bare)
    assert not [name for name in bare if name.startswith("chain")]
    assert "Ana Example" not in export(file, "--format", "csv").stdout
    assert table(file, "--personal-data")[0]["subject_display"] == "Ana Example"
    assert "subject_display" not in table(file)[0]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), {1, 2, 3}),
        (("--tenant", "beta"), {2}),
        (("--tenant", "beta", "--tenant", "gamma"), {2, 3}),
        (("--severity", "high"), {2, 3}),
        (("--severity", "critical"), {3}),
        (("--since", "2026-06-02"), {2, 3}),
        (("--since", "2026-06-02T00:00:00.000001Z"), {3}),
        (("--until", "2026-06-02"), {1}),
        (("--since", "2026-06-02", "--until", "2026-06-03T02:00:00+02:00"), {2}),
        (("--tenant", CANARY_TENANT), {4}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_filters(tmp_path: Path, options: tuple[str, ...], found: set[int]) -> None:
    tenants, levels = ("alpha", "beta", "gamma", CANARY_TENANT), ("low", "high", "critical", "low")
    events = [
        variant(number, tenant_id=tenant, severity=level, updated_at=f"2026-06-{number:02}T00:00:00Z")
        for number, tenant, level in zip((1, 2, 3, 4), tenants, levels, strict=True)
    ]
    file = written(tmp_path / "alerts.jsonl", events)
    assert {int(event["data"]["alert_id"][3:], 16) for event in lines(file, *options)} == found


def test_until_gives_alerts_as_they_stood(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl")
    assert [event["data"]["revision"] for event in lines(file, "--until", made()[2]["data"]["updated_at"])] == [2]


def test_severity_is_that_of_the_last_revision(tmp_path: Path) -> None:
    first, last = variant(severity="high"), variant(severity="low", revision=2, activity="update")
    file = written(tmp_path / "alerts.jsonl", [first, last])
    assert lines(file, "--severity", "high") == []


@pytest.mark.parametrize("opener", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_csv_holds_no_formula(tmp_path: Path, opener: str) -> None:
    text = f'{opener}HYPERLINK("http://x.test";"go"),\';\nnext'
    subject = {"kind": "payee", "id": text, "display": text}
    event = variant(title=text, subject=subject, payment_ids=[text], tenant_id="acme")
    (row,) = table(written(tmp_path / "alerts.jsonl", [event]), "--personal-data")
    for column in ("title", "subject_id", "subject_display", "payment_ids"):
        assert row[column] == f"'{text}"
    raw = export(tmp_path / "alerts.jsonl", "--format", "csv", "--personal-data").stdout
    rows = list(csv.reader(io.StringIO(raw)))
    assert len(rows) == 2
    assert not [cell for cell in rows[1] if cell.startswith(opener)]


def test_csv_row_holds_the_alert(tmp_path: Path) -> None:
    (row,) = table(written(tmp_path / "alerts.jsonl"))
    last = made()[-1]["data"]
    assert row | {"reasons": ""} == row | {
        "alert_id": last["alert_id"],
        "revision": "4",
        "activity": "close",
        "close_reason": "false_positive",
        "score": "80",
        "rules": "changed-account; return-signal",
        "money": "2450.00 USD",
        "retroactive": "false",
        "accounts": "fp_3f6d2b1c9a8e7d6c5b4a3f2e; fp_91c0de55aa77bb33cc22dd11",
        "updated_at": last["updated_at"],
        "reasons": "",
    }


def test_parquet_is_typed_and_exact(tmp_path: Path) -> None:
    sums: list[Any] = [
        {"value": "12345678901234567.123456789012345678", "currency": "ETH", "count": 3},
        {"value": "123456789012345678901234567890", "currency": "VND", "count": 9},
    ]
    file = written(tmp_path / "alerts.jsonl", [variant(1, money=sums), variant(2, close_reason=None)])
    done = export(file, "--format", "parquet", "--out", tmp_path / "alerts.parquet")
    assert done.exit_code == 0, done.output
    read = pq.read_table(tmp_path / "alerts.parquet")
    assert read.num_rows == 2
    kinds = {name: str(read.schema.field(name).type) for name in ("revision", "score", "updated_at", "rules")}
    assert kinds["revision"] == "int64"
    assert kinds["score"] == "double"
    assert kinds["updated_at"] == "timestamp[us, tz=UTC]"
    one = read.to_pylist()[0]
    assert [money["value"] for money in one["money"]] == [money["value"] for money in sums]
    assert [money["amount"] for money in one["money"]] == [Decimal(sums[0]["value"]), None]
    assert one["updated_at"] == datetime(2026, 6, 12, 22, 14, tzinfo=UTC)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_parquet_has_groups_of_rows(tmp_path: Path) -> None:
    body = json.dumps(made()[0])
    own = made()[0]["data"]["alert_id"]
    file = tmp_path / "alerts.jsonl"
    file.write_text("".join(f"{body.replace(own, f'al_{number:032x}')}\n" for number in range(5_001)))
    assert export(file, "--format", "parquet", "--out", tmp_path / "a.parquet").exit_code == 0
    read = pq.ParquetFile(tmp_path / "a.parquet")
    assert (read.metadata.num_rows, read.num_row_groups) == (5_001, 2)


def test_parquet_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    done = export(written(tmp_path / "a.jsonl"), "--format", "parquet", "--out", tmp_path / "a.parquet")
    assert done.exit_code == 1
    assert "pip install 'sluicegate[parquet]'" in done.stderr


def test_what_is_no_alert_is_named_and_the_rest_written(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl", [made()[0], {"type": "signal.v1", "data": {}}])
    broken = variant(money=[{"value": "1e400", "currency": "USD", "count": 1}])
    file.write_text(f"{file.read_text()}\n[1]\n{json.dumps(broken)}\n" + '{"id": 1}\n')
    done = export(file)
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert [line.partition(": ")[0].removeprefix(str(file)) for line in done.stderr.splitlines()] == [
        ":4",
        ":5",
        ":6",
        "1 alerts written",
        "Error",
    ]
    assert "3 records are no alert" in done.stderr


def test_unusable_arguments_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "alerts.jsonl")
    for arguments, words in (
        ((file, "--format", "parquet"), "needs --out"),
        ((file, "--since", "yesterday"), "is no day"),
        ((file, "--out", file), "named twice"),
        ((tmp_path / "absent",), "cannot read"),
    ):
        done = export(*arguments)
        assert done.exit_code == 2, arguments
        assert words in done.stderr


def test_standard_input_is_read() -> None:
    done = export("-", stdin="".join(f"{json.dumps(event)}\n" for event in made()))
    assert [json.loads(line)["data"]["revision"] for line in done.stdout.splitlines()] == [4]
