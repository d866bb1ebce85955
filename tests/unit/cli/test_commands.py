"""What holds for every command: found by itself, with a help that says what it does and how, and quick to ask."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner

from sluicegate.cli import alert_text
from sluicegate.cli.main import cli
from sluicegate.cli.reference import pages
from sluicegate.cli.rule_page import pages as rule_pages
from sluicegate.errors import SettingsError, operator_action
from sluicegate.rules.registry import RULES
from sluicegate.wire.decode import Reject, decode


def walk(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(command)
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert found is not None
            yield f"{name} {sub}", found
            yield from walk(found, f"{name} {sub}")


COMMANDS = dict(walk(cli, "sluicegate"))


def invoke(*arguments: str) -> str:
    run = CliRunner().invoke(cli, list(arguments))
    assert run.exit_code == 0, run.output
    return run.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_command_says_what_it_does_and_gives_an_example(name: str) -> None:
    command = COMMANDS[name]
    text = command.help or ""
    assert len(text.split("\n\n")[0]) <= 120
    assert "Example:\n" in text
    assert "sluicegate " in text.partition("Example:")[2]
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help, f"{name} {option.name}"


@pytest.mark.parametrize("arguments", [["--help"], ["replay", "--help"], ["replay", "/dev/null"], ["rules", "list"]])
def test_command_without_kafka_loads_none_of_it(arguments: list[str]) -> None:
    program = (
        "import sys; from sluicegate.cli.main import cli; cli(sys.argv[1:], standalone_mode=False);"
        "print(sorted({'faust', 'kafka', 'aiokafka', 'mode'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_error_with_operator_action_is_shown_without_traceback() -> None:
    command = [sys.executable, "-m", "sluicegate.cli.main", "topics", "check", "--broker", "127.0.0.1:1"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in run.stderr
    assert "Operator action: check the address (SLUICEGATE_BROKER" in run.stderr
    assert "Traceback" not in run.stderr


def test_operator_action_is_that_of_the_class() -> None:
    assert operator_action(SettingsError("x")).startswith("Operator action: correct the variable or option")


@pytest.mark.parametrize("which", ["events", "alerts"])
def test_schema_is_one(which: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(invoke("schema", which)))


def test_rules_are_listed_and_shown() -> None:
    assert [line.split()[1] for line in invoke("rules", "list").splitlines()] == list(RULES)
    assert [json.loads(line)["slug"] for line in invoke("rules", "list", "--json").splitlines()] == list(RULES)
    for slug in RULES:
        shown = invoke("rules", "show", slug)
        assert all(
            part in shown
            for part in ("Why: ", "Sources: ", "Evidence: ", "False positives: ", "Next step: ", "Parameters")
        )


def test_unknown_rule_is_refused_with_the_nearest() -> None:
    run = CliRunner().invoke(cli, ["rules", "show", "pay-spke"])
    assert run.exit_code == 2
    assert "did you mean pay-spike?" in run.stderr


@pytest.mark.parametrize("page", rule_pages(), ids=lambda page: page.slug)
def test_rule_page_is_complete(page: object) -> None:
    fields = {name: getattr(page, name) for name in page.__struct_fields__}  # type: ignore[attr-defined]
    assert {name for name, value in fields.items() if not value} <= {"parameters", "clauses"}
    for parameter in fields["parameters"]:
        assert parameter.meaning, parameter.name
        assert parameter.unit, parameter.name
        assert parameter.bounds, parameter.name


def test_reference_has_every_command_rule_setting_and_metric() -> None:
    made = pages()
    assert all(f"## {name}\n" in made["commands.md"] for name in COMMANDS)
    assert all(f"## {slug}\n" in made["rules.md"] for slug in RULES)
    assert made["settings.md"].count("| `SLUICEGATE_") > 20
    assert made["metrics.md"].count("| `sluicegate_") > 20


def test_reference_in_the_repository_is_current() -> None:
    """When this fails: `sluicegate docs`, and read what it changed."""
    run = CliRunner().invoke(cli, ["docs", "--check"])
    assert run.exit_code == 0, run.stderr


def test_watch_of_a_rule_that_does_not_exist_is_refused() -> None:
    run = CliRunner().invoke(cli, ["watch", "--rule", "no-such"])
    assert (run.exit_code, "there is no rule no-such" in run.stderr) == (2, True)


def test_docs_into_a_folder_that_cannot_be_made_are_refused_in_one_line() -> None:
    run = CliRunner().invoke(cli, ["docs", "--out", "/proc/foo"])
    assert (run.exit_code, run.stderr.startswith("Error: cannot write /proc/foo: ")) == (2, True)


def test_generate_refuses_labels_it_cannot_write_before_it_makes_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEGATE_PARTITIONS", "many")  # no matter without --send
    run = CliRunner().invoke(cli, ["generate", "--labels", "/proc/foo/labels"])
    assert (run.exit_code, run.stdout) == (2, "")
    assert "cannot write /proc/foo/labels" in run.stderr


README = Path("README.md")
EXAMPLES = re.compile(r"```json\n(.*?)```", re.DOTALL)


def test_readme_names_every_command_and_every_rule() -> None:
    text = README.read_text("utf-8")
    assert [name for name in cli.list_commands(click.Context(cli)) if f"`{name}`" not in text] == []
    assert [slug for slug in RULES if f"| `{slug}` |" not in text] == []


def test_every_event_in_the_readme_is_taken() -> None:
    examples = EXAMPLES.findall(README.read_text("utf-8"))
    assert examples
    for example in examples:
        event = decode(example.encode())
        assert not isinstance(event, Reject), event


def test_events_in_the_readme_raise_the_alert_that_it_shows(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{example.replace(chr(10), '')}\n" for example in EXAMPLES.findall(text)))
    (alert,) = invoke("replay", str(path)).splitlines()
    view = alert_text.decode(alert.encode())
    assert view is not None
    assert f"```\n{alert_text.text(view).plain}\n```" in text


def test_every_command_line_in_the_readme_is_one() -> None:
    """Each `sluicegate …` is parsed as far as its options go."""
    lines = re.findall(r"(?:^    \.venv/bin/|`)sluicegate ([a-z][^`\n]*)", README.read_text("utf-8"), re.MULTILINE)
    assert len(lines) > 8
    for line in lines:
        words = line.split()
        command: click.Command = cli
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, line
            command = found
        command.make_parser(click.Context(command, resilient_parsing=True)).parse_args(words)
