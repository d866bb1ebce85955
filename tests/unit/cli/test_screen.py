"""`sluicegate screen NAME`: candidates, what moved their scores, and what the stream would do."""

import json
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from sluicegate.cli import screen_explain
from sluicegate.cli.main import cli
from sluicegate.cli.screen_explain import Explanation, ListShown, Row
from sluicegate.cli.screen_text import text
from sluicegate.lists.files import read_list
from sluicegate.lists.notice import PARTIAL_ONLY
from sluicegate.lists.store import Manifest, Store
from sluicegate.screening.assess import Fact
from sluicegate.screening.index import NameHit
from sluicegate.screening.lists.starter import STARTER
from sluicegate.screening.pair import score_pair
from sluicegate.screening.verdict import Verdict

WALLET = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
ENTRIES: list[dict[str, Any]] = [
    {
        "entry_id": "Z1",
        "kind": "person",
        "names": [
            {"name": "ZORVATH, Quillon Merrimede", "quality": "primary"},
            {"name": "Brask Ollun", "quality": "weak"},
        ],
        "dob": ["1969-03-02"],
        "countries": ["AQ"],
        "wallets": [WALLET],
    },
    {
        "entry_id": "O1",
        "kind": "organisation",
        "names": [{"name": "Zembla Kestrel Trading Co., Ltd", "quality": "primary"}],
        "countries": ["BV"],
        "ids": [{"scheme": "lei", "value": "00TEST"}],
    },
]


@pytest.fixture(autouse=True)
def _no_lists_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_LISTS", str(tmp_path / "stored"))


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    path = tmp_path / "watch.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in ENTRIES))
    return path


def screen(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["screen", *map(str, arguments)])


def shown(*arguments: object) -> Any:
    run = screen(*arguments, "--json")
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def first(*arguments: object) -> Any:
    return shown(*arguments)["candidates"][0]


def test_name_alone_is_scored_by_its_letters_and_judged_by_the_rule(watch: Path) -> None:
    row = first("Quillon Zorvath", "--list", watch)
    assert (row["list"], row["entry_id"], row["kind"], row["quality"]) == ("private", "Z1", "person", "primary")
    assert row["score"] == row["name_score"] > 50
    assert (row["facts"], row["verdict"], row["corroborators"], row["alert"]) == ([], "possible", [], 45)
    assert row["aligned"] == "quillon = quillon, zorvath = zorvath; listed name also has merrimede"


def test_facts_that_agree_raise_score_and_alert(watch: Path) -> None:
    alone = first("Quillon Merrimede Zorvath", "--list", watch)
    row = first("Quillon Merrimede Zorvath", "--country", "aq", "--dob", "1969-03-02", "--list", watch)
    assert [fact["text"].partition(";")[0] for fact in row["facts"]] == ["country in common: AQ", "birth date is equal"]
    assert row["score"] > alone["score"]
    assert (alone["alert"], row["alert"]) == (65, 90)
    assert row["stream"] == "alert 90 (sanctioned-name): review"


def test_verified_birth_date_that_differs_clears(watch: Path) -> None:
    said = first("Quillon Merrimede Zorvath", "--dob", "1990", "--list", watch)
    row = first("Quillon Merrimede Zorvath", "--dob", "1990", "--dob-verified", "--list", watch)
    assert (said["alert"], said["score"] < said["name_score"]) == (65, True)
    assert (row["alert"], row["score"], row["verdict"]) == (None, 0.0, "strong")
    assert row["stream"] == "signal 10 (sanctioned-name): cleared by the verified birth date"


@pytest.mark.parametrize(
    ("option", "value", "entry"),
    [("--wallet", WALLET, "Z1"), ("--id", "LEI:00-test", "O1"), ("--id", "lei:00TEST", "O1")],
)
def test_listed_identifier_is_found_under_any_name(watch: Path, option: str, value: str, entry: str) -> None:
    row = first("Ada Example", option, value, "--list", watch)
    assert (row["entry_id"], row["score"], row["alert"]) == (entry, 100.0, 100)
    assert row["stream"] == "alert 100 (sanctioned-identifier): block, as the policy says"


