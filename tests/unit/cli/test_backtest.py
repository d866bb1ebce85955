"""`sluicegate backtest`: files in, a comparison out, by any number of processes; what it refuses."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sluicegate.cli.backtest_change import settings
from sluicegate.cli.main import cli
from sluicegate.generate.stream import Generator
from tests.scenarios.build import DAY, Tale, payee
from tests.scenarios.many_employers import of, opt_in
from tests.unit.test_backtest import TOLERANT, tale
from tests.unit.test_replay import export

START = 1_781_161_200_000_000
SET = ("--rules", "duplicate-pay.tolerance=0.02")


def backtest(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["backtest", *map(str, arguments)])


def told(tmp_path: Path, *arguments: object) -> dict[str, Any]:
    run = backtest("--json", tmp_path / "out.json", *arguments)
    assert run.exit_code == 0, run.output
    found: dict[str, Any] = json.loads((tmp_path / "out.json").read_bytes())
    return found


def written(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return written(tmp_path / "events.jsonl", tale().lines)


@pytest.fixture(scope="module")
def many() -> list[bytes]:
    """Events of four tenants, a sanctions list for all of them first."""
    generator = Generator(3, start=START, tenants=4, payees=80, history_days=60, scheme_share=0.03)
    return [event.value for event in generator.bulk(2000)]


def test_any_number_of_processes_gives_the_same_bytes(many: list[bytes], tmp_path: Path) -> None:
    path = written(tmp_path / "many.jsonl", many)
    outputs = []
    for jobs in (1, 2):
        out = tmp_path / f"{jobs}.json"
        change = "--rules", "crypto-request.mode=shadow", "--rules", "shared-account.high_payees=2"
        run = backtest(*change, "--jobs", jobs, "--json", out, path)
        assert run.exit_code == 0, run.output
        outputs.append((run.stdout, out.read_bytes()))
    assert outputs[0] == outputs[1]
    assert json.loads(outputs[0][1])["comparison"]["lost"]


def test_split_by_tenant_gives_the_alerts_of_one_replay(many: list[bytes], tmp_path: Path) -> None:
    path = written(tmp_path / "many.jsonl", many)
    found = told(tmp_path, "--rules", "crypto-request.mode=off", "--examples", 0, "--jobs", 1, path)
    replay = CliRunner().invoke(cli, ["replay", str(path)])
    last = {data["alert_id"]: data for data in (json.loads(line)["data"] for line in replay.stdout.splitlines())}
    levels = [data["severity"] for data in last.values()]
    assert found["comparison"]["before"]["severities"] == {
        level: levels.count(level) for level in ("critical", "high", "medium", "low")
    }
    assert found["lines"] == len(many)
    assert found["tenants"] == 4


@pytest.mark.parametrize("form", ["plain", "gzipped", "exported", "two files"])
def test_events_come_in_every_form_that_replay_takes(form: str, tmp_path: Path) -> None:
    lines = tale().lines
    files = [written(tmp_path / "a", lines)]
    if form == "gzipped":
        files[0].write_bytes(gzip.compress(files[0].read_bytes()))
    if form == "exported":
        written(files[0], export(lines))
    if form == "two files":
        files = [written(tmp_path / "a", lines[:3]), written(tmp_path / "b", lines[3:])]
    found = told(tmp_path, *SET, *files)
    total = found["comparison"]["total"]
    assert (total["before"], total["after"], total["gained"]) == (2, 3, 1)
    assert found["payments"] == 8


def test_exported_partitions_are_judged_apart(tmp_path: Path) -> None:
    files = [written(tmp_path / name, export(tale().lines)) for name in "ab"]
    assert told(tmp_path, *SET, *files)["lines"] == 2 * len(tale().lines)


@pytest.mark.parametrize("record", [b"{", b'{"offset": 1}', b'{"offset": 1, "timestamp": 1, "value_b64": "a"}'])
def test_exported_log_with_a_line_that_is_no_record_is_refused(record: bytes, tmp_path: Path) -> None:
    path = written(tmp_path / "log", [*export(tale().lines)[:2], record])
    run = backtest(*SET, path)
    assert run.exit_code == 2
    assert f"cannot read {path}: it is no sound log export (line 3: " in run.stderr


def test_tenants_that_opted_in_are_counted_together_though_each_has_its_part(tmp_path: Path) -> None:
    t = Tale()
    for n in range(3):
        opt_in(t, n)
        of(t.pay(payee(f"E{n}"), "one", "1500.00", n * DAY), n)
    path = written(tmp_path / "events", t.lines)
    change = "--rules", "many-employers.min_tenants=4"
    assert told(tmp_path, *change, path)["comparison"]["rules"]["many-employers"]["alerts"]["lost"] == 3
    opted_out = written(tmp_path / "other", [line for line in t.lines if b"policy.update" not in line])
    policy = tmp_path / "policy.json"
    policy.write_text('{"cross_tenant_counts": true}')
    found = told(tmp_path, "--policy", policy, opted_out)
    assert found["comparison"]["rules"]["many-employers"]["alerts"]["gained"] == 3


def test_report_names_change_counts_and_examples(events: Path) -> None:
    lines = backtest(*SET, events).stdout.splitlines()
    assert lines[0] == "8 payments, 1 tenant"
    assert lines[1] == "~ rules.duplicate-pay.params.tolerance: 0.01 (default) -> 0.02"
    assert lines[2] == "alerts: 2 -> 3 (250.00 -> 375.00 per 1,000 payments): 1 gained, 0 lost, 0 changed"
    assert "gained (1)" in lines
    assert any(line.startswith("    - 985.00 USD for") for line in lines)
    assert lines[-1] == "nothing lies just beside the change: duplicate-pay.tolerance 0.025 gives the same alerts"
    assert "gained (1)" not in backtest(*SET, "--examples", 0, events).stdout


def test_report_tells_precision_where_there_are_verdicts(tmp_path: Path) -> None:
    t = tale()
    for alert, verdict in zip(t.play().alerts, ("confirmed", "benign"), strict=True):
        t.verdict(alert["alert_id"], verdict, 40 * DAY)
    path = written(tmp_path / "events", t.lines)
    text = backtest(*SET, path).stdout
    assert "precision before: 50.0 % (1 confirmed of 2 judged; 0 not judged)" in text
    assert "precision after:  50.0 % (1 confirmed of 2 judged; 1 not judged)" in text
    assert "lost: 0 confirmed, 0 cleared, 0 not judged; gained: 0 confirmed, 0 cleared, 1 not judged" in text


def test_bad_lines_are_counted_and_the_status_is_0(events: Path) -> None:
    events.write_bytes(events.read_bytes() + b"{\n\n\xff\n")
    run = backtest(*SET, events)
    assert run.exit_code == 0
    assert run.stderr.splitlines()[-1].startswith("2 bad lines; ")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("duplicate-pai.tolerance=1", "there is no rule duplicate-pai; did you mean duplicate-pay?"),
        ("nothing.like.it=1", "there is no rule nothing.like; `sluicegate rules list` shows them"),
        ("duplicate-pay.tolerence=1", "duplicate-pay has no parameter tolerence; did you mean tolerance?"),
        ("duplicate-pay.x=1", "duplicate-pay has no parameter x; known are: mode, tolerance"),
        ("duplicate-pay.tolerance=2", "expected a number from 0 to 1"),
        ("duplicate-pay.tolerance=much", "expected a number from 0 to 1"),
        ("duplicate-pay.tolerance=", "expected a number from 0 to 1"),
        ("near-limit.min_count=1.5", "expected a whole number from 1 to 100000"),
        ("sanctioned-country.countries=KP,X", "expected an array, each a country of two capital letters (ISO 3166-1)"),
        ("duplicate-pay.mode=on", "a mode is one of live, shadow, off"),
        ("duplicate-pay.tolerance", "expected RULE.PARAMETER=VALUE or RULE.mode=MODE"),
        ("duplicate-pay=2", "expected RULE.PARAMETER=VALUE or RULE.mode=MODE"),
    ],
)
def test_setting_that_does_not_exist_or_fit_is_refused_with_what_is_allowed(setting: str, words: str) -> None:
    run = backtest("--rules", setting, "no-such-file")
    assert run.exit_code == 2
    assert run.stderr.rstrip().endswith(f"--rules: {setting}: {words}")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot read"),
        ("[]", "expected a JSON object"),
        ('{"limit": []}', "limit unknown key; did you mean limits?"),
        ('{"crypto": {"allowed": true, "provider": []}}', "crypto.provider unknown key; did you mean providers?"),
        ('{"limits": [5]}', "/data/limits/0"),
        ('{"rules": {"duplicate-pay": {"params": {"tolerance": 2}}}}', "/data/rules/duplicate-pay/params/tolerance"),
        ('{"rules": {"no-such": {}}}', "/data/rules"),
        ('{"specversion": "1.0", "data": {}}', "/id"),
        (json.dumps(Tale().pay("V1")), "/type expected policy.update.v1"),
        ("\\xff", "cannot read"),
    ],
)
def test_policy_that_is_none_is_refused_with_its_place(content: str, words: str, events: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(content)
    run = backtest("--policy", policy, events)
    assert run.exit_code == 2
    assert words in run.stderr


def test_values_are_taken_in_the_type_of_their_parameter() -> None:
    texts = ["unusual-payment.run_cap=", "unusual-payment.daily_cap=3", "new-vendor-large.min_amount=500"]
    arrays = ["sanctioned-country.countries=KP, IR", "sanctioned-country.regions=[]"]
    assert settings([*texts, *arrays]) == {
        "unusual-payment": {"params": {"run_cap": None, "daily_cap": 3}},
        "new-vendor-large": {"params": {"min_amount": "500"}},
        "sanctioned-country": {"params": {"countries": ("KP", "IR"), "regions": ()}},
    }


def test_policy_can_be_a_toml_file_for_its_tenant(events: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    for tenant, gained in (("acme", 1), ("other", 0)):
        policy.write_text(f'tenant = "{tenant}"\n[rules.duplicate-pay.params]\ntolerance = 0.02\n')
        assert told(tmp_path, "--policy", policy, events)["comparison"]["total"]["gained"] == gained
    policy.write_text('tenant = "acme"\nlimit = []\nroster = 1\n')
    run = backtest("--policy", policy, events)
    assert run.exit_code == 2
    assert f"{policy}:2: limit: unknown key; did you mean limits?\n{policy}:3: roster: " in run.stderr
    policy.write_bytes(b"\xff")
    assert "not UTF-8 at byte 0" in backtest("--policy", policy, events).stderr


def test_policy_event_is_for_its_tenant(events: Path, tmp_path: Path) -> None:
    t = Tale("other")
    path = written(tmp_path / "policy.json", [json.dumps(t.policy(rules=TOLERANT)).encode()])
    assert told(tmp_path, "--policy", path, events)["comparison"]["total"]["gained"] == 0
    path = written(path, [json.dumps(Tale("acme").policy(rules=TOLERANT)).encode()])
    found = told(tmp_path, "--policy", path, events)
    assert found["comparison"]["total"]["gained"] == 1
    assert found["changes"] == ["~ rules.duplicate-pay.params.tolerance: 0.01 (default) -> 0.02"]


def test_change_is_measured_from_the_policy_it_is_compared_with(events: Path, tmp_path: Path) -> None:
    against = tmp_path / "against.json"
    against.write_text(json.dumps({"rules": {"duplicate-pay": {"params": {"tolerance": 0.0}}}, "roster": False}))
    found = told(tmp_path, "--against", against, *SET, events)
    assert found["changes"] == ["~ rules.duplicate-pay.params.tolerance: 0.0 -> 0.02"]
    assert found["comparison"]["total"]["gained"] == 2


def test_arguments_that_cannot_be_used(events: Path, tmp_path: Path) -> None:
    assert "nothing is changed" in backtest(events).stderr
    assert "cannot read" in backtest(*SET, tmp_path / "absent").stderr
    assert "named twice" in backtest(*SET, events, "--json", events).stderr
    for run in (backtest(events), backtest(*SET, tmp_path / "absent"), backtest(*SET, events, "--json", "/proc/x")):
        assert run.exit_code == 2
