"""`sluicegate verify` over files: what it says of whole chains and of broken ones, and where."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.cli.verify_links import Links
from sluicegate.cli.verify_sources import Intake
from sluicegate.detection.chain import Held
from sluicegate.wire.chain import Link, read_link
from tests.scenarios.build import DAY, HOUR, Tale, play


def alerts(*tenants: str) -> list[bytes]:
    """Alerts of the tenants as a replay writes them: two alerts of three revisions each, side by side."""
    events = []
    for tenant in tenants:
        t = Tale(tenant)
        for n in range(4):
            t.pay(f"V{n}", "shared", f"{n + 1}.00", at=n * DAY)
            t.pay(f"V{n + 10}", "other", f"{n + 1}.00", at=n * DAY + HOUR)
        events += t.events
    events.sort(key=lambda event: event["time"])
    return [one.value for one in play([json.dumps(e).encode() for e in events]).outputs if one.topic == "alerts"]


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return alerts("acme")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.jsonl"


def verify(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["verify", *map(str, arguments)])


def written(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def head(lines: list[bytes], number: int) -> str:
    event = json.loads(lines[number - 1])
    return f"{event['tenantid']}:{event['chainseq']}:{event['chainhash']}"


def test_whole_chains_of_several_tenants_are_told_each(path: Path) -> None:
    both = alerts("acme", "beta")
    run = verify(written(path, both))
    assert run.exit_code == 0
    assert run.stdout.splitlines() == [
        "acme: whole from 1 to 6",
        "beta: whole from 1 to 6",
        "12 records: 2 chains whole",
    ]
    one = verify(path, "--tenant", "beta")
    assert one.stdout.splitlines() == ["beta: whole from 1 to 6", "6 records: 1 chain whole"]


def test_chain_may_lie_in_several_files_zipped_reformatted_and_twice(tmp_path: Path, lines: list[bytes]) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"\r\n\r\n".join(lines[:4])))
    again = [json.dumps(dict(reversed(json.loads(line).items()))).encode() for line in lines[2:]]
    run = verify(written(tmp_path / "b", again), tmp_path / "a.gz")
    assert run.exit_code == 0
    assert run.stdout.splitlines()[:2] == [
        "acme: whole from 1 to 6",
        "  2 records are there twice, which is harmless",
    ]


def test_chain_that_begins_later_is_whole_from_there(path: Path, lines: list[bytes]) -> None:
    run = verify(written(path, lines[2:]))
    assert run.exit_code == 0
    assert run.stdout.splitlines()[:2] == [
        "acme: whole from 3 to 6",
        "  what came before 3 is not here (retention, or only a part was given)",
    ]


def test_altered_removed_and_forged_records_are_told_with_their_place(path: Path, lines: list[bytes]) -> None:
    altered = lines[1].replace(b'"severity":"low"', b'"severity":"high"')
    altered = altered if altered != lines[1] else lines[1].replace(b'"score":', b'"score":1')
    run = verify(written(path, [lines[0], altered, *lines[2:4], lines[5]]))
    assert run.exit_code == 1
    told = run.stdout.splitlines()
    assert told[0] == "acme: NOT whole from 1 to 6"
    assert f"  {path}:2: number 2 is altered: its content does not give its hash" in told
    assert f"  {path}:5: number 5 is missing before number 6" in told
    assert told[-1] == "5 records: 0 chains whole, 1 NOT"


def test_record_without_a_chain_among_them_is_a_fault_and_a_signal_is_not(path: Path, lines: list[bytes]) -> None:
    event = json.loads(lines[0])
    bare = json.dumps({key: event[key] for key in event if not key.startswith("chain")}).encode()
    assert verify(written(path, [*lines, bare.replace(b"alert.v1", b"signal.v1")])).exit_code == 0
    run = verify(written(path, [*lines, bare]))
    assert run.exit_code == 1
    assert f"{path}:7: its place in the chain is missing or malformed" in run.stdout


def test_what_is_no_alert_is_told_line_by_line_up_to_a_bound(path: Path, lines: list[bytes]) -> None:
    run = verify(written(path, [*lines, *[b"{"] * 500]))
    assert run.exit_code == 1
    told = run.stdout.splitlines()
    assert told[0] == "acme: whole from 1 to 6"
    assert told[1] == f"{path}:7: it is no event in JSON"
    assert told[-2:] == ["… and 490 more", "506 records: 1 chain whole"]


def test_many_faults_of_one_tenant_hide_none_of_another(path: Path) -> None:
    both = alerts("acme", "beta")
    bare = [line.replace(b"chainseq", b"chainsea") for line in both]
    run = verify(written(path, [line for line in bare if b'"acme"' in line] * 20 + bare))
    assert run.exit_code == 1
    assert [line for line in run.stdout.splitlines() if not line.startswith(" ")] == [
        "acme: no alert revision of its chain is here",
        "beta: no alert revision of its chain is here",
        "132 records: 0 chains whole, 2 NOT",
    ]


def test_lines_of_other_alerts_may_stand_in_another_order_those_of_one_may_not(path: Path, lines: list[bytes]) -> None:
    def subject(number: int) -> str:
        return str(json.loads(lines[number])["subject"])

    assert [subject(n) == subject(0) for n in range(4)] == [True, False, True, False]
    harmless = verify(written(path, [lines[1], lines[0], *lines[2:]]))
    assert harmless.exit_code == 0
    assert "stand in another order than they were written, as in a dump of several partitions" in harmless.stdout
    swapped = verify(written(path, [lines[2], lines[1], lines[0], *lines[3:]]))
    assert swapped.exit_code == 1
    assert f"{path}:1: revision 2 of {subject(0)} stands before revision 1 ({path}:3)" in swapped.stdout


def test_head_is_printed_alone_and_expected_later(path: Path, lines: list[bytes], tmp_path: Path) -> None:
    early = verify(written(path, lines[:4]), "--head")
    assert early.exit_code == 0
    assert early.stdout == head(lines, 4) + "\n"
    assert "acme: whole from 1 to 4" in early.stderr
    (tmp_path / "heads").write_text(early.stdout)
    assert verify(written(path, lines), "--expect-from", tmp_path / "heads").exit_code == 0
    assert verify(path, "--expect", head(lines, 6), "--expect", head(lines, 1)).exit_code == 0
    run = verify(written(path, lines[:3]), "--expect-from", tmp_path / "heads")
    assert run.exit_code == 1
    assert "  expected number 4 is gone: the chain ends at number 3" in run.stdout


@pytest.mark.parametrize(
    ("expected", "why"),
    [
        ("acme:2:" + "0" * 64, "expected number 2 has another hash: the chain was written anew"),
        ("beta:1:" + "0" * 64, "expected number 1 is gone: there is no alert revision"),
    ],
)
def test_head_that_is_not_in_the_chain_is_a_fault(path: Path, lines: list[bytes], expected: str, why: str) -> None:
    run = verify(written(path, lines), "--expect", expected)
    assert run.exit_code == 1
    assert why in run.stdout


def test_head_before_the_beginning_cannot_be_confirmed_but_the_one_just_before_can(
    path: Path, lines: list[bytes]
) -> None:
    written(path, lines[3:])
    assert verify(path, "--expect", head(lines, 3)).exit_code == 0
    run = verify(path, "--expect", head(lines, 2))
    assert run.exit_code == 1
    assert "expected number 2 cannot be looked at: the chain is here from number 4 on" in run.stdout


def test_heads_of_broken_chains_are_not_printed(path: Path, lines: list[bytes]) -> None:
    run = verify(written(path, [lines[0], *lines[2:]]), "--head")
    assert (run.exit_code, run.stdout) == (1, "")


def test_nothing_is_said_to_be_nothing(path: Path, lines: list[bytes]) -> None:
    path.touch()
    run = verify(path)
    assert (run.exit_code, run.stdout) == (0, "no alert revision is here\n")
    absent = verify(written(path, lines), "--tenant", "beta")
    assert (absent.exit_code, absent.stdout) == (1, "beta: no alert revision is here\nno alert revision is here\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("{path}", "--broker", "localhost:9092"), "name files or --broker"),
        (("{path}", "--expect", "acme:1"), "is no head"),
        (("{path}", "--expect", "acme:0:" + "0" * 64), "is no head"),
        (("{path}", "--expect-from", "{path}"), "is no head"),
        (("{path}", "--expect", "a:1:" + "0" * 64, "--expect", "a:1:" + "1" * 64), "two hashes are expected"),
        (("{path}.absent",), "cannot read"),
        (("{path}", "--expect-from", "{path}.absent"), "cannot read"),
    ],
)
def test_unusable_arguments_give_status_2(path: Path, lines: list[bytes], arguments: tuple[str, ...], why: str) -> None:
    run = verify(*(argument.format(path=written(path, lines)) for argument in arguments))
    assert run.exit_code == 2
    assert why in run.stderr


def test_numbers_of_a_tenant_must_rise_in_a_partition_but_for_repetitions(lines: list[bytes]) -> None:
    intake = Intake(Links())
    intake.sources = ["alerts/0@"]
    for offset, number in enumerate((0, 2, 0, 2, 3, 1, 4)):
        intake.take(lines[number], 0, offset, ordered=True)
    assert intake.faults["acme"].lines == ["alerts/0@5: number 2 stands after number 4"]


def test_links_come_back_in_order_however_they_were_put_in(lines: list[bytes]) -> None:
    found = [link for link in map(read_link, lines) if isinstance(link, Link)]
    links = Links()
    for number, link in enumerate(reversed(found)):
        assert links.add(Held(link, 3, number, 7))
    assert not links.add(Held(found[0], 4, 0, 8))
    assert [held.link for held in links.of("acme")] == found
    assert [(held.source, held.position, held.time) for held in links.of("acme")][-1] == (3, 0, 7)
    assert (links.heads, links.repeated["acme"], links.gaps()) == ({"acme": 6}, 1, False)
    links.close()