def test_name_of_another_kind_is_excluded_and_says_so(watch: Path) -> None:
    found = shown("Quillon Merrimede Zorvath", "--kind", "company", "--list", watch)
    assert found["candidates"] == []
    (row,) = found["excluded"]
    assert (row["entry_id"], row["score"], row["alert"]) == ("Z1", 0.0, None)
    assert row["stream"] == "nothing: the entry is of another kind"
    assert "of another kind:" in screen("Quillon Merrimede Zorvath", "--kind", "company", "--list", watch).stdout


def test_weak_alias_alone_raises_nothing_and_with_a_country_does(watch: Path) -> None:
    alone = first("Brask Ollun", "--list", watch)
    row = first("Brask Ollun", "--country", "AQ", "--list", watch)
    assert (alone["quality"], alone["alert"]) == ("weak", None)
    assert alone["stream"] == "nothing: a weak alias needs a country or a birth date that agrees"
    assert (row["verdict"], row["verdict_name"], row["alert"]) == ("possible", "Brask Ollun", 65)


def test_near_miss_and_a_verdict_of_the_engine_are_told_as_what_they_are(
    watch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = screen_explain._hits

    def without(verdict: Verdict | None, score: int) -> None:
        def hits(*arguments: Any) -> list[NameHit]:
            return [msgspec.structs.replace(hit, verdict=verdict, score=score, engine=75.5) for hit in rule(*arguments)]

        monkeypatch.setattr(screen_explain, "_hits", hits)

    without(None, 10)
    near = first("Quillon Zorvath", "--list", watch)
    assert (near["verdict"], near["alert"], near["stream"]) == (None, None, "signal 10 (sanctioned-name): near miss")
    assert "near miss by the engine's 75.50" in screen("Quillon Zorvath", "--list", watch).stdout
    without(Verdict.POSSIBLE, 45)
    row = first("Quillon Zorvath", "--list", watch)
    assert (row["verdict"], row["alert"], row["engine"]) == ("possible", 45, 75.5)
    assert "POSSIBLE by the engine's 75.50, on the name alone" in screen("Quillon Zorvath", "--list", watch).stdout


def test_listed_wallet_and_name_are_two_alerts(watch: Path) -> None:
    row = first("Quillon Merrimede Zorvath", "--wallet", WALLET, "--list", watch)
    assert row["alert"] == 100
    assert row["stream"].endswith("block, as the policy says; alert 65 (sanctioned-name): review")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Quillon Wexford Zorvath", "the listed name does not explain wexford"),
        ("Quillon", "one token in common is no match"),
        ("Ri Chol Min", "another spelling of the surname needs a country or a birth date that agrees"),
    ],
)
def test_silence_of_the_rule_has_a_reason(watch: Path, monkeypatch: pytest.MonkeyPatch, name: str, why: str) -> None:
    more = {"entry_id": "K", "kind": "person", "names": [{"name": "LEE, Chol Min"}]}
    watch.write_text(watch.read_text() + json.dumps(more) + "\n")
    monkeypatch.setattr(screen_explain, "_hits", lambda *_: [])
    assert first(name, "--list", watch)["stream"] == f"nothing: {why}"


def test_candidates_are_as_many_as_asked_for_best_first(watch: Path, tmp_path: Path) -> None:
    near = tmp_path / "near.jsonl"
    names = [f"Quillon Zorvath{letter}" for letter in "abcdef"]
    near.write_text(
        "".join(json.dumps({"entry_id": n, "kind": "person", "names": [{"name": n}]}) + "\n" for n in names)
    )
    found = shown("Quillon Zorvath", "--list", watch, "--list", f"near={near}", "--limit", 3)
    scores = [row["score"] for row in found["candidates"]]
    assert (len(scores), scores) == (3, sorted(scores, reverse=True))
    assert [(one["name"], one["entries"]) for one in found["lists"]] == [("private", 2), ("near", 6)]


