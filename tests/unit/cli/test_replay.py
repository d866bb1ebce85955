"""`sluicegate replay`: files in, files out, exit status (contract section 8)."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.generate.stream import Generator
from tests.scenarios.build import Tale

START = 1_781_161_200_000_000


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """Events of two tenants with enough schemes among them."""
    generator = Generator(3, start=START, tenants=2, payees=60, history_days=60, scheme_share=0.02)
    return [event.value for event in generator.bulk(1500)]


@pytest.fixture
def events(lines: list[bytes], tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def replay(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["replay", *map(str, arguments)])


def test_alerts_go_to_standard_output_or_to_the_file_alike(events: Path, tmp_path: Path) -> None:
    printed, written = replay(events), replay(events, "--alerts", tmp_path / "alerts")
    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert written.stdout == ""
    assert printed.stdout_bytes == (tmp_path / "alerts").read_bytes()
    alerts = [json.loads(line) for line in printed.stdout.splitlines()]
    assert alerts
    assert {alert["type"] for alert in alerts} == {"alert.v1"}


def test_same_input_gives_the_same_bytes_whole_in_parts_or_gzipped(
    events: Path, lines: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"\n".join(lines[:700]))
    (tmp_path / "b").write_bytes(b"\r\n\r\n".join(lines[700:]))
    (tmp_path / "c.gz").write_bytes(gzip.compress(events.read_bytes()))
    whole = replay(events).stdout_bytes
    assert replay(tmp_path / "a", tmp_path / "b").stdout_bytes == whole
    assert replay(tmp_path / "c.gz").stdout_bytes == whole


def test_all_outputs_are_json_with_sorted_keys_and_no_spaces(events: Path, tmp_path: Path) -> None:
    names = ("alerts", "signals", "scores")
    assert replay(events, *[part for name in names for part in (f"--{name}", tmp_path / name)]).exit_code == 0
    for name in names:
        for line in (tmp_path / name).read_text("utf-8").splitlines():
            assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    payments = sum(b".payment.v1" in line for line in events.read_bytes().splitlines())
    scored = (tmp_path / "scores").read_text().splitlines()
    assert 0 < len(scored) <= payments
    assert set(json.loads(scored[0])) == {"event", "parts", "score"}


def test_decisions_about_payments_of_runs_are_written_where_the_policy_wants_them(tmp_path: Path) -> None:
    tale = Tale()
    tale.policy(clearance={})
    tale.pay("E1", run="R1")
    (tmp_path / "events").write_bytes(b"\n".join(tale.lines))
    found = replay(tmp_path / "events", "--decisions", tmp_path / "decisions")
    assert (found.exit_code, found.stdout) == (0, "")
    told = [json.loads(line) for line in (tmp_path / "decisions").read_bytes().splitlines()]
    assert [(one["type"], one["data"]["decision"]) for one in told] == [("decision.v1", "release")] * 2


def test_bad_lines_are_dead_letters_and_counted_and_the_status_is_0(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(b"\n".join([lines[0], b"", b"{", lines[1], b"\xff"]))
    run = replay(path, "--dead-letters", tmp_path / "letters")
    letters = [json.loads(line) for line in (tmp_path / "letters").read_text().splitlines()]
    assert run.exit_code == 0
    assert run.stderr.splitlines() == [
        f"{path}:3: not_json not a JSON text, or nested deeper than 128",
        f"{path}:5: not_json not UTF-8 at byte 0",
        "2 bad lines",
    ]
    assert [(one["topic"], one["partition"], one["offset"]) for one in letters] == [
        ("mixed.jsonl", 0, 2),
        ("mixed.jsonl", 0, 4),
    ]


def test_summary_goes_to_standard_output_unless_alerts_are_there(events: Path, tmp_path: Path) -> None:
    beside = replay(events, "--alerts", tmp_path / "alerts", "--summary")
    mixed = replay(events, "--summary")
    assert "1500 applied" in beside.stdout
    assert "findings" in beside.stdout
    assert mixed.stderr == beside.stdout
    assert "applied" not in mixed.stdout


def test_empty_file_is_processed(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    run = replay(tmp_path / "empty", "--alerts", tmp_path / "alerts")
    assert (run.exit_code, run.stdout, run.stderr, (tmp_path / "alerts").read_bytes()) == (0, "", "", b"")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "Missing argument"),
        (("{absent}",), "cannot read"),
        (("{folder}",), "cannot read"),
        (("{events}", "--alerts", "{absent}/alerts"), "cannot write"),
        (("{events}", "--alerts", "{folder}"), "cannot write"),
        (("{events}", "--alerts", "{events}"), "named twice"),
        (("{events}", "--alerts", "{folder}/x", "--signals", "{folder}/./x"), "named twice"),
        (("{events}", "--unknown"), "No such option"),
        (("{cut}",), "cannot read"),
        (("{export}",), "no sound log export"),
    ],
)
def test_unusable_arguments_give_status_2_and_leave_nothing(
    events: Path, tmp_path: Path, arguments: tuple[str, ...], why: str
) -> None:
    cut, export = tmp_path / "cut.gz", tmp_path / "export.jsonl"
    cut.write_bytes(gzip.compress(events.read_bytes())[:-40])
    export.write_bytes(b'{"type":"log.export.v1"}\n{"offset":"a"}\n')
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    places = {"absent": tmp_path / "absent", "folder": tmp_path, "events": events, "cut": cut, "export": export}
    run = replay(*(argument.format(**places) for argument in arguments))
    assert run.exit_code == 2, run.output
    assert why in run.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_output_of_a_run_that_fails_leaves_the_former_file(events: Path, tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("former")
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(events.read_bytes())[:-40])
    assert replay(events, broken, "--alerts", tmp_path / "alerts").exit_code == 2
    assert (tmp_path / "alerts").read_text() == "former"


def test_devices_are_written_as_they_are(events: Path) -> None:
    run = replay(events, "--alerts", os.devnull, "--signals", os.devnull)
    assert (run.exit_code, run.output) == (0, "")
    assert Path(os.devnull).is_char_device()


def test_log_export_is_replayed_without_the_seven_days_at_the_end(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "events-0.jsonl"
    records = [b'{"offset":%d,"timestamp":0,"value":%s}' % (n, line) for n, line in enumerate(lines)]
    path.write_bytes(b'{"type":"log.export.v1"}\n' + b"\n".join(records) + b"\n")
    exported = replay(path)
    (tmp_path / "plain").write_bytes(b"\n".join(lines))
    plain = replay(tmp_path / "plain")
    assert exported.exit_code == 0
    assert exported.stdout
    assert plain.stdout.startswith(exported.stdout)


def test_reader_that_has_seen_enough_ends_it_quietly(events: Path) -> None:
    command = f"{sys.executable} -m sluicegate.cli.main replay {events} | head -c 1"
    run = subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, check=False)
    assert (run.stdout, run.stderr) == (b"{", b"")


def shell(command: str) -> subprocess.CompletedProcess[bytes]:
    """Run in bash, where `$S` is the command line."""
    place = {**os.environ, "S": f"{sys.executable} -m sluicegate.cli.main"}
    return subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, check=False, env=place)


@pytest.mark.parametrize("count", [4, 1500])
def test_nothing_of_a_pipe_is_lost(lines: list[bytes], tmp_path: Path, count: int) -> None:
    """Below and above the 8 KiB that a reader takes at once."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join([*lines[: count - 1], b"{"]) + b"\n")
    assert (path.stat().st_size > 8192) == (count > 4)
    ways = (
        "$S replay {0}",
        "cat {0} | $S replay -",
        "cat {0} | $S replay /dev/stdin --alerts -",
        "$S replay <(cat {0})",
        "$S replay <(gzip -c {0}) --alerts >(cat)",
        "$S replay - < {0}",
    )
    runs = [shell(f"{way.format(path)} --summary 2>&1 | sed 's/^[^ ]*:[0-9]*: //' | sort") for way in ways]
    assert f"{count - 1} applied".encode() in runs[0].stdout
    assert [run.stdout == runs[0].stdout for run in runs] == [True] * len(ways)


def test_full_standard_output_is_one_line_and_status_2(events: Path) -> None:
    for command in (f"$S replay {events}", "$S schema events"):
        run = shell(f"{command} > /dev/full")
        assert (run.returncode, run.stderr) == (
            2,
            b"Error: cannot write standard output: No space left on device\n",
        )


def test_one_bad_line_is_one_with_advice(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"{")
    last = replay(tmp_path / "bad").stderr.splitlines()[-1]
    assert last == "1 bad line; --dead-letters FILE keeps them, each with its reason"
