"""`sluicegate screen --batch` and `--pair`: one line out for one line in, in order, whatever is in it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.main import cli
from sluicegate.lists.notice import PARTIAL_ONLY
from sluicegate.screening.pair import score_pair

ENTRIES = (
    {
        "entry_id": "Z1",
        "kind": "person",
        "names": [{"name": "ZORVATH, Quillon"}, {"name": "Quillo Zorv", "quality": "weak"}],
        "dob": ["1969-03-02"],
        "countries": ["AQ"],
        "wallets": ["0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"],
    },
    {"entry_id": "Z2", "kind": "person", "names": [{"name": "ZORVATH, Quillon"}], "dob": ["1985"], "countries": ["BV"]},
    {"entry_id": "O1", "kind": "organisation", "names": [{"name": "Zembla Kestrel Trading Co., Ltd"}]},
)


@pytest.fixture(autouse=True)
def _no_lists_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_LISTS", str(tmp_path / "stored"))


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    path = tmp_path / "watch.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in ENTRIES))
    return path


def run(*arguments: object, input: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, ["screen", *map(str, arguments)], input=input)


def jsonl(*lines: object) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def answers(done: Result) -> list[Any]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_party_gets_its_best_candidate_in_order(watch: Path) -> None:
    parties = jsonl(
        {"id": 1, "name": "Zembla Kestrel Trading"},
        {"id": "b", "name": "Quillon Zorvath", "unknown": [1]},
        {"id": 3, "name": "Wxq Fghj"},
    )
    done = run("--batch", "--list", watch, input=parties)
    assert (done.exit_code, done.stderr) == (0, "")
    firm, person, nobody = answers(done)
    assert list(firm) == ["id", "score", "entry_id", "list", "name"]
    assert (firm["id"], firm["entry_id"], firm["name"]) == (1, "O1", "Zembla Kestrel Trading Co., Ltd")
    assert (person["id"], person["entry_id"], person["list"]) == ("b", "Z1", "private")
    assert firm["score"] > 90 < person["score"]
    assert nobody == {"id": 3, "score": 0.0, "entry_id": None, "list": None, "name": None}


@pytest.mark.parametrize(
    ("facts", "entry"),
    [
        ({"dob": "1985-06-07"}, "Z2"),
        ({"dob": 1985}, "Z2"),
        ({"country": "bv"}, "Z2"),
        ({"country": ["US", "bv"], "dob": "", "wallet": None}, "Z2"),
        ({"country": "AQ", "kind": "Individual"}, "Z1"),
        ({"dob": "1985", "wallet": "0xFB6916095CA1DF60BB79CE92CE3EA74C37C5D359"}, "Z1"),
        ({"dob": "1969-03-02", "dob_verified": True}, "Z1"),
        ({"kind": "both"}, "Z1"),
    ],
)
def test_facts_decide_between_namesakes(watch: Path, facts: dict[str, Any], entry: str) -> None:
    (found,) = answers(run("--batch", "-", "--list", watch, input=jsonl({"id": 1, "name": "Quillon Zorvath", **facts})))
    assert found["entry_id"] == entry


def test_listed_wallet_scores_100_under_a_name_like_nobodys(watch: Path) -> None:
    party = {"id": 1, "name": "Wxq", "kind": "entity", "wallet": ["0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"]}
    (found,) = answers(run("--batch", "-", "--list", watch, input=jsonl(party)))
    assert (found["score"], found["entry_id"]) == (100.0, "Z1")


@pytest.mark.parametrize("kind", ["organisation", "organization", "company", "entity", "COMPANY"])
def test_person_is_no_candidate_for_an_organisation(watch: Path, kind: str) -> None:
    (found,) = answers(
        run("--batch", "-", "--list", watch, input=jsonl({"id": 1, "name": "Quillon Zorvath", "kind": kind}))
    )
    assert found["entry_id"] != "Z1"
    assert found["score"] < 50


def test_bad_lines_are_answered_in_their_place_and_counted(watch: Path) -> None:
    lines = [
        b'{"id": 1, "name": "Quillon Zorvath"}',
        b"{",
        b"",
        b'{"name": "Quillon Zorvath"}',
        b'{"id": 3, "name": " "}',
        b'{"id": 4, "name": "Ada", "dob": "1.2.1980"}',
        b'{"id": 5, "name": "Ada", "kind": "ship"}',
        b'{"id": 6, "name": "Ada", "country": "Russia"}',
        b'{"id": 7, "name": 8}',
        b'{"id": 8, "name": "\xff"}',
        b'{"id": 9, "name": "Quillon Zorvath"}',
    ]
    done = run("--batch", "-", "--list", watch, input=b"\n".join(lines))
    found = answers(done)
    assert done.exit_code == 1
    assert done.stderr == "Error: 8 bad lines; the error of each stands in its place\n"
    assert [one.get("id") for one in found] == [1, None, None, 3, 4, 5, 6, 7, 8, 9]
    assert [one.get("line") for one in found] == [None, 2, 4, 5, 6, 7, 8, 9, 10, None]
    errors = [one["error"].partition(":")[0] for one in found if "error" in one]
    assert errors[0] == "not JSON"
    assert errors[1] == "Object missing required field `id`"
    assert errors[2:6] == ["name", "dob", "kind", "country"]
    assert not any("Ada" in one.get("error", "") for one in found)


def test_file_plain_or_gzipped_and_standard_input_give_the_same(watch: Path, tmp_path: Path) -> None:
    text = jsonl({"id": 1, "name": "Quillon Zorvath"}, {"id": 2, "name": "Zembla"})
    plain, zipped, out = tmp_path / "in.jsonl", tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl"
    plain.write_text(text)
    zipped.write_bytes(gzip.compress(text.encode()))
    whole = run("--batch", "-", "--list", watch, input=text).stdout
    assert run("--batch", plain, "--list", watch).stdout == whole
    done = run("--batch", zipped, "--list", watch, "--out", out)
    assert (done.exit_code, done.stdout, out.read_text()) == (0, "", whole)


def test_several_lists_are_named_one_by_one_or_after_each_other(watch: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(jsonl({"entry_id": "Q", "kind": "person", "names": [{"name": "Wolfram Quibbleton"}]}))
    party = jsonl({"id": 1, "name": "Wolfram Quibbleton"})
    named = run("--batch", "-", "--list", watch, "--list", f"other={other}", input=party)
    assert [(one["list"], one["entry_id"]) for one in answers(named)] == [("other", "Q")]
    follow = run("--batch", "-", "--list", watch, other, input=party)
    assert [one["entry_id"] for one in answers(follow)] == ["Q"]


def test_starter_list_is_said_to_be_partial_and_not_on_standard_output() -> None:
    done = run("--batch", "-", input=jsonl({"id": 1, "name": "Chinyong Information Technology"}))
    assert (done.exit_code, done.stderr.splitlines()) == (0, [PARTIAL_ONLY])
    assert answers(done)[0]["entry_id"] == "43379"


def test_pairs_are_scored_by_name_alone(tmp_path: Path) -> None:
    pairs = jsonl(
        {"id": 1, "a": "Quillon Zorvath", "b": "ZORVATH, Quillon", "kind": "person"},
        {"id": 2, "a": "Quillon Zorvath", "b": "Zembla Ltd"},
        {"id": 3, "a": "Quillon Zorvath"},
    )
    done = run("--pair", input=pairs)
    near, far, bad = answers(done)
    assert done.exit_code == 1
    assert near == {"id": 1, "score": round(score_pair("Quillon Zorvath", "ZORVATH, Quillon", "person"), 6)}
    assert near["score"] > 90 > 50 > far["score"]
    assert bad == {"id": 3, "error": "Object missing required field `b`", "line": 3}
    source, out = tmp_path / "pairs.jsonl", tmp_path / "scores.jsonl"
    source.write_text(pairs)
    assert run("--pair", source, "--out", out).exit_code == 1
    assert out.read_text() == done.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--batch", "{in}", "--pair", "{in}"), "not both"),
        (("--batch", "{in}", "--dob", "1980"), "facts stand in the lines"),
        (("--pair", "{in}", "--list", "{in}"), "--pair compares names alone"),
        (("--pair", "{in}", "Name"), "--pair compares names alone"),
        (("--batch", "{in}", "Name"), "takes names from its file"),
        (("--batch", "{in}", "--out", "{in}"), "named twice"),
        (("--batch", "{in}.absent"), "cannot read"),
        (("--pair", "{in}", "--out", "{in}.absent/x"), "cannot write"),
    ],
)
def test_unusable_arguments_give_status_2_and_say_why(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(jsonl({"id": 1, "name": "x"}))
    done = run(*[one.replace("{in}", str(path)) for one in arguments])
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr


def test_screening_loads_no_kafka() -> None:
    program = (
        "import sys; from sluicegate.cli.main import cli; cli(['screen', *sys.argv[1:]], standalone_mode=False);"
        "print(sorted({'faust', 'kafka', 'aiokafka', 'mode', 'river'} & sys.modules.keys()))"
    )
    for arguments in (["Ada Example"], ["--pair", "/dev/null"], ["--batch", "/dev/null"]):
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout.splitlines()[-1] == "[]"


def test_every_listed_name_of_a_sample_of_the_whole_list_is_found_under_an_entry_that_has_it(
    shared: Path, tmp_path: Path
) -> None:
    from tests.bench.ofac_names import entries

    held = [row for row in entries() if row["names"] and row["kind"] in ("person", "organisation")]
    (tmp_path / "sdn.jsonl").write_text("".join(json.dumps(row) + "\n" for row in held), "utf-8")
    owners: dict[str, set[str]] = {}
    for row in held:
        for one in row["names"]:
            owners.setdefault(one["name"], set()).add(row["entry_id"])
    sample = [name for name in sorted(owners) if len(name.split()) > 1][::100]
    parties = jsonl(*({"id": name, "name": name} for name in sample))
    done = run("--batch", "-", "--list", f"sdn={tmp_path / 'sdn.jsonl'}", input=parties)
    found = answers(done)
    assert (done.exit_code, [one["id"] for one in found]) == (0, sample)
    wrong = [one["id"] for one in found if one["entry_id"] not in owners[one["id"]] and one["name"] != one["id"]]
    assert len(wrong) <= len(sample) // 100  # the same tokens in another order are another entry's name as well
    assert sum(one["score"] > 90 for one in found) >= len(sample) * 0.98