def test_without_any_list_the_starter_list_is_taken_and_said_to_be_partial() -> None:
    run = screen("Vitaly Andreyev", "--country", "RU")
    assert run.exit_code == 0
    assert run.stderr.splitlines() == [PARTIAL_ONLY]
    assert "55065 of starter" in run.stdout
    assert f"({len(STARTER)} entries)" in run.stdout
    assert shown("Vitaly Andreyev")["partial"] is True


def test_stored_lists_are_taken_and_nothing_is_said(watch: Path) -> None:
    loaded = read_list(watch, name="watch")
    manifest = Manifest(
        list="watch",
        version=loaded.version,
        published_at="",
        fetched_at="2026-01-01T00:00:00Z",
        entries=2,
        names=3,
        wallets=1,
        ids=1,
        fault_count=0,
        sha256=loaded.sha256,
        program="0",
    )
    Store().write(loaded, manifest)
    run = screen("Quillon Zorvath")
    assert (run.exit_code, run.stderr) == (0, "")
    assert f"lists: watch {loaded.version} (2 entries)" in run.stdout


def test_text_is_the_whole_story() -> None:
    row = Row(
        list="own",
        list_version="7",
        entry_id="Z1",
        kind="person",
        name="ZORVATH,\x07 Quillon",
        quality="primary",
        aligned="quillon = quillon",
        name_score=80.0,
        facts=(Fact("country in common: AQ", 80.0, 90.909),),
        score=90.909,
        verdict="strong",
        verdict_name="Quillon Zorvath",
        engine=None,
        corroborators=("country:AQ",),
        stream="alert 90 (sanctioned-name): review",
        alert=90,
    )
    explanation = Explanation("Quillon", (row,), (), (ListShown("own", "7", 12_345),), "m-1", False)
    lines = [click.unstyle(line) for line in text(explanation)]
    assert "\n".join(lines[2:]) == (
        "1.  90.91  ZORVATH,? Quillon  (primary)\n"
        "   entry    Z1 of own 7, person\n"
        "   tokens   quillon = quillon\n"
        "   name     80.00, the name alone\n"
        "   fact     +10.91 = 90.91  country in common: AQ\n"
        "   verdict  STRONG on Quillon Zorvath, corroborated by country:AQ\n"
        "   stream   alert 90 (sanctioned-name): review\n"
        "\n"
        "lists: own 7 (12,345 entries); model: m-1"
    )


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ((), "one NAME"),
        (("two", "words"), "one NAME"),
        (("  ",), "name: empty"),
        (("x" * 513,), "name: longer than 512"),
        (("x", "--dob", "9/8/1980"), "dob: not YYYY"),
        (("x", "--dob", "1980-13"), "dob: not YYYY"),
        (("x", "--country", "Russia"), "country: not a code"),
        (("x", "--kind", "vessel"), "kind: neither"),
        (("x", "--id", "X1"), "id: not SCHEME:VALUE"),
        (("x", "--out", "y"), "--out belongs to"),
        (("x", "--limit", "0"), "0 is not in the range"),
        (("x", "--list", "{absent}"), "cannot read"),
    ],
)
def test_unusable_arguments_give_status_2_and_say_why(tmp_path: Path, arguments: tuple[str, ...], why: str) -> None:
    run = screen(*[one.replace("{absent}", str(tmp_path / "absent")) for one in arguments])
    assert (run.exit_code, run.stdout) == (2, "")
    assert why in run.stderr


def test_faulty_entries_are_counted_and_the_others_screened(watch: Path) -> None:
    watch.write_text(watch.read_text() + '{"entry_id": "B"}\n')
    run = screen("Quillon Zorvath", "--list", watch)
    assert run.exit_code == 0
    assert "could not be used; `sluicegate lists check` says why" in run.stderr
    assert "Z1 of private" in run.stdout


def test_score_of_a_name_without_facts_is_of_the_order_of_its_pair() -> None:
    row = first("Kim Ung Sun")
    assert row["entry_id"] == "55064"
    assert abs(row["score"] - score_pair("Kim Ung Sun", "KIM, Ung Sun", "person")) < 20
